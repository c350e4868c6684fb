//! No text in a record, a name or a variable is ever run.

use std::fs;

use dockerutils_testbed::dock;
use dockerutils_testkit::Project;

use super::{Held, nothing_is_left, project_that_knows, shell, shells};
use crate::docks::file;

/// Texts that a shell would run if they reached it unquoted.
const TEXTS: [&str; 8] = [
    "$(touch ran)",
    "`touch ran`",
    "(touch ran)",
    "x;touch ran;",
    "x\ntouch ran\n",
    "';touch ran;'",
    "\";touch ran;\"",
    "\\';touch ran;\\'",
];

#[track_caller]
fn nothing_ran(project: &Project) {
    assert!(!project.root().join("ran").exists() && !project.home().join("ran").exists());
}

#[test]
#[ignore = "needs root: dock"]
fn a_hostile_record_runs_nothing() {
    let dock = dock();
    for shell_name in shells() {
        let project = project_that_knows(dock);
        let record = file(&project, &dock.address(), "connection_config.txt");
        let honest = fs::read_to_string(&record).unwrap();
        for text in TEXTS {
            for key in ["DOCK_USER", "DOCK_MONIKER", "DOCK_HOSTNAME", "DOCK_IP", "DOCK_IDENTITY", "DOCK_JUMP"]
            {
                let mut lines: Vec<&str> = honest.lines().filter(|line| !line.starts_with(key)).collect();
                let hostile = format!("{key}={text}");
                lines.push(&hostile);
                fs::write(&record, lines.join("\n")).unwrap();
                let script = format!(
                    "source dock gpu; source dock {}; source dock; env | grep ^DOCK; exit 0",
                    dock.address()
                );
                let outcome = shell(&project, dock, shell_name, &script).run();
                outcome.status(0).stdout_is("").echoes(&[]);
                assert_eq!(project.command("dock-session").args(["complete", ""]).run().stdout, "");
                nothing_ran(&project);
            }
        }
        nothing_is_left(&project);
    }
}

#[test]
#[ignore = "needs root: dock"]
fn a_hostile_name_runs_nothing() {
    let dock = dock();
    let project = project_that_knows(dock);
    for shell_name in shells() {
        for text in TEXTS {
            let script = "source dock \"$NAME\"; env | grep ^DOCK; exit 0";
            let outcome = shell(&project, dock, shell_name, script).env("NAME", text).run();
            outcome.status(0).stdout_is("").echoes(&[]).stderr_has("dock: ");
            nothing_ran(&project);
        }
    }
}

#[test]
#[ignore = "needs root: dock"]
fn hostile_variables_and_folders_run_nothing() {
    let dock = dock();
    let project = project_that_knows(dock);
    let _held = Held::open(&project, dock);
    let names = ["DOCKER_HOST", "DOCKER_IP", "DOCKER_CONTEXT", "DOCK_MONIKER", "PS1", "_OLD_VIRTUAL_PS1"];
    for shell_name in shells() {
        for text in TEXTS {
            let script = "source dock gpu; castoff; env | grep -c ^DOCK";
            let mut invocation = shell(&project, dock, shell_name, script);
            for name in names {
                invocation = invocation.env(name, text);
            }
            invocation.run().status(0).stdout_is("4\n");
            // ssh would expand these names, so the folder in /tmp is used instead.
            let folder = project.home().join(text.replace('/', "_"));
            fs::create_dir_all(&folder).unwrap();
            let script = "source dock gpu; castoff";
            shell(&project, dock, shell_name, script).env("XDG_RUNTIME_DIR", &folder).run().status(0);
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
            nothing_ran(&project);
        }
    }
}
