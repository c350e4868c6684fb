//! The machine that is checked, for the lines that fix something there.

use dockerutils_command::{Command, quote};
use dockerutils_docker::engine::Endpoint;

use crate::MachineFacts;
use crate::docker_output::Info;

/// The machine that is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// This one.
    Local,
    /// The dock with this moniker.
    Dock(String),
    /// Another one, of which docker's engine is used, and nothing else: its name, or the address of the engine.
    Elsewhere(String),
}

impl Place {
    /// Returns the machine of the engine that docker uses here. A local socket may lead to another machine, too: ssh or a
    /// desktop forwards it.
    pub fn of_engine(endpoint: &Endpoint, info: Option<&Info>, machine: &MachineFacts) -> Self {
        let name = info.map(|info| info.name.as_str()).filter(|name| !name.is_empty());
        let host = endpoint.host.as_deref().filter(|host| !host.starts_with("unix://"));
        let is_other = name.zip(machine.get("node")).is_some_and(|(name, node)| name != node);
        match name.or(host) {
            Some(other) if is_other || host.is_some() => Place::Elsewhere(other.to_owned()),
            _ => Place::Local,
        }
    }

    /// Returns a line to paste here that runs docker with the engine there.
    pub(crate) fn docker_line(&self, line: &str) -> String {
        match self {
            Place::Dock(_) => self.line(line),
            Place::Local | Place::Elsewhere(_) => line.to_owned(),
        }
    }

    /// Returns a line to paste here that runs a line of a shell there, or which names the machine to paste it on.
    pub fn line(&self, line: &str) -> String {
        match self {
            Place::Local => line.to_owned(),
            Place::Dock(dock) if is_plain(line) => format!("ssh-dock {dock} -- {line}"),
            Place::Dock(dock) => format!("ssh-dock {dock} -- sh -c {}", quote(line.as_ref())),
            Place::Elsewhere(name) => format!("on {name}: {line}"),
        }
    }

    /// Returns the command that runs these words there.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        match (self, words) {
            (Place::Local | Place::Elsewhere(_), [program, args @ ..]) => {
                Command::new(*program).args(args.iter().copied())
            }
            (Place::Local | Place::Elsewhere(_), []) => Command::new("true"),
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
    use dockerutils_docker::engine::EndpointSource;

    use super::*;

    #[test]
    fn a_line_for_a_dock_goes_through_ssh_dock() {
        let dock = Place::Dock("gpu".to_owned());
        assert_eq!(Place::Local.line("sudo reboot"), "sudo reboot");
        assert_eq!(dock.line("sudo reboot"), "ssh-dock gpu -- sudo reboot");
        assert_eq!(dock.line("a && b"), "ssh-dock gpu -- sh -c 'a && b'");
        assert_eq!(dock.command(&["ls", "a b"]).to_shell(), "ssh-dock gpu -- ls 'a b'");
    }

    #[test]
    fn an_engine_is_elsewhere_if_its_address_or_its_name_is_not_that_of_this_machine() {
        let machine = MachineFacts::of("node laptop");
        for (host, name, expected) in [
            ("unix:///var/run/docker.sock", "laptop", None),
            ("unix:///var/run/docker.sock", "", None),
            ("unix:///tmp/forwarded.sock", "build", Some("build")),
            ("tcp://10.0.0.5:2375", "build", Some("build")),
            ("ssh://ada@build", "", Some("ssh://ada@build")),
        ] {
            let endpoint = Endpoint { source: EndpointSource::Host, host: Some(host.to_owned()) };
            let info = Info::parse(format!(r#"{{"Name":"{name}"}}"#).as_bytes()).unwrap();
            let expected = expected.map_or(Place::Local, |name| Place::Elsewhere(name.to_owned()));
            assert_eq!(Place::of_engine(&endpoint, Some(&info), &machine), expected, "{host} {name}");
        }
    }

    #[test]
    fn docker_is_pasted_here_for_an_engine_elsewhere_and_other_lines_there() {
        let elsewhere = Place::Elsewhere("build".to_owned());
        assert_eq!(elsewhere.docker_line("docker image prune"), "docker image prune");
        assert_eq!(elsewhere.line("sudo reboot"), "on build: sudo reboot");
    }
}
