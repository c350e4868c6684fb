//! The original dockerutils, in Python, for comparison.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const VERSION: &str = "2.0.7";

/// The original, installed from PyPI into a virtual environment.
#[derive(Debug)]
pub struct Original {
    bin: PathBuf,
}

impl Original {
    /// Installs the original below a folder, which keeps it from one run to the next.
    ///
    /// # Errors
    /// Returns the last line of what python3 or pip wrote if one of them fails.
    pub fn install(cache: &Path) -> Result<Self, String> {
        let folder = cache.join(format!("dockerutils-{VERSION}"));
        let bin = folder.join("bin");
        // Written last: a folder without it was left by a run that was interrupted.
        let complete = folder.join("installed");
        if !complete.exists() {
            let _ = fs::remove_dir_all(&folder);
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            let package = format!("dockerutils=={VERSION}");
            run(Command::new(bin.join("pip")).args(["install", "--quiet", &package]))?;
            fs::write(complete, "").map_err(|err| err.to_string())?;
        }
        Ok(Original { bin })
    }

    /// Returns the path of one of its commands.
    pub fn path(&self, command: &str) -> String {
        self.bin.join(command).display().to_string()
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|err| format!("{command:?}: {err}"))?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    Err(format!("{command:?}: {}", stderr.trim().lines().last().unwrap_or_default()))
}
