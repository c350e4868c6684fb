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

/// A number of bytes, displayed in MB and rounded up: `1 MB` for a single byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Megabytes(pub(crate) u64);

impl fmt::Display for Megabytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} MB", self.0.div_ceil(1_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn megabytes_are_rounded_up() {
        let texts = [0, 1, 60_000_000, 111_000_001].map(|bytes| Megabytes(bytes).to_string());
        assert_eq!(texts, ["0 MB", "1 MB", "60 MB", "112 MB"]);
    }

    #[test]
    fn a_size_has_two_or_three_digits() {
        let sizes = [0, 999, 3_020_800, 52_000_000, 205_016_064, 5_300_000_000];
        let texts = sizes.map(|bytes| Size(bytes).to_string());
        assert_eq!(texts, ["0 B", "999 B", "3.0 MB", "52 MB", "205 MB", "5.3 GB"]);
    }
}
