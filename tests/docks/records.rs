//! Records, without a machine: errors that are found before ssh runs, and several commands at a time.

use std::fs;

use dockerutils_testkit::Project;

use super::{file, messages, registered};

/// An address that no machine of a test has. No test connects to it.
const ADDRESS: &str = "192.0.2.1";

#[test]
fn with_no_check_a_dock_is_registered_without_a_connection() {
    let project = Project::new();
    let outcome = project.command("register-dock").args([ADDRESS, "gpu", "--no-check"]).run();
    outcome.status(0).stdout_is("").echoes(&[]);
    assert_eq!(
        messages(&outcome, "register-dock"),
        [
            "`gpu` is ubuntu@192.0.2.1: source dock gpu",
            "~/.ssh/config includes your docks now, so `ssh gpu` works"
        ]
    );
    let record = fs::read_to_string(file(&project, ADDRESS, "connection_config.txt")).unwrap();
    assert_eq!(record, "DOCK_USER=ubuntu\nDOCK_MONIKER=gpu\nDOCK_HOSTNAME=192.0.2.1\nDOCK_IP=192.0.2.1\n");
    // Registered again, it changes the values that are specified and keeps the others.
    let again = project
        .command("register-dock")
        .args(["-p", "2222", "--no-check", ADDRESS])
        .env("DOCK_USER", "ada")
        .run();
    again.status(0);
    assert_eq!(messages(&again, "register-dock"), ["`gpu` is ada@192.0.2.1: source dock gpu"]);
    let record = fs::read_to_string(file(&project, ADDRESS, "connection_config.txt")).unwrap();
    assert_eq!(
        record,
        "DOCK_USER=ada\nDOCK_MONIKER=gpu\nDOCK_HOSTNAME=192.0.2.1\nDOCK_IP=192.0.2.1\nDOCK_PORT=2222\n"
    );
}

#[test]
fn an_instance_of_ec2_is_registered_by_its_id_and_has_one_record() {
    let project = Project::new();
    let register = |words: &[&str]| project.command("register-dock").arg("--no-check").args(words).run();
    let id = "i-0a1b2c3d4e5f60718";
    let of_account = ["--region", "us-east-1", "--account", "123456789012", "--profile", "work"];
    register(&[&["--instance-id", id, ADDRESS, "gpu"], &of_account[..]].concat()).status(0);
    let record = || fs::read_to_string(file(&project, ADDRESS, "connection_config.txt")).unwrap();
    let lines = format!(
        "DOCK_INSTANCE_ID={id}\nDOCK_REGION=us-east-1\nDOCK_ACCOUNT=123456789012\nDOCK_PROFILE=work\n"
    );
    assert!(record().ends_with(&lines), "{}", record());
    register(&["--instance-id", id, "192.0.2.9", "other"]).status(1).stderr_has(&format!(
        "{id} is the dock `gpu` at {ADDRESS}: `start-dock gpu` makes its record follow its address, and `unregister-dock gpu` \
         removes it"
    ));
    assert_eq!(registered(&project), [ADDRESS]);
    register(&["--profile", "", ADDRESS]).status(0);
    assert!(record().ends_with("DOCK_ACCOUNT=123456789012\n"), "{}", record());
}

#[test]
fn with_no_ssh_config_the_users_configuration_does_not_change() {
    let project = Project::new();
    project.command("register-dock").args([ADDRESS, "--no-check", "--no-ssh-config"]).run().status(0);
    assert!(!project.home().join(".ssh").exists());
    assert_eq!(registered(&project), [ADDRESS]);
}

