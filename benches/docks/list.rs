//! ls-dock with fifty docks, ten of which do not answer.

use std::process::Command;

use dockerutils_testbed::{Dock, Version};

use crate::measure::in_turns;
use crate::setting::{Setting, register};
use crate::table::Row;

/// Lists are slow, and much the same.
const RUNS: usize = 3;

pub(crate) fn row(_: &Setting) -> Row {
    // Fifty machines refuse nobody because of the others; this one stands for all of them.
    let docks = Dock::builder("many", Version::V20).sshd_option("MaxStartups 200").start().unwrap();
    let [a, b, c, _] = docks.address().octets();
    // With near and far, fifty.
    for number in 10..58 {
        let address = format!("{a}.{b}.{c}.{number}");
        docks.exec(&["ip", "address", "add", &format!("{address}/24"), "dev", "eth0"]);
        if number < 20 {
            docks.exec(&["iptables", "-A", "INPUT", "-d", &address, "-j", "DROP"]);
        }
        register(&docks, &address, &format!("dock-{number}"), &["--no-ssh-config"]);
    }
    let mut answering = 0;
    let [time] = in_turns(RUNS, |_| {
        let begin = std::time::Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_ls-dock")).output().unwrap();
        let time = begin.elapsed().as_secs_f64();
        let table = String::from_utf8(output.stdout).unwrap();
        answering = table.matches("20.10").count();
        time
    });
    Row {
        what: "`ls-dock`, 50 docks, 10 of them dead",
        ours: format!("{time:.1} s"),
        beside: format!("{answering} answered"),
        held: format!("{time:.2} s"),
        bar: "5.5 s",
    }
}
