//! What docker gets, with a docker that only records.

use std::fs;
use std::net::TcpListener;

use dockerutils_testkit::{Invocation, Outcome, Project, paste};

use super::project;

/// `run-notebook` with a docker that has no image.
fn recorded(project: &Project) -> Invocation {
    project.command("run-notebook").docker_runs("[ \"$1\" != image ] || echo '[]'")
}

/// The words of the `docker run` that was called, from the first flag after the name on.
fn run_words(outcome: &Outcome) -> Vec<String> {
    let calls: Vec<_> =
        outcome.calls.iter().filter(|call| call.first().is_some_and(|verb| verb == "run")).collect();
    outcome.check(calls.len() == 1, || format!("docker run was called {} times", calls.len()));
    calls[0][4..].to_vec()
}

fn has(words: &[String], expected: &[&str]) -> bool {
    words.windows(expected.len()).any(|window| window == expected)
}

#[test]
fn the_projects_image_is_built_and_run_with_a_token_by_name() {
    let project = project();
    let outcome = recorded(&project).arg("--no-browser").run();
    outcome.status(0);
    let builds: Vec<_> = outcome.calls.iter().filter(|call| call[0] == "build").collect();
    // A blank in the folder's name is a hyphen in that of the image.
    let folder = project.root().file_name().expect("a name").to_string_lossy().replace(' ', "-");
    let image = format!("{folder}-notebook:tester");
    assert!(folder.starts_with("my-proj-"), "{folder}");
    assert_eq!(builds, [&["build", "-t", &image, "-f", "docker/notebook/Dockerfile", "."]]);
    let words = run_words(&outcome);
    assert!(has(&words, &["-e", "JUPYTER_TOKEN"]), "{words:?}");
    let label = format!("dockerutils.notebook={}", project.root().display());
    for label in [label.as_str(), "dockerutils.user=tester", "dockerutils.notebook-port=8888"] {
        assert!(has(&words, &["--label", label]), "{words:?}");
    }
    assert!(has(&words, &["-v", &format!("{}:/workspace", project.root().display())]), "{words:?}");
    let published = words.iter().filter(|word| word.starts_with("127.0.0.1:") && word.ends_with(":8888"));
    assert_eq!(published.count(), 1, "{words:?}");
    // The value is in docker's environment alone.
    let run = outcome.records.iter().find(|call| call.words()[0] == "run").expect("docker run");
    let token = run.var("JUPYTER_TOKEN").expect("a token").to_string_lossy().into_owned();
    assert!(token.len() == 48 && !outcome.stderr.contains(&token), "{}", outcome.stderr);
    assert!(!words.iter().any(|word| word.contains(&token)), "{words:?}");
}

#[test]
fn a_token_of_the_environment_is_used() {
    let outcome = recorded(&project()).arg("--no-build").env("JUPYTER_TOKEN", "mine").run();
    outcome.status(0).stderr_lacks("mine").stderr_lacks("is not printed");
    let run = outcome.records.iter().find(|call| call.words()[0] == "run").expect("docker run");
    assert_eq!(run.var("JUPYTER_TOKEN").and_then(|token| token.to_str()), Some("mine"));
}

#[test]
fn outside_of_a_project_the_stock_image_is_pulled_and_gets_the_working_folder() {
    let project = Project::named("plain");
    fs::remove_dir_all(project.root().join("docker")).expect("no project");
    let outcome = recorded(&project).run();
    outcome.status(0);
    let image = "quay.io/jupyter/scipy-notebook:2024-10-07";
    assert!(outcome.calls.contains(&vec!["pull".to_owned(), image.to_owned()]), "{:?}", outcome.calls);
    let words = run_words(&outcome);
    assert_eq!(words.last().map(String::as_str), Some(image));
    let mount = format!("{}:/home/jovyan/project", project.root().display());
    for flags in [
        &["-v", mount.as_str(), "-w", "/home/jovyan/project"][..],
        &["-e", "USER=tester", "-e", "NOTEBOOK_MODE=lab"],
    ] {
        assert!(has(&words, flags), "{words:?}");
    }
    let is_root = nix::unistd::getuid().is_root();
    assert_eq!(has(&words, &["--group-add", "100"]), !is_root, "{words:?}");
}

