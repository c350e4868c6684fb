//! Pastes an echo into a real bash whose docker records its calls.

use std::path::Path;
use std::process::Command;

use crate::path;
use crate::recorder::Recorder;

/// Runs `text` with `bash -c` in a folder, and returns the arguments of each call of docker.
///
/// # Panics
/// Panics if bash exits with a status other than 0.
#[track_caller]
pub fn paste(text: &str, dir: &Path, env: &[(&str, &str)]) -> Vec<Vec<String>> {
    let temp = tempfile::tempdir().expect("a temporary folder");
    let recorder = Recorder::new(temp.path().to_owned());
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", text])
        .current_dir(dir)
        .env_clear()
        .env("PATH", path::path_starting_with(recorder.dir()))
        .env("LANG", "C.UTF-8")
        .envs(env.iter().copied())
        .output()
        .expect("bash");
    assert!(
        output.status.success(),
        "bash: {}\n{text}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    recorder.calls().iter().map(crate::Call::words).collect()
}
