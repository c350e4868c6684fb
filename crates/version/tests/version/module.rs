//! The written module, read back by Python 2, by Python 3, and by versioneer.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use dockerutils_version::{Error, FILE, Record, write_record};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::oracle::python_with_versioneer;

/// Imports each module of a folder by its number, and prints the result of its `get_versions()`.
const IMPORT_EACH: &str = "
import json, sys
for number in range(int(sys.argv[1])):
    print(json.dumps(__import__('module%d' % number).get_versions()))
";

/// Reads each module as versioneer reads the _version.py of a source archive.
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

/// Generates text that may escape from its quotes.
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

/// Generates text without Python escapes, which versioneer's reader does not decode.
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

/// Writes the modules of these records, and returns the records that Python reads from them.
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

fn assert_same_records(
    text: impl Strategy<Value = String> + Clone,
    program: &str,
    python: impl Fn() -> Command,
) {
    let dir = TempDir::new().unwrap();
    let mut runner =
        TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) });
    let result = runner.run(&records(text), |records| {
        let expected: Vec<_> = records.iter().map(|record| json!(record)).collect();
        prop_assert_eq!(read_back(python(), program, dir.path(), &records), expected);
        Ok(())
    });
    result.unwrap();
}

/// Images may still contain Python 2, and versioneer supports it: it reads the module too if this machine has it.
#[test]
fn each_python_reads_any_record_exactly() {
    let is_installed =
        |name: &&str| python(name).arg("--version").output().is_ok_and(|output| output.status.success());
    let python2 = ["python2.7", "python2"].into_iter().find(is_installed);
    for name in ["python3"].into_iter().chain(python2) {
        assert_same_records(hostile().boxed(), IMPORT_EACH, || python(name));
    }
}

fn python(name: &str) -> Command {
    let mut python = Command::new(name);
    if name != "python3" {
        // pyenv runs an installed Python only if it is selected. Any other python2 ignores the variable.
        python.env("PYENV_VERSION", "2.7.18");
    }
    python
}

/// The file declares its own encoding, so an ASCII locale does not matter.
#[test]
fn python3_reads_any_record_in_any_locale() {
    assert_same_records(hostile().boxed(), IMPORT_EACH, || {
        let mut python = Command::new("python3");
        python.envs([("LC_ALL", "C"), ("PYTHONCOERCECLOCALE", "0"), ("PYTHONUTF8", "0")]);
        python
    });
}

#[test]
fn versioneer_in_an_image_reads_the_record() {
    assert_same_records(plain().boxed(), READ_EACH, || {
        let mut python = python_with_versioneer(Path::new("/"));
        python.env("PYTHONUTF8", "1");
        python
    });
}

#[test]
fn the_file_is_at_the_root_and_readable_by_others() {
    let dir = TempDir::new().unwrap();
    let path = write_record(dir.path(), &record()).unwrap();
    assert_eq!(path, dir.path().join("_version.py.bld"));
    assert_eq!(fs::read_to_string(&path).unwrap(), record().to_python());
    let ordinary = dir.path().join("ordinary");
    fs::write(&ordinary, "").unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), mode(&ordinary));
}

/// Every sync would send a file with a new time.
#[test]
fn an_equal_file_is_left_as_it_is() {
    let dir = TempDir::new().unwrap();
    let write = || fs::metadata(write_record(dir.path(), &record()).unwrap()).unwrap();
    let (first, second) = (write(), write());
    assert_eq!((first.ino(), first.modified().unwrap()), (second.ino(), second.modified().unwrap()));
}

#[test]
fn an_older_file_is_replaced_and_no_other_file_is_left() {
    let dir = TempDir::new().unwrap();
    let target = dir.path().join("kept");
    fs::write(&target, "kept").unwrap();
    symlink(&target, dir.path().join(FILE)).unwrap();
    write_record(dir.path(), &record()).unwrap();
    write_record(dir.path(), &Record { version: "2".to_owned(), ..record() }).unwrap();
    assert!(fs::read_to_string(dir.path().join(FILE)).unwrap().contains("\"version\": \"2\""));
    assert_eq!(fs::read_to_string(target).unwrap(), "kept");
    let mut names: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [FILE, "kept"]);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let dir = TempDir::new().unwrap();
    let gone = dir.path().join("gone");
    let err = write_record(&gone, &record()).unwrap_err();
    assert!(matches!(err, Error::Unwritable { .. }));
    assert!(err.to_string().starts_with(&format!("cannot write {}: ", gone.join(FILE).display())), "{err}");
    fs::create_dir_all(gone.join(FILE)).unwrap();
    assert!(write_record(&gone, &record()).is_err());
    assert_eq!(fs::read_dir(&gone).unwrap().count(), 1, "no temporary file is left");
}
