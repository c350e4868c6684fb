//! Writes the version record of a project as JSON, one line for each style: `version_record ROOT OUTPUT [STYLE...]`.
//!
//! The tests start it because a record depends on the environment and on the working of a whole process: its standard
//! error, its signals. `DRY_RUN` in the environment makes it a dry run.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use dockerutils_command::Runner;
use dockerutils_version::{Error, Record, Settings, record, uses_versioneer};
use serde_json::{Value, json};

fn main() -> io::Result<()> {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [root, output, styles @ ..] = args.as_slice() else {
        return Err(io::Error::other("usage: version_record ROOT OUTPUT [STYLE...]"));
    };
    let root = Path::new(root);
    let settings = uses_versioneer(root)
        .map_err(io::Error::other)?
        .ok_or(io::Error::other("not a versioneer project"))?;
    let mut styles: Vec<String> = styles.iter().map(|style| style.to_string_lossy().into_owned()).collect();
    if styles.is_empty() {
        styles.push(settings.style.clone());
    }
    let mut output = File::create(output)?;
    let runner = Runner::new(std::env::var_os("DRY_RUN").is_some());
    for style in styles {
        writeln!(output, "{}", in_style(root, Settings { style, ..settings.clone() }, &runner))?;
    }
    Ok(())
}

fn in_style(root: &Path, settings: Settings, runner: &Runner) -> Value {
    match record(root, &settings, runner) {
        Ok(Some(answer)) => json!({ "record": to_json(&answer.record), "notes": answer.notes }),
        Ok(None) => json!({}),
        Err(err) => {
            let stopped = matches!(err, Error::Command(dockerutils_command::Error::Interrupted { .. }));
            json!({ "failure": err.to_string(), "stopped": stopped })
        }
    }
}

fn to_json(record: &Record) -> Value {
    json!({
        "version": record.version,
        "full-revisionid": record.full_revisionid,
        "dirty": record.dirty,
        "error": record.error,
        "date": record.date,
    })
}