#[test]
fn hostile_arguments_are_refused_before_anything_runs() {
    let project = Project::new();
    for words in [
        &["../.."][..],
        &["--", "-oProxyCommand=touch x"],
        &["a b"],
        &["ubuntu@192.0.2.1:0"],
        &["192.0.2.1:22:22"],
        &["ssh://ada:secret@192.0.2.1"],
        &["-u", "ada", "ubuntu@192.0.2.1"],
        &["-p", "23", "192.0.2.1:22"],
        &["$(touch x)"],
        &["a\nHost *"],
        &[ADDRESS, "gpu box"],
        &[ADDRESS, "*"],
        &[ADDRESS, "none"],
        &["--user", "-x", ADDRESS],
        &["--user=root;id", ADDRESS],
        &["--port=0", ADDRESS],
        &["--jump=-oX", ADDRESS],
        &["--jump=a b", ADDRESS],
        &["--instance-id=../..", ADDRESS],
        &["--region=us east", ADDRESS],
        &["--account=12", ADDRESS],
        &["--profile=-x", ADDRESS],
        &["--identity=no-such-file", ADDRESS],
        &["--identity=docker", ADDRESS],
    ] {
        let outcome = project.command("register-dock").args(words).run();
        outcome.status(2).stdout_is("").echoes(&[]);
        assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
        assert_eq!(registered(&project), [""; 0]);
    }
    let outcome = project.command("register-dock").arg(ADDRESS).env("DOCK_USER", "a b").run();
    outcome.status(2).echoes(&[]).stderr_has("register-dock: DOCK_USER: `a b` is not a valid user name");
    for command in ["ssh-dock", "unregister-dock"] {
        let outcome = project.command(command).args(["--", "-oProxyCommand=touch x"]).run();
        outcome.check(outcome.status != 0, || "it was accepted".to_owned()).echoes(&[]);
    }
}

#[test]
fn a_hostile_record_is_reported_and_runs_nothing() {
    let project = Project::new();
    let record = file(&project, "box", "connection_config.txt");
    fs::create_dir_all(record.parent().unwrap()).unwrap();
    fs::write(&record, "DOCK_IP=box\nDOCK_USER=-oProxyCommand=touch${IFS}x\n").unwrap();
    let message = format!(
        "{}:2: DOCK_USER: `-oProxyCommand=touch${{IFS}}x` is not a valid user name",
        record.display()
    );
    for (command, arg) in [("ssh-dock", "box"), ("ls-dock", "--no-probe"), ("register-dock", "box")] {
        project.command(command).arg(arg).run().status(1).echoes(&[]).stderr_has(&message);
    }
    // Other docks, and engines that are not docks, are not affected.
    project.command("ssh-dock").arg("boxx").run().status(1).stderr_has("ssh-dock: there is no dock `boxx`");
    let project = project.dockerfile("dev", "FROM busybox\n");
    let docked = [("DOCKER_HOST", "tcp://192.0.2.9:2375"), ("DOCKER_IP", "192.0.2.9")];
    for command in ["build-image", "run-image"] {
        let command = project.command(command).args(["dev", "--dry-run"]);
        let command = docked.iter().fold(command, |command, (name, value)| command.env(name, value));
        command.run().status(0);
    }
    project.command("unregister-dock").arg("box").run().status(0);
    assert_eq!(registered(&project), [""; 0]);
}

#[test]
fn a_dry_run_of_a_docked_terminal_shows_the_ports_that_the_run_would_open() {
    let project = Project::new().dockerfile("dev", "FROM busybox\n").cfg("[dev]\nports=-p 8123:80\n");
    project.command("register-dock").args([ADDRESS, "gpu", "--no-check"]).run().status(0);
    let open =
        project.command("dock-session").args(["open", "--shell", "posix", "--", "--dry-run", "gpu"]).run();
    let socket = open.status(0).stderr.split(" -S ").nth(1).and_then(|rest| rest.split(' ').next());
    let socket = socket.expect("a control socket");
    // The connection is not open, and a run would open it again first.
    for (docker_host, opens_ports) in [
        (format!("unix://{}", socket.replace("/ssh", "/docker.sock")), true),
        (format!("tcp://{ADDRESS}:2375"), false),
    ] {
        let command = project.command("run-image").args(["dev", "--dry-run"]);
        let outcome = command.env("DOCKER_HOST", &docker_host).env("DOCKER_IP", ADDRESS).run();
        let forward = format!("ssh -F none -S {socket} -O forward -L ");
        outcome.status(0).calls_are(&[]);
        outcome.check(outcome.stderr.contains(&forward) == opens_ports, || docker_host.clone());
        let refusal = "is not opened on this machine: no connection is open";
        outcome.check(outcome.stderr.contains(refusal) != opens_ports, || docker_host.clone());
    }
}

