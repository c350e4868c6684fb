//! No secret of the environment gets into an echo, a journal, a record, the user-data or a tag.

use std::fs;
use std::path::Path;

use dockerutils_testbed::ec2::{User, ec2};

/// The values of secrets that the environment has.
const SECRETS: [&str; 2] = ["q9-the-secret-key", "q9-the-session-token"];

#[test]
#[ignore = "needs root: EC2 stand-in"]
fn a_creation_leaves_no_secret_anywhere() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let outcome = user
        .command("create-dock")
        .args(["box", "-v"])
        .env("AWS_SECRET_ACCESS_KEY", SECRETS[0])
        .env("AWS_SESSION_TOKEN", SECRETS[1])
        .run();
    outcome.status(0);
    for secret in SECRETS {
        assert!(!outcome.stderr.contains(secret) && !outcome.stdout.contains(secret));
        for call in ec2.calls() {
            let found = call.parameters.values().any(|value| value.contains(secret));
            assert!(!found, "{} contains a secret", call.action);
        }
        assert_eq!(files_with(&user.home().join(".docker"), secret), [""; 0]);
    }
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
