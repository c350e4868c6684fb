//! The harness of the benchmarks: commands that are measured in turns, medians, and tables in Markdown.
//!
//! Nothing here asserts anything about time, because a busy machine is not a failure: a benchmark prints what it measured
//! beside a reference that was measured in the same run, and beside a target.

mod measure;
mod original;
mod table;

use std::env;

pub use measure::{Rounds, median, seconds_of};
pub use original::Original;
pub use table::{Column, Comparison, Table, mb, ms, ratio, seconds};

/// Returns the first argument of the benchmark that is not a flag of cargo's: the beginning of the names of the rows to
/// measure.
pub fn row_filter() -> String {
    env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default()
}
