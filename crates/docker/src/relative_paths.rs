//! Relative paths in flags of the command line.
//!
//! docker runs at the project's root, but the user means the folder that they stand in.

use std::env;
use std::path::{Path, PathBuf};

use dockerutils_project::Error as ProjectError;

use crate::error::Error;
use crate::flags::{BUILD_SWITCHES, Flag, RUN_SWITCHES, change_values, flags as flags_of};

/// The settings of `--mount`, `--secret`, `--output` and the caches that hold a path on this machine.
const PATH_SETTINGS: [&str; 3] = ["source", "src", "dest"];

/// Returns the flags of `docker run` with absolute paths.
///
/// # Errors
/// Fails if the working folder cannot be determined, or if a path begins with a `~` that nothing replaces.
pub(crate) fn absolute_run_paths(root: &Path, flags: &[String]) -> Result<Vec<String>, Error> {
    absolute(root, flags, &RUN_SWITCHES, run_path)
}

/// Returns the flags of `docker build` with absolute paths.
///
/// # Errors
/// Fails if the working folder cannot be determined, or if a path begins with a `~` that nothing replaces.
pub(crate) fn absolute_build_paths(root: &Path, flags: &[String]) -> Result<Vec<String>, Error> {
    absolute(root, flags, &BUILD_SWITCHES, build_path)
}

/// Returns the first path among flags that begins with a `~`, which only a shell replaces.
pub(crate) fn home_sign(flags: &[Flag]) -> Option<String> {
    let path = |(name, value): &Flag| {
        let value = (*value)?;
        let place = match *name {
            "v" | "volume" => whole(value.split(':').next()?),
            "mount" => setting(value, &PATH_SETTINGS)?,
            _ => run_path(name, value).or_else(|| build_path(name, value))?,
        };
        let path = &value[place.start..place.end];
        path.starts_with('~').then(|| path.to_owned())
    };
    flags.iter().find_map(path)
}

/// Where the path begins in the value of a flag.
type FindPath = fn(name: &str, value: &str) -> Option<PathIn>;

/// A path in the value of a flag.
#[derive(Debug, PartialEq, Eq)]
struct PathIn {
    start: usize,
    end: usize,
    /// Whether docker 20.10 refuses a relative path here, or takes it for a name.
    must_be_absolute: bool,
}

fn absolute(root: &Path, flags: &[String], switches: &[&str], find: FindPath) -> Result<Vec<String>, Error> {
    let mut flags = flags.to_vec();
    if flags.is_empty() {
        return Ok(flags);
    }
    if let Some(path) = home_sign(&flags_of(&flags, switches)) {
        let problem = format!("no shell replaces the `~` in `{path}`: write \"$HOME\" or the whole path");
        return Err(Error::Argument(problem));
    }
    let folder = working_folder(root)?;
    // At the root a relative path means the same to docker, and the line stays as the user wrote it.
    let is_root = folder == root;
    change_values(&mut flags, switches, |name, value| {
        let PathIn { start, end, must_be_absolute } = find(name, value)?;
        let path = Path::new(&value[start..end]);
        if path.is_absolute() || path.as_os_str().is_empty() || (is_root && !must_be_absolute) {
            return None;
        }
        // Collecting the components leaves out each `.`.
        let absolute: PathBuf = folder.join(path).components().collect();
        Some(format!("{}{}{}", &value[..start], absolute.to_str()?, &value[end..]))
    });
    Ok(flags)
}

/// Returns the working folder, named as the root is if it lies below it.
fn working_folder(root: &Path) -> Result<PathBuf, Error> {
    let folder = env::current_dir().map_err(ProjectError::NoWorkingFolder)?;
    let real_root = root.canonicalize().unwrap_or_default();
    let below = folder.strip_prefix(&real_root);
    // Collecting the components leaves out the slash at the end.
    Ok(below.map_or_else(|_| folder.clone(), |below| root.join(below).components().collect()))
}

