//! The processes that use a session: shells of terminals, and commands for as long as they run.
//!
//! Each is a file named after its process id that holds when it started, so that another process with the same id is not
//! taken for it. Where the system tells no start times (it has no `/proc`) the id alone counts.

use std::fs;
use std::io;

use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::folder::{Locked, remove};
use super::{Error, Result};

impl Locked {
    /// Adds a process, if it is still there.
    pub(super) fn add(&self, pid: u32) -> Result {
        let folder = self.session.terminals();
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::io("made", &folder)(error));
            }
            _ => {}
        }
        let Some(start) = start(pid) else { return Ok(()) };
        let file = folder.join(pid.to_string());
        fs::write(&file, start).map_err(Error::io("written", &file))
    }

    /// Takes a process out.
    pub(super) fn release(&self, pid: u32) -> Result {
        let file = self.session.terminals().join(pid.to_string());
        remove(fs::remove_file(&file), &file)
    }

    /// Whether anybody is left; those that are gone are taken out.
    pub(super) fn is_used(&self) -> Result<bool> {
        let mut is_used = false;
        for (pid, is_there) in self.session.users()? {
            if is_there { is_used = true } else { self.release(pid)? }
        }
        Ok(is_used)
    }
}

impl super::Session {
    /// The processes that use it, by their ids.
    ///
    /// # Errors
    /// Its folder cannot be read.
    pub fn used_by(&self) -> Result<Vec<u32>> {
        let users = self.users()?.into_iter().filter(|(_, is_there)| *is_there);
        Ok(users.map(|(pid, _)| pid).collect())
    }

    /// Each process that was added, and whether it is still there.
    pub(super) fn users(&self) -> Result<Vec<(u32, bool)>> {
        let folder = self.terminals();
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(Error::io("read", &folder))?,
        };
        let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_there = |pid: u32| {
            let started = fs::read_to_string(folder.join(pid.to_string()));
            start(pid).is_some_and(|start| started.is_ok_and(|started| started == start))
        };
        Ok(pids.map(|pid| (pid, is_there(pid))).collect())
    }
}

/// When a process started, as the system counts it; none when it has ended.
fn start(pid: u32) -> Option<String> {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => start_in(&stat).map(ToOwned::to_owned),
        Err(_) if fs::exists("/proc/self/stat").is_ok_and(|exists| exists) => None,
        Err(_) => kill(Pid::from_raw(pid.try_into().ok()?), None).is_ok().then(String::new),
    }
}

/// The field `starttime` of a line as proc_pid_stat(5) describes it; none of a zombie, which has ended.
fn start_in(stat: &str) -> Option<&str> {
    // The program's name, in parentheses, may hold blanks and parentheses.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?;
    fields.nth(18).filter(|_| !matches!(state, "Z" | "X"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Session;

    #[test]
    fn the_start_time_stands_after_any_name() {
        let stat = |name: &str, state: &str| {
            format!("7 ({name}) {state} 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 99 0 0\n")
        };
        assert_eq!(start_in(&stat("bash", "S")), Some("4711"));
        assert_eq!(start_in(&stat("a ) R (b", "S")), Some("4711"));
        assert_eq!(start_in(&stat("bash", "Z")), None);
        assert_eq!(start_in(""), None);
    }

    #[test]
    fn a_process_counts_until_it_is_released_or_gone() {
        let temp = tempfile::tempdir().unwrap();
        let session = Session::at(&temp.path().join("private/dock"));
        let locked = session.lock().unwrap();
        assert!(!locked.is_used().unwrap());
        locked.add(std::process::id()).unwrap();
        assert!(locked.is_used().unwrap());
        // The same id, and another process.
        let other = session.terminals().join("1");
        fs::write(&other, "0").unwrap();
        assert_eq!(session.users().unwrap().len(), 2);
        assert!(locked.is_used().unwrap());
        assert!(!other.exists());
        locked.release(std::process::id()).unwrap();
        assert!(!locked.is_used().unwrap());
        locked.remove().unwrap();
    }
}
