//! The host side of mounts, for an engine on another machine.
//!
//! If that machine does not have the path of a bind mount, docker mounts an empty folder without a warning. Paths in the
//! project are therefore redirected to its copy on that machine, and all host sides are returned, so that the caller can
//! check them. The flags are `-v`, `--volume` and `--mount` in all forms that `docker run` accepts.
//! <https://docs.docker.com/engine/storage/bind-mounts/#syntax>

use std::path::{Component, Path, PathBuf};

use dockerutils_config::Word;
use dockerutils_project::Workspace;

use crate::flags::Flag;

/// A mount of the project that has been redirected to the copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedirectedMount {
    /// The path on this machine, as configured.
    pub local: String,
    /// The path on the engine's machine.
    pub remote: String,
}

/// Redirects the host sides that are in the project to its copy.
pub(crate) fn redirect(
    words: Vec<Word>,
    workspace: &Workspace,
    redirected: &mut Vec<RedirectedMount>,
) -> Vec<Word> {
    let mut flag = None;
    let mut changed = Vec::new();
    for word in words {
        let text = word.text();
        let new = host_side(&text, flag.take()).and_then(|(before, host, after)| {
            let remote = remote_path(workspace, host)?;
            let new = format!("{before}{remote}{after}");
            redirected.push(RedirectedMount { local: host.to_owned(), remote });
            Some(new)
        });
        flag = MountFlag::of(&text);
        changed.push(new.map_or(word, Word::plain));
    }
    changed
}

/// Returns the absolute host sides of the mounts among the flags, each once.
pub(crate) fn host_sides(flags: &[Flag], root: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    for (name, value) in flags {
        let side = value.and_then(|value| match *name {
            "v" | "volume" => volume(value, 0),
            "mount" => mount(value, 0),
            _ => None,
        });
        // A relative path means the folder that docker runs in, which is the root.
        let path = side.map(|(_, host, _)| normal(&root.join(host)).to_string_lossy().into_owned());
        paths.extend(path.filter(|path| !paths.contains(path)));
    }
    paths
}

/// A flag whose value is the next word.
#[derive(Debug, Clone, Copy)]
enum MountFlag {
    Volume,
    Mount,
}

impl MountFlag {
    fn of(text: &str) -> Option<Self> {
        match text {
            "-v" | "--volume" => Some(MountFlag::Volume),
            "--mount" => Some(MountFlag::Mount),
            _ => None,
        }
    }
}

/// Splits a word into the text before the host side, the host side, and the text after it.
fn host_side(text: &str, flag: Option<MountFlag>) -> Option<(&str, &str, &str)> {
    match flag {
        Some(MountFlag::Volume) => volume(text, 0),
        Some(MountFlag::Mount) => mount(text, 0),
        None => {
            let joined = |prefix: &str| text.starts_with(prefix).then_some(prefix.len());
            if let Some(start) = joined("--volume=").or_else(|| joined("-v=")) {
                volume(text, start)
            } else if let Some(start) = joined("--mount=") {
                mount(text, start)
            } else {
                joined("-v").and_then(|start| volume(text, start))
            }
        }
    }
}

/// Splits `HOST:CONTAINER[:OPTIONS]`. A host side that does not begin with a slash or dot is the name of a volume.
fn volume(text: &str, start: usize) -> Option<(&str, &str, &str)> {
    let end = start + text[start..].find(':')?;
    // Docker accepts relative host paths since version 23.0, if they begin with a dot.
    let host = &text[start..end];
    host.starts_with(['/', '.']).then(|| (&text[..start], host, &text[end..]))
}

/// Splits `type=bind,source=HOST,target=…`, with the settings in any order.
fn mount(text: &str, start: usize) -> Option<(&str, &str, &str)> {
    let settings = &text[start..];
    // The default type is a volume, whose source is a name.
    if !settings.split(',').any(|setting| setting == "type=bind") {
        return None;
    }
    let mut offset = start;
    for setting in settings.split(',') {
        if let Some(host) = setting.strip_prefix("source=").or_else(|| setting.strip_prefix("src=")) {
            let host_start = offset + setting.len() - host.len();
            return Some((&text[..host_start], host, &text[host_start + host.len()..]));
        }
        offset += setting.len() + 1;
    }
    None
}

