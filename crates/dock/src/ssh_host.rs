//! A host of the user's ssh configuration, as ssh itself reads it (`ssh -G`).

use std::time::Duration;

use dockerutils_command::{Command, Error, Runner};
use nix::unistd::{User, getuid};

use crate::{Docks, Identity, Jump, Port, UserName};

/// How long ssh may take to read its configuration, in which it may run commands of the user's.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The port of sshd, which `ssh -G` prints if the configuration sets none.
const DEFAULT_PORT: &str = "22";

/// What the user's configuration sets for a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SshHost {
    /// The machine that ssh connects to, if its name is not the one that was asked for.
    pub hostname: Option<String>,
    /// The user; `None` if it is the one that ssh takes without a configuration.
    pub user: Option<UserName>,
    /// The port, if it is not 22.
    pub port: Option<Port>,
    /// The jump hosts.
    pub jump: Option<Jump>,
    /// The key, if the configuration names one.
    pub identity: Option<Identity>,
    /// Whether a command makes the connection (ProxyCommand), which a record cannot contain.
    pub has_proxy_command: bool,
}

impl Docks {
    /// Returns what the user's configuration sets for these names, in the same order; nothing in a dry run, or if there
    /// is no configuration.
    ///
    /// # Errors
    /// Fails if ssh is not installed, or if a signal interrupted us.
    pub fn ssh_hosts(&self, names: &[&str], runner: &Runner) -> Result<Vec<SshHost>, Error> {
        if !self.home().join(".ssh/config").exists() {
            return Ok(vec![SshHost::default(); names.len()]);
        }
        let commands: Vec<Command> =
            names.iter().map(|name| Command::new("ssh").args(["-G", "--", name])).collect();
        let outputs = runner.run_parallel(&commands, TIMEOUT)?;
        let mut hosts = vec![SshHost::default(); names.len()];
        for ((name, output), host) in names.iter().zip(&outputs).zip(&mut hosts) {
            *host = SshHost::parse(name, &String::from_utf8_lossy(&output.stdout), local_user().as_deref());
        }
        Ok(hosts)
    }
}

impl SshHost {
    /// Parses the output of `ssh -G`. Values that no record can contain are left out.
    fn parse(name: &str, text: &str, local_user: Option<&str>) -> Self {
        let values = |key: &'static str| {
            text.lines().filter_map(move |line| line.split_once(' ').filter(|(found, _)| *found == key))
        };
        let value = |key: &'static str| values(key).map(|(_, value)| value).find(|value| *value != "none");
        let identities: Vec<&str> = values("identityfile").map(|(_, value)| value).collect();
        SshHost {
            hostname: value("hostname").filter(|host| !host.eq_ignore_ascii_case(name)).map(str::to_owned),
            user: value("user").filter(|user| Some(*user) != local_user).and_then(|user| user.parse().ok()),
            port: value("port").filter(|port| *port != DEFAULT_PORT).and_then(|port| port.parse().ok()),
            jump: value("proxyjump").and_then(|jump| jump.parse().ok()),
            // Without a configuration, ssh prints the names of all its default keys.
            identity: match identities.as_slice() {
                [one] => one.parse().ok(),
                _ => None,
            },
            has_proxy_command: value("proxycommand").is_some(),
        }
    }
}

/// Returns the name of the user who runs this process, as ssh looks it up.
fn local_user() -> Option<String> {
    User::from_uid(getuid()).ok().flatten().map(|user| user.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_of_an_alias_are_read() {
        let text = "host lab\nuser ada\nhostname 10.0.0.7\nport 2222\nproxyjump me@gate:23\nidentityfile ~/.ssh/lab\n";
        let host = SshHost::parse("lab", text, Some("me"));
        assert_eq!(host.hostname.as_deref(), Some("10.0.0.7"));
        assert_eq!(host.user.unwrap().as_str(), "ada");
        assert_eq!(host.port.unwrap().to_string(), "2222");
        assert_eq!(host.jump.unwrap().as_str(), "me@gate:23");
        assert_eq!(host.identity.unwrap().as_str(), "~/.ssh/lab");
        assert!(!host.has_proxy_command);
    }

    #[test]
    fn what_ssh_takes_without_a_configuration_is_no_setting() {
        let text = "user me\nhostname box\nport 22\nproxycommand none\nidentityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/id_ecdsa\n";
        assert_eq!(SshHost::parse("Box", text, Some("me")), SshHost::default());
    }
}
