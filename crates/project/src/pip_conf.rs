//! Keeps a `pip.conf` at the project's root while a build lasts.
//!
//! The file often contains a password. Other users must not be able to read it while it is written, and it must not outlive
//! the builds that need it. Each build holds a shared lock on the file, and the last one removes it. A file that was left
//! behind, because the process was killed or the machine lost power, is recognized by its first line.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use crate::error::Error;

/// The name of the template at the project's root.
pub const PIP_CONF_TEMPLATE: &str = "pip.conf.template";

const FILE: &str = "pip.conf";

/// The first line of a file that we have created; pip takes it for a comment.
const MARK: &[u8] = b"# A copy of pip.conf.template that dockerutils removes after the build.\n";

/// The project's `pip.conf`, copied from `pip.conf.template`. Dropping the last value of all builds removes the file.
#[derive(Debug)]
#[must_use = "pip.conf is removed when this is dropped"]
pub struct PipConf {
    root: PathBuf,
    file: Flock<File>,
}

impl PipConf {
    /// Returns whether the project has a `pip.conf.template`.
    pub fn has_template(root: &Path) -> bool {
        root.join(PIP_CONF_TEMPLATE).symlink_metadata().is_ok()
    }

    /// Returns whether the project has a template, or a `pip.conf` that an earlier build may have left behind.
    pub fn is_wanted(root: &Path) -> bool {
        PipConf::has_template(root) || root.join(FILE).symlink_metadata().is_ok()
    }

    /// Returns whether the project has a `pip.conf.template`, and checks that docker can read it: of a FIFO or a device
    /// it would read for ever.
    ///
    /// # Errors
    /// Fails if the template is not a regular file or cannot be read.
    pub fn check_template(root: &Path) -> Result<bool, Error> {
        Template::open(root).map(|template| template.is_some())
    }

    /// Returns whether the project's `pip.conf` is one that builds make, or would be if it existed.
    pub fn is_made_by_builds(root: &Path) -> bool {
        PipConf::has_template(root) || matches!(Existing::find(&root.join(FILE)), Ok(Existing::Ours { .. }))
    }

    /// Removes a copy that a build has left behind, which would be in the context of the next one.
    ///
    /// # Errors
    /// Fails if the file cannot be removed.
    pub fn remove_left_behind(root: &Path) -> Result<(), Error> {
        let path = root.join(FILE);
        Existing::find(&path).and_then(|existing| existing.remove_unless_held(&path)).map_err(failed(&path))
    }

    /// Copies `pip.conf.template` to `pip.conf`, or shares the copy of another build.
    ///
    /// Returns `None` without a template, and if there is a `pip.conf` of the user's own, which is not changed.
    ///
    /// # Errors
    /// Fails if the template is not a regular file or cannot be read, or if the copy cannot be written.
    pub fn from_template(root: &Path) -> Result<Option<Self>, Error> {
        let path = root.join(FILE);
        let Some(template) = Template::open(root)? else {
            PipConf::remove_left_behind(root)?;
            return Ok(None);
        };
        // Until the lock is released, no other build creates or removes the file, so it is looked at once more.
        let _lock = template.lock();
        let file = match Existing::find(&path).map_err(failed(&path))? {
            Existing::Foreign => return Ok(None),
            Existing::Ours { file, text } if template.is_copied_to(&file, &text) => share(file),
            // The password has been changed since, or the file is not complete.
            Existing::Ours { .. } => fs::remove_file(&path).and_then(|()| template.copy_to(&path)),
            Existing::Missing => template.copy_to(&path),
        };
        Ok(Some(PipConf { root: root.to_path_buf(), file: file.map_err(failed(&path))? }))
    }
}

impl Drop for PipConf {
    fn drop(&mut self) {
        let template = Template::open(&self.root).ok().flatten();
        let _lock = template.as_ref().and_then(Template::lock);
        let path = self.root.join(FILE);
        let is_shared = self.file.relock(FlockArg::LockExclusiveNonblock) == Err(Errno::EWOULDBLOCK);
        if !is_shared && is_same(&self.file, &path) {
            // If the file has been removed already, there is nothing to do.
            let _ = fs::remove_file(path);
        }
    }
}

