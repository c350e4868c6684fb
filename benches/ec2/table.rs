//! Cells of a matrix, and the table of their counts.
#![allow(clippy::print_stdout, reason = "the table is for the standard output of the benchmark")]

use std::sync::Mutex;
use std::time::Duration;

use dockerutils_testbed::ec2::Ec2;
use dockerutils_testbed::ec2::matrix::{Cell, Disturbance};

use crate::Stands;

/// The counts of one command.
pub(crate) struct Row {
    what: &'static str,
    calls: usize,
    cells: usize,
    longest: Duration,
    /// What is wrong, a text for each cell that is.
    pub(crate) wrong: Vec<String>,
}

/// A disturbed run, and what is wrong with it.
pub(crate) struct Checked {
    pub(crate) cell: Cell,
    pub(crate) wrong: Option<String>,
}

pub(crate) fn print_head() {
    println!("| command | calls | cells | wrong | longest run |\n| --- | --- | --- | --- | --- |");
}

impl Row {
    /// Runs a cell for each of these calls and each disturbance.
    pub(crate) fn run(
        what: &'static str,
        stands: &Stands,
        calls: usize,
        disturbances: &[Disturbance],
        cell: impl Fn(&Ec2, &str, Disturbance) -> Checked + Sync,
    ) -> Self {
        let jobs =
            (1..=calls).flat_map(|call| disturbances.iter().map(move |disturbance| (call, *disturbance)));
        let (jobs, checked) = (Mutex::new(jobs), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for ec2 in stands {
                scope.spawn(|| {
                    let next = || jobs.lock().expect("jobs").next();
                    while let Some((call, disturbance)) = next() {
                        let done = cell(ec2, &format!("*#{call}"), disturbance);
                        checked.lock().expect("cells").push(done);
                    }
                });
            }
        });
        let checked = checked.into_inner().expect("cells");
        let longest = checked.iter().map(|each| each.cell.took).max().unwrap_or_default();
        let cells = checked.len();
        Row {
            what,
            calls,
            cells,
            longest,
            wrong: checked.into_iter().filter_map(|each| each.wrong).collect(),
        }
    }

    /// Prints its counts, and to standard error what is wrong.
    pub(crate) fn print(&self) {
        let (longest, wrong) = (self.longest.as_secs_f64(), self.wrong.len());
        println!("| {} | {} | {} | {wrong} | {longest:.1} s |", self.what, self.calls, self.cells);
        self.wrong.iter().for_each(|wrong| eprintln!("{wrong}\n"));
    }
}
