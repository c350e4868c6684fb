//! A creation beside the plain script that its dry run prints, until `docker version` responds on the dock.
#![allow(clippy::print_stdout, reason = "the figures are for the standard output of the benchmark")]

use std::time::Instant;

use dockerutils_testbed::ec2::{Ec2, User};

use crate::Stands;

/// How often each is measured, in turn.
const ROUNDS: usize = 5;

/// Prints both medians and their ratio.
pub(crate) fn print(stands: &Stands) {
    let ec2 = &stands[0];
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(seconds(ec2, "true", "create-dock box"));
        plain.push(seconds(ec2, "create-dock box --dry-run >script", "bash script"));
    }
    let (ours, plain) = (median(ours), median(plain));
    println!("create-dock: {ours:.1} s, its script: {plain:.1} s, ratio {:.2}", ours / plain);
}

/// Runs a script that creates the dock `box`, after a preparation, and returns how long it takes until docker responds there.
fn seconds(ec2: &Ec2, preparation: &str, script: &str) -> f64 {
    ec2.reset();
    let user = User::new(ec2);
    user.shell(preparation).run().status(0);
    let start = Instant::now();
    user.shell(&format!("{script} && ssh-dock box -- docker version")).run().status(0);
    start.elapsed().as_secs_f64()
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
