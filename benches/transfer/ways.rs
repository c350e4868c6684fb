//! How an image gets to another machine by hand.

use std::env;
use std::process::Command;

use dockerutils_testbed::Engine;

/// Pipes, each as fast as it is when written by someone who knows: the compression's fastest level, all cores.
pub(crate) const PIPES: [(&str, &str); 3] = [
    ("gzip", "docker save $IMAGE | gzip | ssh $HOST 'gunzip | docker load'"),
    ("zstd -1", "docker save $IMAGE | zstd -T0 -1 | ssh $HOST 'zstd -d | docker load'"),
    ("uncompressed", "docker save $IMAGE | ssh $HOST docker load"),
];

/// What the original does: a file here, which then is a file there.
const ORIGINAL: &str = "docker save -o image.tar $IMAGE && gzip -f image.tar && scp -q image.tar.gz $HOST:/tmp/ && \
                        ssh $HOST 'gunzip -c /tmp/image.tar.gz | docker load && rm /tmp/image.tar.gz' && \
                        rm image.tar.gz";

/// `docker save` and nothing else.
const SAVE: &str = "docker save $IMAGE | cat >/dev/null";

/// A pipe.
pub(crate) fn pipe(line: &str, engine: &Engine, image: &str, host: &str) -> Command {
    by_hand(line, engine, image, host)
}

/// The original's way.
pub(crate) fn original(engine: &Engine, image: &str, host: &str) -> Command {
    by_hand(ORIGINAL, engine, image, host)
}

/// `docker save` alone.
pub(crate) fn save(engine: &Engine, image: &str) -> Command {
    by_hand(SAVE, engine, image, "")
}

fn by_hand(line: &str, engine: &Engine, image: &str, host: &str) -> Command {
    // The engine's own docker, and where it finds the engine.
    let docker = engine.command();
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-o", "pipefail", "-c", line]).env("IMAGE", image).env("HOST", host);
    bash.envs(docker.get_envs().filter_map(|(name, value)| Some((name, value?))));
    bash.current_dir(env::var_os("HOME").unwrap());
    bash
}