#[test]
fn the_stock_image_is_configurable_and_not_pulled_if_that_is_not_wanted() {
    let cfg =
        "[run_image]\nnotebook_image=lab:1\nnotebook_image_gpu=lab-gpu\n[notebook]\nenvironment=-e A=1\n";
    let project = Project::new().cfg(cfg);
    let pulled = |arguments: &[&str], variable: &str| {
        let invocation = recorded(&project).args(arguments.iter().copied());
        let outcome = invocation.env("DOCKER_DS_DONT_PULL", variable).run();
        outcome.status(0);
        let words = run_words(&outcome);
        assert!(has(&words, &["-e", "A=1"]), "{words:?}");
        (outcome.calls.iter().any(|call| call[0] == "pull"), words.last().cloned().unwrap_or_default())
    };
    for (arguments, variable, expected) in [
        (&[][..], "", (true, "lab:1")),
        (&[], "pull", (true, "lab:1")),
        (&[], "1", (false, "lab:1")),
        (&["--no-pull"], "", (false, "lab:1")),
        (&["-g"], "", (true, "lab-gpu:latest")),
    ] {
        let (is_pulled, image) = pulled(arguments, variable);
        assert_eq!((is_pulled, image.as_str()), expected, "{arguments:?} {variable}");
    }
}

#[test]
fn an_image_of_the_section_is_run() {
    let cfg = "[notebook]\nname=dev\nvolumes=-v {project_root}:/workspace\n";
    let project = Project::new().cfg(cfg).dockerfile("dev", "FROM scratch\n");
    let outcome = recorded(&project).run();
    outcome.status(0);
    assert!(outcome.calls.iter().any(|call| call.contains(&"docker/dev/Dockerfile".to_owned())));
    assert_eq!(run_words(&outcome).last().map(String::as_str), Some("proj-dev:tester"));
    let elsewhere = project.cfg("[notebook]\nname=lab:2\nprefix=False\n");
    let outcome = recorded(&elsewhere).run();
    outcome.status(0);
    assert_eq!(run_words(&outcome).last().map(String::as_str), Some("lab:2"));
}

#[test]
fn a_configured_port_is_narrowed_to_loopback_and_replaced_if_it_is_taken() {
    let free = || TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let taken = free();
    let (open, taken_port) =
        (free().local_addr().expect("a port").port(), taken.local_addr().expect("a port").port());
    let flags = |ports: &str| {
        let project = project().cfg(format!("{CFG}ports={ports}\n", CFG = super::CFG));
        let outcome = recorded(&project).arg("--no-build").run();
        outcome.status(0);
        let words = run_words(&outcome);
        let flags = words.windows(2).filter(|pair| pair[0] == "-p").map(|pair| pair[1].clone());
        (flags.collect::<Vec<_>>(), outcome.stderr)
    };
    let (published, stderr) = flags(&format!("-p {open}:8888 -p 9:9/udp"));
    assert_eq!(published, ["9:9/udp".to_owned(), format!("127.0.0.1:{open}:8888")]);
    assert!(stderr.contains("on 127.0.0.1 only"), "{stderr}");
    let (published, stderr) = flags(&format!("-p {taken_port}:9999"));
    assert!(published.len() == 1 && published[0].ends_with(":9999"), "{published:?}");
    assert!(!published[0].contains(&taken_port.to_string()) && stderr.contains("is taken"), "{stderr}");
    let (published, stderr) = flags(&format!("-p 0.0.0.0:{open}:8888"));
    assert_eq!(published, [format!("0.0.0.0:{open}:8888")]);
    assert!(stderr.contains("reachable from other machines"), "{stderr}");
}

