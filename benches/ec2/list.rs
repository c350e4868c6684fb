//! ls-dock with fifty docks of which none can be reached, while EC2 responds too late: it ends with its time limit.
#![allow(clippy::print_stdout, reason = "the figures are for the standard output of the benchmark")]

use std::fs;
use std::time::Instant;

use dockerutils_testbed::bench::median;
use dockerutils_testbed::ec2::{ACCOUNT, User};

use crate::Stands;

/// The docks, and the regions that they are spread over.
const DOCKS: usize = 50;
const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-south-1"];

/// The time limit in seconds, and what ls-dock may take beyond it.
const LIMIT: f64 = 5.0;
const ALLOWANCE: f64 = 0.5;

/// How often it is measured.
const ROUNDS: usize = 3;

/// Prints the median of its time beside its time limit.
pub(crate) fn print(stands: &Stands) {
    let ec2 = &stands[0];
    ec2.reset();
    let user = User::new(ec2);
    (0..DOCKS).for_each(|number| register(&user, number));
    ec2.fault("DescribeInstances=slow-before:30");
    let time = median((0..ROUNDS).map(|_| seconds(&user)).collect());
    ec2.clear_faults();
    println!(
        "ls-dock, {DOCKS} docks, EC2 slow: {time:.2} s, limit + {ALLOWANCE} s: {:.2} s, ratio {:.2}",
        LIMIT + ALLOWANCE,
        time / (LIMIT + ALLOWANCE)
    );
}

/// Writes the record of a dock at an address that no machine has.
fn register(user: &User, number: usize) {
    let folder = user.home().join(format!(".docker/192.0.2.{}", number + 1));
    fs::create_dir_all(&folder).expect("a folder");
    let region = REGIONS[number % REGIONS.len()];
    let record = format!(
        "DOCK_MONIKER=box-{number}\nDOCK_INSTANCE_ID=i-{number:08x}\nDOCK_REGION={region}\nDOCK_ACCOUNT={ACCOUNT}\n"
    );
    fs::write(folder.join("connection_config.txt"), record).expect("a record");
}

fn seconds(user: &User) -> f64 {
    let start = Instant::now();
    user.command("ls-dock").args(["--timeout", &LIMIT.to_string()]).run().status(0);
    start.elapsed().as_secs_f64()
}
