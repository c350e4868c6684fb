//! Shells that were started in a docked terminal, and so find the dock's variables in their environment.

use std::env;
use std::path::{Path, PathBuf};

use dockerutils_command::Runner;

use super::before::{self, BEFORE, Variable};
use super::folder::DOCKER_SOCKET;
use super::{Result, Session};
use crate::{Docks, Moniker};

/// What a shell has inherited from the terminal that was docked.
#[derive(Debug, Clone)]
pub struct InheritedDocking {
    /// The path of the session's folder. It has not been checked.
    pub session: PathBuf,
    /// The dock's moniker, or its address.
    pub moniker: Moniker,
    /// The variables before the first docking.
    pub before: Vec<Variable>,
}

impl InheritedDocking {
    /// Returns what this process's environment holds; `None` if DOCKER_HOST is not one that `source dock` sets.
    pub fn of_environment() -> Option<Self> {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let (docker_host, before) = (variable("DOCKER_HOST")?, env::var(BEFORE).ok());
        let name = |name| variable(name).and_then(|text| text.parse::<Moniker>().ok());
        let address = variable("DOCKER_IP");
        let session = match (socket_folder(&docker_host), &before) {
            (Some(folder), _) => folder,
            // A URL that was set by hand, as the original dockerutils did, is the user's.
            (None, None) => return None,
            (None, Some(_)) => ssh_session(&docker_host, address.as_deref()?)?,
        };
        let moniker = name("DOCK_MONIKER").or_else(|| name("DOCKER_IP"))?;
        Some(InheritedDocking { session, moniker, before: before::decode(before.as_deref()) })
    }

    /// Registers a process as a holder of the session; returns whether the session's connection is open.
    ///
    /// No connection is opened: a shell must not wait for one when it starts.
    ///
    /// # Errors
    /// Fails if the session's folder can be used by others, or cannot be written.
    pub fn join(&self, pid: u32, runner: &Runner) -> Result<bool> {
        let Some(session) = Session::at(&self.session)? else { return Ok(false) };
        // The path comes from the environment: a folder that never was a session is left alone.
        if !session.has_holders_folder()? {
            return Ok(false);
        }
        let Some(locked) = session.lock()? else { return Ok(false) };
        locked.start_watcher(runner)?;
        locked.register_pid(pid)?;
        Ok(session.is_connected())
    }
}

/// Checks that no other user can use the folder of the session whose socket DOCKER_HOST names, wherever it is.
///
/// # Errors
/// Fails if others can.
pub fn check_docker_host(docker_host: &str) -> Result {
    socket_folder(docker_host).map_or(Ok(()), |folder| Session::at(&folder).map(drop))
}

/// Returns the folder of the session whose socket DOCKER_HOST names; `None` if it is another socket.
///
/// The form of the path decides, not its place: XDG_RUNTIME_DIR may have another value in the nested shell.
fn socket_folder(docker_host: &str) -> Option<PathBuf> {
    let socket = Path::new(docker_host.strip_prefix("unix://")?);
    let folder = socket.parent().filter(|_| socket.ends_with(DOCKER_SOCKET))?;
    let outer = folder.parent()?.file_name()?.to_str()?;
    let is_uid = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_ours = outer == "dockerutils" || outer.strip_prefix("dockerutils-").is_some_and(is_uid);
    is_ours.then(|| folder.to_owned())
}

/// Returns the session of the dock at this address if DOCKER_HOST is its URL.
fn ssh_session(docker_host: &str, address: &str) -> Option<PathBuf> {
    let docks = Docks::of_current_user().ok()?;
    let dock = docks.find(address).ok()?;
    (docker_host == dock.ssh_url()).then(|| Session::path(&docks, &dock))
}

#[cfg(test)]
mod tests {
    use std::fs::{DirBuilder, Permissions, set_permissions};
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

    use super::*;

    #[test]
    fn a_socket_in_a_folder_that_others_can_use_is_refused_wherever_it_is() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("dockerutils-1000/10.0.0.5-0a");
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
        let docker_host = format!("unix://{}/docker.sock", folder.display());
        check_docker_host(&docker_host).unwrap();
        set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
        check_docker_host(&docker_host).unwrap_err();
        for other in [
            "unix:///var/run/docker.sock",
            "tcp://10.0.0.5:2375",
            "unix:///nowhere/dockerutils-1/a/docker.sock",
        ] {
            check_docker_host(other).unwrap();
        }
    }

    #[test]
    fn only_a_socket_in_a_folder_of_sessions_is_ours() {
        for ours in ["/run/user/1000/dockerutils/10.0.0.5-0a", "/tmp/dockerutils-1000/fe80__1-0a"] {
            let host = format!("unix://{ours}/docker.sock");
            assert_eq!(socket_folder(&host), Some(ours.into()), "{host}");
        }
        let others = [
            "unix:///var/run/docker.sock",
            "unix:///run/user/1000/docker.sock",
            "unix:///run/user/1000/dockerutils/docker.sock",
            "unix:///tmp/dockerutils-/x/docker.sock",
            "unix:///tmp/dockerutils-mine/x/docker.sock",
            "unix:///tmp/dockerutils-1000/x/ssh",
            "ssh://ubuntu@10.0.0.5",
            "tcp:///run/dockerutils/x/docker.sock",
            "",
        ];
        for host in others {
            assert_eq!(socket_folder(host), None, "{host}");
        }
    }
}
