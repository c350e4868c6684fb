//! No secret of the environment gets into an echo, a journal, a record, the user-data or a tag.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use dockerutils_testbed::ec2::{User, ec2};

use super::journals;

/// The values of secrets that the environment has.
const SECRETS: [&str; 2] = ["q9-the-secret-key", "q9-the-session-token"];

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn a_creation_leaves_no_secret_anywhere() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.fault("RunInstances#2=hold-after");
    let creation = user
        .command("create-dock")
        .args(["box", "-v"])
        .env("AWS_SECRET_ACCESS_KEY", SECRETS[0])
        .env("AWS_SESSION_TOKEN", SECRETS[1])
        .spawn();
    ec2.wait_until_held();
    // The journal is removed at the end.
    assert!(!journals(&user).is_empty());
    let of_files = SECRETS.map(|secret| files_with(&user.home().join(".docker"), secret)).concat();
    assert_eq!(of_files, [""; 0]);
    // The calls after the launch, and the ssh that waits for the machine.
    let has_ended = AtomicBool::new(false);
    let (outcome, command_lines) = thread::scope(|scope| {
        let watch = scope.spawn(|| command_lines_until(&has_ended));
        ec2.clear_faults();
        let outcome = creation.wait();
        has_ended.store(true, Ordering::Relaxed);
        (outcome, watch.join().expect("command lines"))
    });
    outcome.status(0);
    assert!(command_lines.iter().any(|line| line.contains("cloud-init status")), "{command_lines:#?}");
    let with_secret = command_lines.iter().find(|line| SECRETS.iter().any(|secret| line.contains(secret)));
    assert_eq!(with_secret, None);
    let mut user_data = 0;
    for call in ec2.calls() {
        for (name, value) in &call.parameters {
            let text = if name == "UserData" { decoded(&user, value) } else { value.clone() };
            user_data += usize::from(text.starts_with("#cloud-config"));
            assert!(!SECRETS.iter().any(|secret| text.contains(secret)), "{} contains a secret", call.action);
        }
    }
    assert!(user_data > 0, "no user-data was sent");
    for secret in SECRETS {
        assert!(!outcome.stderr.contains(secret) && !outcome.stdout.contains(secret));
        assert_eq!(files_with(&user.home().join(".docker"), secret), [""; 0]);
    }
}

/// Returns the user-data that a call contains.
fn decoded(user: &User, base64: &str) -> String {
    user.shell("base64 -d").stdin(base64).run().status(0).stdout.clone()
}

/// Returns the command lines of all processes that are seen until something has ended.
fn command_lines_until(has_ended: &AtomicBool) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    while !has_ended.load(Ordering::Relaxed) {
        let processes = fs::read_dir("/proc").expect("a folder").flatten();
        let found = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
        lines.extend(found.map(|line| String::from_utf8_lossy(&line).replace('\0', " ")));
        // Often enough for every ssh, and not so often that it slows them down.
        thread::sleep(Duration::from_millis(20));
    }
    lines
}

/// Returns the files below a folder that contain a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if fs::read(&path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(text)) {
            found.push(path.display().to_string());
        }
    }
    found
}
