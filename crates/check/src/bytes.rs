//! Sizes in bytes, for evidence.

use std::fmt;

/// A number of bytes, displayed in MB or GB of thousands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.0 {
            0..1_000_000 => write!(f, "{} kB", self.0.div_ceil(1000)),
            1_000_000..1_000_000_000 => write!(f, "{} MB", self.0 / 1_000_000),
            bytes => write!(f, "{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit_of_thousands() {
        let texts = [0, 999, 52_000_000, 5_390_000_000].map(|bytes| Bytes(bytes).to_string());
        assert_eq!(texts, ["0 kB", "1 kB", "52 MB", "5.3 GB"]);
    }
}
