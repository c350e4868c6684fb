//! A link between two docks, beside their links to this machine.

use std::io;
use std::net::Ipv4Addr;
use std::process::Command;

use super::link::host;
use super::machine::Machine;
use super::program::run;

/// Lays a link between two machines, each with its address there. It ends with either of them.
pub(super) fn lay(one: (&Machine, Ipv4Addr), other: (&Machine, Ipv4Addr)) -> io::Result<()> {
    let [first, second] = [one, other].map(|(machine, _)| machine.pid().to_string());
    let ends = ["netns", &first, "type", "veth", "peer", "name", "eth1", "netns", &second];
    run(Command::new("ip").args(["link", "add", "eth1"]).args(ends))?;
    for ((machine, own), (_, peer)) in [(one, other), (other, one)] {
        let addresses = ["address", "add", &host(own), "peer", &host(peer), "dev", "eth1"];
        run(machine.command("ip").args(addresses))?;
        run(machine.command("ip").args(["link", "set", "eth1", "up"]))?;
    }
    Ok(())
}
