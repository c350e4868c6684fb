//! How much of a transfer is done, from what rsync prints with `--info=progress2`.

use std::fmt;

/// Receives the number of bytes that are done and that of all, about once a second.
pub type OnProgress<'a> = dyn Fn(u64, u64) + Sync + 'a;

/// Where the progress of a transfer is reported.
#[derive(Clone, Copy)]
pub(crate) struct Progress<'a> {
    pub(crate) on_progress: &'a OnProgress<'a>,
    /// The size of the files to transfer.
    pub(crate) total: u64,
}

impl Progress<'_> {
    /// Reports the last state in a piece of rsync's output.
    pub(crate) fn report(&self, output: &[u8]) {
        if let Some(done) = bytes_done(&String::from_utf8_lossy(output)) {
            (self.on_progress)(done.min(self.total), self.total);
        }
    }
}

impl fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Progress").field("total", &self.total).finish_non_exhaustive()
    }
}

/// Parses `1,234,567  45%  1.18MB/s  0:00:01`. rsync writes each state over the one before it.
fn bytes_done(output: &str) -> Option<u64> {
    output.rsplit('\r').find_map(|state| {
        let mut words = state.split_whitespace();
        let bytes = words.next()?;
        words.next().filter(|percentage| percentage.ends_with('%'))?;
        // The separators of thousands depend on the locale.
        bytes.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_state_counts() {
        for (output, done) in [
            ("\r      1,234,567  45%    1.18MB/s    0:00:01  ", Some(1_234_567)),
            ("\r          1.234   0%    0.00kB/s    0:00:00  \r   2.345   1%  1.18MB/s  0:00:01", Some(2345)),
            ("\r             17 100%    0.00kB/s    0:00:00 (xfr#1, to-chk=0/3)\n", Some(17)),
            ("\r        12   1%    0.00kB/s    0:00:00  \r     13", Some(12)),
            ("created directory x\n", None),
            ("", None),
        ] {
            assert_eq!(bytes_done(output), done, "{output:?}");
        }
    }
}
