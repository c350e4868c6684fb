//! What scripts/setup.sh installs and starts on machines that lack programs. A machine is a folder of stand-in programs.

use std::fs;
use std::path::Path;

use dockerutils_testkit::{Invocation, Outcome, Project};

/// The programs of this machine that the script and the stand-ins need.
const BORROWED: &[&str] = &["bash", "dirname", "grep", "ldd", "ln", "rm", "sleep", "tail"];

/// The programs of a machine that lacks nothing.
const COMPLETE: &[&str] = &["busybox", "cargo", "cc", "docker", "dockerd"];

/// Logs its arguments. If the file `stale` exists, it installs nothing until an update.
const APT_GET: &str = r#"#!/bin/sh
echo "$*" >>"$HOME/apt.log"
[ "$1" != update ] || exec rm -f "$HOME/stale"
[ ! -e "$HOME/stale" ] || exit 100
for word; do
    case $word in
    docker.io) ln -sf true "$HOME/bin/dockerd" && ln -sf "$HOME/docker" "$HOME/bin/docker" ;;
    gcc) ln -sf true "$HOME/bin/cc" ;;
    busybox-static) ln -sf true "$HOME/bin/busybox" ;;
    esac
done
"#;

const DOCKER: &str = "#!/bin/sh\n[ -e \"$HOME/engine\" ] || { echo 'no such engine' >&2; exit 1; }\n";

/// Starts the engine, as `service docker start` or `systemctl start docker`.
const START: &str = "#!/bin/sh\ncase $* in 'docker start' | 'start docker') : >\"$HOME/engine\" ;; esac\n";

/// Creates a machine with these programs, for this user.
fn machine(programs: &[&str], uid: u32) -> Project {
    let borrow = "for program; do ln -s \"$(command -v \"$program\")\" bin/; done";
    let mut project = Project::new()
        .executable("../home/docker", DOCKER)
        .executable("../home/bin/apt-get", APT_GET)
        .executable("../home/bin/id", &format!("#!/bin/sh\necho {uid}\n"))
        .executable("../home/bin/service", START)
        .executable("../home/bin/systemctl", START)
        .executable("../home/bin/true", "#!/bin/sh\n");
    let here = project.program("sh").args(["-c", borrow, "sh"]).args(BORROWED.iter().copied());
    here.dir(project.home()).run().status(0);
    for program in programs {
        let script = if *program == "docker" { DOCKER } else { "#!/bin/sh\n" };
        project = project.executable(format!("../home/bin/{program}"), script);
    }
    project
}

fn setup(machine: &Project, purpose: &str) -> Outcome {
    invocation(machine).arg(purpose).run()
}

fn invocation(machine: &Project) -> Invocation {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/setup.sh");
    machine.program("bash").arg(script).env("PATH", machine.home().join("bin"))
}

/// Returns the arguments of apt-get, one line for each call.
fn apt_log(machine: &Project) -> String {
    fs::read_to_string(machine.home().join("apt.log")).unwrap_or_default()
}

fn touch(machine: &Project, name: &str) {
    fs::write(machine.home().join(name), "").unwrap();
}

const INSTALL: &str = "install --yes --no-install-recommends";

#[test]
fn a_complete_machine_is_left_alone() {
    for uid in [0, 1000] {
        let machine = machine(COMPLETE, uid);
        touch(&machine, "engine");
        setup(&machine, "demo").status(0);
        assert_eq!(apt_log(&machine), "");
    }
}

#[test]
fn root_gets_missing_packages_and_an_engine_once() {
    let machine = machine(&["cargo"], 0);
    let installed = format!("{INSTALL} gcc libc6-dev busybox-static docker.io\n");
    for _ in 0..2 {
        setup(&machine, "demo").status(0);
        assert_eq!(apt_log(&machine), installed);
        assert!(machine.home().join("engine").exists());
    }
}

#[test]
fn package_lists_are_updated_only_if_the_installation_fails() {
    let machine = machine(&["cargo", "cc", "docker", "dockerd"], 0);
    touch(&machine, "stale");
    setup(&machine, "demo").status(0);
    let install = format!("{INSTALL} busybox-static\n");
    assert_eq!(apt_log(&machine), format!("{install}update\n{install}"));
}

#[test]
fn a_busybox_that_needs_libraries_is_replaced() {
    let machine = machine(COMPLETE, 0);
    touch(&machine, "engine");
    fs::remove_file(machine.home().join("bin/ldd")).unwrap();
    let machine = machine.executable("../home/bin/ldd", "#!/bin/sh\necho 'libc.so.6 => /lib/libc.so.6'\n");
    setup(&machine, "demo");
    assert_eq!(apt_log(&machine), format!("{INSTALL} busybox-static\n"));
}

#[test]
fn a_reachable_engine_needs_no_local_dockerd() {
    let machine = machine(&["busybox", "cargo", "cc", "docker"], 0);
    touch(&machine, "engine");
    setup(&machine, "demo").status(0);
    assert_eq!(apt_log(&machine), "");
}

#[test]
fn another_user_gets_the_command_that_installs_packages() {
    let machine = machine(&["cargo", "cc"], 1000);
    let command = format!("please run first: sudo apt-get {INSTALL} busybox-static docker.io\n");
    setup(&machine, "demo").status(1).stderr_has(&command);
    assert_eq!(apt_log(&machine), "");
}

#[test]
fn another_user_gets_the_command_that_starts_the_engine() {
    let machine = machine(COMPLETE, 1000);
    setup(&machine, "demo").status(1).stderr_has("no such engine").stderr_has("systemctl start docker");
}

#[test]
fn an_engine_in_docker_host_is_not_replaced() {
    let machine = machine(COMPLETE, 0);
    let outcome = invocation(&machine).arg("demo").env("DOCKER_HOST", "tcp://x").run();
    outcome.status(1).stderr_has("cannot reach the engine at DOCKER_HOST=tcp://x");
    assert!(!machine.home().join("engine").exists());
}

#[test]
fn missing_rust_and_a_wrong_purpose_are_errors() {
    setup(&machine(&["cc"], 0), "demo").status(1).stderr_has("install Rust first");
    setup(&machine(COMPLETE, 0), "everything").status(1).stderr_has("usage: scripts/setup.sh demo|test");
}
