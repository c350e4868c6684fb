//! RESERO_JUPYTER_DIFFS: copies of saved notebooks, in every server that Jupyter had.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use dockerutils_testbed::Engine;
use dockerutils_testkit::{Project, Signal, poll_until};
use serde_json::{Value, json};

use super::{CFG, engine, engine_with_classic, project, run_notebook};

/// The servers, and the Dockerfiles of images that run them: jupyter_server 2, jupyter_server 1 and Notebook 6.
const SERVERS: [(&str, &str); 3] = [
    ("jupyter_server 2", "FROM jupyter:latest\nENV HOME=/tmp\nWORKDIR /workspace\n"),
    (
        "jupyter_server 1",
        "FROM classic:latest\nENV HOME=/tmp\nWORKDIR /workspace\n\
         CMD [\"jupyter\", \"server\", \"--ip=0.0.0.0\", \"--no-browser\"]\n",
    ),
    ("Notebook 6", "FROM classic:latest\nENV HOME=/tmp\nWORKDIR /workspace\n"),
];

/// A server of a project, whose notebooks are saved as the browser saves them.
pub(crate) struct Server {
    address: String,
    token: String,
}

impl Server {
    pub(crate) fn of(url: &str) -> Self {
        let (address, token) =
            url.trim().trim_start_matches("http://").split_once("/?token=").expect("a URL with a token");
        Server { address: address.to_owned(), token: token.to_owned() }
    }

