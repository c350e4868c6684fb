//! The machine that is checked, for the lines that fix something there.

use dockerutils_command::{Command, quote};

/// The machine that is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// This one.
    Local,
    /// The dock with this moniker.
    Dock(String),
}

impl Place {
    /// Returns a line to paste here that runs a line of a shell there.
    pub fn line(&self, line: &str) -> String {
        match self {
            Place::Local => line.to_owned(),
            Place::Dock(dock) if is_plain(line) => format!("ssh-dock {dock} -- {line}"),
            Place::Dock(dock) => format!("ssh-dock {dock} -- sh -c {}", quote(line.as_ref())),
        }
    }

    /// Returns the command that runs these words there.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        match (self, words) {
            (Place::Local, [program, args @ ..]) => Command::new(*program).args(args.iter().copied()),
            (Place::Local, []) => Command::new("true"),
            (Place::Dock(dock), _) => Command::new("ssh-dock").args([dock, "--"]).args(words.iter().copied()),
        }
    }
}

/// Returns whether a line is a single command whose words need no shell.
fn is_plain(line: &str) -> bool {
    line.chars().all(|c| c.is_ascii_alphanumeric() || " -_./:=,+@".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_a_dock_goes_through_ssh_dock() {
        let dock = Place::Dock("gpu".to_owned());
        assert_eq!(Place::Local.line("sudo reboot"), "sudo reboot");
        assert_eq!(dock.line("sudo reboot"), "ssh-dock gpu -- sudo reboot");
        assert_eq!(dock.line("a && b"), "ssh-dock gpu -- sh -c 'a && b'");
        assert_eq!(dock.command(&["ls", "a b"]).to_shell(), "ssh-dock gpu -- ls 'a b'");
    }
}
