//! The recording docker: a script of that name on PATH that records how it was called.
//!
//! It needs no engine and knows no docker option. Arguments are kept as bytes: newlines, empty arguments and bytes that
//! are not UTF-8 come back unchanged.

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
    /// Returns the arguments as text; bytes that are not UTF-8 become replacement characters.
    pub fn words(&self) -> Vec<String> {
        self.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect()
    }

    /// Returns the value of a variable of its environment.
    pub fn var(&self, name: &str) -> Option<&OsStr> {
        self.env.get(OsStr::new(name)).map(OsString::as_os_str)
    }
}

/// A folder for PATH with the script `docker`, and the records of its calls.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    dir: PathBuf,
}

impl Recorder {
    /// Writes the script into a new folder.
    pub(crate) fn new(dir: PathBuf) -> Self {
        fs::create_dir_all(dir.join("calls")).expect("a folder for the recording docker");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/recorder.sh");
        // A link: an executable file that this process writes may be "busy" when it is run, see `write_executable`.
        symlink(script, dir.join("docker")).expect("the recording docker");
        let recorder = Recorder { dir };
        recorder.then("exit 0");
        recorder
    }

    /// Returns the folder for PATH.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Sets what the script does, in sh, after it has recorded a call.
    pub(crate) fn then(&self, script: &str) {
        fs::write(self.dir.join("then"), script).expect("the recording docker's script");
    }

    /// Sets what it prints before it does what [`Recorder::then`] has set.
    pub(crate) fn prints(&self, stdout: &str, stderr: &str) {
        let then = fs::read_to_string(self.dir.join("then")).expect("the recording docker's script");
        fs::write(self.dir.join("stdout"), stdout).expect("the recording docker's standard output");
        fs::write(self.dir.join("stderr"), stderr).expect("the recording docker's standard error");
        self.then(&format!("/bin/cat \"$here/stdout\"; /bin/cat \"$here/stderr\" >&2\n{then}"));
    }

    /// Returns the calls so far, in order.
    pub(crate) fn calls(&self) -> Vec<Call> {
        let log = self.dir.join("calls");
        let read =
            |number: usize, what: &str| fs::read(log.join(format!("{number}.{what}"))).unwrap_or_default();
        (0..)
            // The script creates `.done` last: a call without it is still being recorded.
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