    /// Saves a notebook with these outputs of its one cell, and returns the status of the response.
    pub(crate) fn save(&self, path: &str, code: &str, outputs: &Value) -> u16 {
        let cell = json!({"cell_type": "code", "execution_count": 1, "metadata": {}, "source": code, "outputs": outputs});
        let kernel =
            json!({"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}});
        let content = json!({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 4});
        let body = json!({"type": "notebook", "format": "json", "content": content}).to_string();
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        write!(
            stream,
            "PUT /api/contents/{path} HTTP/1.0\r\nHost: {}\r\nAuthorization: token {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            self.token,
            body.len()
        )
        .expect("a request");
        let mut response = String::new();
        stream.read_to_string(&mut response).expect("a response");
        response.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }
}

/// Starts a notebook in the background, with copies requested.
fn start(project: &Project, engine: &Engine, variable: &str) -> Server {
    let outcome = run_notebook(project, engine).args(["-d", "--no-browser"]).env(variable, "1").run();
    Server::of(&outcome.status(0).stdout)
}

fn stop(project: &Project, engine: &Engine) {
    run_notebook(project, engine).arg("--stop").run().status(0);
}

fn copy(project: &Project, name: &str) -> PathBuf {
    project.root().join(".diffs").join(name)
}

#[track_caller]
fn wait_for_copy(project: &Project, name: &str, text: &str) {
    let read = || fs::read_to_string(copy(project, name)).unwrap_or_default();
    assert!(poll_until(|| read().contains(text).then_some(())).is_some(), "{name}: {}", read());
}

#[test]
#[ignore = "needs root: private engine"]
fn each_server_writes_copies_of_what_is_saved_as_the_calling_user() {
    let engine = engine_with_classic();
    for (server, dockerfile) in SERVERS {
        let cfg = CFG.replace("user=host", "args=--user 12345:12345");
        let project = project().dockerfile("notebook", dockerfile).cfg(cfg);
        fs::set_permissions(project.root(), Permissions::from_mode(0o777)).unwrap();
        let jupyter = start(&project, engine, "DOCKER_DS_DIFFS");
        let output = json!([{"output_type": "stream", "name": "stdout", "text": "forty-two\n"}]);
        for round in 0..20 {
            let status = jupyter.save("a.ipynb", &format!("print({round})"), &output);
            assert!(matches!(status, 200 | 201), "{server}: {status}");
        }
        wait_for_copy(&project, "a.py", "print(19)");
        wait_for_copy(&project, "a.html", "forty-two");
        assert_eq!(fs::metadata(copy(&project, "a.py")).unwrap().uid(), 12345, "{server}");
        // What was saved last is written before the server ends.
        jupyter.save("b.ipynb", "print('last')", &output);
        stop(&project, engine);
        let last = fs::read_to_string(copy(&project, "b.py")).unwrap_or_default();
        assert!(last.contains("print('last')"), "{server}: {last}");
        let parts = fs::read_dir(project.root().join(".diffs")).unwrap().flatten();
        assert_eq!(parts.filter(|file| file.path().extension().is_some_and(|end| end == "part")).count(), 0);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_save_succeeds_although_a_copy_cannot_be_made() {
    let engine = engine_with_classic();
    for (server, dockerfile) in SERVERS {
        let cfg = CFG.replace("user=host", "args=--user 12345:12345");
        let project = project().dockerfile("notebook", dockerfile).cfg(cfg).file(".diffs/kept", "");
        fs::set_permissions(project.root(), Permissions::from_mode(0o777)).unwrap();
        let jupyter = start(&project, engine, "RESERO_JUPYTER_DIFFS");
        // The folder belongs to another user.
        assert!(matches!(jupyter.save("a.ipynb", "print(1)", &json!([])), 200 | 201), "{server}");
        // The data of this output do not have their declared types.
        let broken = json!([{"output_type": "display_data", "metadata": {}, "data": {"text/html": 7, "image/png": {}}}]);
        assert!(matches!(jupyter.save("a.ipynb", "print(2)", &broken), 200 | 201), "{server}");
        fs::set_permissions(project.root().join(".diffs"), Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(jupyter.save("a.ipynb", "print(3)", &broken), 200 | 201), "{server}");
        wait_for_copy(&project, "a.py", "print(3)");
        stop(&project, engine);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn an_image_with_a_save_hook_of_its_own_keeps_it() {
    let engine = engine_with_classic();
    let hook = "import os\ndef mark(os_path, model, contents_manager):\n    open(os_path + '.' + os.environ['RESERO_JUPYTER_DIFFS'], 'w').close()\n\
                c.FileContentsManager.post_save_hook = mark\n";
    for (base, name) in [("jupyter", "jupyter_server_config.py"), ("classic", "jupyter_notebook_config.py")] {
        let dockerfile = format!(
            "FROM {base}:latest\nENV HOME=/tmp JUPYTER_CONFIG_PATH=/own\nCOPY {name} /own/\nWORKDIR /workspace\n"
        );
        let project = project().dockerfile("notebook", dockerfile).file(name, hook);
        let jupyter = start(&project, engine, "RESERO_JUPYTER_DIFFS");
        assert!(matches!(jupyter.save("a.ipynb", "print(1)", &json!([])), 200 | 201), "{base}");
        assert!(project.root().join("a.ipynb.1").exists(), "{base}: the image's hook has run");
        let log = engine.docker(&["logs", &super::containers(engine, &project)[0]]);
        stop(&project, engine);
        assert!(!project.root().join(".diffs").exists(), "{base}: {log}");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_server_that_keeps_no_files_prints_one_warning() {
    let engine = engine_with_classic();
    for (base, name, module, application) in [
        ("jupyter", "jupyter_server_config.py", "jupyter_server", "ServerApp"),
        ("classic", "jupyter_notebook_config.py", "notebook", "NotebookApp"),
    ] {
        let config = format!(
            "from {module}.services.contents.manager import ContentsManager\n\
             class Nowhere(ContentsManager):\n    pass\n\
             c.{application}.contents_manager_class = Nowhere\n"
        );
        let dockerfile = format!(
            "FROM {base}:latest\nENV HOME=/tmp JUPYTER_CONFIG_PATH=/own\nCOPY {name} /own/\nWORKDIR /workspace\n"
        );
        let project = project().dockerfile("notebook", dockerfile).file(name, &config);
        start(&project, engine, "RESERO_JUPYTER_DIFFS");
        let container = &super::containers(engine, &project)[0];
        let log = engine.command().args(["logs", container]).output().expect("docker logs");
        let log = String::from_utf8_lossy(&log.stderr).into_owned();
        stop(&project, engine);
        let ours = log.lines().filter(|line| line.contains("copies of saved")).collect::<Vec<_>>();
        assert!(ours.len() == 1 && ours[0].contains("Nowhere keeps no files"), "{base}: {log}");
        assert!(!log.contains("Traceback"), "{base}: {log}");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn without_a_request_no_copies_are_made() {
    let (engine, project) = (engine(), project());
    let running =
        run_notebook(&project, engine).env("RESERO_JUPYTER_DIFFS", "no").arg("--no-browser").spawn();
    running.wait_for_stderr("ready after");
    running.signal(Signal::SIGTERM);
    running.wait().status(143).stderr_lacks("dockerutils-jupyter").stderr_lacks("RESERO");
}
