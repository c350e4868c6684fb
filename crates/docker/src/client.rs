//! The program that is called by the name `docker`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The longest script that is searched for podman. Podman's own has a few hundred bytes, docker has tens of megabytes.
const LONGEST_SCRIPT: u64 = 4096;

/// Returns whether the first `docker` on PATH is podman: a link to it, or a script that runs it.
pub fn is_podman() -> bool {
    find_docker().is_some_and(|docker| runs_podman(&docker))
}

/// Returns the first `docker` on PATH.
pub fn find_docker() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join("docker")).find(|docker| docker.is_file())
}

/// Returns whether the first `docker` on PATH is that of a snap, which sees no hidden folders of a home folder, nor `/tmp`.
/// <https://snapcraft.io/docs/home-interface>
pub fn is_snap() -> bool {
    find_docker().is_some_and(|docker| is_in_snap(&docker))
}

/// Each program of a snap is a link to snap itself, in `/snap/bin` or, on some systems, in `/var/lib/snapd/snap/bin`.
fn is_in_snap(docker: &Path) -> bool {
    docker.starts_with("/snap") || docker.canonicalize().is_ok_and(|real| real.ends_with("snap"))
}

fn runs_podman(docker: &Path) -> bool {
    let Ok(real) = docker.canonicalize() else { return false };
    let is_podman = |name: &str| name == "podman" || name == "podman-remote";
    if real.file_name().and_then(|name| name.to_str()).is_some_and(is_podman) {
        return true;
    }
    let is_short = fs::metadata(&real).is_ok_and(|file| file.len() <= LONGEST_SCRIPT);
    let script = if is_short { dockerutils_file::read(&real).unwrap_or_default() } else { Vec::new() };
    script.starts_with(b"#!") && String::from_utf8_lossy(&script).split(['/', ' ', '\n', '"']).any(is_podman)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_to_snap_is_recognized() {
        let folder = tempfile::tempdir().unwrap();
        let docker = folder.path().join("docker");
        fs::write(&docker, "ELF").unwrap();
        assert!(!is_in_snap(&docker));
        fs::rename(&docker, folder.path().join("snap")).unwrap();
        symlink("snap", &docker).unwrap();
        assert!(is_in_snap(&docker));
        assert!(is_in_snap(Path::new("/snap/docker/current/bin/docker")));
    }

    #[test]
    fn a_link_and_a_script_that_run_podman_are_recognized() {
        let folder = tempfile::tempdir().unwrap();
        let docker = folder.path().join("docker");
        fs::write(folder.path().join("podman"), "ELF").unwrap();
        symlink("podman", &docker).unwrap();
        assert!(runs_podman(&docker));
        fs::remove_file(&docker).unwrap();
        for (script, expected) in [
            (
                "#!/bin/sh\n[ -e /etc/containers/nodocker ] || echo Emulate >&2\nexec /usr/bin/podman \"$@\"\n",
                true,
            ),
            ("#!/bin/sh\nexec podman \"$@\"\n", true),
            ("#!/bin/sh\nexec /usr/libexec/docker \"$@\" # not podmans\n", false),
            ("podman", false),
        ] {
            fs::write(&docker, script).unwrap();
            assert_eq!(runs_podman(&docker), expected, "{script}");
        }
    }
}
