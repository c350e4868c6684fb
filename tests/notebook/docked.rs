//! Notebooks on docks: whose files they are, what comes back, and what a lost connection leaves running.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use dockerutils_testbed::{Browser, Dock, EMPTY_NOTEBOOK, Lab, Version};
use dockerutils_testkit::{Invocation, Outcome, Project, Signal, echoed, poll_until};

use super::{BROWSER, DOCKERFILE, browsed, quoted};
use crate::docks::register;

/// The file with the dock's host name is that of the dock, whatever machine the project is on.
const CFG: &str = "[notebook]\nuser=host\nvolumes=-v {project_root}:/workspace -v /etc/hostname:/host:ro\n";

/// The project's copy on the dock, below the dock's root.
const FOLDER: &str = "data/workspaces/tester/code/lab";

/// Starts a dock that can run Jupyter, and a project that knows it as `gpu`.
fn dock_and_project(version: Version) -> (Dock, Project) {
    let dock = Dock::start("far-away", version).unwrap_or_else(|reason| panic!("no dock: {reason}"));
    dock.import_jupyter("jupyter:latest");
    let project = Project::named("lab")
        .cfg(CFG)
        .dockerfile("notebook", DOCKERFILE)
        .file("a.ipynb", EMPTY_NOTEBOOK)
        .executable("browser", BROWSER);
    register(&project, &dock).args(["gpu", "--no-check"]).run().status(0);
    fs::create_dir(runtime(&project)).expect("a runtime folder");
    fs::set_permissions(runtime(&project), Permissions::from_mode(0o700)).expect("a runtime folder");
    (dock, project)
}

fn runtime(project: &Project) -> PathBuf {
    project.home().parent().expect("the folder of the home").join("run")
}

/// A docked bash that runs a script.
fn docked(project: &Project, dock: &Dock, script: &str) -> Invocation {
    let commands = Path::new(env!("CARGO_BIN_EXE_run-notebook")).parent().expect("a folder");
    let shell = Path::new(env!("CARGO_MANIFEST_DIR")).join("shell");
    project
        .program("bash")
        .env("PATH", dock.path())
        .path_first(commands)
        .path_first(&shell)
        .args(["--norc", "--noprofile", "-c", &format!("source dock gpu || exit 99\n{script}")])
        .env("XDG_RUNTIME_DIR", runtime(project))
        .env("BROWSER", quoted(&project.root().join("browser")))
}

/// Returns the path of a file of the project's copy.
fn remote(dock: &Dock, file: &str) -> PathBuf {
    dock.root().join(FOLDER).join(file)
}

fn run_cell(url: &str, code: &str) -> String {
    let mut browser = Browser::start().expect("a browser");
    let mut lab = Lab::open(&mut browser, url).expect("Lab");
    let output = lab.run(code).expect("an output");
    lab.save().expect("saved");
    output.trim().to_owned()
}

fn stop(project: &Project, dock: &Dock) -> Outcome {
    docked(project, dock, "run-notebook --stop").run()
}

#[test]
#[ignore = "needs root: dock"]
fn a_cell_runs_on_the_dock_as_its_user_and_its_files_come_back() {
    for version in [Version::V20, Version::V26Containerd] {
        let (dock, project) = dock_and_project(version);
        let running = docked(&project, &dock, "exec run-notebook a.ipynb").spawn();
        running.wait_for_stderr("opening the browser");
        let [_, _, url] = browsed(&project);
        let code =
            "import os; open('made', 'w').write('x'); print(open('/host').read().strip(), os.getuid())";
        assert_eq!(run_cell(&url, code), "far-away 1000");
        running.signal(Signal::SIGTERM);
        let outcome = running.wait();
        outcome.status(143).stderr_has("files from gpu").stderr_lacks("a real run uses");
        let queries = outcome.echoed().iter().filter(|line| line.contains("query-owner")).count();
        assert_eq!(queries, 1, "{}", outcome.stderr);
        assert_eq!(fs::read_to_string(project.root().join("made")).ok().as_deref(), Some("x"));
        assert!(fs::read_to_string(project.root().join("a.ipynb")).unwrap().contains("far-away 1000"));
        for file in ["", "made", "a.ipynb", "docker/dockerutils.cfg"] {
            assert_eq!(fs::metadata(remote(&dock, file)).expect(file).uid(), 1000, "{file}");
        }
        assert_eq!(dock.exec(&["docker", "ps", "--all", "--quiet"]), "");
    }
}

