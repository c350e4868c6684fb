//! Projects that `versioneer install` has set up.

use std::fs;
use std::process::Command;

use dockerutils_version::write_record;

use crate::agreement::assert_pep440;
use crate::oracle::{self, STYLES, python_with_versioneer};
use crate::process::VersionProcess;
use crate::repository::Repository;

/// Returns a tagged project that `versioneer install` has set up, with its own versioneer.py.
fn installed() -> Repository {
    let repository = Repository::with_commits("tag_prefix = v", 1);
    let mut python = python_with_versioneer(repository.root());
    repository.write("src/__init__.py", "");
    let setup =
        "import versioneer\nsetup(version=versioneer.get_version(), cmdclass=versioneer.get_cmdclass())\n";
    repository.write("setup.py", setup);
    run(python.args(["-B", "-m", "versioneer", "install", "--vendor"]));
    repository.git(&["add", "--all"]);
    repository.commits(1);
    repository.tag("v2.1");
    repository.commits(1);
    repository
}

#[test]
fn versioneer_of_the_project_is_used() {
    let repository = installed();
    let output = VersionProcess::new(repository.root()).run();
    let expected = &oracle::records(repository.root(), &[])[0];
    assert_eq!(output.record(), expected);
    assert_pep440(std::slice::from_ref(expected), |v| v.starts_with("2.1+1.g"), false);
    assert!(output.stderr.contains("&& python3 -B -c "), "{}", output.stderr);
    assert!(!output.stderr.contains("&& git "), "{}", output.stderr);
    assert_eq!(repository.git_output(&["status", "--porcelain"]), "", "no file is left behind");
}

#[test]
fn versioneer_reads_the_written_file_in_an_image() {
    let repository = installed();
    let root = repository.root();
    let record = VersionProcess::new(root).run().record().clone();
    let file = write_record(root, &serde_json::from_value(record.clone()).unwrap()).unwrap();
    fs::rename(file, root.join("src/_version.py")).unwrap();
    fs::remove_dir_all(root.join(".git")).unwrap();
    assert_eq!(oracle::records(root, &[]), vec![record; STYLES.len()]);
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
