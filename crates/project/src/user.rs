//! The calling user.

use std::env;

use crate::legal_name;

/// The calling user.
#[derive(Debug, Clone)]
pub struct User {
    /// The login name, from LOGNAME, USER or the system's user database.
    pub name: String,
    /// The home folder, if there is one.
    pub home: Option<String>,
}

impl User {
    /// Determines the user from the environment, and from the system where the environment has no entry.
    ///
    /// The environment comes first, as in Python's `getpass.getuser`, so that tags stay the same as with the Python tool.
    pub fn current() -> Self {
        let entry = || nix::unistd::User::from_uid(nix::unistd::getuid()).ok().flatten();
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        // A user id may have no entry, for example in a container.
        let name = variable("LOGNAME").or_else(|| variable("USER")).or_else(|| entry().map(|user| user.name));
        let home = variable("HOME").or_else(|| entry().map(|user| user.dir.to_string_lossy().into_owned()));
        User { name: name.unwrap_or_else(|| "user".to_owned()), home }
    }

    /// Returns the name as a tag: characters that a tag may not contain become `-`.
    pub fn tag(&self) -> String {
        match legal_name::tag(&self.name) {
            // No character of the name is legal: docker's own default is left.
            tag if tag.is_empty() => "latest".to_owned(),
            tag => tag,
        }
    }

    /// Returns whether a name, such as that of a tag, is the login name of another person, or root, on this machine.
    pub fn is_other_login(&self, name: &str) -> bool {
        let entry = nix::unistd::User::from_name(name).ok().flatten();
        // Lower numbers are those of services; macOS begins at 501.
        let is_person = entry.is_some_and(|user| user.uid.is_root() || user.uid.as_raw() >= 500);
        name != self.name && name != self.tag() && is_person
    }

    /// Returns `UID:GID` for `docker run --user`.
    pub fn uid_gid() -> String {
        format!("{}:{}", nix::unistd::getuid(), nix::unistd::getgid())
    }
}
