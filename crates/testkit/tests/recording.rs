//! What the testkit itself does: the recording docker, the environment of a command, terminals.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use dockerutils_testkit::{Project, Signal, paste};

#[test]
fn arguments_come_back_as_they_were_given() {
    let odd = OsString::from_vec(b"a\xff\n".to_vec());
    let outcome =
        Project::new().program("docker").args(["", "a\nb", "$HOME 'x'", "\\0"]).arg(odd.clone()).run();
    outcome.status(0);
    assert_eq!(outcome.records.len(), 1);
    assert_eq!(outcome.records[0].args[4], odd);
    assert_eq!(outcome.calls[0][..4], ["", "a\nb", "$HOME 'x'", "\\0"]);
}

#[test]
fn each_call_is_kept_apart_with_its_folder() {
    let project = Project::named("it's a $proj").file("sub dir/x", "");
    let outcome = project.program("sh").args(["-c", "docker; docker a b; cd 'sub dir'; X=1 docker ''"]).run();
    outcome.status(0).calls_are(&[&[], &["a", "b"], &[""]]);
    assert_eq!(outcome.records[1].dir, project.root());
    assert_eq!(outcome.records[2].dir, project.root().join("sub dir"));
    assert_eq!(outcome.records[2].var("X"), Some("1".as_ref()));
}

#[test]
fn a_command_gets_a_clean_environment_and_its_own_home() {
    let project = Project::new();
    let outcome = project.program("docker").env("ONE", "1").env_remove("TZ").run();
    let names: Vec<_> = outcome.records[0].env.keys().filter_map(|name| name.to_str()).collect();
    for name in ["HOME", "LANG", "LOGNAME", "ONE", "PATH", "USER"] {
        assert!(names.contains(&name), "{name} is missing: {names:?}");
    }
    assert!(
        !names.iter().any(|name| name.starts_with("AWS_") || name.starts_with("DOCKER_") || *name == "TZ")
    );
    assert_eq!(outcome.records[0].var("HOME"), Some(project.home().as_os_str()));
}

#[test]
fn the_recording_docker_prints_and_exits_as_configured() {
    let project = Project::new();
    let outcome = project.program("docker").docker_exits(7).docker_prints("out\n", "err\n").run();
    outcome.status(7).stdout_is("out\n").stderr_has("err\n");
    project.program("docker").docker_runs("kill -TERM $$").run().status(143);
}

#[test]
fn a_command_may_run_without_docker() {
    let project = Project::new();
    project.program("/bin/sh").args(["-c", "docker"]).no_docker().run().status(127).calls_are(&[]);
    project.program("/bin/sh").args(["-c", "git --version && cat </dev/null"]).no_docker().run().status(0);
}

#[test]
fn standard_input_is_the_given_text_or_empty() {
    let project = Project::new();
    project.program("cat").stdin("text").run().stdout_is("text");
    project.program("cat").run().stdout_is("");
}

#[test]
fn a_running_command_gets_signals() {
    let running = Project::new().program("docker").docker_runs("exec sleep 100").spawn();
    running.wait_for_calls(1);
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
}

#[test]
fn a_terminal_has_a_screen_and_takes_keys() {
    let script = "test -t 0 && test -t 2 && echo ready && read line && echo \"<$line>\" && exec sleep 100";
    let terminal = Project::new().program("sh").args(["-c", script]).spawn_in_terminal();
    terminal.wait_for("ready");
    terminal.types("some words\r");
    terminal.wait_for("<some words>");
    terminal.interrupt();
    terminal.wait().status(130);
}

#[test]
fn a_pasted_line_is_parsed_by_bash() {
    let calls = paste("A=\"$B\"; docker run 'a b' $'c\\nd' -e \"$A\"", "/".as_ref(), &[("B", "x y")]);
    assert_eq!(calls, [["run", "a b", "c\nd", "-e", "x y"]]);
}

#[test]
fn a_dropped_project_leaves_no_files() {
    let project = Project::new().executable("tool.sh", "#!/bin/sh\necho ran\n");
    let root = project.root().to_owned();
    project.program(root.join("tool.sh")).run().stdout_is("ran\n");
    drop(project);
    assert!(!root.parent().is_some_and(std::path::Path::exists));
}

#[test]
#[should_panic(expected = "exit status 3, not 0")]
fn a_failed_assertion_reports_the_status() {
    Project::new().program("sh").args(["-c", "exit 3"]).run().status(0);
}

#[test]
fn a_command_gets_ctrl_c_even_if_the_tests_ignore_it() {
    let background = "trap '' INT; exec \"$0\" --exact a_terminal_has_a_screen_and_takes_keys";
    let tests = std::env::current_exe().expect("the test's path");
    let outcome = Project::new().program("sh").args(["-c", background]).arg(tests).run();
    outcome.status(0).check(outcome.stdout.contains("1 passed"), || "no test ran".to_owned());
}
