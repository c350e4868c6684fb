//! However a build ends, pip.conf is removed.

use std::path::Path;

use dockerutils_testkit::{Project, Signal};

fn project() -> Project {
    Project::new()
        .dockerfile("dev", "FROM scratch\n")
        .file("pip.conf.template", "[global]\nindex-url = https://me:hush@host/\n")
}

/// The script of a docker that runs until it gets a signal, which it reports.
const LASTS: &str =
    "echo got >&2; trap 'echo stopped >&2; exit 3' INT TERM HUP; while :; do sleep 0.05; done";

/// A docker that ends when build-image has ended.
const LASTS_AS_LONG: &str = "while kill -0 $PPID 2>/dev/null; do sleep 0.05; done";

fn pip_conf(root: &Path) -> Option<String> {
    std::fs::read_to_string(root.join("pip.conf")).ok()
}

#[test]
fn pip_conf_exists_as_long_as_the_build() {
    let project = project();
    let outcome = project.command("build-image").arg("dev").docker_runs("cat pip.conf").run();
    outcome.status(0).stdout_is("# A copy of pip.conf.template that dockerutils removes after the build.\n[global]\nindex-url = https://me:hush@host/\n").stderr_lacks("hush");
    assert_eq!(pip_conf(project.root()), None);
    project.command("build-image").arg("dev").docker_exits(4).run().status(4);
    assert_eq!(pip_conf(project.root()), None);
}

#[test]
fn the_users_own_pip_conf_is_kept() {
    let project = project().file("pip.conf", "mine");
    let outcome = project.command("build-image").arg("dev").run();
    let note = "build-image: pip.conf is your own and is used as it is, in place of pip.conf.template\n";
    outcome.status(0).stderr_has(note);
    assert_eq!(pip_conf(project.root()).as_deref(), Some("mine"));
}

#[test]
fn a_signal_to_build_image_alone_is_forwarded_and_pip_conf_is_removed() {
    for (signal, status) in [(Signal::SIGTERM, 143), (Signal::SIGINT, 130), (Signal::SIGHUP, 129)] {
        let project = project();
        let running = project.command("build-image").arg("dev").docker_runs(LASTS).spawn();
        running.wait_for_calls(1);
        running.wait_for_stderr("got");
        assert!(pip_conf(project.root()).is_some());
        running.signal(signal);
        running.wait().status(status).stderr_has("stopped");
        assert_eq!(pip_conf(project.root()), None, "{signal}");
    }
}

#[test]
fn ctrl_c_reaches_docker_once_and_pip_conf_is_removed() {
    let project = project();
    let counting = "n=0; trap 'n=$((n+1))' INT; echo got; i=0; while [ $i -lt 20 ]; do sleep 0.05; i=$((i+1)); done; echo $n times; exit 3";
    let terminal = project.command("build-image").arg("dev").docker_runs(counting).spawn_in_terminal();
    terminal.wait_for("got");
    terminal.interrupt();
    terminal.wait().status(130).stderr_has("1 times");
    assert_eq!(pip_conf(project.root()), None);
}

#[test]
fn nothing_runs_after_a_signal() {
    let project = project()
        .cfg("[dev]\npre_build_script=sh -c 'echo got >&2; exec sleep 30'\npost_build_script=touch after\n");
    let running = project.command("build-image").arg("dev").spawn();
    running.wait_for_stderr("got");
    running.signal(Signal::SIGTERM);
    let outcome = running.wait();
    outcome.status(143).calls_are(&[]);
    outcome.check(!outcome.stderr.contains("build-image:"), || {
        "build-image prints a message of its own".to_owned()
    });
    assert_eq!(pip_conf(project.root()), None);
    assert!(!project.root().join("after").exists());
}

#[test]
fn a_hangup_that_nohup_ignores_is_ignored() {
    let project = project();
    let running = project
        .program("nohup")
        .arg(env!("CARGO_BIN_EXE_build-image"))
        .arg("dev")
        .docker_runs("echo got >&2; sleep 0.5; echo done >&2")
        .spawn();
    running.wait_for_stderr("got");
    running.signal(Signal::SIGHUP);
    running.wait().status(0).stderr_has("done");
    assert_eq!(pip_conf(project.root()), None);
}

#[test]
fn the_build_after_one_that_was_killed_gets_the_new_password() {
    for signal in [Signal::SIGKILL, Signal::SIGABRT, Signal::SIGUSR1] {
        let project = project();
        let killed = project.command("build-image").arg("dev").docker_runs(LASTS_AS_LONG).spawn();
        killed.wait_for_calls(1);
        killed.signal(signal);
        killed.wait();
        assert!(pip_conf(project.root()).is_some(), "{signal} leaves the file");
        std::fs::write(project.root().join("pip.conf.template"), "new\n").expect("a template");
        let outcome = project.command("build-image").arg("dev").docker_runs("tail -n +2 pip.conf").run();
        outcome.status(0).stdout_is("new\n").stderr_lacks("your own");
        assert_eq!(pip_conf(project.root()), None, "{signal}");
    }
}

#[test]
fn a_template_without_an_end_is_an_error_and_starts_no_build() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    std::os::unix::fs::symlink("/dev/zero", project.root().join("pip.conf.template")).expect("a link");
    let outcome = project.command("build-image").arg("dev").run();
    outcome.status(1).calls_are(&[]).stderr_has("pip.conf.template: it is a device, and not a regular file");
}
