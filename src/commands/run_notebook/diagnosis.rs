//! Why a container has ended before Jupyter responded.

use dockerutils_command as command;

/// What Jupyter, Python and docker print, and the remedy.
const CAUSES: [(&str, &str); 3] = [
    ("executable file not found", NO_JUPYTER),
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

const NO_JUPYTER: &str = "the image has no jupyter: add `RUN pip install jupyterlab` to docker/notebook/Dockerfile, or remove \
    that folder to use the stock image";

/// Returns the remedy, from the status of docker and from what the container has printed.
pub(super) fn remedy(source: Option<&command::Error>, log: &str) -> Option<&'static str> {
    let is_not_found =
        matches!(source, Some(command::Error::Failed { status, .. }) if status.code() == Some(127));
    let found = CAUSES.iter().find(|(text, _)| log.contains(text)).map(|(_, remedy)| *remedy);
    found.or(is_not_found.then_some(NO_JUPYTER))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    use super::*;

    #[test]
    fn known_causes_have_a_remedy() {
        let failed = |code: i32| command::Error::Failed {
            program: "docker".to_owned(),
            status: ExitStatus::from_raw(code << 8),
        };
        assert_eq!(remedy(Some(&failed(127)), ""), Some(NO_JUPYTER));
        assert_eq!(remedy(Some(&failed(1)), "PermissionError: …"), None);
        let log = "PermissionError: [Errno 13] Permission denied: '/.local'";
        assert!(remedy(Some(&failed(1)), log).is_some_and(|remedy| remedy.contains("HOME=/tmp")));
        let log = "[C ServerApp] Running as root is not recommended. Use --allow-root to bypass.";
        assert!(remedy(None, log).is_some_and(|remedy| remedy.contains("user=host")));
    }
}
