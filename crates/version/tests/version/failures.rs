//! A failing git does not end the work; a signal does.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::{VersionOutput, VersionProcess, wait};
use crate::python::executable;
use crate::repository::Repository;

fn unknown() -> Value {
    let error = "unable to compute version";
    json!({"version": "0+unknown", "full-revisionid": null, "dirty": null, "error": error, "date": null})
}

/// Determines the version of a tagged project with this script as `git`.
fn with_git(script: &str) -> VersionOutput {
    let project = Repository::with_commits("", 1);
    project.tag("1.0");
    project.write("../bin/git", script);
    VersionProcess::new(project.root()).env("PATH", executable(&project, "git")).run()
}

#[test]
fn a_failing_git_gives_no_version() {
    for (script, why) in [
        ("#!/bin/sh\nexit 3", "`git` ended with exit status 3"),
        ("#!/bin/sh\nkill -9 $$", "`git` ended with exit status 137"),
        ("#!/no/such/shell\n", "`git` could not be started: "),
        ("#!/bin/sh\nprintf '\\377'", "git printed text that is not UTF-8"),
        ("#!/bin/sh\nexit 0", "git printed no number: ``"),
        ("#!/bin/sh\ncase $* in *rev-list*) echo many;; *) echo abc;; esac", "git printed no number: `many`"),
    ] {
        let output = with_git(script);
        assert_eq!(output.record(), &unknown(), "{script}");
        let note = format!("git failed ({why}");
        assert!(output.notes().starts_with(&note), "{script}: {}", output.notes());
        assert!(output.notes().ends_with("): using version 0+unknown"), "{}", output.notes());
    }
}

#[test]
fn without_git_there_is_no_version() {
    let project = Repository::with_commits("", 1);
    let output = VersionProcess::new(project.root()).env("PATH", "/nowhere").run();
    assert_eq!(output.record(), &unknown());
    assert!(output.notes().contains("`git` is not installed"), "{}", output.notes());
}

#[test]
fn an_unparsable_description_is_an_error_in_the_record() {
    let output = with_git(
        "#!/bin/sh\ncase $* in *describe*) echo what-is-this;; *) echo abc 2021-02-03 04:05:06 +0100;; esac",
    );
    let error = "unable to parse git-describe output: 'what-is-this'";
    let expected = json!({
        "version": "unknown", "full-revisionid": "abc", "dirty": null, "error": error, "date": null,
    });
    assert_eq!(output.record(), &expected);
}

#[test]
fn a_signature_that_git_prints_is_ignored() {
    let output = with_git(
        "#!/bin/sh\ncase $* in *describe*) echo 1.0-0-gabc;; *) echo gpg: Good signature; echo abc 2021-02-03 04:05:06 +0100;; esac",
    );
    assert_eq!(output.record()["full-revisionid"], "abc");
    assert_eq!(output.record()["date"], "2021-02-03T04:05:06+0100");
}

#[test]
fn git_runs_no_more_often_than_necessary() {
    let repository = Repository::with_commits("", 1);
    let git_runs = |repository: &Repository| {
        let stderr = VersionProcess::new(repository.root()).run().stderr;
        stderr.lines().filter(|line| line.contains("&& git ")).count()
    };
    assert_eq!(git_runs(&repository), 3);
    repository.tag("1.0");
    assert_eq!(git_runs(&repository), 2);
}

#[test]
fn an_unknown_style_is_an_error_that_names_the_known_styles() {
    let repository = Repository::with_commits("style = pep441", 1);
    let output = VersionProcess::new(repository.root()).run();
    assert_eq!(
        output.results[0]["failure"],
        "setup.cfg: unknown versioneer style `pep441`: expected one of pep440, pep440-branch, pep440-pre, pep440-post, \
         pep440-post-branch, pep440-old, git-describe, git-describe-long",
    );
}

#[test]
fn a_signal_ends_the_work() {
    let project = Repository::with_commits("", 1);
    project.write("../bin/git", "#!/bin/sh\n: > ../started\nexec /bin/sleep 60\n");
    let child = VersionProcess::new(project.root()).env("PATH", executable(&project, "git")).start();
    let begin = Instant::now();
    while !project.root().join("../started").exists() {
        assert!(begin.elapsed() < Duration::from_secs(30), "git was never started");
        std::thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap();
    let output = wait(child);
    assert_eq!(output.results[0]["interrupted"], true, "{}", output.results[0]);
}

#[test]
fn git_runs_no_program_that_the_repository_names() {
    let project = Repository::with_commits("", 1);
    project.tag("1.0");
    let ran = project.root().parent().unwrap().join("ran");
    project.write("../bin/spy", &format!("#!/bin/sh\necho $0 $* >>{}\n", ran.display()));
    let spy = executable(&project, "spy").join("spy");
    let spy = spy.to_str().unwrap();
    project.git(&["config", "core.fsmonitor", spy]);
    project.git(&["config", "gpg.program", spy]);
    project.git(&["config", "log.showSignature", "true"]);
    for hook in ["post-index-change", "reference-transaction", "fsmonitor-watchman"] {
        std::os::unix::fs::symlink(spy, project.root().join(".git/hooks").join(hook)).unwrap();
    }
    // The index is out of date, so `git describe --dirty` refreshes it.
    project.dirty();
    let output = VersionProcess::new(project.root()).run();
    assert_eq!(output.record()["error"], serde_json::Value::Null);
    assert!(!ran.exists(), "{:?}", std::fs::read_to_string(&ran));
}
