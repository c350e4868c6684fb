//! The legacy builder: docker sends a tar archive to its engine, for which a stub stands in.
#![expect(clippy::disallowed_types, reason = "tests start programs without an echo")]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use proptest::{prop_assert_eq, prop_assume};
use tempfile::TempDir;

use crate::cases::{self, Case, Exceptions, sent};

/// A stub of an engine that receives build contexts.
struct EngineStub {
    folder: TempDir,
    contexts: Receiver<Vec<u8>>,
}

#[test]
fn we_send_what_the_legacy_builder_sends() {
    let clients = clients();
    assert!(!clients.is_empty(), "docker is not installed");
    thread::scope(|scope| {
        for (version, client) in &clients {
            scope.spawn(|| compare(client, version));
        }
    });
}

fn compare(client: &Path, version: &str) {
    let engine = EngineStub::start();
    let is_old = version.starts_with("Docker version 20.");
    cases::run(400, if is_old { Exceptions::None } else { Exceptions::LastPart }, |case| {
        prop_assume!(!is_old || !has_glued_stars(&case));
        let root = tempfile::tempdir().expect("a folder");
        case.create(root.path());
        prop_assert_eq!(
            sent(root.path()).map(without_own),
            engine.context(client, root.path()),
            "{:?}",
            case.ignore()
        );
        Ok(())
    });
}

/// Returns whether a pattern may begin with `**` without a slash after it. `**.c` matches the names that end with `.c`;
/// before Docker 23 it matched only the name `.c`.
fn has_glued_stars(case: &Case) -> bool {
    case.ignore().contains("**a") || case.ignore().contains("**.c")
}

/// Removes the two files that docker sends even if the ignore file excludes them.
fn without_own(mut paths: BTreeSet<String>) -> BTreeSet<String> {
    paths.remove(".dockerignore");
    paths.remove("Dockerfile");
    paths
}

/// Returns the docker clients on PATH, one of each version.
fn clients() -> BTreeMap<String, PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let version = |docker: &PathBuf| {
        let output = Command::new(docker).arg("--version").output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let dockers = env::split_paths(&path).map(|dir| dir.join("docker"));
    dockers.filter_map(|docker| Some((version(&docker)?, docker))).collect()
}

impl EngineStub {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listener = UnixListener::bind(folder.path().join("socket")).expect("a socket");
        let (sender, contexts) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                thread::spawn(move || serve(&stream, &sender));
            }
        });
        EngineStub { folder, contexts }
    }

    /// Returns the paths that a docker client sends from a folder. `None` if the client fails.
    fn context(&self, client: &Path, root: &Path) -> Option<BTreeSet<String>> {
        let output = Command::new(client)
            .args(["build", "--file", "-", "."])
            .current_dir(root)
            .env("DOCKER_HOST", format!("unix://{}", self.folder.path().join("socket").display()))
            .env("DOCKER_CONFIG", self.folder.path())
            .env("DOCKER_BUILDKIT", "0")
            .stdin(Stdio::null())
            .output()
            .expect("docker");
        output.status.success().then(|| {
            let context = self.contexts.recv_timeout(Duration::from_secs(60)).expect("a context");
            without_own(paths(&context))
        })
    }
}

/// Serves the requests of one connection until it closes.
fn serve(stream: &UnixStream, contexts: &Sender<Vec<u8>>) {
    let mut reader = BufReader::new(stream);
    while let Some((request, body)) = read_request(&mut reader) {
        if request.contains("/build?") {
            let _ = contexts.send(body);
        }
        let body = if request.starts_with("HEAD") { "" } else { "{}" };
        let head =
            "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nOstype: linux\r\nContent-Type: application/json\r\n";
        let response = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        let mut writer = stream;
        if writer.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

/// Reads a request line and its body. `None` at the end of the connection.
fn read_request(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let request = read_line(reader)?;
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let header = read_line(reader)?.to_ascii_lowercase();
        match header.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().ok()?,
            Some(("transfer-encoding", "chunked")) => is_chunked = true,
            _ if header.is_empty() => break,
            _ => {}
        }
    }
    if is_chunked { read_chunks(reader) } else { read_exact(reader, length) }.map(|body| (request, body))
}

fn read_chunks(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let length = usize::from_str_radix(&read_line(reader)?, 16).ok()?;
        body.extend(read_exact(reader, length)?);
        read_line(reader)?;
        if length == 0 {
            return Some(body);
        }
    }
}

fn read_exact(reader: &mut impl Read, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).ok().map(|()| bytes)
}

fn read_line(reader: &mut impl BufRead) -> Option<String> {
    let mut line = String::new();
    let count = reader.read_line(&mut line).ok()?;
    (count > 0).then(|| line.trim_end().to_owned())
}

/// Returns the paths in an archive and the folders above them, which docker creates although it does not send them.
fn paths(archive: &[u8]) -> BTreeSet<String> {
    let read = || -> io::Result<BTreeSet<String>> {
        let mut paths = BTreeSet::new();
        for entry in tar::Archive::new(archive).entries()? {
            let entry = entry?;
            let path = entry.path()?.into_owned();
            let above = path.ancestors().filter(|path| !path.as_os_str().is_empty());
            paths.extend(above.map(|path| path.to_string_lossy().trim_end_matches('/').to_owned()));
        }
        Ok(paths)
    };
    let mut paths = read().expect("an archive");
    // The Dockerfile came from standard input, and docker gave it a generated name.
    paths.retain(|path| !path.starts_with(".dockerfile."));
    paths
}
