//! What is printed.

/// What a command adds to a docker that does nothing: medians, in milliseconds.
pub(crate) struct Added {
    pub(crate) command: f64,
    pub(crate) docker: f64,
}

impl Added {
    pub(crate) fn ms(&self) -> f64 {
        self.command - self.docker
    }
}

/// A measurement, its bar, and what the original has.
pub(crate) struct Row {
    what: String,
    ours: f64,
    bar: f64,
    original: Option<f64>,
    unit: &'static str,
}

impl Row {
    pub(crate) fn ms(what: String, ours: f64, bar: f64, original: Option<f64>) -> Self {
        Row { what, ours, bar, original, unit: "ms" }
    }

    pub(crate) fn mb(what: String, ours: f64, bar: f64, original: Option<f64>) -> Self {
        Row { what, ours, bar, original, unit: "MB" }
    }
}

/// Bytes as MB.
#[expect(clippy::cast_precision_loss, reason = "no size here has more than 52 bits")]
pub(crate) fn mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Prints both tables.
pub(crate) fn print(added: &[(String, Added)], rows: &[Row]) {
    println!("\n| command | around a docker that does nothing | that docker alone | added | ratio |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (what, times) in added {
        let Added { command, docker } = times;
        println!(
            "| {what} | {command:.2} ms | {docker:.2} ms | {:.2} ms | {:.1} |",
            times.ms(),
            command / docker
        );
    }
    println!("\n| what | measured | bar | measured / bar | original | original / measured |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for Row { what, ours, bar, original, unit } in rows {
        let (theirs, ratio) = match original {
            Some(theirs) => (format!("{theirs:.1} {unit}"), format!("{:.0}", theirs / ours)),
            None => ("–".to_owned(), "–".to_owned()),
        };
        println!("| {what} | {ours:.2} {unit} | {bar} {unit} | {:.2} | {theirs} | {ratio} |", ours / bar);
    }
}
