//! The settings of ssh for one host: as options of `ssh`, as a file for `ssh -F`, and as lines of an `ssh_config`.

use std::path::{Path, PathBuf};

use dockerutils_command::Command;

/// Settings that every call relies on, and that the user's own configuration may have otherwise.
const RELIED_ON: [(&str, &str); 11] = [
    // Limits the time until the server has sent its first line. ssh otherwise waits for ever for a server that accepts the
    // connection and sends nothing.
    ("ConnectTimeout", "15"),
    // Limit every later silence to twenty seconds, the key exchange included.
    ("ServerAliveInterval", "5"),
    ("ServerAliveCountMax", "3"),
    // A command of ours becomes no master, except with `-M`, and no master of ours detaches itself.
    ("ControlMaster", "no"),
    ("ControlPersist", "no"),
    // A command of the user's would run in place of ours, or be refused beside it.
    ("RemoteCommand", "none"),
    // A forced terminal changes line feeds and control characters in the output.
    ("RequestTTY", "auto"),
    // The output of a local command would be mixed with that of the remote one.
    ("PermitLocalCommand", "no"),
    // If a port of a forward in the user's own configuration is taken, docker's socket must be forwarded all the same.
    ("ExitOnForwardFailure", "no"),
    ("StreamLocalBindUnlink", "yes"),
    ("StreamLocalBindMask", "0177"),
];

/// Further settings of a file. As options they would come before those of the caller, and the first one counts.
const IN_FILES: [(&str, &str); 5] = [
    // A network interface of the user's own sessions.
    ("Tunnel", "no"),
    // Forwards of the user's belong to the user's own sessions: a second session cannot open the same ports.
    ("ClearAllForwardings", "yes"),
    // ssh has these since version 8.7.
    ("SessionType", "default"),
    ("StdinNull", "no"),
    ("ForkAfterAuthentication", "no"),
];

/// Those of [`RELIED_ON`] that the user's own `ssh` to a dock needs too, and docker's.
const FOR_OTHERS: [&str; 4] = ["ConnectTimeout", "RemoteCommand", "RequestTTY", "PermitLocalCommand"];

/// A name and a value, as `ssh_config` has them.
pub type Setting = (&'static str, String);

/// The options of one host, beyond what the user's own configuration sets.
#[derive(Debug, Clone, Default)]
pub struct HostOptions {
    /// The file that holds the host's key, and no other host's.
    pub known_hosts: PathBuf,
    /// Whether ssh can write a new key to that file.
    pub can_store_key: bool,
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
        with_settings(ssh_to_any_host(), self.settings())
    }

    /// Returns the text of a file for `ssh -F`, with which `ssh` to the host named `host` does what
    /// [`command`](Self::command) does.
    ///
    /// `more` comes before everything else. The user's configuration and that of the system follow, because `-F` switches
    /// both off; of several values ssh takes the first.
    pub fn file(&self, host: &str, more: &[Setting]) -> String {
        file(host, more.iter().cloned().chain(self.settings()))
    }

    /// Returns these options as indented lines of an `ssh_config` for the user's own ssh, and docker's.
    pub fn config_lines(&self) -> String {
        let relied_on = RELIED_ON.into_iter().filter(|(name, _)| FOR_OTHERS.contains(name));
        lines(self.settings().into_iter().chain(relied_on.map(|(name, value)| (name, value.to_owned()))))
    }

    fn settings(&self) -> Vec<Setting> {
        // `ask` would stop scripts, and `no` would accept a changed key. A key that cannot be stored must not be accepted: it
        // would be new, and accepted, each time.
        let checking = if self.can_store_key { "accept-new" } else { "yes" };
        let mut settings = vec![
            ("UserKnownHostsFile", option_value(&self.known_hosts)),
            ("StrictHostKeyChecking", checking.to_owned()),
            // ssh looks a key up under host *and* port: with an alias a host has one key, whatever its port is.
            ("HostKeyAlias", self.host_key_alias.clone()),
        ];
        settings.extend(self.port.clone().map(|port| ("Port", port)));
        if let Some(identity) = &self.identity {
            // Not -i: ssh ignores it and tries other keys if the file is missing. Without IdentitiesOnly, ssh first offers every
            // key of the agent, and sshd closes the connection after six (MaxAuthTries).
            settings.push(("IdentityFile", option_value(identity)));
            settings.push(("IdentitiesOnly", "yes".to_owned()));
        }
        settings.extend(self.jump.clone().map(|jump| ("ProxyJump", jump)));
        settings
    }
}

