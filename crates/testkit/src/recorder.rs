//! The recording docker: a script of that name on PATH that writes down how it was called.
//!
//! It starts no engine and knows no docker option. Arguments are kept as bytes: newlines, empty ones and bytes that
//! are no text come back as they were.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// One call of the recording docker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its arguments, without the program's own name.
    pub args: Vec<OsString>,
    /// The folder it was called in.
    pub dir: PathBuf,
    /// Its whole environment.
    pub env: BTreeMap<OsString, OsString>,
}

impl Call {
    /// The arguments as text; bytes that are no UTF-8 become replacement characters.
    pub fn words(&self) -> Vec<String> {
        self.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect()
    }

    /// What a variable of its environment held.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.env.get(OsStr::new(name)).map(OsString::as_os_str)
    }
}

/// A folder for PATH that holds a `docker`, and its log.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    dir: PathBuf,
}

impl Recorder {
    /// Writes the script into a new folder.
    pub(crate) fn new(dir: PathBuf) -> Self {
        fs::create_dir_all(dir.join("calls")).expect("a folder for the recording docker");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/recorder.sh");
        symlink(script, dir.join("docker")).expect("the recording docker");
        let recorder = Recorder { dir };
        recorder.then("exit 0");
        recorder
    }

    /// The folder that belongs on PATH.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// What the script does after each call was written down, in sh.
    pub(crate) fn then(&self, script: &str) {
        fs::write(self.dir.join("then"), script).expect("the recording docker's answer");
    }

    /// What it prints before it does what it does.
    pub(crate) fn prints(&self, stdout: &str, stderr: &str) {
        let then = fs::read_to_string(self.dir.join("then")).expect("the recording docker's answer");
        fs::write(self.dir.join("stdout"), stdout).expect("the recording docker's standard output");
        fs::write(self.dir.join("stderr"), stderr).expect("the recording docker's standard error");
        self.then(&format!("/bin/cat \"$here/stdout\"; /bin/cat \"$here/stderr\" >&2\n{then}"));
    }

    /// The calls so far, in their order.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let log = self.dir.join("calls");
        let read =
            |number: usize, what: &str| fs::read(log.join(format!("{number}.{what}"))).unwrap_or_default();
        (0..)
            .take_while(|number| log.join(format!("{number}.done")).exists())
            .map(|number| Call {
                args: split_nul(&read(number, "args")),
                dir: PathBuf::from(OsString::from_vec(read(number, "dir"))),
                env: split_nul(&read(number, "env")).into_iter().filter_map(split_variable).collect(),
            })
            .collect()
    }
}

fn split_nul(bytes: &[u8]) -> Vec<OsString> {
    bytes
        .split_inclusive(|byte| *byte == 0)
        .map(|item| OsString::from_vec(item[..item.len() - 1].to_vec()))
        .collect()
}

fn split_variable(pair: OsString) -> Option<(OsString, OsString)> {
    let bytes = pair.into_vec();
    let equals = bytes.iter().position(|byte| *byte == b'=')?;
    Some((OsString::from_vec(bytes[..equals].to_vec()), OsString::from_vec(bytes[equals + 1..].to_vec())))
}
