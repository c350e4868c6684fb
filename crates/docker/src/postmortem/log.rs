//! The last lines that a container has printed.

use dockerutils_command::Command;

/// How many lines are shown.
pub const LOG_LINES: usize = 20;

/// How many characters of a line are kept: a program may print megabytes without a line feed.
const LINE_CHARS: usize = 2000;

/// Returns the command that prints the last lines of a container, each after the time at which it was printed.
pub fn tail_log(container: &str) -> Command {
    let lines = LOG_LINES.to_string();
    Command::new("docker").args(["logs", "--tail", &lines, "--timestamps", container])
}

/// Returns the lines of standard output and standard error in the order in which they were printed, at most
/// [`LOG_LINES`]. Docker separates the two, and only the times put them together again.
pub fn merge_log(stdout: &[u8], stderr: &[u8]) -> Vec<String> {
    let texts = [stdout, stderr].map(String::from_utf8_lossy);
    let mut lines: Vec<(&str, &str)> = texts
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| line.split_once(' ').unwrap_or((line, "")))
        .collect();
    // The sort is stable, so lines of one time stay in their order.
    lines.sort_by_key(|(time, _)| *time);
    let first = lines.len().saturating_sub(LOG_LINES);
    lines[first..]
        .iter()
        .map(|(_, line)| line.trim_end_matches('\r').chars().take(LINE_CHARS).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_are_one_log_of_bounded_length() {
        let stdout = b"2026-11-27T10:00:00.1Z one\r\n2026-11-27T10:00:00.3Z \n2026-11-27T10:00:00.4Z last\n";
        let stderr = b"2026-11-27T10:00:00.2Z Traceback (most recent call last):\n";
        assert_eq!(merge_log(stdout, stderr), ["one", "Traceback (most recent call last):", "", "last"]);
        let many: String = (0..50).map(|n| format!("2026-11-27T10:00:00.{n:02}Z {n}\n")).collect();
        let last = merge_log(many.as_bytes(), b"");
        assert_eq!((last.len(), last[0].as_str(), last[19].as_str()), (20, "30", "49"));
        let long = format!("2026-11-27T10:00:00.1Z {}\n", "é".repeat(5000));
        assert_eq!(merge_log(long.as_bytes(), b"")[0].chars().count(), 2000);
        assert!(merge_log(b"", b"").is_empty());
    }
}
