//! The host side of mounts, for an engine that is on another machine.
//!
//! A bind mount of a path that the engine's machine does not have is an empty folder, without a word. So what lies in
//! the project is pointed at the project's copy there, and what does not is told. Read are `-v`, `--volume` and
//! `--mount` in the forms that `docker run` knows. <https://docs.docker.com/engine/storage/bind-mounts/#syntax>

use std::path::{Component, Path, PathBuf};

use dockerutils_config::Word;

/// The project's copy on the engine's machine.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The project's root here.
    pub root: PathBuf,
    /// Its copy there.
    pub remote: String,
}

/// What became of the host sides of mounts.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Redirected {
    /// Paths in the project, and where they are there.
    pub moved: Vec<(String, String)>,
    /// Paths outside the project, which stay as they are.
    pub elsewhere: Vec<String>,
}

/// Points the host sides that lie in the project at its copy.
pub(crate) fn redirect(words: Vec<Word>, workspace: &Workspace, redirected: &mut Redirected) -> Vec<Word> {
    let mut flag = None;
    let mut changed = Vec::new();
    for word in words {
        let text = word.text();
        let new = match host_side(&text, flag.take()) {
            Some((before, host, after)) => {
                workspace.place(host, redirected).map(|new| format!("{before}{new}{after}"))
            }
            None => None,
        };
        flag = Flag::of(&text);
        changed.push(new.map_or(word, Word::plain));
    }
    changed
}

/// A flag whose value is the next word.
#[derive(Debug, Clone, Copy)]
enum Flag {
    Volume,
    Mount,
}

impl Flag {
    fn of(text: &str) -> Option<Self> {
        match text {
            "-v" | "--volume" => Some(Flag::Volume),
            "--mount" => Some(Flag::Mount),
            _ => None,
        }
    }
}

/// What stands before the host side, the host side, and what stands after it.
fn host_side(text: &str, flag: Option<Flag>) -> Option<(&str, &str, &str)> {
    match flag {
        Some(Flag::Volume) => volume(text, 0),
        Some(Flag::Mount) => mount(text, 0),
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

/// `HOST:CONTAINER[:OPTIONS]`; a host side without a slash at its start is a volume's name.
fn volume(text: &str, start: usize) -> Option<(&str, &str, &str)> {
    let end = start + text[start..].find(':')?;
    let host = &text[start..end];
    host.starts_with(['/', '.']).then(|| (&text[..start], host, &text[end..]))
}

/// `type=bind,source=HOST,target=…`: settings in any order.
fn mount(text: &str, start: usize) -> Option<(&str, &str, &str)> {
    let settings = &text[start..];
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

impl Workspace {
    fn place(&self, host: &str, redirected: &mut Redirected) -> Option<String> {
        let path = normal(&self.root.join(host));
        match path.strip_prefix(normal(&self.root)) {
            Ok(below) => {
                let below = below.to_string_lossy();
                let there =
                    if below.is_empty() { self.remote.clone() } else { format!("{}/{below}", self.remote) };
                redirected.moved.push((host.to_owned(), there.clone()));
                Some(there)
            }
            Err(_) => {
                redirected.elsewhere.push(host.to_owned());
                None
            }
        }
    }
}

/// The path without `.` and `..`, which docker resolves likewise; links are not followed.
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

    fn redirected(words: &[&str]) -> (Vec<String>, Redirected) {
        let workspace = Workspace { root: "/home/me/a proj".into(), remote: "/data/me/proj".to_owned() };
        let mut what = Redirected::default();
        let words = redirect(words.iter().map(|word| Word::plain(*word)).collect(), &workspace, &mut what);
        (words.iter().map(Word::text).collect(), what)
    }

    #[test]
    fn every_form_of_a_mount_in_the_project_is_moved() {
        for (words, moved) in [
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
            let (words, what) = redirected(words);
            assert_eq!(words, moved);
            assert_eq!((what.moved.len(), what.elsewhere.len()), (1, 0), "{words:?}");
        }
    }

    #[test]
    fn what_lies_elsewhere_stays_and_is_told() {
        let words = ["-v", "/home/me/a project:/x", "-v", "/home/me/a proj/../other:/y"];
        let (same, what) = redirected(&words);
        assert_eq!(same, words);
        assert_eq!(what.elsewhere, ["/home/me/a project", "/home/me/a proj/../other"]);
    }

    #[test]
    fn what_has_no_host_side_is_left_alone() {
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
        let (same, what) = redirected(&words);
        assert_eq!(same, words);
        assert_eq!(what, Redirected::default());
    }
}
