//! Where Jupyter is found on a dock.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use dockerutils_testbed::{Dock, Version};
use dockerutils_testkit::Outcome;

use super::User;

const CONDA: &str = "/home/ubuntu/miniconda3/bin";
const VENV: &str = "/home/ubuntu/.venv/bin";
const LOGIN_PATH: &str = "/home/ubuntu/tools";

#[test]
#[ignore = "needs root: dock"]
fn jupyter_is_found_where_people_install_it() {
    let dock = Dock::start("bare", Version::V20).expect("a dock");
    dock.unpack_jupyter();
    let user = User::new("ada", &dock);
    let outcome = user.nb_dock().arg("--no-browser").run();
    outcome
        .status(1)
        .stderr_has("no Jupyter was found: neither jupyter-lab nor jupyter-notebook is in .venv and venv in /home/ubuntu")
        .stderr_has("`nb-dock gpu --install` installs it");
    // From the last place that is searched to the first.
    dock.link_jupyter(CONDA);
    assert_program(&user, CONDA);
    dock.link_jupyter(LOGIN_PATH);
    // csh as the login shell, which reads no other script than this.
    dock.exec(&["sh", "-c", "echo 'setenv PATH ${PATH}:/home/ubuntu/tools' >/home/ubuntu/.cshrc"]);
    for (shell, profile) in
        [("/bin/bash", "export PATH=$PATH:/home/ubuntu/tools; echo welcome"), ("/bin/csh", "")]
    {
        if !dock.root().join("usr").join(&shell[1..]).exists() && shell == "/bin/csh" {
            continue;
        }
        fs::write(dock.root().join("home/ubuntu/.profile"), profile).expect("a profile");
        dock.exec(&["sed", "-i", &format!("s,^\\(ubuntu:.*:\\)[^:]*$,\\1{shell},"), "/etc/passwd"]);
        assert_program(&user, LOGIN_PATH);
    }
    // A profile that does not end costs three seconds.
    fs::write(dock.root().join("home/ubuntu/.profile"), "sleep 600").expect("a profile");
    dock.exec(&["sed", "-i", "s,^\\(ubuntu:.*:\\)[^:]*$,\\1/bin/bash,", "/etc/passwd"]);
    assert_program(&user, CONDA);
    dock.link_jupyter(VENV);
    assert_program(&user, VENV);
    let outcome = user.nb_dock().args(["--jupyter", "~/miniconda3", "--no-browser"]).run();
    outcome.status(0);
    assert_eq!(user.list()[0]["jupyter"], format!("{CONDA}/jupyter-lab"));
    user.stop().status(0);
    let record = format!(".docker/{}/connection_config.txt", dock.address());
    let mut record =
        OpenOptions::new().append(true).open(user.project.home().join(record)).expect("a record");
    writeln!(record, "DOCK_JUPYTER={LOGIN_PATH}").expect("a record");
    assert_program(&user, LOGIN_PATH);
}

#[test]
#[ignore = "needs root: dock"]
fn jupyter_is_installed_on_request_with_the_users_own_tool() {
    let dock = Dock::start("empty", Version::V20).expect("a dock");
    dock.unpack_jupyter();
    let user = User::new("ada", &dock);
    let install = || user.nb_dock().args(["--install", "--no-browser"]).run();
    install().status(1).stderr_has("neither uv nor pipx is installed");
    // As `uv tool install` does, which needs the network.
    let bin = dock.root().join("home/ubuntu/.local/bin");
    fs::create_dir_all(&bin).expect("a folder");
    let uv = "#!/bin/sh\necho \"uv: $*\" >&2\nln -s /opt/jupyter/bin/jupyter-lab ~/.local/bin/jupyter-lab\n";
    fs::write(bin.join("uv"), uv).expect("uv");
    fs::set_permissions(bin.join("uv"), Permissions::from_mode(0o755)).expect("uv");
    dock.exec(&["chown", "-R", "ubuntu:ubuntu", "/home/ubuntu"]);
    install()
        .status(0)
        .stderr_has("uv tool install jupyterlab")
        .stderr_has("uv: tool install jupyterlab")
        .stderr_has("jupyter-lab of /home/ubuntu/.local/bin on gpu");
    user.stop().status(0);
    // It is there now.
    install().status(0).stderr_lacks("uv: ");
}

#[track_caller]
fn assert_program(user: &User, folder: &str) {
    let outcome: Outcome = user.start();
    outcome.stderr_has(&format!("jupyter-lab of {folder} on gpu, in /home/ubuntu: http://127.0.0.1:"));
    assert_eq!(user.list()[0]["jupyter"], format!("{folder}/jupyter-lab"));
    user.stop().status(0).stderr_has("ended on gpu: Jupyter in /home/ubuntu");
}

#[test]
#[ignore = "needs root: dock"]
fn a_folder_that_does_not_exist_and_a_jupyter_that_ends_are_errors() {
    let user = User::new("eve", super::jupyter_dock());
    user.nb_dock().args(["--dir", "/none"]).run().status(1).stderr_has("on gpu: there is no folder /none");
    let outcome =
        user.nb_dock().args(["--", "--LabApp.no_such=[", "--config=/none.py", "--generate-config=x"]).run();
    outcome.check(outcome.status == 1, || "the status".to_owned());
    outcome.stderr_has("on gpu: Jupyter has ended: ");
}