/// Returns the path in the workspace for a path in the project. `None` for a path outside the project.
fn remote_path(workspace: &Workspace, host: &str) -> Option<String> {
    let path = normal(&workspace.root.join(host));
    let below = path.strip_prefix(normal(&workspace.root)).ok()?.to_string_lossy();
    Some(if below.is_empty() { workspace.path.clone() } else { format!("{}/{below}", workspace.path) })
}

/// Resolves `.` and `..` as docker does, without following symbolic links.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(normal.pop()),
            other => normal.push(other),
        }
    }
    normal
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::{RUN_SWITCHES, flags};

    fn redirected(words: &[&str]) -> (Vec<String>, Vec<RedirectedMount>) {
        let workspace = Workspace {
            root: "/home/me/a proj".into(),
            base: "/data".to_owned(),
            path: "/data/me/proj".to_owned(),
        };
        let mut mounts = Vec::new();
        let words = redirect(words.iter().map(|word| Word::plain(*word)).collect(), &workspace, &mut mounts);
        (words.iter().map(Word::text).collect(), mounts)
    }

    #[test]
    fn every_form_of_a_mount_in_the_project_is_redirected() {
        for (words, expected) in [
            (&["-v", "/home/me/a proj:/x:ro"][..], &["-v", "/data/me/proj:/x:ro"][..]),
            (&["-v/home/me/a proj/src:/x"], &["-v/data/me/proj/src:/x"]),
            (&["--volume=/home/me/a proj/./b/../src:/x"], &["--volume=/data/me/proj/src:/x"]),
            (&["--volume", "./src:/x"], &["--volume", "/data/me/proj/src:/x"]),
            (
                &["--mount", "target=/x,type=bind,src=/home/me/a proj/d,readonly"],
                &["--mount", "target=/x,type=bind,src=/data/me/proj/d,readonly"],
            ),
            (
                &["--mount=type=bind,source=/home/me/a proj,target=/x"],
                &["--mount=type=bind,source=/data/me/proj,target=/x"],
            ),
        ] {
            let (words, mounts) = redirected(words);
            assert_eq!(words, expected);
            // The paths that docker gets are those that the caller checks.
            let remote: Vec<String> = mounts.into_iter().map(|mount| mount.remote).collect();
            assert_eq!(
                host_sides(&flags(&words, &RUN_SWITCHES), Path::new("/home/me/a proj")),
                remote,
                "{words:?}"
            );
            assert_eq!(remote.len(), 1, "{words:?}");
        }
    }

    #[test]
    fn a_mount_outside_the_project_is_kept_and_returned() {
        let words = ["-v", "/home/me/a project:/x", "-itv", "../other:/y", "--volume=/home/me/a project:/z"];
        let (same, mounts) = redirected(&words);
        assert_eq!(same, words);
        assert_eq!(mounts, []);
        let paths = host_sides(&flags(&same, &RUN_SWITCHES), Path::new("/home/me/a proj"));
        assert_eq!(paths, ["/home/me/a project", "/home/me/other"]);
    }

    #[test]
    fn a_mount_without_a_host_side_is_kept() {
        let words = [
            "-v",
            "cache:/x",
            "-v",
            "/anonymous",
            "--mount",
            "type=volume,source=/home/me/a proj,target=/x",
            "--mount",
            "type=tmpfs,target=/t",
        ];
        let (same, mounts) = redirected(&words);
        assert_eq!(same, words);
        assert_eq!(mounts, []);
        assert_eq!(
            host_sides(&flags(&same, &RUN_SWITCHES), Path::new("/home/me/a proj")),
            Vec::<String>::new()
        );
    }
}
