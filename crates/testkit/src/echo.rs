//! Reads the echoes back from standard error: each stands below a rule.
//!
//! An echo is the `cd …` and `export …` lines, if any, and the line of the command. The lines after it are the output of
//! the command.

/// Returns the echoes in order, each as it would be pasted: its lines joined by newlines.
pub(crate) fn echoed(stderr: &str) -> Vec<String> {
    let mut lines = stderr.lines();
    let mut echoes = Vec::new();
    while lines.by_ref().any(is_rule) {
        let mut echo = Vec::new();
        for line in lines.by_ref() {
            echo.push(line.trim_end_matches('\r'));
            if !(line.starts_with("cd ") || line.starts_with("export ")) {
                break;
            }
        }
        echoes.push(echo.join("\n"));
    }
    echoes
}

fn is_rule(line: &str) -> bool {
    let line = line.trim_end_matches('\r');
    let line = line.strip_prefix("\x1b[2m").and_then(|line| line.strip_suffix("\x1b[0m")).unwrap_or(line);
    line.chars().count() >= 8 && line.chars().all(|character| character == '─')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_ends_with_the_line_of_the_command() {
        let rule = "─".repeat(76);
        let stderr = format!(
            "a warning\n{rule}\ndocker ps\nits output\n\x1b[2m{rule}\x1b[0m\ncd /a\nexport A=\"$B\"\nsh x\n────\n"
        );
        assert_eq!(echoed(&stderr), ["docker ps", "cd /a\nexport A=\"$B\"\nsh x"]);
    }

    #[test]
    fn without_a_rule_there_is_no_echo() {
        assert!(echoed("error: no such image\n").is_empty());
    }
}
