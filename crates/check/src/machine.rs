//! Facts about a machine, as `machine.sh` prints them there.

use std::collections::BTreeMap;

use dockerutils_ssh::script_input;

/// The script, for a POSIX shell.
const SCRIPT: &str = include_str!("machine.sh");

/// The argument in place of a workspace for this machine, whose sshd and workspaces do not matter.
const LOCAL: &str = "local";

/// The names of facts about docker's command line and its user, which hold whatever engine is used.
const OF_CLIENT: [&str; 9] =
    ["clock", "docker", "docker-group", "groups", "ids", "node", "snap", "socket", "user"];

/// The most values of one name that are kept.
const MAX_VALUES: usize = 128;

/// Facts about a machine: values by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachineFacts(BTreeMap<String, Vec<String>>);

/// Returns what a shell on this machine reads; see [`dockerutils_ssh::RUN_INPUT`]. `engine_root` is the folder under which the
/// engine's files are found.
///
/// # Errors
/// Fails if the path contains a NUL character.
pub fn local_script(engine_root: &str) -> dockerutils_ssh::Result<String> {
    script_input(SCRIPT, &[engine_root.trim_end_matches('/').to_owned(), LOCAL.to_owned()])
}

/// Returns what a shell on a dock reads. `folder` is the one of the caller's workspaces there, and `mounts` is what images of the
/// project mount.
///
/// # Errors
/// Fails if the path contains a NUL character.
pub fn dock_script(folder: &str, mounts: &[String]) -> dockerutils_ssh::Result<String> {
    let arguments: Vec<String> =
        [String::new(), folder.to_owned()].into_iter().chain(mounts.iter().cloned()).collect();
    script_input(SCRIPT, &arguments)
}

impl MachineFacts {
    /// Parses what the script has printed; `None` if the output does not end as it should. Lines of a login shell before it
    /// are facts that no check reads.
    pub fn parse(output: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(output);
        let mut facts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in text.lines().filter_map(|line| line.split_once(' ')) {
            let values = facts.entry(name.to_owned()).or_default();
            if values.len() < MAX_VALUES {
                values.push(value.trim().to_owned());
            }
        }
        (text.lines().next_back() == Some("complete")).then_some(MachineFacts(facts))
    }

    /// Leaves out what holds for the engine only if it runs on this machine.
    #[must_use]
    pub fn without_engine(mut self) -> Self {
        self.0.retain(|name, _| OF_CLIENT.contains(&name.as_str()));
        self
    }

    /// Returns whether these are facts about the machine of the engine.
    pub(crate) fn is_of_engine(&self) -> bool {
        self.has("engine-root")
    }

    /// Returns the first value of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Returns all values of a name.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.0.get(name).into_iter().flatten().map(String::as_str)
    }

    /// Returns whether there is a value of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns a number.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    /// Returns two numbers, such as what is free and what there is.
    pub(crate) fn pair(&self, name: &str) -> Option<(u64, u64)> {
        let (first, second) = self.get(name)?.split_once(' ')?;
        Some((first.parse().ok()?, second.parse().ok()?))
    }

    /// Returns the user's name.
    pub(crate) fn user(&self) -> &str {
        self.get("user").unwrap_or("$USER")
    }

    /// Returns `UID:GID` of the user.
    pub fn ids(&self) -> &str {
        self.get("ids").unwrap_or_default()
    }

    /// Returns the mounts in which files belong to root, and the files.
    pub fn files_of_root(&self) -> (Vec<String>, Vec<String>) {
        let all = |name| self.all(name).map(str::to_owned).collect();
        (all("root-mount"), all("root-file"))
    }

    /// Returns whether the user's session is in a group.
    pub(crate) fn is_in_group(&self, group: &str) -> bool {
        self.get("groups").is_some_and(|groups| groups.split(' ').any(|name| name == group))
    }

    /// Returns whether the list of groups has the user in the group docker, in which the user's session may not be yet.
    pub(crate) fn is_listed_for_docker(&self) -> bool {
        let members = self.get("docker-group").and_then(|line| line.rsplit(':').next()).unwrap_or_default();
        members.split(',').any(|member| member == self.user())
    }

    /// Returns whether the machine upgrades its packages by itself.
    pub(crate) fn upgrades_itself(&self) -> bool {
        self.all("apt").any(|line| line == "APT::Periodic::Unattended-Upgrade \"1\";")
    }
}

#[cfg(test)]
impl MachineFacts {
    /// Creates facts from lines as the script prints them.
    pub(crate) fn of(lines: &str) -> Self {
        MachineFacts::parse(format!("{lines}\ncomplete\n").as_bytes()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_by_name() {
        let facts = MachineFacts::of("Welcome!\ndisk 10 20\nsmi a b\nsmi c\nclock 7");
        assert_eq!(facts.pair("disk"), Some((10, 20)));
        assert_eq!(facts.all("smi").collect::<Vec<_>>(), ["a b", "c"]);
        assert_eq!((facts.number("clock"), facts.number("disk")), (Some(7), None));
    }

    #[test]
    fn the_facts_about_an_engine_of_this_machine_can_be_left_out() {
        let facts =
            MachineFacts::of("user ada\nengine-root /var/lib/docker\ndisk 10 20\ngpu x\ndaemon-json {}");
        assert!(facts.is_of_engine());
        let of_client = facts.without_engine();
        assert!(!of_client.is_of_engine() && !of_client.has("disk") && !of_client.has("gpu"));
        assert_eq!(of_client.user(), "ada");
    }

    #[test]
    fn an_output_that_was_cut_off_is_not_valid() {
        assert_eq!(MachineFacts::parse(b"clock 7\n"), None);
        assert_eq!(MachineFacts::parse(b""), None);
    }

    #[test]
    fn a_user_may_be_listed_for_docker_and_not_be_in_the_group_yet() {
        let facts = MachineFacts::of("user ada\ngroups ada sudo\ndocker-group docker:x:990:bob,ada");
        assert!(facts.is_listed_for_docker() && !facts.is_in_group("docker"));
        assert!(!MachineFacts::of("user ada\ndocker-group docker:x:990:adam").is_listed_for_docker());
    }
}
