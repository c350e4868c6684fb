//! What is printed.

/// A measurement and its bar.
pub(crate) struct Row {
    /// What was done.
    pub(crate) what: String,
    /// What it took.
    pub(crate) ours: String,
    /// What others took, in the same run.
    pub(crate) beside: String,
    /// What is held to the bar.
    pub(crate) held: String,
    /// The bar.
    pub(crate) bar: String,
}

/// Prints a heading.
pub(crate) fn head(title: &str) {
    println!("\n{title}\n");
    println!("| what | transfer-image | beside it | held to the bar | bar |");
    println!("| --- | ---: | --- | ---: | ---: |");
}

impl Row {
    /// Prints it.
    pub(crate) fn print(self) {
        let Row { what, ours, beside, held, bar } = self;
        println!("| {what} | {ours} | {beside} | {held} | {bar} |");
    }
}

/// Seconds, as they are printed.
pub(crate) fn seconds(time: f64) -> String {
    format!("{time:.2} s")
}

/// Bytes as MB, as they are printed.
#[expect(clippy::cast_precision_loss, reason = "no size here has more than 52 bits")]
pub(crate) fn mb(bytes: u64) -> String {
    format!("{:.2} MB", bytes as f64 / 1e6)
}

/// How many times as long.
pub(crate) fn ratio(time: f64, than: f64) -> String {
    format!("{:.2} ×", time / than)
}
