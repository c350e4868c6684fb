//! Runs the project's own versioneer.py with python3.
//!
//! It knows what the rules in this crate do not cover: the rules of its own release, the keywords in an unpacked
//! `git archive`, and further settings.

use std::path::Path;

use dockerutils_command::{Command, Runner};

use crate::Record;
use crate::program_output::{QueryError, query};

/// Prints the record on the last line, after whatever versioneer itself prints. A failure is one line without traceback.
const PROGRAM: &str = "import sys; sys.tracebacklimit = 0; \
    import json, versioneer; print(json.dumps(versioneer.get_versions()))";

/// Returns whether the project contains a versioneer.py.
pub(crate) fn has_versioneer(root: &Path) -> bool {
    root.join("versioneer.py").is_file()
}

/// Returns the record that versioneer.py computes. A dry run echoes the command and returns `None`.
pub(crate) fn read_record(root: &Path, runner: &Runner) -> Result<Option<Record>, QueryError> {
    // -B leaves no __pycache__ in the project.
    let command = Command::new("python3").args(["-B", "-c", PROGRAM]).dir(root);
    let output = query(runner, "versioneer.py", &command)?;
    if runner.is_dry_run() {
        return Ok(None);
    }
    let unexpected = |err| QueryError::UnexpectedOutput {
        program: "versioneer.py",
        output: format!("no version record: {err}"),
    };
    serde_json::from_str(output.lines().last().unwrap_or_default()).map(Some).map_err(unexpected)
}
