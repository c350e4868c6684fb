//! Who calls.

use std::env;

use crate::name;

/// The calling user.
#[derive(Debug, Clone)]
pub struct User {
    /// The login name, from LOGNAME, USER or the system's list of users.
    pub name: String,
    /// The home folder.
    pub home: String,
}

impl User {
    /// Asks the environment first, as Python's `getpass.getuser` does, then the system.
    pub fn current() -> Self {
        let entry = || nix::unistd::User::from_uid(nix::unistd::getuid()).ok().flatten();
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let name = variable("LOGNAME").or_else(|| variable("USER")).or_else(|| entry().map(|user| user.name));
        let home = variable("HOME").or_else(|| entry().map(|user| user.dir.to_string_lossy().into_owned()));
        User { name: name.unwrap_or_else(|| "user".to_owned()), home: home.unwrap_or_else(|| "/".to_owned()) }
    }

    /// The name as a tag: what a tag may not hold becomes `-`.
    pub fn tag(&self) -> String {
        match name::tag(&self.name) {
            tag if tag.is_empty() => "latest".to_owned(),
            tag => tag,
        }
    }

    /// `UID:GID`, as `docker run --user` takes it.
    pub fn uid_gid() -> String {
        format!("{}:{}", nix::unistd::getuid(), nix::unistd::getgid())
    }
}