#[test]
#[ignore = "needs root: dock"]
fn after_a_cut_cable_a_second_call_connects_to_the_same_kernel() {
    let (dock, project) = dock_and_project(Version::V20);
    let first = docked(&project, &dock, "run-notebook a.ipynb").spawn();
    let [_, _, url] = browsed(&project);
    let pid = run_cell(&url, "import os, time; kept = 41; print(os.getpid())");
    {
        let mut browser = Browser::start().expect("a browser");
        Lab::open(&mut browser, &url).expect("Lab").start("time.sleep(20); kept += 1").expect("a cell");
        wait_until_busy(&url);
        dock.disconnect();
    }
    // ssh itself decides that the connection is lost.
    let lost = first.wait();
    lost.status(1).stderr_has(
        "run-notebook: the connection was lost, and the notebook is still running on gpu: `run-notebook` connects again, \
         `sync-down` brings what is saved\n",
    );
    lost.stderr_has("run-notebook: the connection to gpu is lost: `source dock gpu` opens it again");
    std::thread::sleep(Duration::from_secs(10));
    dock.reconnect();
    let second = docked(&project, &dock, "run-notebook a.ipynb").run();
    second.status(0).stderr_has("runs already").stderr_lacks("docker run");
    let held = docked(&project, &dock, "run-notebook a.ipynb && exec sleep 600").spawn();
    // Two addresses: that of the call whose terminal has ended is of no use any more.
    let url = poll_until(|| {
        let [_, _, url] = browsed(&project);
        reachable(&url).then_some(url)
    });
    let printed = run_cell(&url.expect("an open port"), "print(os.getpid(), kept)");
    assert_eq!(printed, format!("{pid} 42"));
    drop(held);
    stop(&project, &dock).status(0).stderr_has("fetched");
    assert!(fs::read_to_string(project.root().join("a.ipynb")).unwrap().contains("42"));
}

/// Waits until a kernel of the server runs a cell.
fn wait_until_busy(url: &str) {
    let (address, token) = url.split_once("/lab/").expect("a URL");
    let token = token.split_once("token=").expect("a token").1;
    let is_busy = || {
        let mut stream = TcpStream::connect(address.trim_start_matches("http://")).ok()?;
        write!(stream, "GET /api/kernels HTTP/1.0\r\nAuthorization: token {token}\r\n\r\n").ok()?;
        let mut response = String::new();
        stream.read_to_string(&mut response).ok()?;
        response.contains("\"busy\"").then_some(())
    };
    poll_until(is_busy).expect("a running cell");
}

fn reachable(url: &str) -> bool {
    let address = url.trim_start_matches("http://").split('/').next().unwrap_or_default();
    TcpStream::connect(address).is_ok()
}

#[test]
#[ignore = "needs root: dock"]
fn a_file_that_is_not_fetched_is_reported_although_docker_has_failed_too() {
    let (dock, project) = dock_and_project(Version::V20);
    let wait_and_fail = "while [ ! -e /tmp/go ]; do sleep 0.1; done; echo theirs >/workspace/data; exit 7";
    let dockerfile = format!("FROM jupyter:latest\nCMD [\"sh\", \"-c\", \"{wait_and_fail}\"]\n");
    let rsync = "#!/bin/sh\n[ \"$1\" = --version ] && exec echo 'rsync  version 3.2.4  protocol version 31'\n\
                 PATH=${PATH#*:} exec rsync \"$@\"\n";
    let project =
        project.dockerfile("notebook", dockerfile).file("data", "sent").executable("bin/rsync", rsync);
    // The file changes here while the container runs, and then there.
    let script = "run-notebook --no-browser & until docker ps --quiet | grep -q .; do sleep 0.1; done
        echo mine >data; docker exec $(docker ps --quiet) touch /tmp/go; wait $!";
    let outcome = docked(&project, &dock, script).path_first(&project.root().join("bin")).run();
    outcome.status(7).stderr_has("not overwritten, because they changed both locally and on the dock: data");
    // It is warned of an rsync that trusts the dock, as sync-down does.
    assert_eq!(outcome.stderr.matches("CVE-2022-29154").count(), 1, "{}", outcome.stderr);
}

