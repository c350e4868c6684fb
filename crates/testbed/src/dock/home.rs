//! A program that starts itself again with a home of its own, as benchmarks of docks do.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::{env, io};

use super::client::with_home;

/// Set where HOME is the program's own.
const INSIDE: &str = "DOCKERUTILS_OWN_HOME";

/// What of the user's would lead elsewhere.
const FORGOTTEN: [&str; 5] = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "SSH_AUTH_SOCK", "SSH_KEY"];

/// Starts this program again with a new home, which ssh takes for the user's too, and with `commands` before all else on
/// PATH. Answers with whether this was the first of the two, which then has nothing left to do.
///
/// # Errors
/// There is no room for a home, or the program could not be started again.
///
/// # Panics
/// When it has failed then.
pub fn reexec_with_home(commands: &Path) -> io::Result<bool> {
    if env::var_os(INSIDE).is_some() {
        return Ok(false);
    }
    let home = tempfile::tempdir()?;
    let runtime = home.path().join("run");
    fs::create_dir(&runtime)?;
    fs::set_permissions(&runtime, Permissions::from_mode(0o700))?;
    let own = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([commands.to_owned()].into_iter().chain(env::split_paths(&own)));
    let mut again = with_home(env::current_exe()?);
    again.args(env::args_os().skip(1));
    for name in FORGOTTEN {
        again.env_remove(name);
    }
    again.env("HOME", home.path()).env("XDG_RUNTIME_DIR", &runtime).env(INSIDE, "1");
    again.env("PATH", path.map_err(io::Error::other)?);
    assert!(again.status()?.success());
    Ok(true)
}
