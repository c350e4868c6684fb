//! `nb-dock`: real JupyterLab on real docks, through real sshd.

mod arguments;
mod classic;
mod copies;
mod found;
mod idle;
mod kept;
mod port;
mod project;
mod security;

use std::net::TcpStream;
use std::sync::OnceLock;

use dockerutils_testbed::{Dock, Version};
use dockerutils_testkit::{Invocation, Outcome, Project};

/// Returns a dock with JupyterLab on PATH.
fn jupyter_dock() -> &'static Dock {
    static DOCK: OnceLock<Dock> = OnceLock::new();
    DOCK.get_or_init(|| {
        let dock = Dock::start("lab", Version::V20).unwrap_or_else(|reason| panic!("no dock: {reason}"));
        dock.unpack_jupyter();
        dock.link_jupyter("/usr/local/bin");
        dock
    })
}

/// A user's home folder, with the dock registered as `gpu`. What runs on the dock is ended when it is dropped.
struct User<'d> {
    project: Project,
    dock: &'d Dock,
    name: &'static str,
}

impl<'d> User<'d> {
    fn new(name: &'static str, dock: &'d Dock) -> Self {
        User::logging_in_as("ubuntu", name, dock)
    }

    fn logging_in_as(login: &str, name: &'static str, dock: &'d Dock) -> Self {
        let project = Project::new();
        let target = format!("{login}@{}", dock.address());
        let register = project.command("register-dock").env("PATH", dock.path());
        register.args([&target, "gpu", "-i"]).arg(dock.key()).run().status(0);
        User { project, dock, name }
    }

    fn nb_dock(&self) -> Invocation {
        let command = self.project.command("nb-dock").env("PATH", self.dock.path());
        command.env("LOGNAME", self.name).env("USER", self.name).arg("gpu")
    }

    fn start(&self) -> Outcome {
        let outcome = self.nb_dock().arg("--no-browser").run();
        outcome.status(0);
        outcome
    }

    /// Returns what `--list --json` prints.
    fn list(&self) -> Vec<serde_json::Value> {
        let outcome = self.nb_dock().args(["--list", "--json"]).run();
        outcome.status(0);
        serde_json::from_str(&outcome.stdout).expect("JSON")
    }

    /// Returns the URL of the only server.
    fn url(&self) -> String {
        let servers = self.list();
        assert_eq!(servers.len(), 1, "{servers:?}");
        servers[0]["url"].as_str().expect("a URL").to_owned()
    }

    fn stop(&self) -> Outcome {
        self.nb_dock().arg("--stop").run()
    }
}

impl Drop for User<'_> {
    fn drop(&mut self) {
        // It fails if nothing runs.
        self.stop();
    }
}

/// Returns the command lines of Jupyter and its kernels on a dock.
fn jupyter_processes(dock: &Dock) -> Vec<String> {
    let all = dock.exec(&["ps", "-ww", "-e", "-o", "args="]);
    // One that has ended stays in the list until its parent has its status.
    all.lines()
        .filter(|line| line.contains("jupyter") || line.contains("ipykernel"))
        .filter(|line| !line.ends_with("<defunct>"))
        .map(str::to_owned)
        .collect()
}

/// Returns the port and the token of a URL.
fn port_and_token(url: &str) -> (u16, String) {
    let (address, token) = url.split_once("/?token=").expect("a token");
    let port = address.rsplit_once(':').expect("a port").1.parse().expect("a number");
    (port, token.to_owned())
}

fn is_open(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}
