//! What is printed.

/// A measurement and its bar.
pub(crate) struct Row {
    /// What was done.
    pub(crate) what: &'static str,
    /// What it took.
    pub(crate) ours: String,
    /// What others took, in the same run.
    pub(crate) beside: String,
    /// What is held to the bar.
    pub(crate) held: String,
    /// The bar.
    pub(crate) bar: &'static str,
}

/// Prints a heading and each row as soon as it is there.
pub(crate) fn print(rows: impl Iterator<Item = Row>) {
    println!("\n| what | measured | beside it | held to the bar | bar |");
    println!("| --- | ---: | --- | ---: | ---: |");
    for Row { what, ours, beside, held, bar } in rows {
        println!("| {what} | {ours} | {beside} | {held} | {bar} |");
    }
}

/// Milliseconds, as they are printed.
pub(crate) fn ms(time: f64) -> String {
    format!("{time:.0} ms")
}

/// How many times as long.
pub(crate) fn ratio(time: f64, than: f64) -> String {
    format!("{:.2} ×", time / than)
}
