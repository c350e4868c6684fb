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
        ("--IdentityProvider.token=other", "this server has a token or password of its own"),
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
