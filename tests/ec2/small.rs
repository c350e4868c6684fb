//! The commands for docks on EC2 are small: dock-ec2 alone contains Amazon's SDK, and is started only if it is needed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use dockerutils_testkit::Project;

/// The commands that dock-ec2 works for.
const COMMANDS: [&str; 7] =
    ["check-dock", "create-dock", "destroy-dock", "gc-docks", "ls-dock", "start-dock", "stop-dock"];

/// The version of EC2's API, which the SDK sends with each call. Names of types would not do: debug information contains
/// those of code that the linker has left out.
const API_VERSION: &str = "2016-11-15";

/// Returns the path of a built command.
fn built(name: &str) -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_ls-dock")).with_file_name(name)
}

/// The commands beside a `dock-ec2` that records its arguments.
struct Installation {
    project: Project,
    folder: PathBuf,
}

impl Installation {
    fn new() -> Self {
        let project = Project::new();
        let folder = project.home().join("bin");
        fs::create_dir(&folder).expect("a folder");
        for name in COMMANDS {
            fs::copy(built(name), folder.join(name)).expect("a command");
        }
        let script =
            "#!/bin/sh\necho \"$*\" >>\"${0%/*}/log\"\necho '{\"instances\": [], \"problems\": []}'\n";
        let program = folder.join("dock-ec2");
        fs::write(&program, script).expect("a script");
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("a script");
        Installation { project, folder }
    }

    fn register(&self, text: &str) {
        let folder = self.project.home().join(".docker/192.0.2.1");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("connection_config.txt"), format!("DOCK_MONIKER=box\n{text}"))
            .expect("a record");
    }

    /// Runs a command, and returns the arguments of all calls of dock-ec2 until now.
    fn calls_after(&self, name: &str, args: &[&str]) -> String {
        self.project.program(self.folder.join(name)).args(args.iter().copied()).run();
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

#[test]
fn create_dock_starts_no_program_before_it_hands_over() {
    let installation = Installation::new();
    let others = installation.project.home().join("others");
    fs::create_dir(&others).expect("a folder");
    for name in ["ssh", "ssh-add"] {
        let program = others.join(name);
        fs::write(&program, "#!/bin/sh\necho \"$0 $*\" >>\"${0%/*}/../bin/log\"\n").expect("a script");
        fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("a script");
    }
    let create = installation.project.program(installation.folder.join("create-dock")).arg("box");
    // What the agent has, dock-ec2 finds out.
    create.path_first(&others).env("SSH_AUTH_SOCK", "/nowhere/agent").run().status(0);
    let calls = fs::read_to_string(installation.folder.join("log")).expect("a log");
    assert_eq!(calls, "create box\n");
}

#[test]
fn only_dock_ec2_contains_the_sdk() {
    let has_sdk = |name: &str| {
        let bytes = fs::read(built(name)).expect("a command");
        String::from_utf8_lossy(&bytes).contains(API_VERSION)
    };
    assert!(has_sdk("dock-ec2"));
    for name in COMMANDS {
        assert!(!has_sdk(name), "{name} contains the SDK");
    }
}

#[test]
fn ls_dock_starts_dock_ec2_only_if_a_record_names_an_instance() {
    let installation = Installation::new();
    installation.register("");
    assert_eq!(installation.calls_after("ls-dock", &["--timeout", "1"]), "");
    installation.register("DOCK_INSTANCE_ID=i-0ab\nDOCK_REGION=us-east-1\n");
    assert_eq!(installation.calls_after("ls-dock", &["--timeout", "1", "--no-aws"]), "");
    assert_eq!(installation.calls_after("ls-dock", &["--no-probe"]), "");
    assert_eq!(installation.calls_after("ls-dock", &["--timeout", "1"]), "states --json --timeout 0.7\n");
}

#[test]
fn a_command_that_is_refused_for_what_this_machine_knows_starts_no_dock_ec2() {
    let installation = Installation::new();
    for (name, args) in [
        ("create-dock", &["box"][..]),
        ("create-dock", &["box", "--key", "/nowhere.pub"]),
        ("stop-dock", &["-y", "nowhere"]),
        ("start-dock", &["nowhere"]),
        ("destroy-dock", &["nowhere"]),
        ("gc-docks", &["--help"]),
    ] {
        assert_eq!(installation.calls_after(name, args), "", "{name}");
    }
    installation.register("DOCK_INSTANCE_ID=i-0ab\n");
    assert_eq!(installation.calls_after("stop-dock", &["box"]), "", "without a terminal to ask on");
    assert_eq!(installation.calls_after("stop-dock", &["-y", "box"]), "stop -y box\n");
}

#[test]
fn a_dock_that_never_stops_by_itself_is_named_once_a_day() {
    let installation = Installation::new();
    installation.register("DOCK_INSTANCE_ID=i-0ab\nDOCK_REGION=us-east-1\n");
    let instance = r#"{"version": "1", "attempt": "k3xabcde27", "created": "2026-11-26T16:11:05Z", "instance_type": "g6.xlarge",
        "zone": "us-east-1b", "image": "ami-0a", "groups": [], "key": {"name": "k", "made_by_us": true}, "disk_size": 100,
        "price": null, "idle": null, "ttl": null, "spot": null}"#;
    let docker = installation.project.home().join(".docker");
    fs::write(docker.join("192.0.2.1/instance.json"), instance).expect("a file");
    let two_days_ago = chrono::Utc::now().timestamp() - 2 * 24 * 3600 - 60;
    let state = format!(
        r#"{{"instances": [{{"id": "i-0ab", "state": "running", "instance_type": "g6.xlarge", "zone": "us-east-1b", "launched": {two_days_ago}}}], "problems": []}}"#
    );
    fs::write(installation.folder.join("dock-ec2"), format!("#!/bin/sh\necho '{state}'\n"))
        .expect("a script");
    let list =
        || installation.project.program(installation.folder.join("ls-dock")).args(["--timeout", "1"]).run();
    let reminder = "box has run for 2 d";
    list().stderr_has(reminder).stderr_has("and never stops by itself: `stop-dock box` stops it");
    list().stderr_lacks(reminder);
    // A day later.
    let noted = docker.join(".reminded-long-runs");
    let file = fs::File::options().write(true).open(noted).expect("a file");
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_secs(25 * 3600);
    file.set_modified(yesterday).expect("a time");
    list().stderr_has(reminder);
}
