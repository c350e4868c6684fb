//! The public key to log in with: that of --key, or else of the ssh-agent, or else the usual file.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dockerutils_command::{Command, Runner};
use dockerutils_dock::PublicKey;

use super::preparation::PreparationError;
use crate::Result;

/// How long the ssh-agent may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The largest file of a key, in bytes.
const MAX: u64 = 64 << 10;

/// Finds the key.
pub(super) fn find(file: Option<&Path>, runner: &Runner) -> Result<PublicKey> {
    if let Some(file) = file {
        return Ok(read(file)?);
    }
    if let Some(key) = of_agent(runner)? {
        return Ok(key);
    }
    Ok(read_usual()?)
}

/// Checks the key as far as no program has to run for it: with an ssh-agent, its keys are not known.
pub(super) fn check(file: Option<&Path>) -> Result {
    match file {
        Some(file) => read(file)?,
        None if has_agent() => return Ok(()),
        None => read_usual()?,
    };
    Ok(())
}

fn read_usual() -> std::result::Result<PublicKey, PreparationError> {
    let usual = env::home_dir().unwrap_or_default().join(".ssh/id_ed25519.pub");
    if usual.exists() { read(&usual) } else { Err(PreparationError::NoKey) }
}

fn has_agent() -> bool {
    env::var_os("SSH_AUTH_SOCK").is_some_and(|socket| !socket.is_empty())
}

fn read(file: &Path) -> std::result::Result<PublicKey, PreparationError> {
    let path = file.display().to_string();
    let bytes = dockerutils_file::read_named_by_user(file, MAX)
        .map_err(|source| PreparationError::KeyFile { path: path.clone(), source })?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let key: PublicKey = line
        .unwrap_or_default()
        .parse()
        .map_err(|reason| PreparationError::NotAPublicKey { path: path.clone(), reason })?;
    Ok(key.with_identity(identity(file)))
}

/// Returns the private key beside a file, for ssh.
pub(in crate::commands) fn identity(file: &Path) -> Option<dockerutils_dock::Identity> {
    let private: PathBuf = file.with_extension("");
    let is_beside = file.extension().is_some_and(|extension| extension == "pub") && private.is_file();
    let absolute = std::path::absolute(private).ok().filter(|_| is_beside)?;
    absolute.to_str()?.parse().ok()
}

/// Returns the first ed25519 key of the ssh-agent; `None` if there is no agent or no such key.
fn of_agent(runner: &Runner) -> Result<Option<PublicKey>> {
    if !has_agent() {
        return Ok(None);
    }
    let outputs = runner.run_parallel(&[Command::new("ssh-add").arg("-L")], TIMEOUT)?;
    let listed = outputs.first().map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let listed = listed.unwrap_or_default();
    let lines = listed.lines().filter(|line| line.starts_with("ssh-ed25519 "));
    Ok(lines.filter_map(|line| line.parse().ok()).next())
}
