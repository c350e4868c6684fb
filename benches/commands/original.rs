//! The Python original, installed from PyPI into the target folder; kept there from one run to the next.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const VERSION: &str = "2.0.7";

/// Its scripts.
pub(crate) struct Original {
    bin: PathBuf,
}

impl Original {
    /// Makes a virtual environment that holds it; the error says why there is none.
    pub(crate) fn install() -> Result<Self, String> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dockerutils-{VERSION}"));
        let bin = folder.join("bin");
        let installed = folder.join("installed");
        if !installed.exists() {
            let _ = fs::remove_dir_all(&folder);
            run(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
            let package = format!("dockerutils=={VERSION}");
            run(Command::new(bin.join("pip")).args(["install", "--quiet", &package]))?;
            fs::write(installed, "").map_err(|err| err.to_string())?;
        }
        Ok(Original { bin })
    }

    /// The path of one of its commands.
    pub(crate) fn path(&self, name: &str) -> String {
        self.bin.join(name).display().to_string()
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|err| format!("{command:?}: {err}"))?;
    match output.status.success() {
        true => Ok(()),
        false => {
            let words = String::from_utf8_lossy(&output.stderr);
            Err(format!("{command:?}: {}", words.trim().lines().last().unwrap_or_default()))
        }
    }
}