#[test]
fn a_requested_port_that_is_taken_is_an_error_before_anything_is_built() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("a port").port().to_string();
    let outcome = recorded(&project()).args(["--port", &port]).run();
    let owner = format!("port {port} is taken on this machine by commands");
    outcome.status(1).stderr_has(&owner).stderr_has(&format!("(process {})", std::process::id()));
    assert!(!outcome.calls.iter().any(|call| call[0] == "build"), "{:?}", outcome.calls);
}

#[test]
fn a_dry_run_prints_everything_and_calls_nothing() {
    let outcome = recorded(&project()).arg("--dry-run").run();
    outcome
        .status(0)
        .calls_are(&[])
        .stderr_has("docker build")
        .stderr_has("JUPYTER_TOKEN=\"${JUPYTER_TOKEN:?");
    outcome.stderr_has("docker run --init");
}

#[test]
fn a_failed_build_ends_it() {
    let outcome = recorded(&project()).docker_runs("test \"$1\" != build || exit 7").run();
    outcome.status(7);
    assert!(!outcome.calls.iter().any(|call| call[0] == "run"), "{:?}", outcome.calls);
}

#[test]
fn an_image_that_cannot_be_pulled_is_used_if_docker_has_it() {
    let project = Project::new().cfg("[run_image]\nnotebook_image=lab:1\n");
    let present = r#"case $1 in pull) exit 1 ;; image) echo '[{"Id": "x", "Size": 1}]' ;; esac"#;
    let outcome = recorded(&project).docker_runs(present).run();
    outcome.status(0).stderr_has("lab:1 was not pulled; the one that docker has is used");
    let absent = "case $1 in pull) exit 1 ;; image) echo 'No such image: lab:1' >&2; exit 1 ;; esac";
    let outcome = recorded(&project).docker_runs(absent).run();
    outcome.status(1).stderr_has("lab:1 cannot be pulled").stderr_has("notebook_image");
}

#[test]
fn what_would_be_lost_is_warned_of() {
    let project = Project::new().dockerfile("notebook", "FROM scratch\n").cfg("[notebook]\nuser=host\n");
    let outcome = recorded(&project).run();
    outcome
        .status(0)
        .stderr_has("warning: no mount leads to the project, so notebooks are lost with the container");
}

#[test]
fn variables_and_flags_of_the_command_line_are_passed() {
    let project = Project::new().cfg("[run_image]\nnotebook_image=lab:1\n");
    for project in [project, super::project()] {
        let given =
            ["--no-build", "--no-pull", "-e", "A=1 2", "-e", "B", "-a", "--shm-size 1g --label 'x=y z'"];
        let outcome = recorded(&project).args(given).env("B", "there").run();
        let words = run_words(outcome.status(0));
        for flags in [&["-e", "A=1 2"][..], &["-e", "B"], &["--shm-size", "1g", "--label", "x=y z"]] {
            assert!(has(&words, flags), "{words:?}");
        }
    }
}

#[test]
fn a_notebook_that_does_not_exist_is_a_usage_error() {
    let outcome = recorded(&project()).arg("none.ipynb").run();
    outcome.status(2).calls_are(&[]).stderr_has("none.ipynb: there is no such notebook");
}

#[test]
fn a_port_that_is_taken_before_docker_opens_it_is_replaced() {
    // Another program takes the port that was chosen, and docker fails.
    let taken_meanwhile = r#"
        case $1 in image) echo '[]'; exit ;; run) ;; *) exit ;; esac
        [ ! -e "$HOME/taken" ] || exit 0
        for word; do case $word in 127.0.0.1:*) port=${word#*:}; port=${port%:*} ;; esac; done
        setsid python3 -c 'import socket, sys, time
try:
    taken = socket.create_server(("127.0.0.1", int(sys.argv[1])))
except OSError:
    pass  # another test has it
open(sys.argv[2], "w").close()
time.sleep(5)' "$port" "$HOME/taken" >/dev/null 2>&1 </dev/null &
        while [ ! -e "$HOME/taken" ]; do sleep 0.05; done
        exit 125"#;
    let project = project();
    let outcome = project.command("run-notebook").arg("--no-build").docker_runs(taken_meanwhile).run();
    outcome.status(0).stderr_has("is taken on this machine, so the notebook gets");
    let runs: Vec<_> = outcome.calls.iter().filter(|call| call[0] == "run").collect();
    let port = |call: &[String]| call.windows(2).find(|pair| pair[0] == "-p").map(|pair| pair[1].clone());
    assert!(runs.len() == 2 && port(runs[0]) != port(runs[1]), "{runs:?}");
}

