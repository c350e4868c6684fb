//! Reads the echoes back from standard error.
//!
//! An echo is one line below a rule. ssh, rsync and the like form groups: the lines of a group that follow the first one
//! have no rule of their own. The other lines are messages, and the output of the commands.

/// Programs whose lines form groups.
const PLUMBING: [&str; 8] = ["ssh ", "nb-dock ", "ssh-keygen ", "rsync ", "git ", "env ", "python3 ", "aws "];

/// Returns the echoes in order, each as it would be pasted.
pub fn echoed(stderr: &str) -> Vec<String> {
    let mut lines = stderr.lines().map(plain);
    let mut echoes = Vec::new();
    let mut in_group = false;
    while let Some(line) = lines.next() {
        if is_rule(line) {
            let echo = lines.next().unwrap_or_default();
            in_group = is_plumbing(echo);
            echoes.push(echo.to_owned());
        } else if in_group && is_plumbing(line) {
            echoes.push(line.to_owned());
        }
    }
    echoes
}

/// Removes the carriage return and the style that a terminal gets.
fn plain(line: &str) -> &str {
    let line = line.trim_end_matches('\r');
    let styled = line.strip_prefix("\x1b[2m").or_else(|| line.strip_prefix("\x1b[1m"));
    styled.and_then(|line| line.strip_suffix("\x1b[0m")).unwrap_or(line)
}

fn is_plumbing(line: &str) -> bool {
    // In a subshell the program comes after the folder, otherwise after the variables that are set for it.
    let command = match line.strip_prefix("(cd ") {
        Some(inner) => inner.split_once(" && ").map_or(inner, |(_, command)| command),
        None => line,
    };
    PLUMBING.iter().any(|program| command.starts_with(program))
}

fn is_rule(line: &str) -> bool {
    line.chars().count() >= 8 && line.chars().all(|character| character == '─')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_is_the_line_below_a_rule_or_a_line_of_a_group() {
        let rule = "─".repeat(76);
        let stderr = format!(
            "a warning\n{rule}\ndocker ps\nits output\nssh: not an echo\n\x1b[2m{rule}\x1b[0m\n\x1b[2m(cd /a && rsync x)\x1b[0m\r\nsent 3 bytes\n\
             ssh -- host\n{rule}\n\x1b[1mA=1 docker run x\x1b[0m\nssh not an echo\n────\n"
        );
        assert_eq!(echoed(&stderr), ["docker ps", "(cd /a && rsync x)", "ssh -- host", "A=1 docker run x"]);
    }

    #[test]
    fn without_a_rule_there_is_no_echo() {
        assert!(echoed("error: no such image\nssh -- host\n").is_empty());
    }
}
