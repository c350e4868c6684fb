//! The commands for docks on EC2, around a `dock-ec2` that does nothing.

use std::fs;
use std::path::Path;

use crate::fixture::Fixture;
use crate::{OURS, Row, TIME_TARGET_MS};

const LS_DOCK: &str = env!("CARGO_BIN_EXE_ls-dock");

/// The commands that replace themselves by `dock-ec2`: their paths, and their arguments.
const THIN: [(&str, &[&str]); 5] = [
    (env!("CARGO_BIN_EXE_create-dock"), &["new", "--key", "key.pub"]),
    (env!("CARGO_BIN_EXE_stop-dock"), &["-y", "box"]),
    (env!("CARGO_BIN_EXE_start-dock"), &["box"]),
    (env!("CARGO_BIN_EXE_destroy-dock"), &["-y", "box"]),
    (env!("CARGO_BIN_EXE_gc-docks"), &[]),
];

const PUBLIC_KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOjYXFLO3aipNH7v+Lj7egSDwAl9rU5pNvKdJEuMGmUA bench\n";

/// Measures what each command adds to a `dock-ec2` that does nothing, and ls-dock for a dock that is not on EC2.
pub(crate) fn rows(fixture: &Fixture) -> Vec<Row> {
    let row = |what: String, seconds: f64| Row {
        what,
        measured: seconds * 1e3,
        target: TIME_TARGET_MS,
        original: None,
        unit: "ms",
    };
    let dock_ec2 = fixture.program("dock-ec2");
    fixture.file("key.pub", PUBLIC_KEY);
    fixture.register("DOCK_INSTANCE_ID=i-0ab\n");
    let mut rows = Vec::new();
    for (path, args) in THIN {
        let name = Path::new(path).file_name().unwrap().to_str().unwrap();
        let copy = dock_ec2.with_file_name(name);
        fs::copy(path, &copy).unwrap();
        let [command, nothing] = OURS.medians_of([
            fixture.command(copy.to_str().unwrap(), args),
            fixture.command(dock_ec2.to_str().unwrap(), args),
        ]);
        rows.push(row(format!("`{name}`: own time"), command - nothing));
    }
    fixture.register("");
    let [seconds] = OURS.medians_of([fixture.command(LS_DOCK, &["--no-probe"])]);
    rows.push(row("`ls-dock --no-probe` without a dock on EC2".to_owned(), seconds));
    rows
}
