//! ls-dock with fifty docks, ten of which are unreachable.

use std::process::Command;

use dockerutils_testbed::bench::{Comparison, Rounds};
use dockerutils_testbed::{Dock, Version};

use crate::fixture::{Fixture, register};

/// A list takes seconds, and its time varies little.
const ROUNDS: Rounds = Rounds { warm_up: 1, counted: 3 };

pub(crate) fn row(_: &Fixture) -> Comparison {
    // One dock stands for fifty, so its sshd must not refuse a connection because of the other forty-nine.
    let docks = Dock::builder("many", Version::V20).sshd_option("MaxStartups 200").start().unwrap();
    let [a, b, c, _] = docks.address().octets();
    // Together with near and far these are fifty.
    for number in 10..58 {
        let address = format!("{a}.{b}.{c}.{number}");
        docks.exec(&["ip", "address", "add", &format!("{address}/24"), "dev", "eth0"]);
        if number < 20 {
            docks.exec(&["iptables", "-A", "INPUT", "-d", &address, "-j", "DROP"]);
        }
        register(&docks, &address, &format!("dock-{number}"), &["--no-ssh-config"]);
    }
    let mut reachable = 0;
    let [time] = ROUNDS.medians(|_| {
        let begin = std::time::Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_ls-dock")).output().unwrap();
        let time = begin.elapsed().as_secs_f64();
        let table = String::from_utf8(output.stdout).unwrap();
        reachable = table.matches("20.10").count();
        time
    });
    Comparison {
        what: "`ls-dock`, 50 docks, 10 of them dead".to_owned(),
        measured: format!("{time:.1} s"),
        reference: format!("{reachable} reachable"),
        result: format!("{time:.2} s"),
        target: "5.5 s".to_owned(),
    }
}
