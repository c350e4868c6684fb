//! A second Ctrl-C ends a rollback, and what remains is printed as commands.

use dockerutils_testbed::ec2::{Ec2, User, ec2};
use dockerutils_testkit::Signal;

use super::create_dock;

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn the_commands_that_a_second_interrupt_prints_remove_what_is_left() {
    let ec2 = ec2();
    for words in ["box", "box --spot"] {
        interrupted_twice(&ec2, words, true);
    }
    // The response does not arrive in time, so the ID of the machine is not known.
    interrupted_twice(&ec2, "box --spot", false);
}

/// Interrupts a creation, and then its rollback, and checks that what is printed removes what is left.
fn interrupted_twice(ec2: &Ec2, words: &str, is_answered: bool) {
    ec2.reset();
    ec2.knob("relaunch", 0);
    let user = User::new(ec2);
    ec2.fault("RunInstances#2=hold-after");
    ec2.fault("TerminateInstances#1=hold-before");
    let running = create_dock(&user, words).spawn();
    ec2.wait_until_held();
    running.signal(Signal::SIGINT);
    if is_answered {
        ec2.release();
    }
    while ec2.count("TerminateInstances") == 0 {
        std::thread::yield_now();
    }
    running.signal(Signal::SIGINT);
    let outcome = running.wait();
    outcome.status(130);
    ec2.clear_faults();
    let remaining: Vec<&str> = outcome
        .stderr
        .lines()
        .skip_while(|line| !line.contains("remain"))
        .map(str::trim)
        .filter(|line| line.starts_with("aws ") || line.starts_with("sh -c "))
        .collect();
    outcome.check(!remaining.is_empty(), || "no commands".to_owned());
    // A user pastes them, and pastes them again if a resource was still in use.
    user.shell(&remaining.join("\n")).run();
    assert!(ec2.census().is_empty(), "{:?}\n{}", ec2.census(), outcome.stderr);
}
