//! A program that starts itself again with a temporary home, as benchmarks of docks do.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::{env, io};

use super::client::with_home;
use crate::unavailable::Unavailable;

/// Set in the second process, whose HOME is temporary.
const INSIDE: &str = "DOCKERUTILS_OWN_HOME";

/// Variables of the user that would lead to another engine or key.
const REMOVED: [&str; 5] = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "SSH_AUTH_SOCK", "SSH_KEY"];

/// Runs this program again, with a temporary home that ssh uses too, and with `commands` first on PATH.
///
/// Returns `true` in the first process, which has nothing left to do, and `false` in the second.
///
/// # Errors
/// Returns [`Unavailable`] if this is not root, or if the home could not be made or the program not be started.
///
/// # Panics
/// Panics if the second process fails.
pub fn reexec_with_home(commands: &Path) -> Result<bool, Unavailable> {
    if env::var_os(INSIDE).is_some() {
        return Ok(false);
    }
    if !nix::unistd::geteuid().is_root() {
        return Err(Unavailable::NotRoot);
    }
    let home = tempfile::tempdir()?;
    let runtime = home.path().join("run");
    fs::create_dir(&runtime)?;
    // As the specification of XDG_RUNTIME_DIR demands.
    fs::set_permissions(&runtime, Permissions::from_mode(0o700))?;
    let own = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([commands.to_owned()].into_iter().chain(env::split_paths(&own)));
    let mut again = with_home(env::current_exe()?);
    again.args(env::args_os().skip(1));
    for name in REMOVED {
        again.env_remove(name);
    }
    again.env("HOME", home.path()).env("XDG_RUNTIME_DIR", &runtime).env(INSIDE, "1");
    again.env("PATH", path.map_err(io::Error::other)?);
    assert!(again.status()?.success());
    Ok(true)
}
