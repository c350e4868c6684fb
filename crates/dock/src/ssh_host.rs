//! A host of the user's ssh configuration, as ssh itself reads it (`ssh -G`).

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dockerutils_command::{Command, Error, Runner};

use crate::{Docks, Identity, Jump, Port, UserName};

/// How long ssh may take to read its configuration, in which it may run commands of the user's.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The folder of the system's configuration of ssh.
const SYSTEM_FOLDER: &str = "/etc/ssh";

/// The port of sshd, which `ssh -G` prints if the configuration sets none.
const DEFAULT_PORT: &str = "22";

/// What the user's configuration sets for a host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SshHost {
    /// The machine that ssh connects to, if its name differs from the given one.
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
        if !self.home().join(".ssh/config").exists() && !names_hosts(Path::new(SYSTEM_FOLDER)) {
            return Ok(vec![SshHost::default(); names.len()]);
        }
        let mut commands: Vec<Command> =
            names.iter().map(|name| Command::new("ssh").args(["-G", "--", name])).collect();
        // Without a configuration ssh prints its own defaults, of which the user differs from machine to machine.
        commands.push(Command::new("ssh").args(["-F", "none", "-G", "--", "host"]));
        let outputs = runner.run_parallel(&commands, TIMEOUT)?;
        let texts: Vec<_> = outputs.iter().map(|output| String::from_utf8_lossy(&output.stdout)).collect();
        let [texts @ .., defaults] = texts.as_slice() else {
            return Ok(vec![SshHost::default(); names.len()]);
        };
        let user = values(defaults, "user").next();
        Ok(names.iter().zip(texts).map(|(name, text)| SshHost::parse(name, text, user)).collect())
    }
}

impl SshHost {
    /// Parses the output of `ssh -G`. Values that no record can contain are left out.
    fn parse(name: &str, text: &str, default_user: Option<&str>) -> Self {
        let value = |key: &'static str| values(text, key).find(|value| *value != "none");
        let identities: Vec<&str> = values(text, "identityfile").collect();
        SshHost {
            hostname: value("hostname").filter(|host| !host.eq_ignore_ascii_case(name)).map(str::to_owned),
            user: value("user").filter(|user| Some(*user) != default_user).and_then(|user| user.parse().ok()),
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

/// Returns whether the system's configuration in this folder sets something for some hosts only. If it has defaults alone, as
/// distributions install it, `ssh -G` need not be run for a host.
fn names_hosts(folder: &Path) -> bool {
    let more =
        fs::read_dir(folder.join("ssh_config.d")).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files = [folder.join("ssh_config")].into_iter().chain(more);
    files.any(|file: PathBuf| {
        // A file that ssh cannot read either sets nothing.
        let text = dockerutils_file::read(&file).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().any(is_about_some_hosts)
    })
}

/// Returns whether a line of an `ssh_config` begins a section for some hosts only.
fn is_about_some_hosts(line: &str) -> bool {
    let words = line.trim_start().split_once(|c: char| c.is_whitespace() || c == '=');
    let Some((keyword, hosts)) = words else { return false };
    let everyone = if keyword.eq_ignore_ascii_case("host") {
        "*"
    } else if keyword.eq_ignore_ascii_case("match") {
        "all"
    } else {
        return false;
    };
    hosts.trim_matches(|c: char| c.is_whitespace() || c == '=' || c == '"') != everyone
}

/// Returns the values of a setting in the output of `ssh -G`.
fn values<'a>(text: &'a str, key: &'static str) -> impl Iterator<Item = &'a str> {
    text.lines()
        .filter_map(move |line| line.split_once(' ').filter(|(found, _)| *found == key))
        .map(|(_, value)| value)
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
    fn a_system_configuration_that_names_hosts_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let more = folder.path().join("ssh_config.d");
        assert!(!names_hosts(folder.path()));
        fs::create_dir(&more).unwrap();
        let defaults = "# Host lab\nInclude /etc/ssh/ssh_config.d/*.conf\nHost *\n    HashKnownHosts yes\nMatch all\nHost = *\n";
        fs::write(folder.path().join("ssh_config"), defaults).unwrap();
        assert!(!names_hosts(folder.path()));
        for line in ["Host lab", "\thost=lab *.lab", "HOST \"lab\"", "Match host lab", "Host * !lab"] {
            fs::write(more.join("site.conf"), format!("{defaults}{line}\n  User ada\n")).unwrap();
            assert!(names_hosts(folder.path()), "{line}");
        }
    }

    #[test]
    fn what_ssh_takes_without_a_configuration_is_no_setting() {
        let text = "user me\nhostname box\nport 22\nproxycommand none\nidentityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/id_ecdsa\n";
        assert_eq!(SshHost::parse("Box", text, Some("me")), SshHost::default());
    }
}
