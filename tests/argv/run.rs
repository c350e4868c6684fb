//! The exact arguments of `docker run`, for configurations, flags and environments.

mod command_line;
mod environment;
mod gpus;
mod keep_failed;
mod keys;

use std::collections::BTreeSet;

use dockerutils_testkit::Project;

/// A configuration, the arguments, the environment, and the arguments that docker gets after the container's name.
#[derive(Clone, Copy)]
struct Row {
    title: &'static str,
    cfg: &'static str,
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    docker: &'static str,
}

const fn row(
    title: &'static str,
    cfg: &'static str,
    args: &'static [&'static str],
    docker: &'static str,
) -> Row {
    Row { title, cfg, args, env: &[], docker }
}

const fn with_env(env: &'static [(&'static str, &'static str)], mut row: Row) -> Row {
    row.env = env;
    row
}

#[test]
fn docker_gets_exactly_these_arguments() {
    let tables = [command_line::ROWS, gpus::ROWS, keys::ROWS, environment::ROWS];
    for row in tables.concat() {
        let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(row.cfg);
        let mut invocation = project.command("run-image").args(row.args);
        for (name, value) in row.env {
            invocation = invocation.env(*name, *value);
        }
        let outcome = invocation.run();
        outcome.status(0).stdout_is("");
        let root = project.root().to_str().expect("text");
        let home = project.home().to_str().expect("text");
        let expected: Vec<String> = shlex::split(row.docker)
            .expect("shell words")
            .iter()
            .map(|word| word.replace("ROOT", root).replace("HOME/", &format!("{home}/")))
            .collect();
        let [call] = outcome.calls.as_slice() else {
            panic!("{}: one call, not {:?}", row.title, outcome.calls)
        };
        assert_eq!(call[..3], ["run", "--init", "--name"], "{}", row.title);
        // No registry has an image of the project.
        let is_local = expected.iter().any(|word| word.starts_with("proj-") && word.contains(':'));
        let (call, is_pulled) = without_pull_never(call);
        assert_eq!(call[4..], expected, "{}", row.title);
        assert_eq!(is_pulled, !is_local, "{}", row.title);
    }
    let count: usize = tables.iter().map(|rows| rows.len()).sum();
    assert!(count >= 60, "the tables have {count} rows");
}

/// Returns the arguments without `--pull never` before the image, and whether docker may pull the image.
fn without_pull_never(call: &[String]) -> (Vec<String>, bool) {
    match call.windows(2).position(|pair| pair == ["--pull", "never"]) {
        Some(at) => ([&call[..at], &call[at + 2..]].concat(), false),
        None => (call.to_vec(), true),
    }
}

#[test]
fn an_image_of_the_project_is_not_looked_up_in_a_registry() {
    for (cfg, args, pull) in [
        ("", &["dev"][..], Some("never")),
        ("[dev]\nname=other\n", &["dev", "-t", "1"], Some("never")),
        ("", &["dev", "-a", "--pull always"], Some("always")),
        ("[dev]\nargs=--pull=missing\n", &["dev"], None),
        ("[dev]\nname=quay.io/me/dev\nprefix=False\n", &["dev"], None),
        ("", &["dev", "-i", "python:3.12"], None),
    ] {
        let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(cfg);
        let outcome = project.command("run-image").args(args).run();
        let call = &outcome.status(0).calls[0];
        let found = call.iter().position(|word| word == "--pull").map(|at| call[at + 1].as_str());
        assert_eq!(found, pull, "{args:?} {call:?}");
    }
}

#[test]
fn a_missing_image_of_the_project_names_the_command_that_builds_it() {
    let script = "case $1 in run) exit 125 ;; esac\necho 'Error: No such image' >&2; exit 1";
    let cfg = "[run_image]\nsynthetic_images=shell\n[shell]\nname=dev\n";
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(cfg);
    for (args, sentence) in [
        (&["dev"][..], "docker has no image proj-dev:tester: `build-image dev` makes it"),
        (&["shell"], "docker has no image proj-dev:tester: `build-image dev` makes it"),
        (&["dev", "-t", "1.0"], "docker has no image proj-dev:1.0: `build-image -t 1.0 dev` makes it"),
    ] {
        // An engine without a local socket is asked by docker.
        let invocation = project.command("run-image").args(args).env("DOCKER_HOST", "tcp://127.0.0.1:1");
        let outcome = invocation.docker_runs(script).run();
        outcome.status(1).stderr_has(&format!("run-image: {sentence}\n"));
    }
    // The container's own failure has no remedy.
    let invocation = project.command("run-image").arg("dev").env("DOCKER_HOST", "tcp://127.0.0.1:1");
    let outcome = invocation.docker_runs("exit 7").run();
    outcome.status(7);
    assert_eq!(outcome.calls.len(), 1);
}

