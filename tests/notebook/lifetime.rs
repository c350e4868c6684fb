//! How a notebook ends, and how it is found again.

use std::net::TcpListener;

use dockerutils_testkit::Signal;
use serde_json::Value;

use super::{assert_no_container, browsed, containers, engine, project, run_notebook};

#[test]
#[ignore = "needs root: private engine"]
fn ctrl_c_twice_ends_jupyter_and_the_container() {
    let (engine, project) = (engine(), project());
    let terminal = run_notebook(&project, engine).spawn_in_terminal();
    terminal.wait_for("Ctrl-C twice ends it");
    assert!(browsed(&project)[2].contains("?token="));
    // Docker has put the terminal into raw mode, in which a line feed alone does not return to the first column.
    assert!(terminal.screen().contains("Ctrl-C twice ends it)\r\n"), "{}", terminal.screen());
    terminal.interrupt();
    terminal.wait_for("Shut down this Jupyter server");
    terminal.interrupt();
    terminal.wait().status(0);
    assert_no_container(engine, &project);
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

    let listed = run_notebook(&project, engine).args(["--list", "--json"]).run();
    let rows: Vec<Value> = serde_json::from_str(&listed.status(0).stdout).expect("JSON");
    let row = rows.iter().find(|row| row["name"] == name.as_str()).expect("a row");
    assert_eq!((row["project"].as_str(), row["kernels"].as_u64()), (project.root().to_str(), Some(0)));
    assert_eq!(row["url"].as_str(), Some(url.as_str()));
    let table = run_notebook(&project, engine).arg("--list").run();
    table
        .status(0)
        .check(table.stdout.contains(&name) && !table.stdout.contains("token="), || "the table".to_owned());

    run_notebook(&project, engine).arg("--stop").run().status(0).stderr_has("docker stop");
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
fn a_server_of_another_on_the_port_is_not_taken_for_ours() {
    let (engine, project) = (engine(), project());
    // Whether 8888 is free or not, it is taken now.
    let _taken = TcpListener::bind(("127.0.0.1", 8888));
    let outcome = run_notebook(&project, engine).args(["-d", "--no-browser"]).run();
    outcome.status(0).stderr_has("port 8888 is taken on this machine");
    assert!(!outcome.stdout.contains(":8888/"), "{}", outcome.stdout);
    run_notebook(&project, engine).args(["--stop", &containers(engine, &project)[0]]).run().status(0);
}
