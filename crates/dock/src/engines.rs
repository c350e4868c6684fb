//! Shell text that finds the engine of a dock, wherever it listens: rootless docker, podman, a context of docker.

/// Begins a loop over the sockets of engines that the user may use; `$s` is the socket. `done` ends it.
///
/// In this order: DOCKER_HOST, docker's current context, rootless docker, podman for the user and for root, and the usual
/// one.
const SOCKETS: &str = "u=$(id -u); c=$(docker context inspect --format \"{{.Endpoints.docker.Host}}\" 2>/dev/null); \
    for s in \"${DOCKER_HOST#unix://}\" \"${c#unix://}\" \"${XDG_RUNTIME_DIR:-/run/user/$u}/docker.sock\" \
    /run/user/$u/docker.sock /run/user/$u/podman/podman.sock /run/podman/podman.sock /var/run/docker.sock; \
    do [ -S \"$s\" ] && [ -w \"$s\" ] || continue;";

/// Returns a script that prints the sockets of engines, one a line.
pub(crate) fn list_sockets() -> String {
    format!("{SOCKETS} echo \"$s\"; done")
}

/// Returns a script that prints the version of an engine as docker's JSON: that of a socket, or that of docker with sudo.
pub(crate) fn print_version() -> String {
    let docker = "docker version --format \"{{json .}}\"";
    let podman = r#"podman version --format "{\"Server\":{\"Version\":\"{{.Client.Version}}\"}}""#;
    format!(
        "{SOCKETS} if command -v docker >/dev/null; then DOCKER_HOST=unix://$s {docker}; \
         else {podman}; fi 2>/dev/null && exit; done; sudo -n {docker} 2>/dev/null"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_are_one_line_each() {
        // What `portable_script` requires.
        for script in [list_sockets(), print_version()] {
            assert!(!script.contains(['\n', '!', '\'']) && !script.contains("\\\\"), "{script}");
        }
    }
}
