//! The journal of an attempt to create a dock on EC2: what was intended and what was done, written before and after each
//! call, so that an attempt that was killed can be finished or undone.
//!
//! A journal is a file of lines of JSON in `~/.docker/dock-journal`. It is read strictly: a line of another form, an unknown
//! key or a missing begin are errors, except for a last line without a line feed, which a kill has cut off.

mod entry;
mod lines;

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use chrono::Utc;
use nix::fcntl::{Flock, FlockArg, OFlag};

pub use self::entry::{Begun, Entry, Fact, Step};
pub use self::lines::JournalFault;
use crate::{Attempt, Docks, Error, Moniker, Result};

/// The folder of the journals in `~/.docker`.
const FOLDER: &str = "dock-journal";

/// The end of a journal's name, after the dock's name and the attempt.
const SUFFIX: &str = ".jsonl";

/// The largest journal that is read, in bytes; a usual one has 3 kB.
const MAX_SIZE: u64 = 1 << 20;

/// A journal that this process writes. Others can see that the attempt is live until the value is dropped.
#[derive(Debug)]
pub struct Journal {
    file: Flock<File>,
    path: PathBuf,
    attempt: RecordedAttempt,
}

/// What a journal contains.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedAttempt {
    /// How the attempt began.
    pub begun: Begun,
    /// What happened then, in order.
    pub entries: Vec<Entry>,
}

/// An attempt that has left a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedAttempt {
    /// The dock's name.
    pub moniker: Moniker,
    /// The attempt.
    pub attempt: Attempt,
    /// Whether a process is working on it.
    pub is_live: bool,
}

impl Docks {
    /// Returns the attempts that are not finished, in the order of their names. Other files of the folder are ignored.
    ///
    /// # Errors
    /// Fails if the folder cannot be read.
    pub fn unfinished_attempts(&self) -> Result<Vec<UnfinishedAttempt>> {
        let folder = self.file(FOLDER);
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(Error::io("read", &folder))?,
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut attempts: Vec<_> = names.filter_map(|name| parse_name(&name)).collect();
        attempts.sort();
        let is_live = |moniker: &Moniker, attempt: &Attempt| is_locked(&path(&folder, moniker, attempt));
        Ok(attempts
            .into_iter()
            .map(|(moniker, attempt)| UnfinishedAttempt {
                is_live: is_live(&moniker, &attempt),
                moniker,
                attempt,
            })
            .collect())
    }

    /// Begins a journal.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn begin_journal(&self, begun: &Begun) -> Result<Journal> {
        let folder = self.file(FOLDER);
        crate::file::make_private_dir(&folder)?;
        // The user may have created the folder with another mode.
        fs::set_permissions(&folder, Permissions::from_mode(0o700))
            .map_err(Error::io("made private", &folder))?;
        let path = path(&folder, &begun.dock, &begun.attempt);
        let mut options = OpenOptions::new();
        options.append(true).create_new(true).mode(0o600).custom_flags(OFlag::O_NOFOLLOW.bits());
        let file = options.open(&path).map_err(Error::io("created", &path))?;
        let file = Flock::lock(file, FlockArg::LockExclusiveNonblock)
            .map_err(|(_, errno)| Error::io("locked", &path)(errno.into()))?;
        let attempt = RecordedAttempt { begun: begun.clone(), entries: Vec::new() };
        let mut journal = Journal { file, path, attempt };
        journal.write(&lines::first(begun, Utc::now()))?;
        // The name of the file is safe once its folder is.
        let synced = OpenOptions::new().read(true).open(&folder).and_then(|folder| folder.sync_all());
        synced.map_err(Error::io("written", &folder))?;
        Ok(journal)
    }

    /// Opens the journal of an attempt whose process has ended, to continue it.
    ///
    /// # Errors
    /// Returns [`Error::LiveAttempt`] if a process is working on it, and [`Error::Journal`] if it is not valid.
    pub fn open_journal(&self, moniker: &Moniker, attempt: &Attempt) -> Result<Journal> {
        let path = path(&self.file(FOLDER), moniker, attempt);
        let mut options = OpenOptions::new();
        options.append(true).custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits());
        let file = options.open(&path).map_err(Error::io("read", &path))?;
        let file = Flock::lock(file, FlockArg::LockExclusiveNonblock)
            .map_err(|_| Error::LiveAttempt { moniker: moniker.clone() })?;
        let bytes = dockerutils_file::read_at_most(&path, MAX_SIZE).map_err(Error::io("read", &path))?;
        let parsed = RecordedAttempt::parse(&bytes).and_then(|attempt| attempt.named(moniker, &path));
        let attempt = parsed.map_err(|fault| Error::Journal { file: path.clone(), fault })?;
        // A line that a kill has cut off would spoil the next one.
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        file.set_len(whole as u64).map_err(Error::io("written", &path))?;
        Ok(Journal { file, path, attempt })
    }
}

