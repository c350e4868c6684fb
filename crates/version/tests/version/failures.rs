//! A git that cannot answer ends nothing; a signal that told us to stop does.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::answer::{Question, Said};
use crate::python::executable;
use crate::repository::Repository;

fn unknown() -> Value {
    let error = "unable to compute version";
    json!({"version": "0+unknown", "full-revisionid": null, "dirty": null, "error": error, "date": null})
}

/// What is said of a tagged project where `git` is this script.
fn with_git(script: &str) -> Said {
    let project = Repository::with_commits("", 1);
    project.tag("1.0");
    project.write("../bin/git", script);
    Question::about(project.root()).env("PATH", executable(&project, "git")).ask()
}

#[test]
fn a_git_that_fails_gives_no_version() {
    for (script, why) in [
        ("#!/bin/sh\nexit 3", "`git` ended with exit status 3"),
        ("#!/bin/sh\nkill -9 $$", "`git` ended with exit status 137"),
        ("#!/no/such/shell\n", "`git` could not be started: "),
        ("#!/bin/sh\nprintf '\\377'", "git answered with text that is not UTF-8"),
        ("#!/bin/sh\nexit 0", "git answered with no number: ``"),
        (
            "#!/bin/sh\ncase $1 in rev-list) echo many;; *) echo abc;; esac",
            "git answered with no number: `many`",
        ),
    ] {
        let said = with_git(script);
        assert_eq!(said.record(), &unknown(), "{script}");
        let sentence = format!("no version from git ({why}");
        assert!(said.note().starts_with(&sentence), "{script}: {}", said.note());
        assert!(said.note().ends_with("): it is taken to be 0+unknown"), "{}", said.note());
    }
}

#[test]
fn without_git_there_is_no_version() {
    let project = Repository::with_commits("", 1);
    let said = Question::about(project.root()).env("PATH", "/nowhere").ask();
    assert_eq!(said.record(), &unknown());
    assert!(said.note().contains("`git` is not installed"), "{}", said.note());
}

#[test]
fn a_description_that_nobody_understands_is_an_error_in_the_record() {
    let said = with_git(
        "#!/bin/sh\ncase $1 in describe) echo what-is-this;; *) echo abc 2021-02-03 04:05:06 +0100;; esac",
    );
    let error = "unable to parse git-describe output: 'what-is-this'";
    let expected = json!({
        "version": "unknown", "full-revisionid": "abc", "dirty": null, "error": error, "date": null,
    });
    assert_eq!(said.record(), &expected);
}

#[test]
fn a_signature_that_git_shows_is_passed_over() {
    let said = with_git(
        "#!/bin/sh\ncase $1 in describe) echo 1.0-0-gabc;; *) echo gpg: Good signature; echo abc 2021-02-03 04:05:06 +0100;; esac",
    );
    assert_eq!(said.record()["full-revisionid"], "abc");
    assert_eq!(said.record()["date"], "2021-02-03T04:05:06+0100");
}

#[test]
fn few_questions_are_asked() {
    let repository = Repository::with_commits("", 1);
    let questions = |repository: &Repository| {
        let stderr = Question::about(repository.root()).ask().stderr;
        stderr.lines().filter(|line| line.starts_with("git ")).count()
    };
    assert_eq!(questions(&repository), 3);
    repository.tag("1.0");
    assert_eq!(questions(&repository), 2);
}

#[test]
fn an_unknown_style_is_refused_with_the_known_ones() {
    let repository = Repository::with_commits("style = pep441", 1);
    let said = Question::about(repository.root()).ask();
    assert_eq!(
        said.answers[0]["failure"],
        "setup.cfg: versioneer has no style `pep441`: use one of pep440, pep440-branch, pep440-pre, pep440-post, \
         pep440-post-branch, pep440-old, git-describe, git-describe-long",
    );
}

#[test]
fn a_signal_ends_the_work() {
    let project = Repository::with_commits("", 1);
    project.write("../bin/git", "#!/bin/sh\n: > ../started\nexec /bin/sleep 60\n");
    let mut question = Question::about(project.root()).env("PATH", executable(&project, "git"));
    let child = question.start();
    let begin = Instant::now();
    while !project.root().join("../started").exists() {
        assert!(begin.elapsed() < Duration::from_secs(30), "git was never started");
        std::thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    let said = question.wait(child);
    assert_eq!(said.answers[0]["stopped"], true, "{}", said.answers[0]);
}