#[test]
#[ignore = "needs root: dock"]
fn copies_of_saved_notebooks_are_made_on_the_dock_and_come_back() {
    let (dock, project) = dock_and_project(Version::V20);
    let running =
        docked(&project, &dock, "exec run-notebook a.ipynb").env("RESERO_JUPYTER_DIFFS", "1").spawn();
    let [_, _, url] = browsed(&project);
    assert_eq!(run_cell(&url, "print(6 * 7)"), "42");
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
    let copies = project.root().join(".diffs");
    assert!(fs::read_to_string(copies.join("a.py")).expect("a copy").contains("print(6 * 7)"));
    assert!(fs::read_to_string(copies.join("a.html")).expect("a copy").contains("42"));
    let sent = dock.exec(&["ls", "/data/workspaces/tester/.dockerutils"]);
    assert_eq!(sent, concat!("jupyter-", env!("CARGO_PKG_VERSION")));
}

#[test]
#[ignore = "needs root: dock"]
fn the_whole_echo_of_a_dry_run_does_the_same_when_it_is_pasted() {
    let (dock, project) = dock_and_project(Version::V20);
    docked(&project, &dock, "run-notebook -d --dry-run 2>\"$HOME/plan\"").run().status(0);
    assert!(!remote(&dock, "a.ipynb").exists());
    assert_eq!(dock.exec(&["docker", "images", "--quiet", "lab-notebook"]), "");
    let plan = fs::read_to_string(project.home().join("plan")).expect("a plan");
    let lines = echoed(&plan).join("\n");
    let script =
        format!("set -e\n{lines}\nrun-notebook -d --no-browser\ndocker exec $(docker ps --quiet) ls");
    let pasted = docked(&project, &dock, &script).env("JUPYTER_TOKEN", "t").run();
    // Its own notebook is the one that the pasted lines have started, over the copy that they have sent.
    pasted.status(0).stderr_has("runs already").check(pasted.stdout.contains("?token=t\n"), || plan.clone());
    pasted.check(pasted.stdout.contains("a.ipynb\n"), || plan.clone());
}

/// Its mount is that of the dock, as written.
const CFG_OF_DOCK: &str = "[notebook]\nuser=host\nvolumes=-v {project_root}:/workspace\n\
    volumes_docked=-v /data/workspaces/{user}/code/{project}:/workspace\n";