#[test]
fn a_moniker_of_another_dock_is_refused_before_anything_runs() {
    let project = Project::new();
    project.command("register-dock").args([ADDRESS, "gpu", "--no-check"]).run().status(0);
    let outcome = project.command("register-dock").args(["192.0.2.2", "gpu"]).run();
    outcome.status(1).echoes(&[]);
    assert_eq!(
        messages(&outcome, "register-dock"),
        ["`gpu` is the dock at 192.0.2.1: choose another moniker, or `unregister-dock gpu` first"]
    );
    assert_eq!(registered(&project), [ADDRESS]);
}

#[test]
fn a_dry_run_writes_nothing() {
    let project = Project::new();
    let outcome = project.command("register-dock").args(["192.0.2.1", "gpu", "--dry-run"]).run();
    let echoed = outcome.status(0).echoed();
    assert!(echoed.len() == 1 && echoed[0].starts_with("ssh -o "), "{echoed:?}");
    assert!(echoed[0].ends_with(" -- ubuntu@192.0.2.1 \"docker version -f '{{json .}}'\""), "{echoed:?}");
    assert!(!project.home().join(".docker").exists() && !project.home().join(".ssh").exists());
    project.command("register-dock").args([ADDRESS, "gpu", "--no-check"]).run().status(0);
    let outcome = project.command("unregister-dock").args(["gpu", "--dry-run"]).run();
    outcome.status(0).stderr_has("would remove `gpu` at 192.0.2.1");
    assert_eq!(registered(&project), [ADDRESS]);
}

#[test]
fn the_last_dock_that_is_unregistered_takes_the_include_line_with_it() {
    let project = Project::new();
    for (address, moniker) in [("192.0.2.1", "one"), ("192.0.2.2", "two")] {
        project.command("register-dock").args([address, moniker, "--no-check"]).run().status(0);
    }
    let config = || fs::read_to_string(project.home().join(".ssh/config")).unwrap_or_default();
    project.command("unregister-dock").arg("one").run().status(0);
    assert!(config().contains("Include"), "{}", config());
    project.command("unregister-dock").arg("two").run().status(0);
    assert!(!config().contains("Include"), "{}", config());
}

#[test]
fn many_commands_at_a_time_register_all_docks_and_include_them_once() {
    let project = Project::new();
    let running: Vec<_> = (1..=12)
        .map(|number| {
            let words = [format!("192.0.2.{number}"), format!("dock-{number}"), "--no-check".to_owned()];
            project.command("register-dock").args(words).spawn()
        })
        .collect();
    for command in running {
        command.wait().status(0);
    }
    assert_eq!(registered(&project).len(), 12);
    let config = fs::read_to_string(project.home().join(".ssh/config")).unwrap();
    assert_eq!(config.matches("Include").count(), 1, "{config}");
}

