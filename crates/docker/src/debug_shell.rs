//! A shell in place of an image's entrypoint and command.

use dockerutils_command::Command;

use crate::mounts::bind_mount_readonly;

/// Where the shell comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DebugShell {
    /// The image: bash if it has that, else sh.
    OfImage,
    /// A static busybox of the engine's machine, at this path, for an image without a shell.
    Busybox(String),
}

/// Becomes bash if there is one. It has to be found by sh, because docker starts a single program.
const BASH_OR_SH: &str = "command -v bash >/dev/null && exec bash; exec sh";

/// The path of busybox in the container. By its own name it runs the program that is its first argument.
const BUSYBOX: &str = "/.dockerutils/busybox";

/// Returns the command that ends with status 127 if an image has no shell.
pub fn probe_shell(image: &str) -> Command {
    let docker = Command::new("docker").args(["run", "--rm", "--network", "none", "--pull", "never"]);
    docker.args(["--entrypoint", "sh", image, "-c", ":"])
}

impl DebugShell {
    /// Returns the flags of `docker run` that start the shell.
    pub fn flags(&self) -> Vec<String> {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        match self {
            DebugShell::OfImage => words(&["--entrypoint", "sh"]),
            DebugShell::Busybox(path) => {
                let mount = bind_mount_readonly(path, BUSYBOX);
                [mount.to_vec(), words(&["--entrypoint", BUSYBOX])].concat()
            }
        }
    }

    /// Returns the command of the container.
    pub fn command(&self) -> Vec<String> {
        match self {
            DebugShell::OfImage => vec!["-c".to_owned(), BASH_OR_SH.to_owned()],
            DebugShell::Busybox(_) => vec!["sh".to_owned()],
        }
    }
}

/// Returns whether a configured flag has no place beside a shell: it would run in the background or be started again, or take
/// the port, the name, the address or the file of a container that runs as configured.
pub(crate) fn is_replaced_by_shell(flag: &str) -> bool {
    matches!(
        flag,
        "d" | "detach"
            | "restart"
            | "name"
            | "p"
            | "publish"
            | "P"
            | "publish-all"
            | "ip"
            | "ip6"
            | "mac-address"
            | "cidfile"
    )
}
