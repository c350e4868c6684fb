//! Crashes of real containers, found and entered.

use dockerutils_testbed::{Engine, engines, engines_of_each_store};
use dockerutils_testkit::{Project, Signal, poll_until};
use serde_json::Value;

/// A project whose only image is busybox under this name.
fn project(image: &str, keys: &str) -> Project {
    Project::new().cfg(format!(
        "[run_image]\nsynthetic_images={image}\n[{image}]\nname=busybox:latest\nprefix=False\n{keys}\n"
    ))
}

/// Runs an image whose container fails and is kept, and returns its name.
fn crash(project: &Project, engine: &Engine, image: &str, status: i32) -> String {
    let run = project.command("run-image").args(["--keep-failed", image]).uses(engine).run();
    run.status(status).stderr_has("is kept: `debug-image --last");
    containers(engine, image).pop().expect("the container is kept")
}

fn containers(engine: &Engine, image: &str) -> Vec<String> {
    let filter = format!("name=tester_{image}_");
    let names = engine.docker(&["ps", "-a", "--filter", &filter, "--format", "{{.Names}}"]);
    names.lines().map(str::to_owned).collect()
}

/// The number of copies of containers that have this value of the variable MARK.
fn copies(engine: &Engine, mark: &str) -> usize {
    let listed = engine.docker(&["image", "ls", "-q", "--filter", "label=dockerutils.debug"]);
    let is_marked = |id: &&str| {
        let output = engine.command().args(["image", "inspect", "--format", "{{.Config.Env}}", id]).output();
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&format!("MARK={mark}")))
    };
    listed.lines().filter(is_marked).count()
}

#[test]
#[ignore = "needs root: private engine"]
fn keep_failed_keeps_a_container_only_if_it_fails() {
    for engine in engines() {
        // As with --rm, the volume of a container that succeeds goes with it.
        let volume = "args=--mount type=volume,target=/data,volume-label=of=kf";
        let project = project("kf", &format!("keep_failed=True\n{volume}"));
        let volumes = || engine.docker(&["volume", "ls", "-q", "--filter", "label=of=kf"]);
        let run = |command: &str| project.command("run-image").args(["kf", "-c", command]).uses(engine).run();
        run("echo x").status(0).stdout_is("x\n");
        assert!(containers(engine, "kf").is_empty() && volumes().is_empty());
        run("sh -c 'exit 3'").status(3);
        for name in containers(engine, "kf") {
            engine.docker(&["rm", "--volumes", &name]);
        }
        assert!(volumes().is_empty());
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn what_a_container_died_of_is_found_with_its_cause() {
    for engine in engines() {
        for (image, keys, status, cause) in [
            ("d126", "cmd=/etc", 126, "not-executable"),
            ("d127", "cmd=no-such-program", 127, "not-found"),
            ("d139", "cmd=sh -c 'echo one; echo two >&2; kill -SEGV $$'", 139, "segmentation-fault"),
            ("dbus", "cmd=sh -c 'kill -BUS $$'", 135, "shm"),
            ("dkill", "cmd=sh -c 'kill -9 $$'", 137, "killed"),
        ] {
            let project = project(image, keys);
            let name = crash(&project, engine, image, status);
            let outcome = project.command("debug-image").args(["--last", "--json"]).uses(engine).run();
            let report: Value = serde_json::from_str(&outcome.status(0).stdout).expect("JSON");
            assert_eq!(report["container"], name.as_str());
            assert_eq!((&report["exit_code"], &report["causes"][0]["id"]), (&status.into(), &cause.into()));
            assert_eq!(report["image_architecture"], report["engine_architecture"]);
            if image == "d139" {
                // Docker may read the two streams in either order.
                let log = report["log"].as_array().expect("a list");
                assert!(
                    log.len() == 2 && ["one", "two"].iter().all(|line| log.contains(&(*line).into())),
                    "{log:?}"
                );
            }
            engine.docker(&["rm", &name]);
        }
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn the_shell_in_a_copy_has_files_mounts_and_variables_and_the_copy_is_removed() {
    for engine in engines_of_each_store() {
        let keys = "volumes=-v {project_root}:/mnt --mount type=tmpfs,destination=/scratch\n\
                    environment=-e MARK=copied -e API_TOKEN=$GITHUB_PAT\ncmd=sh -c 'echo left >/left; exit 5'";
        let project = project("cp", keys).file("x", "mounted");
        let run = project.command("run-image").args(["--keep-failed", "cp"]).env("GITHUB_PAT", "hush");
        run.uses(engine).run().status(5).stderr_lacks("hush");
        let terminal = project.command("debug-image").args(["--last", "cp"]).uses(engine).spawn_in_terminal();
        terminal.wait_for("the shell is in a copy");
        terminal.wait_for("/ #");
        assert_eq!(copies(engine, "copied"), 1);
        terminal.types(
            "echo $(cat /left /mnt/x) $MARK ${API_TOKEN#hu} $(grep -c ' /scratch tmpfs' /proc/mounts)\r",
        );
        terminal.wait_for("left mounted copied sh 1");
        assert!(!terminal.screen().contains("hush"), "{}", terminal.screen());
        terminal.types("exit 4\r");
        terminal.wait().status(4);
        assert_eq!(copies(engine, "copied"), 0);
        // A signal to us alone stops the shell, and the copy is removed all the same.
        let terminal = project.command("debug-image").args(["--last", "cp"]).uses(engine).spawn_in_terminal();
        terminal.wait_for("/ #");
        let pid = nix::unistd::Pid::from_raw(i32::try_from(terminal.pid()).expect("a process id"));
        nix::sys::signal::kill(pid, Signal::SIGTERM).expect("a signal");
        terminal.wait().status(143);
        let is_gone = poll_until(|| (copies(engine, "copied") == 0).then_some(()));
        assert!(is_gone.is_some());
        for name in containers(engine, "cp") {
            engine.docker(&["rm", &name]);
        }
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn an_image_whose_entrypoint_crashes_and_one_without_a_shell_have_a_shell() {
    for engine in engines() {
        let root = tempfile::tempdir().expect("a folder");
        std::fs::write(
            root.path().join("Dockerfile"),
            "FROM busybox:latest\nENTRYPOINT [\"false\"]\nENV A=b\n",
        )
        .expect("a file");
        let folder = root.path().to_str().expect("text");
        engine.docker(&["build", "-q", "-t", "crashes", folder]);
        std::fs::write(root.path().join("Dockerfile"), "FROM scratch\nCOPY Dockerfile /x\nCMD [\"/x\"]\n")
            .expect("a file");
        engine.docker(&["build", "-q", "-t", "shell-less", folder]);
        let cfg = "[run_image]\nsynthetic_images=crashes,bare\n[crashes]\nname=crashes\nprefix=False\n\
                   [bare]\nname=shell-less\nprefix=False\n";
        let project = Project::new().cfg(cfg);
        let debug = |args: &[&str]| {
            let invocation = project.command("debug-image").args(args).uses(engine);
            invocation.stdin("echo $A; echo $((6 * 7)); ls / >/dev/null && exit 6\n").run()
        };
        project.command("run-image").arg("crashes").uses(engine).run().status(1);
        debug(&["crashes"]).status(6).stdout_is("b\n42\n");
        debug(&["bare"]).status(127).stdout_is("").stderr_has("shell-less has no shell: with --busybox, /");
        debug(&["bare", "--busybox"]).status(6).stdout_is("\n42\n");
        engine.docker(&["rmi", "crashes", "shell-less"]);
    }
}
