//! Every call of the commands for docks on EC2, disturbed in every way: what is left, and how long it takes.
//!
//! The instances are docks on this machine. It needs root and takes half an hour: `cargo bench --bench ec2`, or
//! `cargo bench --bench ec2 -- create` for the rows whose names begin with a word. It exits with a failure if a cell is
//! wrong.

mod create;
mod killed;
mod list;
mod plain;
mod repeated;
mod table;

use std::process::ExitCode;

use dockerutils_testbed::Unavailable;
use dockerutils_testbed::bench::row_filter;
use dockerutils_testbed::ec2::{Ec2, User};
use dockerutils_testkit::Invocation;
use table::Row;

type Measure = fn(&Stands) -> Row;

/// The rows, by the names that an argument may choose from.
const ROWS: [(&str, Measure); 6] = [
    ("create", create::row),
    ("kill-gc", killed::removed),
    ("kill-resume", killed::resumed),
    ("start", repeated::start),
    ("stop", repeated::stop),
    ("destroy", repeated::destroy),
];

/// Stand-ins that work side by side: most of a cell is waiting.
type Stands = [Ec2; 2];

fn main() -> Result<ExitCode, Unavailable> {
    let stands = [Ec2::start()?, Ec2::start()?];
    let filter = row_filter();
    table::print_head();
    let mut wrong = 0;
    for (_, row) in ROWS.iter().filter(|(name, _)| name.starts_with(&filter)) {
        let row = row(&stands);
        row.print();
        wrong += row.wrong.len();
    }
    if "plain".starts_with(&filter) {
        plain::print(&stands);
    }
    if "list".starts_with(&filter) {
        list::print(&stands);
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn create(user: &User) -> Invocation {
    user.command("create-dock").args(["box", "--protect"])
}
