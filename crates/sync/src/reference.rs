//! What rsync compares the files on the dock with, in order to find those that changed there since the last sync.
//!
//! rsync lists times in whole seconds but compares them in nanoseconds, so the comparison is left to it. A local file
//! that is unchanged has the time and size of the last sync. For each other file that was known then, an empty file
//! with that time and size stands in a folder of ours.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::Error;
use crate::atomic_write::create_private_folder;
use crate::version::Stamp;

/// Fills `folder` with files of these times and sizes and removes what it held before. It gets the mode of the project's
/// `root`, because rsync compares the folder of the workspace with it; the folder above is private.
pub(crate) fn write_reference<'a>(
    folder: &Path,
    root: &Path,
    stamps: impl IntoIterator<Item = (&'a Path, Stamp)>,
) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::io("write", folder)(error));
        }
        _ => create_private_folder(folder)?,
    }
    for (path, stamp) in stamps {
        // A file that cannot stand here, such as below another one, is compared in whole seconds.
        let _ = write_stamp(&folder.join(path), stamp);
    }
    let mode = fs::metadata(root).map_err(Error::io("read", root))?.mode() & 0o7777;
    // The next comparison has to remove it.
    fs::set_permissions(folder, Permissions::from_mode(mode | 0o700)).map_err(Error::io("write", folder))
}

fn write_stamp(path: &Path, stamp: Stamp) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new("/")))?;
    let file = File::create_new(path)?;
    // The file has no blocks on the disk, whatever its size.
    file.set_len(stamp.size)?;
    file.set_modified(time(stamp))
}

fn time(stamp: Stamp) -> SystemTime {
    let seconds = Duration::from_secs(stamp.seconds.unsigned_abs());
    let whole =
        if stamp.seconds < 0 { SystemTime::UNIX_EPOCH - seconds } else { SystemTime::UNIX_EPOCH + seconds };
    whole + Duration::from_nanos(stamp.nanoseconds.unsigned_abs())
}
