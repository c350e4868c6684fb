//! The command lines by which users bring an image to another machine.

use std::env;
use std::process::Command;

use dockerutils_testbed::Engine;

/// Pipes, each in its fastest form: the lowest level of compression on all cores.
pub(crate) const PIPES: [(&str, &str); 3] = [
    ("gzip", "docker save $IMAGE | gzip | ssh $HOST 'gunzip | docker load'"),
    ("zstd -1", "docker save $IMAGE | zstd -T0 -1 | ssh $HOST 'zstd -d | docker load'"),
    ("uncompressed", "docker save $IMAGE | ssh $HOST docker load"),
];

/// What the original does: a file on this machine that is copied to the host.
const ORIGINAL: &str = "docker save -o image.tar $IMAGE && gzip -f image.tar && scp -q image.tar.gz $HOST:/tmp/ && \
                        ssh $HOST 'gunzip -c /tmp/image.tar.gz | docker load && rm /tmp/image.tar.gz' && \
                        rm image.tar.gz";

/// `docker save` alone.
const SAVE: &str = "docker save $IMAGE | cat >/dev/null";

/// Returns a pipe.
pub(crate) fn pipe(line: &str, engine: &Engine, image: &str, host: &str) -> Command {
    bash(line, engine, image, host)
}

/// Returns the commands of the original.
pub(crate) fn original(engine: &Engine, image: &str, host: &str) -> Command {
    bash(ORIGINAL, engine, image, host)
}

/// Returns `docker save` alone.
pub(crate) fn save(engine: &Engine, image: &str) -> Command {
    bash(SAVE, engine, image, "")
}

fn bash(line: &str, engine: &Engine, image: &str, host: &str) -> Command {
    let docker = engine.command();
    let mut command = Command::new("bash");
    command.args(["--norc", "-o", "pipefail", "-c", line]).env("IMAGE", image).env("HOST", host);
    command.envs(docker.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(env::var_os("HOME").unwrap());
    command
}
