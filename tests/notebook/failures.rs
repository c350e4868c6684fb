//! Images in which Jupyter does not start, or is not usable as it is.

use dockerutils_testkit::Signal;

use super::{CFG, assert_no_container, engine, project, run_notebook};

#[test]
#[ignore = "needs root: private engine"]
fn an_image_in_which_jupyter_does_not_start_has_a_remedy() {
    let engine = engine();
    let own_user = format!("{CFG}args=--user 12345:12345\n");
    for (dockerfile, cfg, remedy) in [
        ("FROM busybox:latest\nCMD [\"jupyter\", \"lab\"]\n", CFG, "the image has no jupyter"),
        ("FROM jupyter:latest\nENV HOME=/\n", &own_user, "Jupyter cannot write its home folder"),
        (
            "FROM jupyter:latest\nCMD [\"jupyter\", \"lab\", \"--ip=0.0.0.0\"]\n",
            CFG,
            "Jupyter does not run as root",
        ),
    ] {
        let project = project().dockerfile("notebook", dockerfile).cfg(cfg);
        let outcome = run_notebook(&project, engine).run();
        outcome.stderr_has(remedy).check(outcome.status != 0, || "the status".to_owned());
        assert_no_container(engine, &project);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_background_container_that_ends_shows_its_last_lines() {
    let project = project()
        .dockerfile("notebook", "FROM busybox:latest\nCMD [\"sh\", \"-c\", \"sleep 2; echo broken\"]\n");
    let outcome = run_notebook(&project, engine()).arg("-d").run();
    outcome.status(1).stdout_is("").stderr_has("has ended before Jupyter responded; broken");
}

#[test]
#[ignore = "needs root: private engine"]
fn a_server_without_a_token_or_with_another_one_is_warned_of() {
    let engine = engine();
    for (option, warning) in [
        ("--IdentityProvider.token=", "this server has no authentication"),
        ("--IdentityProvider.token=other", "or log in with what it has at http://127.0.0.1:"),
    ] {
        let command =
            format!("CMD [\"jupyter\", \"lab\", \"--ip=0.0.0.0\", \"--allow-root\", \"{option}\"]\n");
        let project = project().dockerfile("notebook", format!("FROM jupyter:latest\n{command}"));
        let running = run_notebook(&project, engine).spawn();
        running.wait_for_stderr(warning);
        running.signal(Signal::SIGTERM);
        running.wait().status(143);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_server_that_listens_in_the_container_only_is_reported() {
    let command = "CMD [\"jupyter\", \"lab\", \"--ip=127.0.0.1\", \"--allow-root\", \"--no-browser\"]\n";
    let project = project().dockerfile("notebook", format!("FROM jupyter:latest\nENV HOME=/tmp\n{command}"));
    let running = run_notebook(&project, engine()).spawn();
    running.wait_for_stderr(
        "Jupyter runs, but does not respond; if it listens on 127.0.0.1 in the container only, add --ip=0.0.0.0 to its command \
         (port 8888)",
    );
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
}

#[test]
#[ignore = "needs root: private engine"]
fn a_background_container_that_ends_at_once_is_an_error() {
    let engine = engine();
    // Without docker's init, docker itself does not find the program.
    let direct = format!("{CFG}args=--init=false\n");
    for (command, status, reason) in [
        (r#"["false"]"#, 1, "the container has ended before Jupyter responded"),
        (
            r#"["jupyter", "lab"]"#,
            127,
            "the image has no jupyter: add `RUN pip install jupyterlab` to docker/notebook",
        ),
    ] {
        let project =
            project().dockerfile("notebook", format!("FROM busybox:latest\nCMD {command}\n")).cfg(&direct);
        run_notebook(&project, engine).arg("-d").run().status(status).stdout_is("").stderr_has(reason);
        assert_no_container(engine, &project);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_container_whose_port_docker_does_not_publish_is_reported() {
    let (engine, project) = (engine(), project().cfg(format!("{CFG}network=none\n")));
    let running = run_notebook(&project, engine).spawn();
    running.wait_for_stderr("docker publishes no port of this container");
    let second = run_notebook(&project, engine).arg("-d").run();
    second.status(0).stdout_is("").stderr_has("docker publishes no port of this container");
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
    let project = project.cfg(format!("{CFG}network=host\ncmd=sleep 600\n"));
    let outcome = run_notebook(&project, engine).args(["-d", "--no-build"]).run();
    outcome.status(0).stdout_is("").stderr_has("other machines reach its port 8888");
    run_notebook(&project, engine).arg("--stop").run().status(0);
}

#[test]
#[ignore = "needs root: private engine"]
fn a_container_whose_log_cannot_be_followed_is_waited_for_all_the_same() {
    let engine = engine();
    let long = "[\"sh\", \"-c\", \"head -c 2000000 /dev/zero | tr '\\\\0' x; sleep 1; head -c 2000000 /dev/zero | tr '\\\\0' x; \
                exec jupyter lab --ip=0.0.0.0 --no-browser --allow-root\"]";
    let talkative = format!("FROM jupyter:latest\nENV HOME=/tmp\nWORKDIR /workspace\nCMD {long}\n");
    let silent = format!("{CFG}args=--log-driver none\n");
    for (dockerfile, cfg) in [(talkative.as_str(), CFG), (super::DOCKERFILE, &silent)] {
        let project = project().dockerfile("notebook", dockerfile).cfg(cfg);
        let outcome = run_notebook(&project, engine).args(["-d", "--no-browser"]).run();
        outcome.status(0).check(outcome.stdout.contains("?token="), || "the URL".to_owned());
        // The whole log is there by now.
        let second = run_notebook(&project, engine).args(["-d", "--no-browser"]).run();
        second.status(0).stdout_is(&outcome.stdout);
        run_notebook(&project, engine).arg("--stop").run().status(0);
    }
}
