//! The commands for docks, and `source dock` in real shells.

mod docs;
mod ls;
mod private_folder;
mod records;
mod register;
pub(crate) mod shell;
mod ssh;
mod sync;

use std::fs;
use std::path::PathBuf;

use dockerutils_testbed::Dock;
use dockerutils_testkit::{Invocation, Outcome, Project};

/// Returns one of our commands, with the ssh and docker that reach this dock, and the project's home folder.
fn command(project: &Project, dock: &Dock, name: &str) -> Invocation {
    project.command(name).env("PATH", dock.path())
}

/// Returns `register-dock` for this dock, with its key.
pub(crate) fn register(project: &Project, dock: &Dock) -> Invocation {
    command(project, dock, "register-dock").arg(dock.address().to_string()).arg("-i").arg(dock.key())
}

/// Returns the path of a file in a dock's folder in ~/.docker.
fn file(project: &Project, address: &(impl ToString + ?Sized), name: &str) -> PathBuf {
    project.home().join(".docker").join(address.to_string()).join(name)
}

/// Returns the names in ~/.docker, without those of the lock and the file for the user's ssh.
fn registered(project: &Project) -> Vec<String> {
    let entries = fs::read_dir(project.home().join(".docker")).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != ".docks.lock" && name != "dockerutils.ssh_config");
    names.sort();
    names
}

/// Returns how many bytes a command has printed on standard error, in a home with a short path.
fn printed(project: &Project, outcome: &Outcome) -> usize {
    let folder = project.home().parent().expect("a temporary folder").to_string_lossy();
    outcome.stderr.replace(&*folder, "").len()
}

/// Returns the command's own messages, without echoes and the output of other programs.
fn messages(outcome: &Outcome, command: &str) -> Vec<String> {
    let prefix = format!("{command}: ");
    let lines = outcome.stderr.lines().filter_map(|line| line.strip_prefix(&prefix));
    // On a loaded machine a dock may take three seconds to respond.
    lines.filter(|line| !line.starts_with("waiting for ")).map(str::to_owned).collect()
}
