//! Tags and prefixes: in every style, our version is the one that versioneer computes.

use serde_json::Value;

use crate::agreement::{assert_agreement, assert_pep440};
use crate::repository::Repository;

#[test]
fn without_a_repository_the_version_is_unknown() {
    assert_pep440(&assert_agreement(&Repository::folder("")), |v| v == "0+unknown", Value::Null);
}

#[test]
fn without_commits_the_version_is_unknown() {
    assert_pep440(&assert_agreement(&Repository::empty("")), |v| v == "0+unknown", Value::Null);
}

#[test]
fn without_tags_all_commits_are_counted() {
    let repository = Repository::with_commits("", 3);
    assert_pep440(
        &assert_agreement(&repository),
        |v| v.starts_with("0+untagged.3.g") && !v.ends_with(".dirty"),
        false,
    );
    repository.dirty();
    assert_pep440(
        &assert_agreement(&repository),
        |v| v.starts_with("0+untagged.3.g") && v.ends_with(".dirty"),
        true,
    );
}

#[test]
fn on_a_tag_the_version_is_the_tag() {
    let repository = Repository::with_commits("", 2);
    repository.tag("1.2");
    assert_pep440(&assert_agreement(&repository), |v| v == "1.2", false);
    repository.dirty();
    assert_pep440(
        &assert_agreement(&repository),
        |v| v.starts_with("1.2+0.g") && v.ends_with(".dirty"),
        true,
    );
}

#[test]
fn after_a_tag_the_commits_since_are_counted() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.2");
    repository.commits(2);
    assert_pep440(
        &assert_agreement(&repository),
        |v| v.starts_with("1.2+2.g") && !v.ends_with(".dirty"),
        false,
    );
    repository.dirty();
    assert_pep440(
        &assert_agreement(&repository),
        |v| v.starts_with("1.2+2.g") && v.ends_with(".dirty"),
        true,
    );
}

#[test]
fn untracked_files_are_not_dirty() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.2");
    repository.write("untracked", "");
    assert_pep440(&assert_agreement(&repository), |v| v == "1.2", false);
    repository.git(&["add", "untracked"]);
    assert_pep440(&assert_agreement(&repository), |v| v.ends_with(".dirty"), true);
}

#[test]
fn only_tags_with_the_prefix_count() {
    let repository = Repository::with_commits("tag_prefix = v", 1);
    repository.tag("v1.0");
    repository.commits(1);
    repository.tag("2.0");
    repository.tag("very-old");
    assert_pep440(&assert_agreement(&repository), |v| v.starts_with("1.0+1.g"), false);
    repository.settings("tag_prefix = ''");
    assert_pep440(&assert_agreement(&repository), |v| v == "2.0", false);
    repository.settings("tag_prefix = \"\"");
    assert_pep440(&assert_agreement(&repository), |v| v == "2.0", false);
    repository.settings("tag_prefix = release-");
    assert_pep440(&assert_agreement(&repository), |v| v.starts_with("0+untagged.2.g"), false);
}

#[test]
fn a_prefix_that_git_takes_for_a_glob_gives_no_version() {
    let repository = Repository::with_commits("tag_prefix = v[12]-", 1);
    repository.tag("v1-3.0");
    assert_pep440(&assert_agreement(&repository), |v| v == "unknown", Value::Null);
}

#[test]
fn an_annotated_tag_precedes_others_of_its_commit() {
    let repository = Repository::with_commits("", 1);
    repository.tag("1.0");
    repository.tag("1.1");
    assert_agreement(&repository);
    repository.git(&["tag", "--annotate", "-m", "release", "1.0.1"]);
    assert_pep440(&assert_agreement(&repository), |v| v == "1.0.1", false);
    repository.commits(1);
    repository.tag("1.2");
    assert_pep440(&assert_agreement(&repository), |v| v == "1.2", false);
}

#[test]
fn unusual_tag_names_become_the_version() {
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
        assert_pep440(&assert_agreement(&repository), |v| v == name, false);
        repository.commits(1);
        assert_agreement(&repository);
    }
}

#[test]
fn tag_names_with_quotes_and_shell_syntax_are_only_text() {
    for name in ["1'''", "1\"", "1é\u{1f600}", "1$(id)", "1%s{x}"] {
        let repository = Repository::with_commits("", 1);
        repository.tag(name);
        assert_pep440(&assert_agreement(&repository), |v| v == name, false);
    }
}
