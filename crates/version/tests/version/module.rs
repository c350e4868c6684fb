//! The module that is written, read back by every Python at hand and by versioneer itself.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use dockerutils_version::{Error, FILE, Record, write};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use tempfile::TempDir;

use crate::answer::to_json;
use crate::oracle::python_with_versioneer;

/// Imports each module of a folder by its number, and prints what its `get_versions()` returns.
const IMPORT_EACH: &str = "
import json, sys
for number in range(int(sys.argv[1])):
    print(json.dumps(__import__('module%d' % number).get_versions()))
";

/// The same, read as versioneer reads the _version.py of a source archive.
const READ_EACH: &str = "
import json, sys, versioneer
for number in range(int(sys.argv[1])):
    print(json.dumps(versioneer.versions_from_file('module%d.py' % number)))
";

fn record() -> Record {
    Record {
        version: "1.2+3.gabc".to_owned(),
        full_revisionid: Some("abc".to_owned()),
        dirty: Some(true),
        error: None,
        date: Some("2021-02-03T04:05:06+0100".to_owned()),
    }
}

/// Text that is out to leave its quotes.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "'",
            "'''",
            "''''",
            "\"",
            "\"\"\"",
            "\\",
            "\\'",
            "\\\"",
            "\\u0027",
            "\\N{DASH}",
            "\\x41",
            "\\\n",
            "\n",
            "\r",
            "\r\n",
            "\0",
            "\u{7f}",
            "\u{85}",
            "\u{2028}",
            "\u{feff}",
            "'''  # END VERSION_JSON",
            "\n'''\nimport os\n",
            "git_refnames = \"x\"",
            "%s",
            "{x}",
            "$(id)",
            "é",
            "\u{1f600}",
            "\u{10ffff}",
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
        "[ -~]{0,8}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Text that versioneer's reader, which looks for plain text, can find again.
fn plain() -> impl Strategy<Value = String> {
    hostile()
        .prop_map(|text| text.replace(['"', '\\', '\''], "").chars().filter(|c| !c.is_control()).collect())
}

fn records<S: Strategy<Value = String> + Clone>(text: S) -> impl Strategy<Value = Vec<Record>> {
    let record = (
        text.clone(),
        prop::option::of(text.clone()),
        any::<Option<bool>>(),
        prop::option::of(text.clone()),
        prop::option::of(text),
    )
        .prop_map(|(version, full_revisionid, dirty, error, date)| Record {
            version,
            full_revisionid,
            dirty,
            error,
            date,
        });
    prop::collection::vec(record, 1..80)
}

/// What Python makes of the modules of these records.
fn read_back(mut python: Command, program: &str, dir: &Path, records: &[Record]) -> Vec<Value> {
    for (number, record) in records.iter().enumerate() {
        fs::write(dir.join(format!("module{number}.py")), record.to_python()).unwrap();
    }
    let output =
        python.current_dir(dir).args(["-B", "-c", program, &records.len().to_string()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn same_records(text: impl Strategy<Value = String> + Clone, program: &str, python: impl Fn() -> Command) {
    let dir = TempDir::new().unwrap();
    let mut runner =
        TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) });
    let result = runner.run(&records(text), |records| {
        let expected: Vec<_> = records.iter().map(to_json).collect();
        prop_assert_eq!(read_back(python(), program, dir.path(), &records), expected);
        Ok(())
    });
    result.unwrap();
}

/// Images may still hold Python 2, and versioneer supports it: it reads the module too if this machine has it.
#[test]
fn each_python_reads_any_record_exactly() {
    let has = |name: &&str| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    };
    let python2 = ["python2.7", "python2"].into_iter().find(has);
    for python in ["python3"].into_iter().chain(python2) {
        same_records(hostile().boxed(), IMPORT_EACH, || Command::new(python));
    }
}

/// Under an ASCII locale too: what the file's encoding is, the file itself says.
#[test]
fn python3_reads_any_record_in_any_locale() {
    same_records(hostile().boxed(), IMPORT_EACH, || {
        let mut python = Command::new("python3");
        python.envs([("LC_ALL", "C"), ("PYTHONCOERCECLOCALE", "0"), ("PYTHONUTF8", "0")]);
        python
    });
}

#[test]
fn versioneer_in_an_image_reads_the_record() {
    same_records(plain().boxed(), READ_EACH, || {
        let mut python = python_with_versioneer(Path::new("/"));
        python.env("PYTHONUTF8", "1");
        python
    });
}

#[test]
fn the_file_is_at_the_root_and_others_can_read_it() {
    let dir = TempDir::new().unwrap();
    let path = write(dir.path(), &record()).unwrap();
    assert_eq!(path, dir.path().join("_version.py.bld"));
    assert_eq!(fs::read_to_string(&path).unwrap(), record().to_python());
    let ordinary = dir.path().join("ordinary");
    fs::write(&ordinary, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), mode(&ordinary));
}

#[test]
fn an_older_file_is_replaced_whole_and_nothing_else_is_left() {
    let dir = TempDir::new().unwrap();
    let target = dir.path().join("kept");
    fs::write(&target, "kept").unwrap();
    symlink(&target, dir.path().join(FILE)).unwrap();
    write(dir.path(), &record()).unwrap();
    write(dir.path(), &Record { version: "2".to_owned(), ..record() }).unwrap();
    assert!(fs::read_to_string(dir.path().join(FILE)).unwrap().contains("\"version\": \"2\""));
    assert_eq!(fs::read_to_string(target).unwrap(), "kept");
    let mut names: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [FILE, "kept"]);
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() {
    let dir = TempDir::new().unwrap();
    let gone = dir.path().join("gone");
    let err = write(&gone, &record()).unwrap_err();
    assert!(matches!(err, Error::Unwritable { .. }));
    assert!(
        err.to_string().starts_with(&format!("{} cannot be written: ", gone.join(FILE).display())),
        "{err}"
    );
    fs::create_dir_all(gone.join(FILE)).unwrap();
    assert!(write(&gone, &record()).is_err());
    assert_eq!(fs::read_dir(&gone).unwrap().count(), 1, "no temporary file is left");
}
