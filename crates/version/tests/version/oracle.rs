//! The real versioneer, from PyPI, kept in the target folder from one test run to the next.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

const VERSION: &str = "0.29";

/// Every style that this versioneer has.
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

/// Prints what versioneer says in each style; `null` where it raises.
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

/// python3 with versioneer at hand. Without it (no pip, no network) the caller has nothing to compare with: that is
/// said, and under `CI=true` it is a failure.
pub(crate) fn python_with_versioneer(root: &Path) -> Option<Command> {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let Some(folder) = FOLDER.get_or_init(install) else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "versioneer {VERSION} cannot be had through pip"
        );
        skipped(&format!("versioneer {VERSION} cannot be had through pip, so nothing was compared with it"));
        return None;
    };
    let mut python = Command::new("python3");
    python
        .current_dir(root)
        .env("PYTHONPATH", folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR");
    Some(python)
}

/// Says what was not tested, past the test harness, which shows nothing of a test that passes.
pub(crate) fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// What versioneer says of the project at `root`, in each style.
pub(crate) fn answers(root: &Path, env: &[(&str, &str)]) -> Option<Vec<Value>> {
    let mut python = python_with_versioneer(root)?;
    let output =
        python.args(["-B", "-c", IN_EACH_STYLE]).args(STYLES).envs(env.iter().copied()).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

fn install() -> Option<PathBuf> {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = cache.join(format!("versioneer-{VERSION}"));
    if !folder.is_dir() {
        let new = TempDir::new_in(cache).ok()?;
        let pip = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check"])
            .args(["--root-user-action=ignore", "--target"])
            .arg(new.path().join("files"))
            .arg(format!("versioneer=={VERSION}"))
            .status()
            .ok()?;
        if !pip.success() {
            return None;
        }
        // Another test run may have been faster.
        let _ = fs::rename(new.path().join("files"), &folder);
    }
    folder.is_dir().then_some(folder)
}