#[test]
#[ignore = "needs root: dock"]
fn a_detached_notebook_keeps_its_port_and_its_files_are_fetched_when_it_is_ended() {
    let (dock, project) = dock_and_project(Version::V20);
    let project = project.cfg(CFG_OF_DOCK);
    let script = r#"
        set -e
        connects() { (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; }
        first=$(run-notebook -d --no-browser)
        second=$(run-notebook -d --no-browser)
        third=$(run-notebook -d --no-browser)
        test "$first $first" = "$second $third"
        port=${first#*127.0.0.1:} port=${port%%/*}
        run-notebook --list --json >listed
        docker exec $(docker ps --quiet) touch by-port
        connects
        run-notebook --stop $port
        if connects; then exit 98; fi
        run-notebook -d --no-browser --no-forward >not-forwarded
        docker exec $(docker ps --quiet) touch by-name
        run-notebook --stop $(docker ps --format '{{.Names}}')
        echo "$first""#;
    let outcome = docked(&project, &dock, script).run();
    outcome.status(0).stderr_lacks("no mount leads").stderr_has("has ended");
    let listed = fs::read(project.root().join("listed")).expect("a list");
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&listed).expect("JSON");
    assert_eq!(rows[0]["url"].as_str(), outcome.stdout.trim().lines().last());
    for file in ["by-port", "by-name"] {
        assert!(project.root().join(file).exists(), "{file}\n{}", outcome.stderr);
    }
    assert_eq!(fs::read_to_string(project.root().join("not-forwarded")).ok().as_deref(), Some(""));
    assert_eq!(dock.exec(&["docker", "ps", "--all", "--quiet"]), "");
}

#[test]
#[ignore = "needs root: dock"]
fn a_second_signal_while_files_are_fetched_names_what_is_left_to_do() {
    let (dock, project) = dock_and_project(Version::V20);
    // A busy rsync, once the container has ended.
    let rsync = "#!/bin/sh\nif [ -e \"$0.slow\" ]; then : >\"$0.begun\"; exec sleep 600; fi\n\
                 PATH=${PATH#*:} exec rsync \"$@\"\n";
    let project = project.executable("slow/rsync", rsync).cfg(CFG_OF_DOCK);
    let slow = project.root().join("slow");
    let script = format!("PATH={}:$PATH; exec run-notebook --no-browser", slow.display());
    let running = docked(&project, &dock, &script).spawn();
    running.wait_for_stderr("ready after");
    fs::write(slow.join("rsync.slow"), "").expect("a file");
    running.signal(Signal::SIGTERM);
    poll_until(|| slow.join("rsync.begun").exists().then_some(())).expect("rsync");
    running.signal(Signal::SIGTERM);
    let remedy = "stopped before everything was fetched: `sync-down` fetches what has changed";
    running.wait().status(143).stderr_has(remedy).stderr_lacks("the connection was lost");
}

/// Runs a program as the user 1500, whom the system's list of users has only for it, with HOME as its home.
const AS_1500: &str = r#"
    mount -t tmpfs -o mode=755 tmpfs /mnt
    { cat /etc/passwd; echo "tester:x:1500:1500::$HOME:/bin/sh"; } >/mnt/passwd
    mount --bind /mnt/passwd /etc/passwd
    umount --lazy /mnt
    exec setpriv --reuid 1500 --regid 1500 --clear-groups "$@""#;

#[test]
#[ignore = "needs root: dock"]
fn files_belong_to_the_user_of_each_machine() {
    let (dock, project) = dock_and_project(Version::V20);
    let temp = project.home().parent().expect("a temporary folder");
    let (key, bin) = (temp.join("key"), temp.join("bin"));
    fs::create_dir(&bin).expect("a folder");
    let ours = Path::new(env!("CARGO_BIN_EXE_run-notebook")).parent().expect("a folder");
    let docker = std::env::split_paths(&dock.path()).next().expect("a folder").join("docker");
    let copy = project.program("cp").args([docker, ours.join("run-notebook"), ours.join("dock-session")]);
    copy.arg(&bin).run().status(0);
    fs::copy(dock.key(), &key).expect("the key");
    let register = project.command("register-dock").env("PATH", dock.path());
    register.args([&dock.address().to_string(), "gpu", "--no-check", "-i"]).arg(&key).run().status(0);
    project.program("chown").args(["-R", "1500:1500"]).arg(temp).run().status(0);
    let script = "source dock gpu || exit 99
        run-notebook -d --no-browser >url && docker exec $(docker ps --quiet) touch made && run-notebook --stop";
    let outcome = project
        .program("unshare")
        .args(["--mount", "sh", "-ec", AS_1500, "sh", "bash", "--norc", "--noprofile", "-c", script])
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .path_first(&Path::new(env!("CARGO_MANIFEST_DIR")).join("shell"))
        .path_first(&bin)
        .env("XDG_RUNTIME_DIR", runtime(&project))
        .run();
    outcome.status(0);
    for file in ["", "made", "a.ipynb"] {
        assert_eq!(fs::metadata(remote(&dock, file)).expect(file).uid(), 1000, "{file}");
        assert_eq!(fs::metadata(project.root().join(file)).expect(file).uid(), 1500, "{file}");
    }
}