fn run_path(name: &str, value: &str) -> Option<PathIn> {
    match name {
        // Without a dot in front, the host side is the name of a volume.
        "v" | "volume" if value.starts_with('.') => {
            Some(PathIn { start: 0, end: value.find(':')?, must_be_absolute: true })
        }
        "mount" if value.split(',').any(|setting| setting == "type=bind") => {
            Some(PathIn { must_be_absolute: true, ..setting(value, &PATH_SETTINGS)? })
        }
        "env-file" | "label-file" | "cidfile" => Some(whole(value)),
        "security-opt" => {
            let start = value.find(['=', ':']).filter(|at| &value[..*at] == "seccomp")? + 1;
            let is_file = !matches!(&value[start..], "unconfined" | "builtin");
            is_file.then_some(PathIn { start, end: value.len(), must_be_absolute: false })
        }
        _ => None,
    }
}

fn build_path(name: &str, value: &str) -> Option<PathIn> {
    match name {
        "f" | "file" | "iidfile" | "metadata-file" => Some(whole(value)).filter(|_| is_file(value)),
        "o" | "output" if !value.contains('=') => Some(whole(value)).filter(|_| is_file(value)),
        "o" | "output" | "secret" | "cache-from" | "cache-to" => setting(value, &PATH_SETTINGS),
        "ssh" => {
            let start = value.find('=')? + 1;
            let end = value[start..].find(',').map_or(value.len(), |comma| start + comma);
            Some(PathIn { start, end, must_be_absolute: false })
        }
        "build-context" => {
            let start = value.find('=')? + 1;
            is_file(&value[start..]).then_some(PathIn { start, end: value.len(), must_be_absolute: false })
        }
        _ => None,
    }
}

/// Returns whether a value is a file or folder: not standard input or output, an address, or another target.
fn is_file(value: &str) -> bool {
    value != "-" && !value.contains(':') && !value.starts_with("github.com/")
}

fn whole(value: &str) -> PathIn {
    PathIn { start: 0, end: value.len(), must_be_absolute: false }
}

/// Finds the value of the first of these settings in `NAME=VALUE,…`.
fn setting(value: &str, names: &[&str]) -> Option<PathIn> {
    let mut start = 0;
    for setting in value.split(',') {
        let end = start + setting.len();
        if let Some((name, path)) = setting.split_once('=')
            && names.contains(&name)
        {
            return Some(PathIn { start: end - path.len(), end, must_be_absolute: false });
        }
        start = end + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path<'v>(find: FindPath, name: &str, value: &'v str) -> Option<&'v str> {
        find(name, value).map(|PathIn { start, end, .. }| &value[start..end])
    }

    #[test]
    fn paths_of_this_machine_are_found_in_flags_of_run() {
        for (name, value, expected) in [
            ("v", "./x:/x:ro", Some("./x")),
            ("volume", "..:/x", Some("..")),
            ("v", "cache:/x", None),
            ("v", "/anonymous", None),
            ("mount", "type=bind,src=x,target=/t", Some("x")),
            ("mount", "type=volume,src=x,target=/t", None),
            ("env-file", "vars.env", Some("vars.env")),
            ("security-opt", "seccomp=profile.json", Some("profile.json")),
            ("security-opt", "seccomp=unconfined", None),
            ("security-opt", "label=disable", None),
            ("w", "./x", None),
        ] {
            assert_eq!(path(run_path, name, value), expected, "{name} {value}");
        }
    }

    #[test]
    fn paths_of_this_machine_are_found_in_flags_of_build() {
        for (name, value, expected) in [
            ("f", "Dockerfile.gpu", Some("Dockerfile.gpu")),
            ("file", "-", None),
            ("file", "https://host/Dockerfile", None),
            ("o", "out", Some("out")),
            ("output", "type=local,dest=out", Some("out")),
            ("output", "type=docker", None),
            ("secret", "id=key,src=key.txt", Some("key.txt")),
            ("secret", "id=key,env=KEY", None),
            ("ssh", "default=agent.sock,other", Some("agent.sock")),
            ("ssh", "default", None),
            ("build-context", "data=../data", Some("../data")),
            ("build-context", "base=docker-image://a", None),
            ("cache-from", "type=local,src=cache", Some("cache")),
            ("build-arg", "A=./x", None),
        ] {
            assert_eq!(path(build_path, name, value), expected, "{name} {value}");
        }
    }
}