#[test]
fn relative_paths_of_the_command_line_mean_the_working_folder() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n").file("sub/x", "");
    let root = project.root().display().to_string();
    let flags = "-v ./x:/x -v cache:/c --mount type=bind,source=x,target=/y --env-file ../vars -w sub";
    let run = |dir: &str| {
        let outcome = project.command("run-image").args(["dev", "-a", flags]).dir(dir).run();
        let call = outcome.status(0).calls[0].clone();
        call[6..call.len() - 3].join(" ")
    };
    assert_eq!(
        run("sub"),
        format!(
            "-v {root}/sub/x:/x -v cache:/c --mount type=bind,source={root}/sub/x,target=/y --env-file {root}/sub/../vars -w sub"
        )
    );
    // At the root only what docker 20.10 refuses is changed.
    assert_eq!(
        run("."),
        format!(
            "-v {root}/x:/x -v cache:/c --mount type=bind,source={root}/x,target=/y --env-file ../vars -w sub"
        )
    );
    let build = |dir: &str| {
        let args = ["dev", "--", "-f", "docker/dev/Dockerfile", "--secret", "id=a,src=x", "--iidfile=id"];
        let outcome = project.command("build-image").args(args).dir(dir).run();
        outcome.status(0).calls[0][5..].join(" ")
    };
    assert_eq!(build("."), "-f docker/dev/Dockerfile --secret id=a,src=x --iidfile=id .");
    assert_eq!(
        build("sub"),
        format!(
            "-f {root}/sub/docker/dev/Dockerfile --secret id=a,src={root}/sub/x --iidfile={root}/sub/id ."
        )
    );
}

#[test]
fn a_project_is_the_same_through_a_symbolic_link() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n").file("sub/x", "");
    let link = project.home().join("other");
    std::os::unix::fs::symlink(project.root(), &link).expect("a link");
    let into = project.home().join("into");
    std::os::unix::fs::symlink(project.root().join("sub"), &into).expect("a link");
    for folder in [&link, &link.join("sub"), &into] {
        let invocation = project.command("run-image").arg("dev").dir(folder).env("PWD", folder);
        let outcome = invocation.run();
        assert_eq!(outcome.status(0).calls[0].last().map(String::as_str), Some("proj-dev:tester"));
    }
}

#[test]
fn a_container_is_named_after_user_image_and_time() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let outcome = project.command("run-image").arg("dev").run();
    let name = &outcome.calls[0][3];
    let time = name.strip_prefix("tester_dev_").unwrap_or_else(|| panic!("{name}"));
    assert!(chrono::NaiveDateTime::parse_from_str(time, "%y-%m-%d_%H.%M.%S%.9f").is_ok(), "{name}");
}

#[test]
fn containers_of_one_second_have_different_names() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let runs: Vec<_> = (0..20).map(|_| project.command("run-image").arg("dev").spawn()).collect();
    let names: BTreeSet<String> = runs.into_iter().map(|run| run.wait().calls[0][3].clone()).collect();
    assert_eq!(names.len(), 20, "{names:?}");
}

#[test]
fn user_host_passes_the_ids_of_the_calling_user() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg("[dev]\nuser=host\n");
    let outcome = project.command("run-image").arg("dev").run();
    let user = format!("{}:{}", nix::unistd::getuid(), nix::unistd::getgid());
    let (call, _) = without_pull_never(&outcome.calls[0]);
    // Root has a home and a name in every image.
    let is_root = nix::unistd::getuid().is_root();
    let named: &[&str] =
        if is_root { &[] } else { &["-e", "HOME=/tmp", "-e", "USER=tester", "-e", "LOGNAME=tester"] };
    assert_eq!(call[4..], [&["--rm", "-i", "--user", &user], named, &["proj-dev:tester"]].concat());
}

/// Rootless podman would give the user's files other ids in the container.
#[test]
fn user_host_keeps_the_ids_in_podman() {
    let project = Project::new()
        .dockerfile("dev", "FROM scratch\n")
        .cfg("[dev]\nuser=host\n")
        .executable("bin/docker", "#!/bin/sh\nexec podman \"$@\"\n")
        .executable("bin/podman", "#!/bin/sh\n:\n");
    // Root has the same ids everywhere, so it becomes another user in a namespace.
    let run_image = env!("CARGO_BIN_EXE_run-image");
    let outcome = if nix::unistd::getuid().is_root() {
        project.program("unshare").args(["--user", "--map-user=1000", "--map-group=1000", run_image])
    } else {
        project.command("run-image")
    };
    let outcome = outcome.args(["--dry-run", "dev"]).path_first(&project.root().join("bin")).run();
    outcome.status(0).stderr_has("--userns=keep-id").stderr_has("HOME=/tmp");
}

#[test]
fn a_container_gets_a_terminal_if_the_user_has_one() {
    for (cfg, flags) in [("", "-it"), ("[dev]\ninteractive=-it\n", "-it"), ("[dev]\ninteractive=-d\n", "-d")]
    {
        let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(cfg);
        let outcome = project.command("run-image").arg("dev").spawn_in_terminal().wait();
        outcome.status(0);
        assert_eq!(outcome.calls[0][5], flags, "{cfg}");
    }
}
