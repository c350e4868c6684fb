//! The host side of mounts, for an engine on another machine.
//!
//! If that machine does not have the path of a bind mount, docker mounts an empty folder without a warning. Paths in the
//! project are therefore redirected to its copy on that machine, and all host sides are returned, so that the caller can
//! check them. The flags are `-v`, `--volume` and `--mount` in all forms that `docker run` accepts.
//! <https://docs.docker.com/engine/storage/bind-mounts/#syntax>

use std::path::{Component, Path, PathBuf};

use dockerutils_config::{Value, Word};
use dockerutils_project::{Project, Workspace};

use crate::error::Error;
use crate::flags::Flag;
use crate::mount_settings::MountSettings;

/// The settings of `--mount` that name the host side.
const SOURCE: &[&str] = &["source", "src"];

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
        let new = MountValue::of(&text, flag.take()).and_then(|mount| {
            let local = mount.host_side()?;
            let remote = remote_path(workspace, &local)?;
            let new = mount.with_host_side(&local, &remote);
            redirected.push(RedirectedMount { local, remote });
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
        let flag = match *name {
            "v" | "volume" => MountFlag::Volume,
            "mount" => MountFlag::Mount,
            _ => continue,
        };
        let host = value.and_then(|value| MountValue { before: "", flag, value }.host_side());
        // A relative path means the folder that docker runs in, which is the root.
        let path = host.map(|host| normal(&root.join(host)).to_string_lossy().into_owned());
        paths.extend(path.filter(|path| !paths.contains(path)));
    }
    paths
}

/// Fails if `-v` would get a host side in a folder whose path has a colon, at which docker would split it.
///
/// # Errors
/// Returns the `--mount` that works.
pub(crate) fn check_colons(value: &Value, words: &[Word], project: &Project) -> Result<(), Error> {
    let root = project.root().to_string_lossy().into_owned();
    let home = project.user().home.clone().unwrap_or_default();
    let folders = [("{project_root}", root), ("{home}", home)];
    let mut flag = None;
    for word in words {
        let text = word.text();
        let mount = MountValue::of(&text, flag.take()).filter(|mount| mount.flag == MountFlag::Volume);
        for (placeholder, folder) in folders.iter().filter(|(_, folder)| folder.contains(':')) {
            if let Some(below) = mount.as_ref().and_then(|mount| mount.value.strip_prefix(folder.as_str()))
                && below.starts_with(['/', ':'])
            {
                let spelling = as_mount(placeholder, below);
                return Err(value
                    .error(format!("-v cannot hold the colon in the path {folder}: write `{spelling}`"))
                    .into());
            }
        }
        flag = MountFlag::of(&text);
    }
    Ok(())
}

/// Returns the `--mount` for the `-v FOLDER/BELOW:TARGET[:OPTIONS]`, of which the text after FOLDER is given.
fn as_mount(folder: &str, after: &str) -> String {
    let (below, target) = after.split_once(':').unwrap_or((after, "/TARGET"));
    let (target, options) = target.split_once(':').unwrap_or((target, ""));
    let readonly = if options.split(',').any(|option| option == "ro") { ",readonly" } else { "" };
    format!("--mount type=bind,source={folder}{below},target={target}{readonly}")
}

/// Returns the flag that mounts a folder: `-v`, or `--mount` for a path with a colon, at which docker would split it.
pub fn bind_mount(folder: &str, target: &str) -> [String; 2] {
    mount_flag(folder, target, false)
}

/// Returns the same for a mount that the container cannot write to.
pub fn bind_mount_readonly(folder: &str, target: &str) -> [String; 2] {
    mount_flag(folder, target, true)
}

fn mount_flag(folder: &str, target: &str, is_readonly: bool) -> [String; 2] {
    if !folder.contains(':') {
        let options = if is_readonly { ":ro" } else { "" };
        return ["-v".to_owned(), format!("{folder}:{target}{options}")];
    }
    let mut settings = vec!["type=bind".to_owned(), format!("source={folder}"), format!("target={target}")];
    settings.extend(is_readonly.then(|| "readonly".to_owned()));
    ["--mount".to_owned(), MountSettings::of(settings).to_csv()]
}

/// A flag that mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MountFlag {
    Volume,
    Mount,
}

impl MountFlag {
    /// Returns the flag whose value is the next word.
    fn of(text: &str) -> Option<Self> {
        match text {
            "-v" | "--volume" => Some(MountFlag::Volume),
            "--mount" => Some(MountFlag::Mount),
            _ => None,
        }
    }
}

/// The value of a mount in a word.
struct MountValue<'t> {
    /// The text before the value: empty, or a flag that is joined to it.
    before: &'t str,
    flag: MountFlag,
    value: &'t str,
}

impl<'t> MountValue<'t> {
    /// Finds the value in a word that comes after this flag, or that begins with a flag.
    fn of(text: &'t str, flag: Option<MountFlag>) -> Option<Self> {
        let joined = [
            ("--volume=", MountFlag::Volume),
            ("-v=", MountFlag::Volume),
            ("--mount=", MountFlag::Mount),
            ("-v", MountFlag::Volume),
        ];
        let (before, flag) = match flag {
            Some(flag) => ("", flag),
            None => joined.into_iter().find(|(before, _)| text.starts_with(before))?,
        };
        let (before, value) = text.split_at(before.len());
        Some(MountValue { before, flag, value })
    }

    /// Returns the host side, unless it is the name of a volume.
    fn host_side(&self) -> Option<String> {
        match self.flag {
            // Docker accepts relative host paths since version 23.0, if they begin with a dot.
            MountFlag::Volume => {
                let (host, _) = self.value.split_once(':')?;
                host.starts_with(['/', '.']).then(|| host.to_owned())
            }
            // The default type is a volume, whose source is a name.
            MountFlag::Mount => {
                let settings = MountSettings::parse(self.value);
                let is_bind = settings.get(&["type"]) == Some("bind");
                settings.get(SOURCE).filter(|_| is_bind).map(str::to_owned)
            }
        }
    }

    /// Returns the word with another host side.
    fn with_host_side(&self, old: &str, new: &str) -> String {
        match self.flag {
            MountFlag::Volume => format!("{}{new}{}", self.before, &self.value[old.len()..]),
            MountFlag::Mount => {
                let mut settings = MountSettings::parse(self.value);
                settings.set(SOURCE, new);
                format!("{}{}", self.before, settings.to_csv())
            }
        }
    }
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
                &["--mount", "type=bind,\"source=/home/me/a proj/b,c\",target=/x"],
                &["--mount", "type=bind,\"source=/data/me/proj/b,c\",target=/x"],
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
    fn a_folder_with_a_colon_is_mounted_in_the_form_that_keeps_it() {
        assert_eq!(bind_mount("/a b", "/x"), ["-v", "/a b:/x"]);
        assert_eq!(bind_mount("/a:b", "/x"), ["--mount", "type=bind,source=/a:b,target=/x"]);
        assert_eq!(bind_mount_readonly("/a b", "/x"), ["-v", "/a b:/x:ro"]);
        assert_eq!(bind_mount_readonly("/a:b", "/x")[1], "type=bind,source=/a:b,target=/x,readonly");
        assert_eq!(bind_mount("/a:b,c", "/x"), ["--mount", "type=bind,\"source=/a:b,c\",target=/x"]);
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
