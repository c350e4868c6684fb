//! For every state of a repository and every style: git asked by us, and versioneer, say the same.

use std::fs;
use std::path::Path;
use std::process::Command;

use dockerutils_version::write;
use serde_json::Value;

use crate::answer::Question;
use crate::oracle::{self, STYLES, python_with_versioneer};
use crate::repository::Repository;

#[track_caller]
fn same(repository: &Repository) -> Vec<Value> {
    same_with(repository.root(), &[])
}

/// Asserts that both say the same in each style, and answers with what they say.
#[track_caller]
fn same_with(root: &Path, env: &[(&str, &str)]) -> Vec<Value> {
    let mut question = Question::about(root).styles(&STYLES);
    for (name, value) in env {
        question = question.env(name, *value);
    }
    let said = question.ask();
    let expected = oracle::answers(root, env);
    assert_eq!((expected.len(), said.answers.len()), (STYLES.len(), STYLES.len()));
    for ((style, expected), answer) in STYLES.iter().zip(&expected).zip(&said.answers) {
        if expected.is_null() {
            assert!(answer["record"]["error"].is_string(), "{style}: versioneer raises, we say {answer}");
        } else {
            assert_eq!(&answer["record"], expected, "{style}\n{}", said.stderr);
        }
    }
    expected
}

/// The case is what its name says, not by chance something else that both agree on.
#[track_caller]
fn is(answers: &[Value], version: impl Fn(&str) -> bool, dirty: impl Into<Value>) {
    let pep440 = &answers[0];
    assert!(version(pep440["version"].as_str().unwrap()), "{pep440}");
    assert_eq!(pep440["dirty"], dirty.into());
}

#[test]
fn no_repository() {
    is(&same(&Repository::folder("")), |v| v == "0+unknown", Value::Null);
}

#[test]
fn no_commits() {
    is(&same(&Repository::empty("")), |v| v == "0+unknown", Value::Null);
}

#[test]
fn no_tags() {
    let repository = Repository::with_commits("", 3);
    is(&same(&repository), |v| v.starts_with("0+untagged.3.g") && !v.ends_with(".dirty"), false);
    repository.dirty();
    is(&same(&repository), |v| v.starts_with("0+untagged.3.g") && v.ends_with(".dirty"), true);
}

#[test]
fn on_a_tag() {
    let repository = Repository::with_commits("", 2);
    repository.tag("1.2");
    is(&same(&repository), |v| v == "1.2", false);
    repository.dirty();
    is(&same(&repository), |v| v.starts_with("1.2+0.g") && v.ends_with(".dirty"), true);
}

#[test]
fn after_a_tag() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.2");
    repository.commits(2);
    is(&same(&repository), |v| v.starts_with("1.2+2.g") && !v.ends_with(".dirty"), false);
    repository.dirty();
    is(&same(&repository), |v| v.starts_with("1.2+2.g") && v.ends_with(".dirty"), true);
}

#[test]
fn what_counts_as_dirty() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.2");
    repository.write("untracked", "");
    is(&same(&repository), |v| v == "1.2", false);
    repository.git(&["add", "untracked"]);
    is(&same(&repository), |v| v.ends_with(".dirty"), true);
}

#[test]
fn prefixes() {
    let repository = Repository::with_commits("tag_prefix = v", 1);
    repository.tag("v1.0");
    repository.commits(1);
    repository.tag("2.0");
    repository.tag("very-old");
    is(&same(&repository), |v| v.starts_with("1.0+1.g"), false);
    repository.settings("tag_prefix = ''");
    is(&same(&repository), |v| v == "2.0", false);
    repository.settings("tag_prefix = \"\"");
    is(&same(&repository), |v| v == "2.0", false);
    repository.settings("tag_prefix = release-");
    is(&same(&repository), |v| v.starts_with("0+untagged.2.g"), false);
}

#[test]
fn a_prefix_that_is_a_pattern_to_git() {
    let repository = Repository::with_commits("tag_prefix = v[12]-", 1);
    repository.tag("v1-3.0");
    is(&same(&repository), |v| v == "unknown", Value::Null);
}

#[test]
fn two_tags() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    repository.tag("1.1");
    same(&repository);
    repository.git(&["tag", "--annotate", "-m", "release", "1.0.1"]);
    is(&same(&repository), |v| v == "1.0.1", false);
    repository.commits(1);
    repository.tag("1.2");
    is(&same(&repository), |v| v == "1.2", false);
}

#[test]
fn names_of_tags() {
    for name in [
        "1.0-rc-1",
        "1.0+local",
        "1.0.post2",
        "1.0.post",
        "1.0.post1.dev3",
        "1.0.post1.post2",
        "1-2-gabc",
        "1.0-dirty",
    ] {
        let repository = Repository::with_commits("", 1);
        repository.tag(name);
        is(&same(&repository), |v| v == name, false);
        repository.commits(1);
        same(&repository);
    }
}

#[test]
fn hostile_names_of_tags() {
    for name in ["1'''", "1\"", "1é\u{1f600}", "1$(id)", "1%s{x}"] {
        let repository = Repository::with_commits("", 1);
        repository.tag(name);
        is(&same(&repository), |v| v == name, false);
    }
}

#[test]
fn shallow_clones() {
    let origin = Repository::with_commits("", 1);
    origin.tag("1.0");
    origin.commits(3);
    let url = format!("file://{}", origin.root().display());
    for (depth, begin) in [("1", "0+untagged.1.g"), ("2", "0+untagged.2.g"), ("4", "1.0+3.g")] {
        let clone = Repository::folder("").at("clone");
        clone.git(&["clone", "--quiet", "--depth", depth, &url, "."]);
        clone.settings("");
        is(&same(&clone), |v| v.starts_with(begin), false);
    }
}

