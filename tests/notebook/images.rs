//! The images that notebooks run in: the stock image, that of the example, and images with GPUs.

use std::fs;
use std::os::unix::fs::MetadataExt;

use dockerutils_testbed::{Browser, EMPTY_NOTEBOOK};
use dockerutils_testkit::{Project, Signal};

use super::browser::as_user;
use super::{
    CFG, DOCKERFILE, assert_no_container, browsed, containers, engine, engine_with_classic, project,
    run_notebook,
};
use crate::examples::copied_to;

/// An image like those of the Jupyter project: Jupyter runs as jovyan, to whose group `users` the home folder belongs.
const STOCK: &str = "FROM jupyter:latest
RUN useradd --uid 1000 --gid 100 --no-create-home jovyan && install -d -m 2775 -o 1000 -g 100 /home/jovyan
ENV HOME=/home/jovyan
USER 1000
WORKDIR /home/jovyan
EXPOSE 8888
CMD [\"jupyter\", \"lab\", \"--ip=0.0.0.0\", \"--no-browser\"]
";

#[test]
#[ignore = "needs root: private engine"]
fn outside_of_a_project_the_stock_image_runs_as_the_calling_user_over_the_working_folder() {
    let engine = engine();
    let context = Project::named("stock").file("Dockerfile", STOCK);
    let root = context.root().to_string_lossy().into_owned();
    engine.docker(&["build", "--quiet", "--tag", "quay.io/jupyter/scipy-notebook:2024-10-07", &root]);
    let plain = Project::named("plain folder").file("data.txt", "x");
    fs::remove_dir_all(plain.root().join("docker")).expect("no project");
    // As a user who may use the engine, with ids that the image does not know.
    let running = as_user(&plain, engine, 4321, &["", "data.txt"])
        .arg("--no-browser")
        .env("DOCKER_DS_DONT_PULL", "1")
        .spawn();
    running.wait_for_stderr("ready after");
    let [name] = containers(engine, &plain).try_into().expect("one container");
    let written = "id -u; id -G; touch ~/in-home made && ls data.txt made";
    assert_eq!(engine.docker(&["exec", &name, "sh", "-c", written]), "4321\n4321 100\ndata.txt\nmade");
    assert_eq!(fs::metadata(plain.root().join("made")).expect("the file").uid(), 4321);
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
    assert_no_container(engine, &plain);
}

#[test]
#[ignore = "needs root: private engine"]
fn the_notebook_of_the_example_runs() {
    let (engine, project) = (engine(), copied_to("notebook-example"));
    // Its base has JupyterLab already, because the tests must not install packages.
    engine.docker(&["tag", "jupyter:latest", "notebook-example-base:tester"]);
    let path = project.root().join("docker/notebook/Dockerfile");
    let text = fs::read_to_string(&path).expect("the Dockerfile");
    let without = text.replace("RUN pip install --no-cache-dir jupyterlab==4.4.5\n", "");
    assert_ne!(text, without);
    fs::write(path, without).expect("the Dockerfile");
    // Jupyter does not run as root, and with `user=host` it would here.
    // Not by run-notebook, which builds anew what the image starts from, and pulls that.
    project.command("build-image").uses(engine).arg("notebook").run().status(0);
    project.program("chown").args(["-R", "1000:1000", "."]).run().status(0);
    let running = as_user(&project, engine, 1000, &[]).args(["--no-build", "--no-browser"]).spawn();
    running.wait_for_stderr("ready after");
    let [name] = containers(engine, &project).try_into().expect("one container");
    assert!(engine.docker(&["exec", &name, "ls"]).contains("README.md"));
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
}

#[test]
#[ignore = "needs root: private engine"]
fn files_that_would_belong_to_root_are_warned_of() {
    let warning = "warning: the image runs as root, so files that the notebook creates belong to root: write `user=host`";
    for (user, is_warned) in [("", true), ("user=host\n", false), ("args=--user 7:7\n", false)] {
        let cfg = format!("[notebook]\nvolumes=-v {{project_root}}:/workspace\ncmd=true\n{user}");
        let project = project().cfg(cfg);
        let files = ["", "docker", "docker/dockerutils.cfg", "docker/notebook", "docker/notebook/Dockerfile"];
        let outcome = as_user(&project, engine(), 12345, &files).arg("--no-browser").run();
        outcome.status(0).check(outcome.stderr.contains(warning) == is_warned, || user.to_owned());
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_notebook_is_opened_by_notebook_6_which_has_no_jupyterlab() {
    let engine = engine_with_classic();
    let dockerfile = DOCKERFILE.replace("jupyter:latest", "classic:latest");
    let project = project().dockerfile("notebook", &dockerfile).file("a b.ipynb", EMPTY_NOTEBOOK);
    let running = run_notebook(&project, engine).arg("a b.ipynb").spawn();
    let [_, _, url] = browsed(&project);
    assert!(url.contains("/notebooks/a%20b.ipynb?token="), "{url}");
    let mut browser = Browser::start().expect("a browser");
    let mut page = browser.page().expect("a page");
    page.go(&url).expect("Notebook 6");
    page.wait("document.title.startsWith('a b') && !!document.querySelector('#notebook .cell')");
    running.signal(Signal::SIGTERM);
    running.wait().status(143);
}

#[test]
#[ignore = "needs root: private engine"]
fn gpus_are_requested_for_a_notebook() {
    let cfg = format!("[run_image]\ngpu_mode=runtime\n{CFG}");
    let (engine, project) = (engine(), project().cfg(cfg));
    for (flags, devices) in [(&["-g"][..], "all"), (&["--gpus", "2,4"], "2,4")] {
        let invocation = run_notebook(&project, engine).args(["-d", "--no-browser"]);
        invocation.args(flags.iter().copied()).run().status(0);
        let [name] = containers(engine, &project).try_into().expect("one container");
        assert_eq!(engine.docker(&["inspect", "--format", "{{.HostConfig.Runtime}}", &name]), "nvidia");
        assert_eq!(engine.docker(&["exec", &name, "sh", "-c", "echo $NVIDIA_VISIBLE_DEVICES"]), devices);
        run_notebook(&project, engine).arg("--stop").run().status(0);
        assert_no_container(engine, &project);
    }
}
