//! How a notebook ends, and how it is found again.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use dockerutils_testkit::{Project, Signal, poll_until};
use serde_json::Value;

use super::{assert_no_container, browsed, containers, engine, project, run_notebook};

#[test]
#[ignore = "needs root: private engine"]
fn ctrl_c_twice_ends_jupyter_and_the_container() {
    let (engine, project) = (engine(), project());
    let terminal = run_notebook(&project, engine).spawn_in_terminal();
    terminal.wait_for("Ctrl-C twice ends it");
    let [address, _, url] = browsed(&project);
    assert!(url.contains("?token="));
    // Docker has put the terminal into raw mode, in which a line feed alone does not return to the first column.
    assert!(terminal.screen().contains("Ctrl-C twice ends it)\r\n"), "{}", terminal.screen());
    terminal.interrupt();
    terminal.wait_for("Shut down this Jupyter server");
    terminal.interrupt();
    terminal.wait().status(0);
    assert_no_container(engine, &project);
    // Neither the notebook's port nor the address that the browser got is open any more.
    for address in [address, url] {
        assert!(TcpStream::connect(host_and_port(&address)).is_err(), "{address}");
    }
}

fn free_port() -> String {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|taken| taken.local_addr())
        .expect("a port")
        .port()
        .to_string()
}

/// Returns `HOST:PORT` of a URL.
fn host_and_port(url: &str) -> &str {
    url.trim_start_matches("http://").split('/').next().unwrap_or_default()
}

#[test]
#[ignore = "needs root: private engine"]
fn after_one_ctrl_c_and_no_jupyter_goes_on() {
    let (engine, project) = (engine(), project());
    let terminal = run_notebook(&project, engine).arg("--no-browser").spawn_in_terminal();
    terminal.wait_for("Ctrl-C twice ends it");
    terminal.interrupt();
    terminal.wait_for("Shut down this Jupyter server");
    terminal.types("n\r");
    terminal.wait_for("resuming operation");
    run_notebook(&project, engine).arg("--no-browser").run().status(0).stderr_has("runs already");
    run_notebook(&project, engine).arg("--stop").run().status(0);
    terminal.wait().status(0);
}