#[test]
fn detached_heads() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    repository.commits(2);
    repository.git(&["checkout", "--quiet", "HEAD~1"]);
    is(&same(&repository), |v| v.starts_with("1.0+1.g"), false);
    repository.commits(1);
    is(&same(&repository), |v| v.starts_with("1.0+2.g"), false);
    repository.git(&["branch", "--quiet", "side"]);
    is(&same(&repository), |v| v.starts_with("1.0+2.g"), false);
    repository.git(&["checkout", "--quiet", "--detach", "1.0"]);
    is(&same(&repository), |v| v == "1.0", false);
}

#[test]
fn another_branch() {
    let repository = Repository::with_commits("", 1);
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    same(&repository);
    repository.tag("1.0");
    repository.commits(1);
    same(&repository);
    repository.git(&["branch", "--delete", "--force", "master"]);
    repository.git(&["checkout", "--quiet", "--detach"]);
    same(&repository);
}

#[test]
fn a_merge() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.git(&["commit", "--quiet", "--allow-empty", "-m", "aside"]);
    repository.tag("1.1");
    repository.git(&["checkout", "--quiet", "master"]);
    repository.git(&["commit", "--quiet", "--allow-empty", "-m", "ahead"]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "merged", "side"]);
    same(&repository);
}

#[test]
fn a_folder_of_another_repository() {
    let outer = Repository::with_commits("", 1);
    outer.tag("3.0");
    let inner = outer.at("packages/inner");
    inner.settings("");
    is(&same(&inner), |v| v == "3.0", false);
}

#[test]
fn a_linked_work_tree() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    repository.git(&["worktree", "add", "--quiet", "-b", "side", "../linked"]);
    let linked = repository.at("../linked");
    linked.settings("");
    is(&same(&linked), |v| v == "1.0", false);
}

#[test]
fn a_bare_repository() {
    let origin = Repository::with_commits("", 1);
    origin.tag("1.0");
    let bare = Repository::folder("").at("bare");
    bare.git(&["clone", "--quiet", "--bare", origin.root().to_str().unwrap(), "."]);
    bare.settings("");
    is(&same(&bare), |v| v == "0+unknown", Value::Null);
}

#[test]
fn a_broken_repository() {
    let repository = Repository::with_commits("", 1);
    repository.write(".git/HEAD", "ref: refs/heads/nowhere\n");
    is(&same(&repository), |v| v == "0+unknown", Value::Null);
    repository.write(".git/HEAD", "no head at all\n");
    is(&same(&repository), |v| v == "0+unknown", Value::Null);
}

#[test]
fn a_name_of_a_folder() {
    let folder = Repository::folder("").at("app-1.2/src");
    folder.settings("parentdir_prefix = app-");
    is(&same(&folder), |v| v == "1.2", false);
    let third = folder.at("a");
    third.settings("parentdir_prefix = app-");
    is(&same(&third), |v| v == "1.2", false);
    let deep = third.at("b");
    deep.settings("parentdir_prefix = app-");
    is(&same(&deep), |v| v == "0+unknown", Value::Null);
    deep.settings("parentdir_prefix =");
    is(&same(&deep), |v| v == "0+unknown", Value::Null);
    let repository = Repository::empty("").at("app-1.3");
    repository.settings("parentdir_prefix = app-");
    is(&same(&repository), |v| v == "1.3", false);
}

#[test]
fn a_git_dir_that_is_set() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    let other = Repository::with_commits("", 1);
    other.tag("9.9");
    let elsewhere = other.root().join(".git");
    let env = [("GIT_DIR", elsewhere.to_str().unwrap())];
    is(&same_with(repository.root(), &env), |v| v == "1.0", false);
    is(&same_with(repository.root(), &[("GIT_DIR", "/nowhere")]), |v| v == "1.0", false);
}

#[test]
fn a_repository_of_another_user() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    let env = [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")];
    is(&same_with(repository.root(), &env), |v| v == "0+unknown", Value::Null);
}

/// A project that `versioneer install` has set up, with its own versioneer.py, through python3.
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
fn an_installed_project() {
    let repository = installed();
    let said = Question::about(repository.root()).ask();
    let expected = &oracle::answers(repository.root(), &[])[0];
    assert_eq!(said.record(), expected);
    is(std::slice::from_ref(expected), |v| v.starts_with("2.1+1.g"), false);
    assert!(said.stderr.contains("\npython3 -B -c "), "{}", said.stderr);
    assert!(!said.stderr.contains("\ngit "), "{}", said.stderr);
    assert_eq!(repository.ask_git(&["status", "--porcelain"]), "", "asking leaves nothing behind");
}

/// What a Dockerfile does: the file takes the place of `_version.py`, and there is no `.git`.
#[test]
fn an_image_of_an_installed_project() {
    let repository = installed();
    let root = repository.root();
    let record = Question::about(root).ask().record().clone();
    let file = write(root, &serde_json::from_value(record.clone()).unwrap()).unwrap();
    fs::rename(file, root.join("src/_version.py")).unwrap();
    fs::remove_dir_all(root.join(".git")).unwrap();
    assert_eq!(oracle::answers(root, &[]), vec![record; STYLES.len()]);
}

#[track_caller]
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