#[test]
fn what_people_paste_is_an_address() {
    let project = Project::new();
    for (pasted, record) in [
        (
            "ada@192.0.2.1:2222",
            "DOCK_USER=ada\nDOCK_MONIKER=192.0.2.1\nDOCK_HOSTNAME=192.0.2.1\nDOCK_IP=192.0.2.1\nDOCK_PORT=2222\n",
        ),
        (
            "ssh://bob@192.0.2.2/",
            "DOCK_USER=bob\nDOCK_MONIKER=192.0.2.2\nDOCK_HOSTNAME=192.0.2.2\nDOCK_IP=192.0.2.2\n",
        ),
        (
            "[fd00::5]:22",
            "DOCK_USER=ubuntu\nDOCK_MONIKER=fd00::5\nDOCK_HOSTNAME=fd00::5\nDOCK_IP=fd00::5\nDOCK_PORT=22\n",
        ),
    ] {
        project
            .command("register-dock")
            .args([pasted, "--no-check", "--no-ssh-config"])
            .run()
            .status(0)
            .echoes(&[]);
        let address = record.split("DOCK_IP=").nth(1).unwrap().lines().next().unwrap();
        assert_eq!(fs::read_to_string(file(&project, address, "connection_config.txt")).unwrap(), record);
    }
}

#[test]
fn an_empty_value_is_removed_from_the_record() {
    let project = Project::new().file("key", "");
    let record = || fs::read_to_string(file(&project, ADDRESS, "connection_config.txt")).unwrap();
    let register = |words: &[&str]| {
        let command =
            project.command("register-dock").args([ADDRESS, "gpu", "--no-check", "--no-ssh-config"]);
        command.args(words.iter().copied()).run().status(0);
    };
    register(&["-p", "2222", "-J", "gate", "-i", "key"]);
    assert_eq!(record().lines().count(), 7);
    register(&["-p", "", "-J", "", "-i", ""]);
    assert_eq!(record(), "DOCK_USER=ubuntu\nDOCK_MONIKER=gpu\nDOCK_HOSTNAME=192.0.2.1\nDOCK_IP=192.0.2.1\n");
}

#[test]
fn a_configuration_that_cannot_be_changed_is_one_sentence() {
    let project = Project::new();
    fs::create_dir(project.home().join(".ssh")).unwrap();
    std::os::unix::fs::symlink("/nonexistent/store/config", project.home().join(".ssh/config")).unwrap();
    let outcome = project.command("register-dock").args([ADDRESS, "gpu", "--no-check"]).run();
    let printed = messages(outcome.status(0), "register-dock");
    assert_eq!(printed.len(), 2, "{printed:?}");
    let remedy =
        "add the line `Include ~/.docker/dockerutils.ssh_config` at its top, so that `ssh gpu` works";
    outcome.check(printed[1].ends_with(remedy), || remedy.to_owned());
}

#[test]
fn a_moniker_that_is_a_host_of_ssh_is_refused() {
    let project = Project::new();
    fs::create_dir(project.home().join(".ssh")).unwrap();
    fs::write(project.home().join(".ssh/config"), "Host work\n  User git\n").unwrap();
    let outcome = project.command("register-dock").args([ADDRESS, "work", "--no-check"]).run();
    outcome.status(1).stderr_has("register-dock: `work` is a host of your ssh configuration");
    assert_eq!(registered(&project), [""; 0]);
    let outcome = project.command("register-dock").args([ADDRESS, "github.com", "--no-check"]).run();
    outcome.status(0).stderr_has("register-dock: `ssh github.com` does not lead to the dock");
}

#[test]
fn a_command_without_two_hyphens_is_an_error_with_the_remedy() {
    let project = Project::new();
    let outcome = project.command("ssh-dock").args(["gpu", "ls", "a b"]).run();
    outcome.status(2).stderr_has("ssh-dock: `ls` needs `--` before it: ssh-dock gpu -- ls 'a b'");
}

#[test]
fn closing_what_never_was_a_session_changes_nothing() {
    let project = Project::new().file("folder/ssh", "precious");
    for path in [project.root().join("folder"), "/nonexistent/x".into(), "/etc/passwd".into(), "/".into()] {
        let outcome = project.command("dock-session").arg("close").arg(&path).run();
        outcome.status(0).stdout_is("").stderr_has("is not the folder of a session");
    }
    assert!(project.root().join("folder/ssh").exists());
}