/// The template, opened and read.
struct Template {
    file: File,
    mode: u32,
    /// The text of its copy, with the mark.
    copy: Vec<u8>,
}

impl Template {
    /// Returns `None` if the project has no template.
    fn open(root: &Path) -> Result<Option<Self>, Error> {
        let path = root.join(PIP_CONF_TEMPLATE);
        match dockerutils_file::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                dockerutils_file::dangling_link(&path).map_or(Ok(None), |error| Err(failed(&path)(error)))
            }
            file => Ok(Some(file.and_then(|file| Template::read(file, &path)).map_err(failed(&path))?)),
        }
    }

    fn read(file: File, path: &Path) -> io::Result<Self> {
        let mode = file.metadata()?.permissions().mode() & 0o777;
        Ok(Template { file, mode, copy: [MARK, &dockerutils_file::read(path)?].concat() })
    }

    /// Waits for the lock under which `pip.conf` is created and removed. `None` if the file system has no locks.
    fn lock(&self) -> Option<Flock<File>> {
        Flock::lock(self.file.try_clone().ok()?, FlockArg::LockExclusive).ok()
    }

    fn is_copied_to(&self, file: &File, text: &[u8]) -> bool {
        text == self.copy
            && file.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o777 == self.mode)
    }

    /// Creates the copy. It has its final mode, or one that permits less, from the beginning.
    fn copy_to(&self, path: &Path) -> io::Result<Flock<File>> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create_new(true).mode(self.mode);
        let file = options.custom_flags(OFlag::O_NOFOLLOW.bits()).open(path)?;
        self.write(file).inspect_err(|_| drop(fs::remove_file(path)))
    }

    fn write(&self, mut file: File) -> io::Result<Flock<File>> {
        // The umask may have removed bits that a user in the image needs.
        file.set_permissions(Permissions::from_mode(self.mode))?;
        file.write_all(&self.copy)?;
        // After a loss of power the file must be recognized by its first line.
        file.sync_all()?;
        share(file)
    }
}

/// What is at the path of `pip.conf`.
enum Existing {
    Missing,
    /// A file of the user's own, or anything that is not a regular file.
    Foreign,
    /// A file that a build has created, which may still run.
    Ours {
        file: File,
        text: Vec<u8>,
    },
}

impl Existing {
    fn find(path: &Path) -> io::Result<Self> {
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
        let file = match OpenOptions::new().read(true).custom_flags(flags.bits()).open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Existing::Missing),
            // A symbolic link, a socket, or a file that we may not read. Ours are none of these.
            Err(_) => return Ok(Existing::Foreign),
            Ok(file) => file,
        };
        if !file.metadata()?.is_file() {
            return Ok(Existing::Foreign);
        }
        let mut text = Vec::new();
        (&file).take(dockerutils_file::MAX_FILE).read_to_end(&mut text)?;
        Ok(if text.starts_with(MARK) { Existing::Ours { file, text } } else { Existing::Foreign })
    }

    /// Removes a file that was left behind by a build that does not run any more.
    fn remove_unless_held(self, path: &Path) -> io::Result<()> {
        let Existing::Ours { file, .. } = self else { return Ok(()) };
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(file) if is_same(&file, path) => fs::remove_file(path),
            _ => Ok(()),
        }
    }
}

/// Locks the file for this build, together with others.
fn share(file: File) -> io::Result<Flock<File>> {
    Flock::lock(file, FlockArg::LockShared).map_err(|(_, errno)| errno.into())
}

/// Returns whether an open file is still the one at this path.
fn is_same(file: &File, path: &Path) -> bool {
    let identity = |metadata: Metadata| (metadata.dev(), metadata.ino());
    let open = file.metadata().map(identity).ok();
    open.is_some() && open == path.symlink_metadata().map(identity).ok()
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_path_buf();
    |source| Error::File { path, source }
}
