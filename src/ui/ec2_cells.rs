//! What a list of docks contains about one on EC2: its state, how long it has run, what that costs, and when it stops.

use chrono::{DateTime, Utc};
use dockerutils_dock::{IdleLimit, IdleState, Instance, Moniker};

use super::Age;
use crate::instance_states::InstanceState;

/// What is known about the instance of a dock.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ec2Cells {
    /// What EC2 returns; `None` if it was not queried, or does not respond.
    pub(crate) state: Option<InstanceState>,
    /// What create-dock has written; `None` if it did not create the dock.
    pub(crate) known: Option<Instance>,
    /// What the dock's idle timer found last.
    pub(crate) idle: Option<IdleState>,
    /// The present time.
    pub(crate) now: DateTime<Utc>,
}

impl Ec2Cells {
    /// Returns EC2's word for the state if it is not `running`.
    pub(crate) fn exceptional_state(&self) -> Option<&str> {
        self.state.as_ref().map(|instance| instance.state.as_str()).filter(|state| *state != "running")
    }

    /// Returns what the state means for a user who wants to use the dock, and the remedy; `None` if it runs, or if its state
    /// is not known.
    pub(crate) fn problem(&self, dock: &Moniker) -> Option<String> {
        let state = self.exceptional_state()?;
        Some(match state {
            _ if self.is_gone() => {
                format!(
                    "its instance does not exist any more: `destroy-dock {dock}` removes what is left of it"
                )
            }
            "stopped" | "stopping" => format!("its instance is {state}: `start-dock {dock}` starts it"),
            _ => format!("its instance is {state}: `start-dock {dock}` waits until it can be used"),
        })
    }