impl RecordedAttempt {
    /// Parses the contents of a journal. A last line without a line feed is ignored: a kill has cut it off.
    ///
    /// # Errors
    /// Returns what is wrong with the first line that is not valid.
    pub fn parse(bytes: &[u8]) -> std::result::Result<Self, JournalFault> {
        lines::parse(bytes)
    }

    /// Checks that the contents are those of the file with this name.
    fn named(self, moniker: &Moniker, path: &Path) -> std::result::Result<Self, JournalFault> {
        let named = path.file_name().and_then(|name| parse_name(name.to_str()?));
        if self.begun.dock == *moniker && named.is_some_and(|(_, attempt)| attempt == self.begun.attempt) {
            Ok(self)
        } else {
            Err(JournalFault::OtherAttempt)
        }
    }
}

impl Journal {
    /// Returns what the journal contains.
    pub fn attempt(&self) -> &RecordedAttempt {
        &self.attempt
    }

    /// Adds an entry, which is on the disk when the function returns.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn add(&mut self, entry: Entry) -> Result {
        self.write(&lines::format(&entry, Utc::now()))?;
        self.attempt.entries.push(entry);
        Ok(())
    }

    /// Returns the path of the file with the user-data of the attempt.
    pub fn user_data_file(&self) -> PathBuf {
        self.path.with_extension("cloud-config")
    }

    /// Writes the file with the user-data, so that an echoed command line can name it.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn write_user_data(&self, text: &[u8]) -> Result {
        crate::file::replace_private(&self.user_data_file(), text)
    }

    /// Returns the path of the file with the public key of the attempt.
    pub fn public_key_file(&self) -> PathBuf {
        self.path.with_extension("pub")
    }

    /// Writes the file with the public key, so that an echoed command line can name it.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn write_public_key(&self, line: &str) -> Result {
        crate::file::replace_private(&self.public_key_file(), line.as_bytes())
    }

    /// Removes the journal of an attempt that is finished, or that has left nothing.
    ///
    /// # Errors
    /// Fails if a file cannot be removed.
    pub fn remove(self) -> Result {
        for file in [self.user_data_file(), self.public_key_file()] {
            crate::file::remove(&file, |path| fs::remove_file(path))?;
        }
        crate::file::remove(&self.path, |path| fs::remove_file(path))
    }

    /// Returns the path of the journal.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn write(&mut self, line: &str) -> Result {
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(Error::io("written", &self.path))
    }
}

fn path(folder: &Path, moniker: &Moniker, attempt: &Attempt) -> PathBuf {
    folder.join(format!("{moniker}-{attempt}{SUFFIX}"))
}

/// Returns the dock and the attempt of a journal's name; `None` for the name of another file.
fn parse_name(name: &str) -> Option<(Moniker, Attempt)> {
    let (moniker, attempt) = name.strip_suffix(SUFFIX)?.rsplit_once('-')?;
    Some((moniker.parse().ok()?, attempt.parse().ok()?))
}

/// Returns whether a process holds the lock of a file.
fn is_locked(path: &Path) -> bool {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits());
    let Ok(file) = options.open(path) else { return false };
    Flock::lock(file, FlockArg::LockSharedNonblock).is_err()
}
