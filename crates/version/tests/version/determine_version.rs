//! Determines the version of a project in each of the styles and prints one line of JSON for each.
//!
//! The tests run this program because a version depends on environment variables, which a test cannot set for itself
//! alone, and because they check what is echoed to standard error.
#![expect(clippy::print_stdout, reason = "the tests read the result from standard output")]

use std::env;
use std::path::PathBuf;

use dockerutils_command::Runner;
use dockerutils_version::{Error, ProjectVersion, Settings, determine_version};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = env::args().skip(1);
    let root = PathBuf::from(args.next().ok_or("usage: determine-version ROOT [--dry-run] [STYLE…]")?);
    let (flags, mut styles): (Vec<_>, Vec<_>) = args.partition(|arg| arg == "--dry-run");
    let settings = Settings::of_project(&root)?.ok_or("the project does not use versioneer")?;
    if styles.is_empty() {
        styles.push(settings.style.clone());
    }
    for style in styles {
        // A signal ends all further work of a runner, so each style has its own.
        let runner = Runner::new(!flags.is_empty());
        let settings = Settings { style, ..settings.clone() };
        println!("{}", to_json(determine_version(&root, &settings, &runner)));
    }
    Ok(())
}

fn to_json(result: Result<Option<ProjectVersion>, Error>) -> Value {
    match result {
        Ok(Some(version)) => json!({ "record": version.record, "notes": version.notes }),
        Ok(None) => json!({}),
        Err(error) => {
            let is_interrupted =
                matches!(error, Error::Command(dockerutils_command::Error::Interrupted { .. }));
            json!({ "failure": error.to_string(), "interrupted": is_interrupted })
        }
    }
}
