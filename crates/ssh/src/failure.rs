//! Why ssh failed, read from its exit status and from what it wrote to standard error.

use std::path::Path;

use dockerutils_command::printable;

/// The exit status of ssh if it failed itself; every other status is that of the remote command.
///
/// rsync ends with the same status if its ssh did.
const SSH_FAILED: i32 = 255;

/// Returns whether ssh itself failed, rather than the command that it ran on the host.
///
/// `code` is `None` if a signal ended ssh; that is not a failure of the connection.
pub fn is_ssh_failure(code: Option<i32>) -> bool {
    code == Some(SSH_FAILED)
}

/// A reason why ssh did not reach a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SshFault {
    /// The host's name cannot be resolved.
    UnknownHost,
    /// There is no route to the host, or it did not respond in time.
    NoResponse,
    /// No process listens on the port of its sshd.
    Refused,
    /// A process listens on the port, and closes the connection at once.
    Closed,
    /// The host presents another key than before.
    HostKeyChanged,
    /// The key of a jump host is unknown, or is another than before.
    JumpHostKey,
    /// The host does not accept the user's keys.
    KeyRefused,
}

/// Parts of ssh's messages, and what each of them means. The first that is found counts.
const MESSAGES: [(&str, SshFault); 11] = [
    ("Could not resolve hostname", SshFault::UnknownHost),
    // ssh lists the methods that remain in the parenthesis; other programs print these words without one.
    ("Permission denied (", SshFault::KeyRefused),
    ("Too many authentication failures", SshFault::KeyRefused),
    ("Connection refused", SshFault::Refused),
    ("timed out", SshFault::NoResponse),
    ("No route to host", SshFault::NoResponse),
    ("Network is unreachable", SshFault::NoResponse),
    // A new key of the host itself is accepted (StrictHostKeyChecking=accept-new) and a changed one is recognized before
    // this table is searched, so this is the key of a jump host.
    ("Host key verification failed", SshFault::JumpHostKey),
    ("Connection closed by", SshFault::Closed),
    ("Connection reset by", SshFault::Closed),
    ("closed by remote host", SshFault::Closed),
];

impl SshFault {
    /// Diagnoses what ssh wrote to standard error; `None` if it contains no known message.
    ///
    /// `known_hosts` is the file that holds the host's own key: ssh names the file of a key that has changed, and every
    /// other file is that of a jump host.
    pub fn diagnose(stderr: &[u8], known_hosts: &Path) -> Option<Self> {
        let text = String::from_utf8_lossy(stderr);
        if text.contains("HOST IDENTIFICATION HAS CHANGED") {
            let is_own_key = text.contains(&*known_hosts.to_string_lossy());
            return Some(if is_own_key { SshFault::HostKeyChanged } else { SshFault::JumpHostKey });
        }
        MESSAGES.iter().find(|(message, _)| text.contains(message)).map(|(_, fault)| *fault)
    }

    /// Returns the fault's name: lower case, with blanks. Programs read it in `ls-dock --json`, so it never changes.
    pub fn name(self) -> &'static str {
        match self {
            SshFault::UnknownHost => "unknown host",
            SshFault::NoResponse => "no answer",
            SshFault::Refused => "refused",
            SshFault::Closed => "closed",
            SshFault::HostKeyChanged => "host key changed",
            SshFault::JumpHostKey => "jump host key unknown",
            SshFault::KeyRefused => "key refused",
        }
    }

    /// Returns whether the same message may come from a jump host: ssh does not name the host in it.
    pub fn may_be_jump_host(self) -> bool {
        !matches!(self, SshFault::HostKeyChanged | SshFault::JumpHostKey)
    }
}

/// Returns the last line that is not blank, as a message shows it; a fixed text if all lines are blank. A usage text
/// of ssh itself is not a reason: the line above it is.
///
/// The text comes from another machine, and an escape sequence in it could change what the terminal shows.
pub fn last_line(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let mut is_usage = false;
    let above_usage = text.lines().map(str::trim).take_while(|line| {
        is_usage = line.starts_with("usage: ssh");
        !is_usage
    });
    let last = above_usage.filter(|line| !line.is_empty()).last();
    let line = match last {
        Some(line) => line,
        None if is_usage => "ssh on this machine does not accept its arguments",
        None => "no reason was given",
    };
    printable(line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_status_255_is_a_failure_of_ssh() {
        assert!(is_ssh_failure(Some(255)));
        assert!(!is_ssh_failure(Some(1)) && !is_ssh_failure(None));
    }

    #[test]
    fn a_changed_key_in_another_file_is_that_of_a_jump_host() {
        let text = "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nOffending ED25519 key in /h/known_hosts:1\n";
        let diagnose = |file| SshFault::diagnose(text.as_bytes(), Path::new(file));
        assert_eq!(diagnose("/h/known_hosts"), Some(SshFault::HostKeyChanged));
        assert_eq!(diagnose("/other"), Some(SshFault::JumpHostKey));
    }

    #[test]
    fn the_last_line_has_no_control_characters() {
        assert_eq!(last_line(b"first\n \x1b[31mlast\x07\r\n\n"), r"\x1b[31mlast\x07");
        assert_eq!(last_line(b" \n"), "no reason was given");
    }

    #[test]
    fn a_usage_text_of_ssh_is_no_reason() {
        let usage = "usage: ssh [-46AaCf]\n           destination [command [argument ...]]\n";
        let text = |above: &str| last_line(format!("{above}{usage}").as_bytes());
        assert_eq!(text("unknown option -- y\n"), "unknown option -- y");
        assert_eq!(text(""), "ssh on this machine does not accept its arguments");
    }
}
