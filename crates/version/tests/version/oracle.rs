//! The real versioneer from PyPI, cached in the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

const VERSION: &str = "0.29";

/// All styles of this release of versioneer.
pub(crate) const STYLES: [&str; 8] = [
    "pep440",
    "pep440-branch",
    "pep440-pre",
    "pep440-post",
    "pep440-post-branch",
    "pep440-old",
    "git-describe",
    "git-describe-long",
];

/// Prints versioneer's record in each style; `null` if it raises an exception.
const IN_EACH_STYLE: &str = r"
import json, sys, versioneer
read = versioneer.get_config_from_root
def in_style(style):
    def config(root):
        found = read(root)
        found.style = style
        return found
    return config
for style in sys.argv[1:]:
    versioneer.get_config_from_root = in_style(style)
    try:
        print(json.dumps(versioneer.get_versions()))
    except Exception:
        print('null')
";

/// Returns python3 with versioneer on its path.
///
/// # Panics
/// Panics if versioneer cannot be installed: without it there is nothing to compare with.
pub(crate) fn python_with_versioneer(root: &Path) -> Command {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(install);
    let mut python = Command::new("python3");
    python
        .current_dir(root)
        .env("PYTHONPATH", folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR");
    python
}

/// Returns versioneer's record of the project at `root` in each style.
pub(crate) fn records(root: &Path, env: &[(&str, &str)]) -> Vec<Value> {
    let mut python = python_with_versioneer(root);
    let output =
        python.args(["-B", "-c", IN_EACH_STYLE]).args(STYLES).envs(env.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Installs versioneer with the pip of a virtual environment: Debian's python3-venv provides one, python3 alone does not.
fn install() -> PathBuf {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = cache.join(format!("versioneer-{VERSION}"));
    if !folder.is_dir() {
        let new = TempDir::new_in(cache).unwrap();
        let environment = new.path().join("environment");
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment));
        let pip = ["install", "--quiet", "--no-deps", "--disable-pip-version-check", "--target"];
        let files = new.path().join("files");
        let package = format!("versioneer=={VERSION}");
        run(Command::new(environment.join("bin/pip")).args(pip).arg(&files).arg(package));
        // The rename fails if another test process was faster; its files are the same.
        let _ = fs::rename(files, &folder);
    }
    folder
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "versioneer {VERSION} cannot be installed: {command:?}\n{stderr}");
}
