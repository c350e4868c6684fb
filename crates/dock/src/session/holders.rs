//! The processes that hold a session: shells that are docked, and commands for as long as they run.
//!
//! Each is a file whose name is the process ID and whose text is the time at which the process started, so that a later
//! process with the same ID is not mistaken for it. On systems without `/proc` the ID alone counts.

use std::fs;
use std::path::Path;

use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::folder::{HOLDERS, LockedSession};
use super::{Result, Session};

/// A process that was registered.
struct Holder {
    pid: u32,
    is_running: bool,
}

impl LockedSession {
    /// Registers a process, if it is running.
    pub(super) fn register_pid(&self, pid: u32) -> Result {
        let holders = self.session.dir().create_subfolder(HOLDERS)?;
        // A shell that was killed while we opened the connection must not hold it.
        match start_time(pid) {
            Some(start) => Ok(holders.write(&pid.to_string(), &start)?),
            None => Ok(()),
        }
    }

    /// Removes a process.
    pub(super) fn release_pid(&self, pid: u32) -> Result {
        match self.session.dir().subfolder(HOLDERS)? {
            Some(holders) => Ok(holders.remove(&pid.to_string())?),
            None => Ok(()),
        }
    }

    /// Returns whether a registered process is running, or a port holds the session; processes that have ended are removed.
    pub(super) fn is_held(&self) -> Result<bool> {
        let mut is_held = self.session.has_holding_port()?;
        for Holder { pid, is_running } in self.session.holders()? {
            if is_running { is_held = true } else { self.release_pid(pid)? }
        }
        Ok(is_held)
    }
}

impl Session {
    /// Returns the IDs of the processes that hold the session.
    ///
    /// # Errors
    /// Fails if the session's folder cannot be read, or contains files that dockerutils did not create.
    pub fn pids(&self) -> Result<Vec<u32>> {
        let running = self.holders()?.into_iter().filter(|holder| holder.is_running);
        Ok(running.map(|holder| holder.pid).collect())
    }

    /// Returns whether a process was ever registered; a folder without that is not a session of ours.
    pub(super) fn has_holders_folder(&self) -> Result<bool> {
        Ok(self.dir().subfolder(HOLDERS)?.is_some())
    }

    fn holders(&self) -> Result<Vec<Holder>> {
        let Some(folder) = self.dir().subfolder(HOLDERS)? else { return Ok(Vec::new()) };
        let mut holders = Vec::new();
        for name in folder.names()? {
            let Ok(pid) = name.parse() else { continue };
            let registered = folder.read(&name)?;
            let is_running = start_time(pid).is_some_and(|start| registered.as_ref() == Some(&start));
            holders.push(Holder { pid, is_running });
        }
        Ok(holders)
    }
}

/// Returns when a process started, in the system's own unit; `None` if it has ended.
fn start_time(pid: u32) -> Option<String> {
    match dockerutils_file::read_to_string(Path::new(&format!("/proc/{pid}/stat"))) {
        Ok(stat) => parse_start_time(&stat).map(ToOwned::to_owned),
        Err(_) if fs::exists("/proc/self/stat").is_ok_and(|exists| exists) => None,
        Err(_) => kill(Pid::from_raw(pid.try_into().ok()?), None).is_ok().then(String::new),
    }
}

/// Returns the field `starttime` of a line as proc_pid_stat(5) describes it; `None` for a zombie, which has ended.
fn parse_start_time(stat: &str) -> Option<&str> {
    // The program's name, in parentheses, may contain blanks and parentheses itself.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?;
    fields.nth(18).filter(|_| !matches!(state, "Z" | "X"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_time_is_found_after_any_program_name() {
        let stat = |name: &str, state: &str| {
            format!("7 ({name}) {state} 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 99 0 0\n")
        };
        assert_eq!(parse_start_time(&stat("bash", "S")), Some("4711"));
        assert_eq!(parse_start_time(&stat("a ) R (b", "S")), Some("4711"));
        assert_eq!(parse_start_time(&stat("bash", "Z")), None);
        assert_eq!(parse_start_time(""), None);
    }

    #[test]
    fn a_process_holds_the_session_until_it_is_released_or_has_ended() {
        let temp = tempfile::tempdir().unwrap();
        let locked = Session::create(&temp.path().join("private/dock")).unwrap();
        assert!(!locked.is_held().unwrap());
        locked.register_pid(std::process::id()).unwrap();
        assert!(locked.is_held().unwrap());
        // A process with the ID of another that has ended.
        let other = locked.session.folder().join("terminals/1");
        fs::write(&other, "0").unwrap();
        assert_eq!(locked.session.holders().unwrap().len(), 2);
        assert!(locked.is_held().unwrap());
        assert!(!other.exists());
        locked.release_pid(std::process::id()).unwrap();
        assert!(!locked.is_held().unwrap());
        locked.remove().unwrap();
    }
}
