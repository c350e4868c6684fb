//! Writes a picture of a cell and its output in JupyterLab into a PNG file; see `scripts/screenshot.sh`.

use std::error::Error;
use std::path::Path;

use dockerutils_testbed::{Browser, EMPTY_NOTEBOOK, Engine, Lab, Version};

const CODE: &str = "import platform; print(f'{platform.node()} computes', sum(range(1000)))";

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("usage: screenshot FILE")?;
    let engine = Engine::start(Version::V20)?;
    engine.import_jupyter("jupyter:latest");
    let run = ["run", "-d", "--rm", "--init", "--name", "lab", "--hostname", "gpu", "-p", "127.0.0.1::8888"];
    engine.docker(&[&run[..], &["-e", "JUPYTER_TOKEN=t", "-w", "/srv", "jupyter:latest"]].concat());
    engine.docker(&["exec", "lab", "sh", "-c", "printf %s \"$1\" >first.ipynb", "sh", EMPTY_NOTEBOOK]);
    let port = engine.docker(&["port", "lab", "8888/tcp"]);
    let ready = "until python3 -c 'import urllib.request as r; r.urlopen(\"http://127.0.0.1:8888/api\")'; do sleep 0.1; done";
    engine.docker(&["exec", "lab", "sh", "-c", ready]);
    let mut browser = Browser::start()?;
    let mut lab = Lab::open(&mut browser, &format!("http://{port}/lab/tree/first.ipynb?token=t"))?;
    lab.run(CODE)?;
    lab.save()?;
    lab.screenshot(Path::new(&file))?;
    Ok(())
}