    /// Returns whether the instance does not exist any more, or is about to.
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.exceptional_state(), Some("terminated" | "shutting-down"))
    }

    fn is_running(&self) -> bool {
        self.state.as_ref().is_some_and(|instance| instance.state == "running")
    }

    /// Returns its type.
    pub(crate) fn instance_type(&self) -> Option<&str> {
        let of_ec2 = self.state.as_ref().and_then(|instance| instance.instance_type.as_deref());
        of_ec2.or(self.known.as_ref().map(|known| known.instance_type.as_str()))
    }

    /// Returns its availability zone.
    pub(crate) fn zone(&self) -> Option<&str> {
        let of_ec2 = self.state.as_ref().and_then(|instance| instance.zone.as_deref());
        of_ec2.or(self.known.as_ref().map(|known| known.zone.as_str()))
    }

    /// Returns when it was started last, if it runs.
    pub(crate) fn launched(&self) -> Option<DateTime<Utc>> {
        let launched = self.state.as_ref().filter(|_| self.is_running())?.launched?;
        DateTime::from_timestamp(launched, 0)
    }

    /// Returns for how many seconds it has run.
    pub(crate) fn up(&self) -> Option<i64> {
        self.launched().map(|launched| (self.now - launched).num_seconds())
    }

    /// Returns its price in dollars an hour.
    pub(crate) fn price(&self) -> Option<f64> {
        Some(self.known.as_ref()?.price.as_ref()?.per_hour.get())
    }

    /// Returns what this run has cost, in dollars.
    pub(crate) fn spent(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
        Some(self.price()? * self.up()?.max(0) as f64 / 3600.0)
    }

    /// Returns whether it never stops by itself, as far as create-dock knows.
    pub(crate) fn never_stops(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.idle == IdleLimit::Never && known.ttl.is_none())
    }

    /// Returns what the idle timer found, if it has run within the last minutes.
    pub(crate) fn current_idle(&self) -> Option<&IdleState> {
        self.idle.as_ref().filter(|idle| idle.is_current(self.now))
    }

    fn idle_cell(&self) -> String {
        match self.current_idle() {
            Some(idle) => idle.to_string(),
            None if self.exceptional_state().is_some() => String::new(),
            None if self.never_stops() => "never".to_owned(),
            None if self.known.is_some() => "?".to_owned(),
            None => String::new(),
        }
    }

    /// Returns the cells of the columns TYPE, UP, $/H, SPENT and IDLE.
    pub(crate) fn cells(&self) -> [String; 5] {
        [
            self.instance_type().unwrap_or_default().to_owned(),
            self.up().map(|up| Age::of_seconds(up).to_string()).unwrap_or_default(),
            self.price().map(|price| format!("{price:.4}")).unwrap_or_default(),
            self.spent().map(|spent| format!("{spent:.2}")).unwrap_or_default(),
            self.idle_cell(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(idle: &str) -> Instance {
        let json = serde_json::json!({
            "attempt": "k3xabcde27", "created": "2026-11-26T16:11:05Z", "instance_type": "g6.xlarge",
            "zone": "us-east-1b", "image": "ami-0a", "groups": [], "key": {"name": "k", "made_by_us": true},
            "disk_size": 100, "price": {"per_hour": 0.8048, "disk_per_month": 8.0, "date": "2026-11-26"},
            "idle": if idle == "never" { serde_json::Value::Null } else { 60.into() }, "ttl": null, "spot": null,
        });
        serde_json::from_value(json).unwrap()
    }

    fn idle(checked: i64) -> Option<IdleState> {
        let text = format!(
            r#"{{"version":"1","checked":{checked},"idle":23,"limit":60,"stops_in":37,"active":[],"failed":[]}}"#
        );
        IdleState::parse(text.as_bytes())
    }

    fn state(state: &str) -> Option<InstanceState> {
        let launched = Some(1_764_200_000);
        Some(InstanceState {
            id: "i-1".to_owned(),
            state: state.to_owned(),
            launched,
            ..InstanceState::default()
        })
    }

    #[test]
    fn a_dock_that_runs_shows_its_time_its_cost_and_when_it_stops() {
        let now = DateTime::from_timestamp(1_764_200_000 + 3 * 3600 + 12 * 60, 0).unwrap();
        let cells =
            Ec2Cells { state: state("running"), known: Some(known("60m")), idle: idle(now.timestamp()), now };
        assert_eq!(cells.cells(), ["g6.xlarge", "3 h 12 min", "0.8048", "2.58", "stops in 37 min"]);
        let late = Ec2Cells { idle: idle(now.timestamp() - 301), ..cells.clone() };
        assert_eq!(late.cells()[4], "?");
        let never = Ec2Cells { known: Some(known("never")), idle: None, ..cells };
        assert_eq!(never.cells()[4], "never");
    }

    #[test]
    fn a_state_in_which_a_dock_cannot_be_used_has_a_remedy() {
        let problem = |word: &str| {
            Ec2Cells { state: state(word), ..Ec2Cells::default() }.problem(&"gpu".parse().unwrap())
        };
        assert_eq!(problem("running"), None);
        for (word, remedy) in [
            ("stopped", "`start-dock gpu`"),
            ("stopping", "`start-dock gpu`"),
            ("pending", "`start-dock gpu`"),
            ("shutting-down", "`destroy-dock gpu`"),
            ("terminated", "`destroy-dock gpu`"),
        ] {
            assert!(problem(word).is_some_and(|problem| problem.contains(remedy)), "{word}");
        }
    }

    #[test]
    fn a_dock_that_is_stopped_shows_its_type_and_price_only() {
        let now = DateTime::from_timestamp(1_764_300_000, 0).unwrap();
        let cells = Ec2Cells { state: state("stopped"), known: Some(known("60m")), idle: None, now };
        assert_eq!(cells.exceptional_state(), Some("stopped"));
        assert_eq!(cells.cells(), ["g6.xlarge", "", "0.8048", "", ""]);
    }

    #[test]
    fn a_dock_whose_state_is_not_known_shows_what_create_dock_has_written() {
        let cells = Ec2Cells { known: Some(known("60m")), ..Ec2Cells::default() };
        assert_eq!(cells.cells(), ["g6.xlarge", "", "0.8048", "", "?"]);
        assert_eq!(Ec2Cells::default().cells(), [""; 5]);
    }
}
