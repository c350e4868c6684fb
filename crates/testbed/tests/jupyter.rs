//! The image with JupyterLab works, and the browser uses it as people do.

use dockerutils_testbed::{Browser, EMPTY_NOTEBOOK, Lab, engines};

const RUN: &[&str] = &[
    "run",
    "-d",
    "--rm",
    "--init",
    "--name",
    "lab",
    "-p",
    "127.0.0.1::8888",
    "-e",
    "JUPYTER_TOKEN=t",
    "-w",
    "/root",
];

#[test]
#[ignore = "needs root: private engine"]
fn a_cell_that_is_typed_in_the_browser_runs_in_the_container() {
    let engine = &engines()[0];
    engine.import_jupyter("jupyter:latest");
    engine.docker(&[RUN, &["jupyter:latest"]].concat());
    engine.docker(&["exec", "lab", "sh", "-c", "printf %s \"$1\" >a.ipynb", "sh", EMPTY_NOTEBOOK]);
    let port = engine.docker(&["port", "lab", "8888/tcp"]);
    let ready = "until python3 -c 'import urllib.request as r; r.urlopen(\"http://127.0.0.1:8888/api\")'; do sleep 0.1; done";
    engine.docker(&["exec", "lab", "sh", "-c", ready]);
    let mut browser = Browser::start().expect("a browser");
    let mut lab = Lab::open(&mut browser, &format!("http://{port}/lab/tree/a.ipynb?token=t")).expect("Lab");
    assert_eq!(lab.run("print(6 * 7)").expect("an output").trim(), "42");
    lab.save().expect("saved");
    assert!(engine.docker(&["exec", "lab", "cat", "a.ipynb"]).contains("42"));
    engine.docker(&["stop", "lab"]);
}
