//! The project's own versioneer.py, asked through python3.
//!
//! It knows what we do not: its version's rule, an unpacked `git archive`, the settings that only it reads. Many an old
//! versioneer.py fails under a new python3, though; then git is asked instead, and a note says so.

use std::path::Path;

use dockerutils_command::{Command, Runner};

use crate::Record;
use crate::ask::{NoAnswer, ask};

/// Prints the record on the last line, after whatever versioneer itself prints; a failure is one line, no traceback.
const PROGRAM: &str = "import sys; sys.tracebacklimit = 0; \
    import json, versioneer; print(json.dumps(versioneer.get_versions()))";

/// Whether the project has a versioneer.py to ask.
pub(crate) fn has_versioneer(root: &Path) -> bool {
    root.join("versioneer.py").is_file()
}

/// What versioneer.py says; nothing under a dry run.
pub(crate) fn record(root: &Path, runner: &Runner) -> Result<Option<Record>, NoAnswer> {
    let command = Command::new("python3").args(["-B", "-c", PROGRAM]).dir(root);
    let answer = ask(runner, "versioneer.py", &command)?;
    if runner.is_dry_run() {
        return Ok(None);
    }
    serde_json::from_str(answer.lines().last().unwrap_or_default()).map(Some).map_err(|err| {
        NoAnswer::Nonsense { program: "versioneer.py", what: format!("no version record: {err}") }
    })
}