#[test]
#[ignore = "needs root: private engine"]
fn every_signal_ends_the_container() {
    let (engine, project) = (engine(), project());
    for (signal, status) in [(Signal::SIGINT, 130), (Signal::SIGHUP, 129)] {
        let running = run_notebook(&project, engine).arg("--no-browser").spawn();
        running.wait_for_stderr("ready after");
        running.signal(signal);
        running.wait().status(status).stderr_has("docker stop");
        assert_no_container(engine, &project);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_second_call_opens_the_notebook_that_runs() {
    let (engine, project) = (engine(), project());
    let first = run_notebook(&project, engine).arg("-d").run();
    first.status(0);
    let (url, opened) = (first.stdout.trim().to_owned(), browsed(&project)[2].clone());
    assert!(url == opened && url.contains("?token="), "{url} {opened}");
    let second = run_notebook(&project, engine).run();
    second.status(0).stderr_has("runs already").stderr_lacks("docker build").stderr_lacks("docker run");
    assert_eq!(browsed(&project)[2], url);
    let [name] = containers(engine, &project).try_into().expect("one container");
    let (port, other) = (host_and_port(&url).rsplit_once(':').expect("a port").1, free_port());
    let elsewhere = run_notebook(&project, engine).args(["--port", &other]).run();
    let remedy =
        format!("runs already, on port {port} (`run-notebook --new --port {other}` starts one more)");
    elsewhere.status(0).stderr_has(&remedy);
    assert_eq!(browsed(&project)[2], url);
    run_notebook(&project, engine)
        .args(["--new", "--port", port])
        .run()
        .status(1)
        .stderr_has(&format!("port {port} is taken on this machine by the notebook {name}: "));

    let listed = run_notebook(&project, engine).args(["--list", "--json"]).run();
    let rows: Vec<Value> = serde_json::from_str(&listed.status(0).stdout).expect("JSON");
    let row = rows.iter().find(|row| row["name"] == name.as_str()).expect("a row");
    assert_eq!((row["project"].as_str(), row["kernels"].as_u64()), (project.root().to_str(), Some(0)));
    assert_eq!(row["url"].as_str(), Some(url.as_str()));
    let table = run_notebook(&project, engine).arg("--list").run();
    table
        .status(0)
        .check(table.stdout.contains(&name) && !table.stdout.contains("token="), || "the table".to_owned());

    run_notebook(&project, engine).arg("--stop").run().status(0).stderr_has(&format!("{name} has ended"));
    assert_no_container(engine, &project);
    run_notebook(&project, engine).arg("--stop").run().status(1).stderr_has("no notebook of");
    run_notebook(&project, engine)
        .args(["--stop", "other"])
        .run()
        .status(1)
        .stderr_has("no notebook `other` runs");
}

#[test]
#[ignore = "needs root: private engine"]
fn two_notebooks_have_ports_and_tokens_of_their_own() {
    let engine = engine();
    // If it is not free, the notebook of another test has it, and may end meanwhile.
    let taken = TcpListener::bind(("127.0.0.1", 8888));
    let projects = [project(), project()];
    let urls = projects.each_ref().map(|project| {
        let outcome = run_notebook(project, engine).args(["-d", "--no-browser"]).run();
        outcome.status(0);
        if taken.is_ok() {
            outcome.stderr_has("port 8888 is taken on this machine");
        }
        outcome.stdout.trim().to_owned()
    });
    let listed = run_notebook(&projects[0], engine).args(["--list", "--json"]).run();
    let rows: Vec<Value> = serde_json::from_str(&listed.status(0).stdout).expect("JSON");
    for (project, url) in projects.iter().zip(&urls) {
        let row = rows.iter().find(|row| row["project"].as_str() == project.root().to_str()).expect("a row");
        assert_eq!(row["url"].as_str(), Some(url.as_str()));
    }
    let tokens = urls.each_ref().map(|url| url.split_once("?token=").expect("a token").1);
    for (url, own, other) in [(&urls[0], tokens[0], tokens[1]), (&urls[1], tokens[1], tokens[0])] {
        assert_eq!((status_with(url, own), status_with(url, other)), (200, 403), "{url}");
    }
    // One is ended by its port, and then the other one with all that run.
    let port = host_and_port(&urls[1]).rsplit_once(':').expect("a port").1;
    run_notebook(&projects[0], engine).args(["--stop", port]).run().status(0);
    assert_no_container(engine, &projects[1]);
    assert_eq!(containers(engine, &projects[0]).len(), 1);
    run_notebook(&projects[1], engine).args(["--stop", &containers(engine, &projects[0])[0]]).run().status(0);
    assert_no_container(engine, &projects[0]);
}

/// Returns the status of a server's response to a token.
fn status_with(url: &str, token: &str) -> u16 {
    let mut stream = TcpStream::connect(host_and_port(url)).expect("a connection");
    write!(stream, "GET /api/status HTTP/1.0\r\nAuthorization: token {token}\r\n\r\n").expect("a request");
    let mut response = String::new();
    stream.read_to_string(&mut response).expect("a response");
    response.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}

#[test]
#[ignore = "needs root: private engine"]
fn jupyter_ends_although_its_shell_ignores_the_signal_of_docker() {
    let command = "CMD trap '' TERM; jupyter lab --ip=0.0.0.0 --no-browser --allow-root; exit\n";
    let project = project().dockerfile("notebook", format!("{}{command}", super::DOCKERFILE));
    let engine = engine();
    run_notebook(&project, engine).args(["-d", "--no-browser"]).run().status(0);
    let stopped = run_notebook(&project, engine).args(["--stop", &containers(engine, &project)[0]]).run();
    stopped.status(0).stderr_has("has ended").stderr_lacks("docker stop");
    assert_no_container(engine, &project);
}

#[test]
#[ignore = "needs root: private engine"]
fn all_notebooks_of_the_user_are_ended_together() {
    // A user of its own: other tests run notebooks, too.
    let (engine, projects) = (engine(), [project(), project()]);
    let as_ada = |project: &Project| run_notebook(project, engine).env("USER", "ada").env("LOGNAME", "ada");
    for project in &projects {
        as_ada(project).args(["-d", "--no-browser"]).run().status(0);
    }
    as_ada(&projects[0]).args(["--stop", "all"]).run().status(0);
    for project in &projects {
        assert_no_container(engine, project);
    }
    as_ada(&projects[0]).args(["--stop", "all"]).run().status(0);
}

#[test]
#[ignore = "needs root: private engine"]
fn a_notebook_in_the_background_outlives_its_terminal() {
    let (engine, project) = (engine(), project());
    let terminal = run_notebook(&project, engine).args(["-d", "--no-browser"]).spawn_in_terminal();
    terminal.wait_for("?token=");
    terminal.wait().status(0);
    let opened = run_notebook(&project, engine).run();
    opened.status(0).stderr_has("runs already");
    assert!(browsed(&project)[2].contains("?token="));
    run_notebook(&project, engine).arg("--stop").run().status(0);
    assert_no_container(engine, &project);
}

#[test]
#[ignore = "needs root: private engine"]
fn a_second_signal_names_what_is_left_to_do() {
    // Docker waits ten seconds for a container that ignores its signal.
    let project = project().dockerfile(
        "notebook",
        "FROM busybox:latest\nCMD [\"sh\", \"-c\", \"trap '' TERM; echo ready; while :; do sleep 1; done\"]\n",
    );
    let (engine, cfg) = (engine(), super::CFG);
    let project = project.cfg(format!("{cfg}args=--init=false\n"));
    let running = run_notebook(&project, engine).arg("--no-browser").spawn();
    // If another test takes the port meanwhile, a second container follows. One that has printed this ignores the signal.
    let label = format!("label=dockerutils.notebook={}", project.root().display());
    let ready = || {
        let name = engine.docker(&["ps", "--filter", &label, "--format", "{{.Names}}"]);
        (!name.is_empty() && engine.docker(&["logs", &name]).contains("ready")).then_some(name)
    };
    let name = poll_until(ready).expect("it runs");
    running.signal(Signal::SIGTERM);
    running.wait_for_stderr(&format!("docker stop {name}"));
    running.signal(Signal::SIGTERM);
    let remedy = format!("stopped before the container has ended: `docker stop {name}` ends it");
    running.wait().status(143).stderr_has(&remedy);
    engine.docker(&["kill", &name]);
}
