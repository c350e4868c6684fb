//! `run-notebook`: its command lines with a recording docker, and real Jupyter in real engines with a real browser.

mod argv;
mod browser;
pub(crate) mod copies;
mod docked;
mod failures;
mod images;
mod lifetime;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use dockerutils_testbed::{Engine, engines};
use dockerutils_testkit::{Invocation, Project, poll_until};

/// A Dockerfile that makes Jupyter usable for every user.
const DOCKERFILE: &str = "FROM jupyter:latest\nENV HOME=/tmp\nWORKDIR /workspace\n";
const CFG: &str = "[notebook]\nvolumes=-v {project_root}:/workspace\nuser=host\n";

/// Returns an engine of Docker 20.10 that has `jupyter:latest`.
fn engine() -> &'static Engine {
    static IMPORTED: OnceLock<()> = OnceLock::new();
    let engine = &engines()[0];
    IMPORTED.get_or_init(|| engine.import_jupyter("jupyter:latest"));
    engine
}

/// Returns the same engine, which then also has `classic:latest`, with Notebook 6 and jupyter_server 1.
fn engine_with_classic() -> &'static Engine {
    static IMPORTED: OnceLock<()> = OnceLock::new();
    let engine = engine();
    IMPORTED.get_or_init(|| engine.import_classic("classic:latest"));
    engine
}

/// A project with a notebook. Its name is part of the image's name, so each test has one of its own: tests run side by side.
fn project() -> Project {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    let name = format!("my proj {}", NUMBER.fetch_add(1, Ordering::Relaxed));
    Project::named(&name).cfg(CFG).dockerfile("notebook", DOCKERFILE)
}

/// A program for BROWSER that requests the address it gets, and writes the answer's status and Location into a file.
const BROWSER: &str = "#!/usr/bin/python3
import http.client, os, sys, urllib.parse
url = urllib.parse.urlsplit(sys.argv[1])
connection = http.client.HTTPConnection(url.netloc)
connection.request('GET', url.path)
response = connection.getresponse()
with open(sys.argv[0] + '.part', 'w') as file:
    file.write('%s\\n%s\\n%s\\n' % (sys.argv[1], response.status, response.getheader('Location')))
os.rename(sys.argv[0] + '.part', sys.argv[0] + '.log')
";

/// What the browser got: the address, the status and the URL that it was sent to.
#[track_caller]
fn browsed(project: &Project) -> [String; 3] {
    let log = project.root().join("browser.log");
    let text = poll_until(|| fs::read_to_string(&log).ok()).expect("the browser was started");
    fs::remove_file(log).expect("a log");
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.try_into().expect("three lines")
}

fn run_notebook(project: &Project, engine: &Engine) -> Invocation {
    let browser = project.clone().executable("browser", BROWSER).root().join("browser");
    project.command("run-notebook").uses(engine).env("BROWSER", quoted(&browser))
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}

/// Returns the names of the containers of a project.
fn containers(engine: &Engine, project: &Project) -> Vec<String> {
    let label = format!("label=dockerutils.notebook={}", project.root().display());
    let names = engine.docker(&["ps", "-a", "--filter", &label, "--format", "{{.Names}}"]);
    names.lines().map(str::to_owned).collect()
}

/// Asserts that no container of a project is left. Docker removes one shortly after it has ended.
#[track_caller]
fn assert_no_container(engine: &Engine, project: &Project) {
    let is_gone = poll_until(|| containers(engine, project).is_empty().then_some(()));
    assert!(is_gone.is_some(), "{:?}", containers(engine, project));
}