#[test]
fn the_echo_of_a_dry_run_does_the_same_when_it_is_pasted() {
    let stock =
        Project::new().cfg("[run_image]\nnotebook_image=lab:1\n[notebook]\nenvironment=-e 'A=x $y'\n");
    for (project, verbs) in [(project(), ["build", "run"]), (stock, ["pull", "run"])] {
        let echoed = recorded(&project).arg("--dry-run").run().echoed().join("\n");
        let pasted = paste(&echoed, project.root(), &[("JUPYTER_TOKEN", "t"), ("HOME", "/none")]);
        assert_eq!(pasted.iter().map(|call| call[0].as_str()).collect::<Vec<_>>(), verbs, "{echoed}");
        let mut called = recorded(&project).arg("--no-browser").run().calls.clone();
        // The others change nothing: they query docker for images and containers.
        called.retain(|call| verbs.contains(&call[0].as_str()));
        // The name contains the time, and the free port may be another one.
        let is_stable =
            |word: &&String| !word.starts_with("tester_notebook_") && !word.starts_with("127.0.0.1:");
        let stable = |call: &Vec<String>| call.iter().filter(is_stable).cloned().collect::<Vec<_>>();
        assert_eq!(
            pasted.iter().map(stable).collect::<Vec<_>>(),
            called.iter().map(stable).collect::<Vec<_>>()
        );
    }
}

#[test]
fn a_dry_run_mentions_that_a_notebook_that_runs_is_opened_unless_one_more_is_wanted() {
    let mentioned = "if a notebook of this project runs already, it is opened, and nothing else is done";
    let project = project();
    recorded(&project).arg("--dry-run").run().status(0).stderr_has(mentioned).calls_are(&[]);
    recorded(&project).args(["--dry-run", "--new"]).run().status(0).stderr_lacks("runs already");
}

#[test]
fn copies_of_saved_notebooks_are_made_if_the_variable_requests_them() {
    let project = Project::new()
        .cfg("[run_image]\nnotebook_image=lab:1\n[notebook]\nenvironment=-e JUPYTER_CONFIG_PATH=/own\n");
    let folder = format!(".cache/dockerutils/jupyter-{}", env!("CARGO_PKG_VERSION"));
    let outcome = recorded(&project).arg("--no-pull").env("DOCKER_DS_DIFFS", "1").run();
    let words = run_words(outcome.status(0));
    let mount = format!("{}/{folder}:/opt/dockerutils-jupyter:ro", project.home().display());
    assert!(has(&words, &["-v", &mount]), "{words:?}");
    let variables =
        ["-e", "JUPYTER_CONFIG_PATH=/opt/dockerutils-jupyter:/own", "-e", "RESERO_JUPYTER_DIFFS=1"];
    assert!(has(&words, &variables), "{words:?}");
    assert!(project.home().join(&folder).join("dockerutils_save_copies.py").exists());
    let dry = Project::new();
    let outcome = recorded(&dry).args(["--dry-run", "--no-pull"]).env("RESERO_JUPYTER_DIFFS", "yes").run();
    outcome.status(0).stderr_has(":/opt/dockerutils-jupyter:ro");
    assert!(!dry.home().join(folder).exists());
}

