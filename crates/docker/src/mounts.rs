//! The host side of mounts, for an engine that is on another machine.
//!
//! A bind mount of a path that the engine's machine does not have is an empty folder, without a word. So what lies in
//! the project is pointed at the project's copy there, and all host sides are known, to be looked for there. Read are
//! `-v`, `--volume` and `--mount` in the forms that `docker run` knows.
//! <https://docs.docker.com/engine/storage/bind-mounts/#syntax>

use std::path::{Component, Path, PathBuf};

use dockerutils_config::Word;

use crate::flags::Flag;

/// The project's copy on the engine's machine.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The project's root here.
    pub root: PathBuf,
    /// Its copy there.
    pub remote: String,
}

/// A mount of the project that was pointed at its copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The path, as it was said.
    pub here: String,
    /// The path there.
    pub there: String,
}

/// Points the host sides that lie in the project at its copy.
pub(crate) fn redirect(words: Vec<Word>, workspace: &Workspace, moved: &mut Vec<Moved>) -> Vec<Word> {
    let mut flag = None;
    let mut changed = Vec::new();
    for word in words {
        let text = word.text();
        let new = host_side(&text, flag.take()).and_then(|(before, host, after)| {
            let there = workspace.place(host)?;
            let new = format!("{before}{there}{after}");
            moved.push(Moved { here: host.to_owned(), there });
            Some(new)
        });
        flag = Takes::of(&text);
        changed.push(new.map_or(word, Word::plain));
    }
    changed
}

/// The host sides of the mounts that flags say, each once, from `/`.
pub(crate) fn host_sides(flags: &[Flag], root: &Path) -> Vec<String> {
    let mut paths = Vec::new();
    for (name, value) in flags {
        let side = value.and_then(|value| match *name {
            "v" | "volume" => volume(value, 0),
            "mount" => mount(value, 0),
            _ => None,
        });
        // docker takes a relative one from the folder that it runs in.
        let path = side.map(|(_, host, _)| normal(&root.join(host)).to_string_lossy().into_owned());
        paths.extend(path.filter(|path| !paths.contains(path)));
    }
    paths
}

/// A flag whose value is the next word.
#[derive(Debug, Clone, Copy)]
enum Takes {
    Volume,
    Mount,
}

impl Takes {
    fn of(text: &str) -> Option<Self> {
        match text {
            "-v" | "--volume" => Some(Takes::Volume),
            "--mount" => Some(Takes::Mount),
            _ => None,
        }
    }
}

/// What stands before the host side, the host side, and what stands after it.
fn host_side(text: &str, flag: Option<Takes>) -> Option<(&str, &str, &str)> {
    match flag {
        Some(Takes::Volume) => volume(text, 0),
        Some(Takes::Mount) => mount(text, 0),
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
    /// Where a path of the project is there; none for one outside it.
    fn place(&self, host: &str) -> Option<String> {
        let path = normal(&self.root.join(host));
        let below = path.strip_prefix(normal(&self.root)).ok()?.to_string_lossy();
        Some(if below.is_empty() { self.remote.clone() } else { format!("{}/{below}", self.remote) })
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
    use crate::flags::flags;

    fn redirected(words: &[&str]) -> (Vec<String>, Vec<Moved>) {
        let workspace = Workspace { root: "/home/me/a proj".into(), remote: "/data/me/proj".to_owned() };
        let mut moved = Vec::new();
        let words = redirect(words.iter().map(|word| Word::plain(*word)).collect(), &workspace, &mut moved);
        (words.iter().map(Word::text).collect(), moved)
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
            // What docker gets is what is looked for there.
            let there: Vec<String> = what.into_iter().map(|moved| moved.there).collect();
            assert_eq!(host_sides(&flags(&words), Path::new("/home/me/a proj")), there, "{words:?}");
            assert_eq!(there.len(), 1, "{words:?}");
        }
    }

    #[test]
    fn what_lies_elsewhere_stays_and_is_known() {
        let words = ["-v", "/home/me/a project:/x", "-itv", "../other:/y", "--volume=/home/me/a project:/z"];
        let (same, moved) = redirected(&words);
        assert_eq!(same, words);
        assert_eq!(moved, []);
        let paths = host_sides(&flags(&same), Path::new("/home/me/a proj"));
        assert_eq!(paths, ["/home/me/a project", "/home/me/other"]);
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
        let (same, moved) = redirected(&words);
        assert_eq!(same, words);
        assert_eq!(moved, []);
        assert_eq!(host_sides(&flags(&same), Path::new("/home/me/a proj")), Vec::<String>::new());
    }
}
