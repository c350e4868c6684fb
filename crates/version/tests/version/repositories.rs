//! Unusual repositories and folders: in every style, our version is the one that versioneer computes.

use serde_json::Value;

use crate::agreement::{assert_agreement, assert_agreement_with, assert_pep440};
use crate::repository::Repository;

#[test]
fn a_shallow_clone_counts_the_commits_that_it_has() {
    let origin = Repository::with_commits("", 1);
    origin.tag("1.0");
    origin.commits(3);
    let url = format!("file://{}", origin.root().display());
    for (depth, begin) in [("1", "0+untagged.1.g"), ("2", "0+untagged.2.g"), ("4", "1.0+3.g")] {
        let clone = Repository::folder("").at("clone");
        clone.git(&["clone", "--quiet", "--depth", depth, &url, "."]);
        clone.settings("");
        assert_pep440(&assert_agreement(&clone), |v| v.starts_with(begin), false);
    }
}

#[test]
fn a_detached_head_has_a_version() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    repository.commits(2);
    repository.git(&["checkout", "--quiet", "HEAD~1"]);
    assert_pep440(&assert_agreement(&repository), |v| v.starts_with("1.0+1.g"), false);
    repository.commits(1);
    assert_pep440(&assert_agreement(&repository), |v| v.starts_with("1.0+2.g"), false);
    repository.git(&["branch", "--quiet", "side"]);
    assert_pep440(&assert_agreement(&repository), |v| v.starts_with("1.0+2.g"), false);
    repository.git(&["checkout", "--quiet", "--detach", "1.0"]);
    assert_pep440(&assert_agreement(&repository), |v| v == "1.0", false);
}

#[test]
fn another_branch_has_a_version() {
    let repository = Repository::with_commits("", 1);
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    assert_agreement(&repository);
    repository.tag("1.0");
    repository.commits(1);
    assert_agreement(&repository);
    repository.git(&["branch", "--delete", "--force", "master"]);
    repository.git(&["checkout", "--quiet", "--detach"]);
    assert_agreement(&repository);
}

#[test]
fn a_merge_has_a_version() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    repository.git(&["checkout", "--quiet", "-b", "side"]);
    repository.git(&["commit", "--quiet", "--allow-empty", "-m", "aside"]);
    repository.tag("1.1");
    repository.git(&["checkout", "--quiet", "master"]);
    repository.git(&["commit", "--quiet", "--allow-empty", "-m", "ahead"]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "merged", "side"]);
    assert_agreement(&repository);
}

#[test]
fn a_folder_of_another_repository_has_its_version() {
    let outer = Repository::with_commits("", 1);
    outer.tag("3.0");
    let inner = outer.at("packages/inner");
    inner.settings("");
    assert_pep440(&assert_agreement(&inner), |v| v == "3.0", false);
}

#[test]
fn a_linked_work_tree_has_the_version_of_its_repository() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    repository.git(&["worktree", "add", "--quiet", "-b", "side", "../linked"]);
    let linked = repository.at("../linked");
    linked.settings("");
    assert_pep440(&assert_agreement(&linked), |v| v == "1.0", false);
}

#[test]
fn a_bare_repository_has_an_unknown_version() {
    let origin = Repository::with_commits("", 1);
    origin.tag("1.0");
    let bare = Repository::folder("").at("bare");
    bare.git(&["clone", "--quiet", "--bare", origin.root().to_str().unwrap(), "."]);
    bare.settings("");
    assert_pep440(&assert_agreement(&bare), |v| v == "0+unknown", Value::Null);
}

#[test]
fn a_broken_repository_has_an_unknown_version() {
    let repository = Repository::with_commits("", 1);
    repository.write(".git/HEAD", "ref: refs/heads/nowhere\n");
    assert_pep440(&assert_agreement(&repository), |v| v == "0+unknown", Value::Null);
    repository.write(".git/HEAD", "no head at all\n");
    assert_pep440(&assert_agreement(&repository), |v| v == "0+unknown", Value::Null);
}

#[test]
fn the_name_of_a_folder_above_may_contain_the_version() {
    let folder = Repository::folder("").at("app-1.2/src");
    folder.settings("parentdir_prefix = app-");
    assert_pep440(&assert_agreement(&folder), |v| v == "1.2", false);
    let third = folder.at("a");
    third.settings("parentdir_prefix = app-");
    assert_pep440(&assert_agreement(&third), |v| v == "1.2", false);
    let deep = third.at("b");
    deep.settings("parentdir_prefix = app-");
    assert_pep440(&assert_agreement(&deep), |v| v == "0+unknown", Value::Null);
    deep.settings("parentdir_prefix =");
    assert_pep440(&assert_agreement(&deep), |v| v == "0+unknown", Value::Null);
    let repository = Repository::empty("").at("app-1.3");
    repository.settings("parentdir_prefix = app-");
    assert_pep440(&assert_agreement(&repository), |v| v == "1.3", false);
}

#[test]
fn git_dir_is_ignored() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    let other = Repository::with_commits("", 1);
    other.tag("9.9");
    let elsewhere = other.root().join(".git");
    let env = [("GIT_DIR", elsewhere.to_str().unwrap())];
    assert_pep440(&assert_agreement_with(repository.root(), &env), |v| v == "1.0", false);
    assert_pep440(
        &assert_agreement_with(repository.root(), &[("GIT_DIR", "/nowhere")]),
        |v| v == "1.0",
        false,
    );
}

#[test]
fn a_repository_of_another_user_has_an_unknown_version() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    let env = [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")];
    assert_pep440(&assert_agreement_with(repository.root(), &env), |v| v == "0+unknown", Value::Null);
}
