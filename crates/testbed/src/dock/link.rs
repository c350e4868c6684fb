//! The one network link between a dock and the machine that it runs on.
//!
//! Without a requested address, its number is part of both addresses, 10.213.NUMBER.1 on this machine and 10.213.NUMBER.2
//! on the dock, and of the name of the interface on this machine. Creating the interface is the lock on the addresses. The
//! dock has no default route, so it reaches nothing else.

use std::fs;
use std::io::{self, Error};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use dockerutils_testkit::poll_until;

use super::machine::Machine;
use super::program::run;

#[derive(Debug)]
pub(super) struct NetLink {
    /// The name of its interface on this machine.
    name: String,
    near: Ipv4Addr,
    far: Ipv4Addr,
}

impl NetLink {
    /// Creates a link with a free number. The kernel removes it with the network namespace of the dock.
    pub(super) fn create(machine: &Machine) -> io::Result<Self> {
        // Test processes begin at different numbers, so that they seldom try one that is taken.
        let numbers = (1..=254).cycle().skip(std::process::id() as usize % 254).take(254);
        let link = numbers
            .map(NetLink::numbered)
            .filter(|link| !link.is_taken())
            .find_map(|link| link.make(machine).transpose())
            .unwrap_or_else(|| Err(Error::other("no free network in 10.213.0.0/16")))?;
        link.connect(machine).map(|()| link)
    }

    /// Creates a link to a dock at this address. The other end is the first address of the /24, and several docks of one
    /// /24 share it.
    pub(super) fn create_at(machine: &Machine, address: Ipv4Addr) -> io::Result<Self> {
        let [first, second, third, fourth] = address.octets();
        let name = format!("dudock{third}-{fourth}");
        let link =
            || NetLink { name: name.clone(), near: Ipv4Addr::new(first, second, third, 1), far: address };
        // The kernel removes the interface of an earlier dock some time after that dock has ended.
        let made = poll_until(|| link().make(machine).transpose());
        let link = made.unwrap_or_else(|| Err(Error::other(format!("{address} is in use"))))?;
        run(Command::new("ip")
            .args(["address", "add", &host(link.near), "peer", &host(link.far)])
            .args(["dev", &link.name]))?;
        run(machine.command("ip").args([
            "address",
            "add",
            &host(link.far),
            "peer",
            &host(link.near),
            "dev",
            "eth0",
        ]))?;
        link.take_up(machine).map(|()| link)
    }

    fn numbered(number: u8) -> Self {
        let end = |host| Ipv4Addr::new(10, 213, number, host);
        NetLink { name: format!("dudock{number}"), near: end(1), far: end(2) }
    }

    /// Returns the address of the dock.
    pub(super) fn address(&self) -> Ipv4Addr {
        self.far
    }

    /// Takes the link `up` or `down`.
    pub(super) fn set(&self, machine: &Machine, state: &str) -> io::Result<()> {
        // On the dock: the route on this machine stays, so that packets do not take the default route instead.
        run(machine.command("ip").args(["link", "set", "eth0", state]))?;
        // Otherwise the kernel may refuse connections for a while, because it found no neighbour before.
        run(Command::new("ip").args(["neighbour", "flush", "dev", &self.name]))
    }

    /// Limits it to so many megabits a second in each direction.
    pub(super) fn limit(&self, machine: &Machine, megabits: u32) -> io::Result<()> {
        let rate = format!("{megabits}mbit");
        // tbf(8): the burst must cover one tick of the kernel's clock, and the latency bounds the queue.
        self.shape(machine, "replace", &["tbf", "rate", &rate, "burst", "1mb", "latency", "50ms"])
    }

    /// Removes the limit.
    pub(super) fn unlimit(&self, machine: &Machine) -> io::Result<()> {
        self.shape(machine, "delete", &[])
    }

    /// Returns the number of bytes that this machine has sent to the dock.
    pub(super) fn carried_to_it(&self) -> u64 {
        let count = Path::new("/sys/class/net").join(&self.name).join("statistics/tx_bytes");
        let count = fs::read_to_string(count).expect("the counter of the link");
        count.trim().parse().expect("a number")
    }

    /// Sets the queueing discipline on both ends, because each end shapes only what it sends.
    fn shape(&self, machine: &Machine, verb: &str, discipline: &[&str]) -> io::Result<()> {
        let qdisc = ["qdisc", verb, "dev"];
        run(Command::new("tc").args(qdisc).args([&self.name, "root"]).args(discipline))?;
        run(machine.command("tc").args(qdisc).args(["eth0", "root"]).args(discipline))
    }

    fn is_taken(&self) -> bool {
        Path::new("/sys/class/net").join(&self.name).exists()
    }

    /// Creates the pair of interfaces; `None` if the name is taken.
    fn make(self, machine: &Machine) -> io::Result<Option<Self>> {
        let pid = machine.pid().to_string();
        let ends = [&self.name, "type", "veth", "peer", "name", "eth0", "netns", &pid];
        match run(Command::new("ip").args(["link", "add"]).args(ends)) {
            Err(_) if self.is_taken() => Ok(None),
            made => made.map(|()| Some(self)),
        }
    }

    fn connect(&self, machine: &Machine) -> io::Result<()> {
        let (near, far) = (format!("{}/24", self.near), format!("{}/24", self.far));
        run(Command::new("ip").args(["address", "add", &near, "dev", &self.name]))?;
        run(machine.command("ip").args(["address", "add", &far, "dev", "eth0"]))?;
        self.take_up(machine)
    }

    fn take_up(&self, machine: &Machine) -> io::Result<()> {
        run(Command::new("ip").args(["link", "set", &self.name, "up"]))?;
        run(machine.command("ip").args(["link", "set", "lo", "up"]))?;
        self.set(machine, "up")
    }
}

/// Returns an address as a network of one host.
pub(super) fn host(address: Ipv4Addr) -> String {
    format!("{address}/32")
}
