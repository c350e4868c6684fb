//! Sizes in bytes, as docker writes them.

use std::fmt;

/// A number of bytes, displayed in B, kB, MB or GB of thousands with two or three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            0..1_000 => return write!(f, "{} B", self.0),
            1_000..1_000_000 => (1e3, "kB"),
            1_000_000..1_000_000_000 => (1e6, "MB"),
            _ => (1e9, "GB"),
        };
        #[expect(clippy::cast_precision_loss, reason = "two or three digits are shown")]
        let number = self.0 as f64 / unit;
        let digits = usize::from(number < 10.0);
        write!(f, "{number:.digits$} {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_two_or_three_digits() {
        let sizes = [0, 999, 3_020_800, 52_000_000, 205_016_064, 5_300_000_000];
        let texts = sizes.map(|bytes| Size(bytes).to_string());
        assert_eq!(texts, ["0 B", "999 B", "3.0 MB", "52 MB", "205 MB", "5.3 GB"]);
    }
}