/// The configuration of the system.
pub const SYSTEM_CONFIG: &str = "/etc/ssh/ssh_config";

/// Returns `ssh` for a host that has no options of its own, with the settings that every call relies on.
pub fn ssh_to_any_host() -> Command {
    with_settings(Command::new("ssh"), RELIED_ON.map(|(name, value)| (name, value.to_owned())))
}

/// Returns the text of a file for `ssh -F`, with which `ssh` to every host does what [`ssh_to_any_host`] does.
pub fn file_for_any_host() -> String {
    file("*", [])
}

fn file(host: &str, settings: impl IntoIterator<Item = Setting>) -> String {
    let relied_on = RELIED_ON.into_iter().chain(IN_FILES).map(|(name, value)| (name, value.to_owned()));
    let lines = lines(settings.into_iter().chain(relied_on));
    // For an older ssh, which does not know all of them. Any name, because the user's configuration may contain an
    // IgnoreUnknown of its own, which has no effect after ours.
    format!(
        "IgnoreUnknown *\nHost {host}\n{lines}Match all\nInclude ~/.ssh/config\nInclude {SYSTEM_CONFIG}\n"
    )
}

/// Returns a path as the value of an option: ssh splits values at blanks and expands `%` in them.
pub fn option_value(path: &Path) -> String {
    let path = path.to_string_lossy().replace('%', "%%");
    if path.contains(char::is_whitespace) { format!("\"{path}\"") } else { path }
}

fn with_settings(ssh: Command, settings: impl IntoIterator<Item = Setting>) -> Command {
    settings.into_iter().fold(ssh, |ssh, (name, value)| ssh.arg("-o").arg(format!("{name}={value}")))
}

fn lines(settings: impl IntoIterator<Item = Setting>) -> String {
    settings.into_iter().map(|(name, value)| format!("  {name} {value}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> HostOptions {
        HostOptions {
            known_hosts: "/home/a b/known_hosts".into(),
            can_store_key: true,
            host_key_alias: "10.0.0.5".into(),
            port: Some("2222".into()),
            identity: Some("/keys/100%".into()),
            jump: Some("gate".into()),
        }
    }

    /// Returns `Name=value` of each option.
    fn options_of(command: &Command) -> Vec<String> {
        command.arguments().into_iter().filter(|word| word != "-o").collect()
    }

    #[test]
    fn the_command_and_the_file_hold_the_same_options() {
        let file = options().file("10.0.0.5", &[("BatchMode", "yes".to_owned())]);
        let mut from_file: Vec<String> = file
            .lines()
            .filter_map(|line| line.strip_prefix("  "))
            .map(|line| line.replacen(' ', "=", 1))
            .filter(|line| !IN_FILES.iter().any(|(name, _)| line.starts_with(name)))
            .collect();
        assert_eq!(from_file.remove(0), "BatchMode=yes");
        from_file.sort();
        let mut from_command = options_of(&options().command());
        from_command.sort();
        assert_eq!(from_file, from_command);
        assert!(file.starts_with("IgnoreUnknown *\nHost 10.0.0.5\n"), "{file}");
        assert!(file.ends_with("Match all\nInclude ~/.ssh/config\nInclude /etc/ssh/ssh_config\n"), "{file}");
    }

    #[test]
    fn the_lines_for_others_hold_the_hosts_options_and_the_few_that_they_need() {
        assert_eq!(
            options().config_lines(),
            "  UserKnownHostsFile \"/home/a b/known_hosts\"\n  StrictHostKeyChecking accept-new\n  \
             HostKeyAlias 10.0.0.5\n  Port 2222\n  IdentityFile /keys/100%%\n  IdentitiesOnly yes\n  ProxyJump gate\n  \
             ConnectTimeout 15\n  RemoteCommand none\n  RequestTTY auto\n  PermitLocalCommand no\n"
        );
    }

    #[test]
    fn a_key_that_cannot_be_stored_is_not_accepted() {
        let options = HostOptions { can_store_key: false, ..options() };
        assert!(options_of(&options.command()).contains(&"StrictHostKeyChecking=yes".to_owned()));
    }

    #[test]
    fn ssh_to_any_host_is_limited_in_time() {
        assert!(options_of(&ssh_to_any_host()).contains(&"ConnectTimeout=15".to_owned()));
    }
}
