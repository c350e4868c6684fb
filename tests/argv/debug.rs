//! `debug-image IMAGE`: the command line of run-image, with a shell.

use dockerutils_testkit::{Outcome, Project};

const SHELL: &str = "command -v bash >/dev/null && exec bash; exec sh";

fn debug(cfg: &str, args: &[&str], script: &str) -> Outcome {
    let project = Project::new().dockerfile("dev", "FROM scratch\nENTRYPOINT [\"/crash\"]\n").cfg(cfg);
    project.command("debug-image").args(args).env("GITHUB_TOKEN", "hush").docker_runs(script).run()
}

#[test]
fn a_shell_takes_the_place_of_entrypoint_and_command_and_the_rest_is_as_configured() {
    let cfg = "[dev]\nvolumes=-v /data:/data\nports=-p 80:80\nenvironment=-e A=b -e T=$GITHUB_TOKEN\nnetwork=net\n\
               interactive=-d\nuser=host\nargs=--shm-size 1g --cidfile id --ip 10.0.0.2 --name web -dP --entrypoint /other --restart always\ncmd=serve\n\
               gpu_always=True\nkeep_failed=True\n";
    let outcome = debug(cfg, &["dev", "-e", "B=c", "-a", "-p 8080:80"], ":");
    outcome.status(0).stderr_lacks("hush");
    let [call] = &outcome.calls[..] else { panic!("{:?}", outcome.calls) };
    let user = format!("{}:{}", nix::unistd::getuid(), nix::unistd::getgid());
    let is_root = nix::unistd::getuid().is_root();
    let home: &[&str] =
        if is_root { &[] } else { &["-e", "HOME=/tmp", "-e", "USER=tester", "-e", "LOGNAME=tester"] };
    let expected = [
        &["--rm", "-i", "--user", &user][..],
        home,
        &[
            "--network",
            "net",
            "-e",
            "A=b",
            "-e",
            "T",
            "--gpus",
            "all",
            "-v",
            "/data:/data",
            "--shm-size",
            "1g",
        ],
        &["--entrypoint", "/other", "-e", "B=c", "-p", "8080:80", "--entrypoint", "sh"],
        &["--pull", "never", "proj-dev:tester", "-c", SHELL],
    ]
    .concat();
    assert_eq!(call[..3], ["run", "--init", "--name"]);
    assert_eq!(call[4..], expected);
}

#[test]
fn the_status_of_the_shell_is_ours_and_a_command_that_it_did_not_find_is_no_missing_shell() {
    debug("", &["dev"], "exit 3").status(3);
    // The probe finds the shell.
    let outcome = debug("", &["dev"], "case $* in *'-c :') exit 0 ;; esac; exit 127");
    outcome.status(127).stderr_lacks("has no shell");
}

#[test]
fn an_image_without_a_shell_can_have_one_from_a_static_busybox() {
    let outcome = debug("", &["dev"], "exit 127");
    outcome.status(127).stderr_has("debug-image: proj-dev:tester has no shell: with --busybox, /");
    let outcome = debug("", &["dev", "--busybox"], ":");
    let call = outcome.status(0).calls[0].join(" ");
    let mount = call.split(" -v ").nth(1).expect("a mount");
    let rest =
        "busybox:/.dockerutils/busybox:ro --entrypoint /.dockerutils/busybox --pull never proj-dev:tester sh";
    assert!(mount.starts_with('/') && mount.ends_with(rest), "{call}");
}

#[test]
fn without_a_busybox_the_package_that_has_one_is_named() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    for args in [&["dev"][..], &["dev", "--busybox"]] {
        let invocation = project.command("debug-image").args(args).docker_exits(127);
        // An engine that is not on this machine may be anywhere.
        let outcome = invocation.env("DOCKER_HOST", "tcp://127.0.0.1:1").run();
        outcome.status(if args.len() == 1 { 127 } else { 1 });
        outcome.stderr_has("the engine's machine has no static busybox: install it there with `sudo apt-get install busybox-static`");
    }
}

#[test]
fn a_missing_image_of_the_project_names_the_command_that_builds_it() {
    let script = "case $1 in run) exit 125 ;; esac\necho 'Error: No such image' >&2; exit 1";
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let invocation = project.command("debug-image").arg("dev").docker_runs(script);
    let outcome = invocation.env("DOCKER_HOST", "tcp://127.0.0.1:1").run();
    outcome.status(1).stderr_has("`build-image dev`");
    project.command("debug-image").arg("dve").run().status(1).stderr_has("did you mean `dev`?");
}

#[test]
fn flags_of_a_run_have_no_meaning_for_a_container_that_has_ended() {
    for args in [&["--last", "-g"][..], &["--last", "-e", "A=b"], &["dev", "--json"], &[]] {
        debug("", args, ":").status(2).calls_are(&[]);
    }
    let outcome = debug("", &["--last", "--dry-run", "dev"], ":");
    outcome.status(0).calls_are(&[]).stderr_has("docker container ls --all");
}
