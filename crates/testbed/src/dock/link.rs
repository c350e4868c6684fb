//! The one link between a dock and the machine that it runs on.
//!
//! Its number is part of both addresses, 10.213.NUMBER.1 here and 10.213.NUMBER.2 on the dock, and of the name of its
//! end here: who makes the interface has the addresses. It leads nowhere else: the dock has no default route.

use std::fs;
use std::io::{self, Error};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use super::machine::Machine;
use super::root::run;

#[derive(Debug)]
pub(super) struct NetLink {
    number: u8,
}

impl NetLink {
    /// Lays a link with a free number. It is gone when the machine is.
    pub(super) fn lay(machine: &Machine) -> io::Result<Self> {
        // Test processes begin at different numbers, for speed alone.
        let numbers = (1..=254).cycle().skip(std::process::id() as usize % 254).take(254);
        let link = numbers
            .map(|number| NetLink { number })
            .filter(|link| !link.is_taken())
            .find_map(|link| link.make(machine).transpose())
            .unwrap_or_else(|| Err(Error::other("no free network in 10.213.0.0/16")))?;
        link.connect(machine).map(|()| link)
    }

    /// The address of the dock.
    pub(super) fn address(&self) -> Ipv4Addr {
        self.addresses(2)
    }

    /// Pulls the link out of the dock, or plugs it in again.
    pub(super) fn set(&self, machine: &Machine, state: &str) -> io::Result<()> {
        // At the far end: here the route stays, so that nothing takes another way.
        run(machine.command("ip").args(["link", "set", "eth0", state]))
    }

    /// Lets through so many megabits a second in each direction.
    pub(super) fn limit(&self, machine: &Machine, megabits: u32) -> io::Result<()> {
        let rate = format!("{megabits}mbit");
        // The burst is what one tick of a slow kernel's clock lets through; the latency bounds what waits in line.
        self.shape(machine, "replace", &["tbf", "rate", &rate, "burst", "1mb", "latency", "50ms"])
    }

    /// Lets through what it can.
    pub(super) fn unlimit(&self, machine: &Machine) -> io::Result<()> {
        self.shape(machine, "delete", &[])
    }

    /// What this end has sent.
    pub(super) fn carried_to_it(&self) -> u64 {
        let count = Path::new("/sys/class/net").join(self.name()).join("statistics/tx_bytes");
        let count = fs::read_to_string(count).expect("the link's counter");
        count.trim().parse().expect("a number")
    }

    /// What one end sends is shaped there.
    fn shape(&self, machine: &Machine, verb: &str, discipline: &[&str]) -> io::Result<()> {
        let qdisc = ["qdisc", verb, "dev"];
        run(Command::new("tc").args(qdisc).args([&self.name(), "root"]).args(discipline))?;
        run(machine.command("tc").args(qdisc).args(["eth0", "root"]).args(discipline))
    }

    fn addresses(&self, host: u8) -> Ipv4Addr {
        Ipv4Addr::new(10, 213, self.number, host)
    }

    fn name(&self) -> String {
        format!("dudock{}", self.number)
    }

    fn is_taken(&self) -> bool {
        Path::new("/sys/class/net").join(self.name()).exists()
    }

    /// None when another process was faster.
    fn make(self, machine: &Machine) -> io::Result<Option<Self>> {
        let pid = machine.pid().to_string();
        let ends = [&self.name(), "type", "veth", "peer", "name", "eth0", "netns", &pid];
        match run(Command::new("ip").args(["link", "add"]).args(ends)) {
            Err(_) if self.is_taken() => Ok(None),
            made => made.map(|()| Some(self)),
        }
    }

    fn connect(&self, machine: &Machine) -> io::Result<()> {
        let (near, far) = (format!("{}/24", self.addresses(1)), format!("{}/24", self.address()));
        run(Command::new("ip").args(["address", "add", &near, "dev", &self.name()]))?;
        run(Command::new("ip").args(["link", "set", &self.name(), "up"]))?;
        run(machine.command("ip").args(["link", "set", "lo", "up"]))?;
        run(machine.command("ip").args(["address", "add", &far, "dev", "eth0"]))?;
        self.set(machine, "up")
    }
}
