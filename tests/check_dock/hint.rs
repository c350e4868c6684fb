//! Other commands name check-dock when they fail for a cause that it knows.

use super::project;

#[test]
fn a_command_whose_engine_is_down_names_check_dock_once() {
    for (command, args) in
        [("run-image", &["dev"][..]), ("build-image", &["dev"]), ("build-image", &["clean", "dev"])]
    {
        let down = project().command(command).args(args.iter().copied()).docker_exits(1);
        let outcome = down.env("DOCKER_HOST", "unix:///nowhere/docker.sock").run();
        outcome.stderr_has("(Docker Desktop: open it); check-dock shows more\n");
        outcome.check(outcome.stderr.matches("check-dock").count() == 1, || "more than one hint".to_owned());
    }
}

#[test]
fn a_command_that_fails_for_another_cause_does_not_name_it() {
    project().command("run-image").arg("none").run().status(1).stderr_lacks("check-dock");
}
