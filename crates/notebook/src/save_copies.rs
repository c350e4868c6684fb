//! Copies of saved notebooks that tools for text can compare: `.diffs/NAME.py` and `.diffs/NAME.html`.
//!
//! They are made by an extension of Jupyter's server. Its folder is mounted into a container or sent to a dock, and
//! [`CONFIG_PATH`] leads Jupyter there, in addition to what the image configures. PYTHONPATH would
//! be inherited by kernels.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The files of the folder, by their paths in it.
const FILES: [(&str, &str); 5] = [
    ("dockerutils_save_copies.py", include_str!("save_copies/dockerutils_save_copies.py")),
    ("jupyter_server_config.py", include_str!("save_copies/jupyter_server_config.py")),
    ("jupyter_notebook_config.py", include_str!("save_copies/jupyter_notebook_config.py")),
    (
        "jupyter_server_config.d/dockerutils_save_copies.json",
        include_str!("save_copies/jupyter_server_config.d/dockerutils_save_copies.json"),
    ),
    (
        "jupyter_notebook_config.d/dockerutils_save_copies.json",
        include_str!("save_copies/jupyter_notebook_config.d/dockerutils_save_copies.json"),
    ),
];

/// The variables that request copies: ours, and an older name.
const VARIABLES: [&str; 2] = ["RESERO_JUPYTER_DIFFS", "DOCKER_DS_DIFFS"];

/// The variable by which Jupyter finds the folder.
/// <https://docs.jupyter.org/en/latest/use/jupyter-directories.html>
pub const CONFIG_PATH: &str = "JUPYTER_CONFIG_PATH";

/// The variable that images with a save hook of their own read; its value has to be 1.
pub const REQUEST: &str = VARIABLES[0];

/// The name of the folder. It contains the version, so that several can exist side by side.
pub const FOLDER: &str = concat!("jupyter-", env!("CARGO_PKG_VERSION"));

/// The folder below the home folder for an engine that sees no hidden folders.
const VISIBLE_CACHE: &str = "dockerutils-cache";

/// Ends a file's text in [`script()`].
const DELIMITER: &str = "END-OF-FILE";

/// Returns whether the environment requests copies. `variable` returns the value of a variable that is set.
pub fn are_requested(variable: impl Fn(&str) -> Option<String>) -> bool {
    let is_on = |value: String| {
        !matches!(value.trim().to_ascii_lowercase().as_str(), "" | "0" | "no" | "false" | "off")
    };
    VARIABLES.iter().find_map(|name| variable(name)).is_some_and(is_on)
}

/// Returns the path of the folder, where [`write()`] creates it: in the user's cache folder, or below the home folder if the
/// engine cannot read hidden folders there (`sees_hidden`). `None` without a home folder.
pub fn local_folder(variable: impl Fn(&str) -> Option<String>, sees_hidden: bool) -> Option<PathBuf> {
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if !sees_hidden {
        return Some(folder("HOME")?.join(VISIBLE_CACHE).join(FOLDER));
    }
    let caches = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    let cache = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(caches)));
    Some(cache?.join("dockerutils").join(FOLDER))
}

/// Writes the files that are missing or different. Every user may read them, because a container may have any.
///
/// # Errors
/// Fails if a file cannot be written.
pub fn write(folder: &Path) -> io::Result<()> {
    for (name, text) in FILES {
        let file = folder.join(name);
        if dockerutils_file::read_to_string(&file).is_ok_and(|present| present == text) {
            continue;
        }
        let parent = file.parent().unwrap_or(folder);
        fs::create_dir_all(parent)?;
        fs::set_permissions(folder, Permissions::from_mode(0o755))?;
        fs::set_permissions(parent, Permissions::from_mode(0o755))?;
        // Renamed, because a server may be reading it.
        let part = file.with_extension("part");
        fs::write(&part, text)?;
        fs::set_permissions(&part, Permissions::from_mode(0o644))?;
        fs::rename(part, file)?;
    }
    Ok(())
}

/// Returns a POSIX shell script that writes the files into the folder `$1`, which exists.
pub fn script() -> String {
    let mut script = String::from("cd -- \"$1\" || exit\n");
    for (name, text) in FILES {
        if let Some((folder, _)) = name.rsplit_once('/') {
            script.push_str(&format!("mkdir -p {folder} || exit\n"));
        }
        // A quoted delimiter: the shell expands nothing. No text has such a line.
        script.push_str(&format!("cat >{name} <<'{DELIMITER}' || exit\n{text}{DELIMITER}\n"));
    }
    script
}

#[cfg(test)]
mod tests {
    use dockerutils_command::{Command, Runner};

    use super::*;

    #[test]
    fn copies_are_requested_by_either_variable_unless_it_means_no() {
        let requested = |set: &'static [(&str, &str)]| {
            are_requested(|name| {
                set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(!requested(&[]));
        for (value, expected) in
            [("1", true), ("yes", true), ("", false), ("0", false), ("No", false), ("off", false)]
        {
            let value: &'static str = value;
            let set = move |name: &str| (name == "DOCKER_DS_DIFFS").then(|| value.to_owned());
            assert_eq!(are_requested(set), expected, "{value}");
        }
        assert!(!requested(&[("RESERO_JUPYTER_DIFFS", "0"), ("DOCKER_DS_DIFFS", "1")]));
    }

    #[test]
    fn the_script_writes_the_same_files() {
        let folder = tempfile::tempdir().unwrap();
        let write = Command::new("sh").args(["-c", &script(), "sh"]).arg(folder.path());
        Runner::default().capture(&write).unwrap();
        for (name, text) in FILES {
            assert_eq!(fs::read_to_string(folder.path().join(name)).unwrap(), text);
        }
    }

    #[test]
    fn the_folder_is_in_the_users_cache() {
        let cache = |name: &str| (name == "XDG_CACHE_HOME").then(|| "/c".to_owned());
        assert_eq!(local_folder(cache, true), Some(Path::new("/c/dockerutils").join(FOLDER)));
        assert_eq!(local_folder(cache, false), None);
        let home = |name: &str| (name == "HOME").then(|| "/h".to_owned());
        assert_eq!(local_folder(home, false), Some(Path::new("/h/dockerutils-cache").join(FOLDER)));
        for sees_hidden in [true, false] {
            assert_eq!(local_folder(|_| None, sees_hidden), None);
            assert_eq!(local_folder(|_| Some("relative".to_owned()), sees_hidden), None);
        }
    }

    #[test]
    fn every_user_may_read_the_files() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("dockerutils").join(FOLDER);
        for _ in 0..2 {
            write(&folder).unwrap();
        }
        for (name, text) in FILES {
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), text);
            assert_eq!(fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777, 0o644);
        }
    }
}
