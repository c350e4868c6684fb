//! The commands for docks, and `source dock` in real shells.

mod docs;
mod ls;
mod private_folder;
mod records;
mod register;
mod shell;
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
fn register(project: &Project, dock: &Dock) -> Invocation {
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

/// Returns the command's own messages, without echoes and the output of other programs.
fn messages(outcome: &Outcome, command: &str) -> Vec<String> {
    let prefix = format!("{command}: ");
    outcome.stderr.lines().filter_map(|line| line.strip_prefix(&prefix)).map(str::to_owned).collect()
}
