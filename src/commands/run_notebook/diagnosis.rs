//! Why a container has ended before Jupyter responded.

use dockerutils_command as command;
use dockerutils_project::NotebookImage;

/// What Jupyter, Python and docker print, and the remedy.
const CAUSES: [(&str, &str); 2] = [
    (
        "Permission denied: '/.local'",
        "Jupyter cannot write its home folder: write `environment=-e HOME=/tmp` under [notebook] in docker/dockerutils.cfg",
    ),
    (
        "Running as root is not recommended",
        "Jupyter does not run as root: write `user=host` under [notebook] in docker/dockerutils.cfg, or add --allow-root \
         to CMD in the Dockerfile",
    ),
];

/// What docker and its init print if the image does not have the program that it should run, and the status.
const NO_PROGRAM: [[&str; 2]; 2] =
    [["", "executable file not found"], ["[FATAL tini", "failed: No such file or directory"]];
const NOT_FOUND: i32 = 127;

/// Returns the remedy, from the status of docker and from what the container has printed. `image` is not known for a
/// container that an earlier command has started.
pub(super) fn remedy(
    source: Option<&command::Error>,
    log: &str,
    image: Option<&NotebookImage>,
) -> Option<String> {
    let is_not_found =
        matches!(source, Some(command::Error::Failed { status, .. }) if status.code() == Some(NOT_FOUND));
    let is_named = |line: &str| NO_PROGRAM.iter().any(|texts| texts.iter().all(|text| line.contains(text)));
    if is_not_found || log.lines().any(is_named) {
        return Some(format!("the image has no jupyter: {}", other_image(image)));
    }
    CAUSES.iter().find(|(text, _)| log.contains(text)).map(|(_, remedy)| (*remedy).to_owned())
}

/// Returns how the user gets an image with Jupyter.
fn other_image(image: Option<&NotebookImage>) -> String {
    match image {
        Some(NotebookImage::Built { folder, .. }) => format!(
            "add `RUN pip install jupyterlab` to docker/{folder}/Dockerfile, or remove {} to use the stock image",
            if folder == "notebook" { "that folder" } else { "`name` under [notebook]" }
        ),
        Some(NotebookImage::Stock(_)) => {
            "name another one with `notebook_image` (with -g: `notebook_image_gpu`) under [run_image] in \
             docker/dockerutils.cfg"
                .to_owned()
        }
        Some(NotebookImage::Configured(_)) | None => {
            "name another one with `name` under [notebook] in docker/dockerutils.cfg".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use dockerutils_project::Project;

    use super::*;

    fn remedy(source: Option<&command::Error>, log: &str) -> Option<String> {
        super::remedy(source, log, None)
    }

    #[test]
    fn known_causes_have_a_remedy() {
        let failed = |code: i32| command::Error::Failed {
            program: "docker".to_owned(),
            status: ExitStatus::from_raw(code << 8),
        };
        assert!(
            remedy(Some(&failed(127)), "")
                .is_some_and(|remedy| remedy.starts_with("the image has no jupyter"))
        );
        let log = "[FATAL tini (7)] exec jupyter failed: No such file or directory";
        assert!(remedy(None, log).is_some_and(|remedy| remedy.starts_with("the image has no jupyter")));
        assert_eq!(remedy(Some(&failed(1)), "PermissionError: …"), None);
        let log = "PermissionError: [Errno 13] Permission denied: '/.local'";
        assert!(remedy(Some(&failed(1)), log).is_some_and(|remedy| remedy.contains("HOME=/tmp")));
        let log = "[C ServerApp] Running as root is not recommended. Use --allow-root to bypass.";
        assert!(remedy(None, log).is_some_and(|remedy| remedy.contains("user=host")));
    }

    #[test]
    fn the_remedy_for_an_image_without_jupyter_names_where_it_comes_from() {
        let folder = tempfile::tempdir().unwrap();
        for (cfg, remedy) in [
            ("", "`notebook_image`"),
            ("[notebook]\nname=lab:2\nprefix=False\n", "`name` under [notebook] in docker/dockerutils.cfg"),
            ("[notebook]\nname=dev\n", "docker/dev/Dockerfile, or remove `name` under [notebook]"),
        ] {
            let docker = folder.path().join("docker");
            std::fs::create_dir_all(docker.join("dev")).unwrap();
            std::fs::write(docker.join("dev/Dockerfile"), "FROM scratch\n").unwrap();
            std::fs::write(docker.join("dockerutils.cfg"), cfg).unwrap();
            let project = Project::at(folder.path().to_owned()).unwrap();
            let text = other_image(Some(&project.notebook_image(false).unwrap()));
            assert!(text.contains(remedy), "{text}");
        }
    }
}