#[test]
fn a_docker_that_is_a_snap_gets_a_folder_that_it_can_see() {
    // A program of a snap is a link to snap itself.
    let project = Project::new()
        .cfg("[run_image]\nnotebook_image=lab:1\n")
        .executable("bin/snap", "#!/bin/sh\nPATH=${PATH#*:} exec docker \"$@\"\n");
    let bin = project.root().join("bin");
    std::os::unix::fs::symlink("snap", bin.join("docker")).expect("a link");
    let invocation = recorded(&project).arg("--no-pull").path_first(&bin);
    let words = run_words(invocation.env("RESERO_JUPYTER_DIFFS", "1").run().status(0));
    let folder = project.home().join(format!("dockerutils-cache/jupyter-{}", env!("CARGO_PKG_VERSION")));
    let mount = format!("{}:/opt/dockerutils-jupyter:ro", folder.display());
    assert!(has(&words, &["-v", &mount]), "{words:?}");
    assert!(folder.join("dockerutils_save_copies.py").exists());
}

#[test]
fn a_range_with_the_notebooks_port_is_refused() {
    for ports in ["8888-8890:8888-8890", "127.0.0.1:9000-9010:8880-8890", "8880-8890"] {
        let project = project().cfg(format!("{}ports=-p {ports}\n", super::CFG));
        let outcome = recorded(&project).run();
        let message = format!("`-p {ports}` publishes the notebook's port 8888 to the network");
        outcome.status(1).stderr_has(&message);
        assert!(!outcome.calls.iter().any(|call| call[0] == "build"), "{:?}", outcome.calls);
    }
    let others = project().cfg(format!("{}ports=-p 6006-6010:6006-6010\n", super::CFG));
    recorded(&others).run().status(0);
}

#[test]
fn every_address_that_other_machines_reach_is_warned_of() {
    for (address, is_reachable) in
        [("192.0.2.7", true), ("[::]", true), ("127.0.0.2", false), ("[::1]", false)]
    {
        let project = project().cfg(format!("{}ports=-p {address}::8888\n", super::CFG));
        let outcome = recorded(&project).arg("--no-build").run();
        outcome.status(0);
        let warns = outcome.stderr.contains("makes the notebook reachable from other machines");
        outcome.check(warns == is_reachable, || address.to_owned());
    }
}

#[test]
fn a_dry_run_prints_what_comes_after_docker() {
    let project = project();
    let outcome = recorded(&project).args(["--dry-run", "--no-build", "--no-browser"]).run();
    outcome.status(0).stderr_has("then Jupyter responds at http://127.0.0.1:").calls_are(&[]);
    let listed = recorded(&project).args(["--list", "--dry-run"]).run();
    let list = "docker container ls --quiet --filter label='dockerutils.user=tester' --filter label=dockerutils.notebook";
    listed.status(0).echoes(&[list]).calls_are(&[]).stderr_lacks("no notebook runs");
    let stopped = recorded(&project).args(["--stop", "8888", "--dry-run"]).run();
    stopped
        .status(0)
        .echoes(&[list])
        .calls_are(&[])
        .stderr_has("then Jupyter of 8888 gets a request to shut down");
}

#[test]
fn an_image_with_a_digest_is_pulled_once() {
    let digest = "ab".repeat(32);
    let project = Project::new().cfg(format!("[run_image]\nnotebook_image=lab@sha256:{digest}\n"));
    let is_pulled = |docker: &str| {
        let outcome = recorded(&project).docker_runs(docker).run();
        outcome.status(0);
        outcome.calls.iter().any(|call| call[0] == "pull")
    };
    assert!(!is_pulled(r#"[ "$1" != image ] || echo '[{"Id": "x", "Size": 1}]'"#));
    assert!(is_pulled("case $1 in image) echo 'No such image' >&2; exit 1 ;; esac"));
}

#[test]
fn the_stock_image_gets_a_working_folder_with_a_colon() {
    let project = Project::named("a:b");
    fs::remove_dir_all(project.root().join("docker")).expect("no project");
    let words = run_words(recorded(&project).arg("--no-pull").run().status(0));
    let mount = format!("type=bind,source={},target=/home/jovyan/project", project.root().display());
    assert!(has(&words, &["--mount", &mount]), "{words:?}");
}
