//! What a benchmark prints: tables in Markdown, row by row, because a row may take minutes.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

/// A column's heading, and how its cells are aligned.
#[derive(Debug, Clone, Copy)]
pub enum Column {
    /// Text, on the left.
    Text(&'static str),
    /// A number with its unit, on the right.
    Number(&'static str),
}

/// A table whose heading has been printed.
#[derive(Debug)]
pub struct Table {
    columns: usize,
}

impl Table {
    /// Prints the heading of a table.
    pub fn start(columns: &[Column]) -> Self {
        let heading: Vec<&str> =
            columns.iter().map(|(Column::Text(name) | Column::Number(name))| *name).collect();
        let alignment: Vec<&str> = columns
            .iter()
            .map(|column| if matches!(column, Column::Text(_)) { "---" } else { "---:" })
            .collect();
        println!("\n| {} |\n| {} |", heading.join(" | "), alignment.join(" | "));
        Table { columns: columns.len() }
    }

    /// Prints a row.
    ///
    /// # Panics
    /// Panics if it has another number of cells than the heading.
    #[track_caller]
    pub fn row(&self, cells: &[String]) {
        assert_eq!(cells.len(), self.columns, "{cells:?}");
        println!("| {} |", cells.join(" | "));
    }
}

/// A measurement beside its reference and its target: a row of most benchmarks.
#[derive(Debug)]
pub struct Comparison {
    /// What was measured.
    pub what: String,
    /// What our command took.
    pub measured: String,
    /// What others took in the same run.
    pub reference: String,
    /// The figure that the target is about: often a ratio.
    pub result: String,
    /// What the figure should not exceed.
    pub target: String,
}

impl Comparison {
    /// Prints the heading of a table of comparisons.
    pub fn start_table() -> Table {
        use Column::{Number, Text};
        Table::start(&[
            Text("what"),
            Number("measured"),
            Text("reference"),
            Number("result"),
            Number("target"),
        ])
    }

    /// Prints it as a row.
    pub fn print(self, table: &Table) {
        table.row(&[self.what, self.measured, self.reference, self.result, self.target]);
    }
}

/// Formats a time in seconds as milliseconds.
pub fn ms(seconds: f64) -> String {
    format!("{:.0} ms", seconds * 1e3)
}

/// Formats a time in seconds.
pub fn seconds(seconds: f64) -> String {
    format!("{seconds:.2} s")
}

/// Formats a number of bytes as MB.
#[expect(clippy::cast_precision_loss, reason = "no size here has more than 52 bits")]
pub fn mb(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}

/// Formats how many times as long something took.
pub fn ratio(time: f64, reference: f64) -> String {
    format!("{:.2} ×", time / reference)
}
