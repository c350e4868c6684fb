//! What tests ask of the stand-in itself, below `/_stand` of its endpoint.

use std::fmt::Display;

use serde::de::DeserializeOwned;

use super::Ec2;
use super::report::{Call, Census};
use crate::http::Request;
use dockerutils_testkit::poll_until;

impl Ec2 {
    /// Makes calls fail, from now on, by a rule `ACTION[@WHERE][#N|#N-M|#N-]=KIND[:SECONDS]`; see `ec2/stand/faults.py`.
    ///
    /// For example `RunInstances@us-east-1a=InsufficientInstanceCapacity`, `*#7=cut-after`, `DescribeImages=slow:5`.
    ///
    /// # Panics
    /// Panics if it is not a rule.
    #[track_caller]
    pub fn fault(&self, rule: &str) {
        self.post("faults", rule);
    }

    /// Removes all faults. Calls that are held go on.
    #[track_caller]
    pub fn clear_faults(&self) {
        self.post("clear", "");
    }

    /// Waits until a call is held by a fault `hold-before` or `hold-after`.
    #[track_caller]
    pub fn wait_until_held(&self) {
        let held = poll_until(|| self.is_holding().then_some(()));
        assert!(held.is_some(), "no call is held: {:#?}", self.calls());
    }

    /// Returns whether a call is held.
    #[track_caller]
    pub fn is_holding(&self) -> bool {
        self.get::<usize>("held") > 0
    }

    /// Lets the calls go on that are held.
    #[track_caller]
    pub fn release(&self) {
        self.post("release", "");
    }

    /// Turns a knob, for example `lag` or `console`; see `ec2/stand/knobs.py`.
    #[track_caller]
    pub fn knob(&self, name: &str, value: impl Display) {
        self.post(&format!("knobs?{name}={value}"), "");
    }

    /// Returns the calls since the start or the last reset.
    #[track_caller]
    pub fn calls(&self) -> Vec<Call> {
        self.get("calls")
    }

    /// Returns the actions of these calls.
    #[track_caller]
    pub fn actions(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.action).collect()
    }

    /// Returns the number of calls of an action.
    #[track_caller]
    pub fn count(&self, action: &str) -> usize {
        self.calls().iter().filter(|call| call.action == action).count()
    }

    /// Forgets the calls so far.
    #[track_caller]
    pub fn forget_calls(&self) {
        self.post("forget", "");
    }

    /// Counts all resources of the account, once no instance is between two states.
    #[track_caller]
    pub fn census(&self) -> Census {
        let is_settled = |census: &Census| {
            let is_moving = |line: &String| {
                line.ends_with("pending") || line.ends_with("ing-down") || line.ends_with("stopping")
            };
            !census.instances.iter().any(is_moving)
        };
        poll_until(|| Some(self.get("census")).filter(is_settled))
            .unwrap_or_else(|| panic!("{:?}\n{}", self.get::<Census>("census"), self.log()))
    }

    /// Terminates all instances and makes everything as it was at the start: resources, faults, knobs, calls.
    #[track_caller]
    pub fn reset(&self) {
        self.post("reset", "");
    }

    /// Runs the services of the timers that are enabled on an instance, and returns what they print.
    #[track_caller]
    pub fn tick(&self, instance: &str) -> String {
        self.post(&format!("tick?id={instance}"), "")
    }

    /// Takes a spot instance back, as EC2 does when it needs the room.
    #[track_caller]
    pub fn interrupt(&self, instance: &str) {
        self.post(&format!("interrupt?id={instance}"), "");
    }

    #[track_caller]
    fn get<T: DeserializeOwned>(&self, what: &str) -> T {
        let body = self.send("GET", what, "");
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{what}: {error}\n{body}"))
    }

    #[track_caller]
    fn post(&self, what: &str, body: &str) -> String {
        self.send("POST", what, body)
    }

    #[track_caller]
    fn send(&self, method: &str, what: &str, body: &str) -> String {
        let head = format!(
            "{method} /_stand/{what} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n",
            self.api,
            body.len()
        );
        let response = Request { head, body: body.into() }.forward(self.api).expect("a response");
        let response = String::from_utf8_lossy(&response).into_owned();
        let (head, body) = response.split_once("\r\n\r\n").unwrap_or((&response, ""));
        assert!(head.contains(" 200 "), "{what}: {response}\n{}", self.log());
        body.to_owned()
    }
}
