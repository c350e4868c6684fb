//! The settings of one host: as options of `ssh`, and as text for `ssh_config`.

use std::path::{Path, PathBuf};

use dockerutils_command::Command;

/// The options of one host, beyond what the user's own configuration sets.
#[derive(Debug, Clone, Default)]
pub struct HostOptions {
    /// The file that holds the host's key, and no other host's.
    pub known_hosts: PathBuf,
    /// The name that the key is stored under.
    pub host_key_alias: String,
    /// The port of its sshd.
    pub port: Option<String>,
    /// The private key to use, and no other.
    pub identity: Option<PathBuf>,
    /// The jump hosts, as `-J` takes them.
    pub jump: Option<String>,
}

impl HostOptions {
    /// Returns `ssh` with these options and without a destination: add `.arg("--").arg(destination)`.
    ///
    /// The key exchange and everything else that is not named here stays as the user's configuration has it. `--` goes
    /// before the destination so that a destination is never taken for an option.
    pub fn command(&self) -> Command {
        let mut ssh = Command::new("ssh");
        for (key, value) in self.key_options() {
            ssh = ssh.arg("-o").arg(format!("{key}={value}"));
        }
        if let Some(port) = &self.port {
            ssh = ssh.arg("-p").arg(port);
        }
        // Not -i: ssh ignores it and tries other keys if the file is missing.
        for (key, value) in self.identity_options() {
            ssh = ssh.arg("-o").arg(format!("{key}={value}"));
        }
        match &self.jump {
            Some(jump) => ssh.arg("-J").arg(jump),
            None => ssh,
        }
    }

    /// Returns the same options as indented lines of an `ssh_config`.
    pub fn config_lines(&self) -> String {
        let mut options = self.key_options().to_vec();
        options.extend(self.port.clone().map(|port| ("Port", port)));
        options.extend(self.identity_options());
        options.extend(self.jump.clone().map(|jump| ("ProxyJump", jump)));
        options.into_iter().map(|(key, value)| format!("  {key} {value}\n")).collect()
    }

    fn key_options(&self) -> [(&'static str, String); 3] {
        [
            ("UserKnownHostsFile", option_value(&self.known_hosts)),
            // `ask` would stop scripts, and `no` would accept a changed key.
            ("StrictHostKeyChecking", "accept-new".to_owned()),
            // ssh looks a key up under host *and* port: with an alias a host has one key, whatever its port is.
            ("HostKeyAlias", self.host_key_alias.clone()),
        ]
    }

    fn identity_options(&self) -> Vec<(&'static str, String)> {
        let Some(identity) = &self.identity else { return Vec::new() };
        // Without IdentitiesOnly, ssh first offers every key of the agent, and sshd closes the connection after six (MaxAuthTries).
        vec![("IdentityFile", option_value(identity)), ("IdentitiesOnly", "yes".to_owned())]
    }
}

/// Returns a path as the value of an option: ssh splits values at blanks and expands `%` in them.
pub fn option_value(path: &Path) -> String {
    let path = path.to_string_lossy().replace('%', "%%");
    if path.contains(char::is_whitespace) { format!("\"{path}\"") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_and_the_configuration_hold_the_same_options() {
        let options = HostOptions {
            known_hosts: "/home/a b/known_hosts".into(),
            host_key_alias: "10.0.0.5".into(),
            port: Some("2222".into()),
            identity: Some("/keys/100%".into()),
            jump: Some("gate".into()),
        };
        assert_eq!(
            options.command().arguments(),
            [
                "-o",
                "UserKnownHostsFile=\"/home/a b/known_hosts\"",
                "-o",
                "StrictHostKeyChecking=accept-new",
                "-o",
                "HostKeyAlias=10.0.0.5",
                "-p",
                "2222",
                "-o",
                "IdentityFile=/keys/100%%",
                "-o",
                "IdentitiesOnly=yes",
                "-J",
                "gate"
            ]
        );
        assert_eq!(
            options.config_lines(),
            "  UserKnownHostsFile \"/home/a b/known_hosts\"\n  StrictHostKeyChecking accept-new\n  \
             HostKeyAlias 10.0.0.5\n  Port 2222\n  IdentityFile /keys/100%%\n  IdentitiesOnly yes\n  ProxyJump gate\n"
        );
    }
}
