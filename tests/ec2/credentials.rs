//! Credentials that are missing, expired or of another account, and a clock that is wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use dockerutils_testbed::ec2::matrix::{Cell, Disturbance};
use dockerutils_testbed::ec2::{User, ec2};
use dockerutils_testkit::{Outcome, Signal};

use super::bad_input::refused;
use super::{create_dock, journals};

/// A profile of AWS's single sign-on.
const CONFIG: &str = "\
[profile work]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = dev
region = us-east-1
[sso-session corp]
sso_region = us-east-1
sso_start_url = https://corp.example/start
sso_registration_scopes = sso:account:access
";

/// Its token. The name of the file is the SHA-1 of `corp`.
const TOKEN_FILE: &str = "ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
const TOKEN: &str = r#"{"accessToken": "x", "expiresAt": "2020-01-01T00:00:00Z", "region": "us-east-1", "startUrl": "https://corp.example/start"}"#;

#[test]
#[ignore = "needs root: AWS stand-in"]
fn an_expired_session_of_sso_is_named_with_the_command_that_begins_a_new_one() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let message = "your AWS session has expired, start a new one, for example with `aws sso login`";
    let cache = user.home().join(".aws/sso/cache");
    fs::create_dir_all(&cache).expect("a folder");
    fs::write(user.home().join(".aws/config"), CONFIG).expect("a file");
    refused(&ec2, &user, &["--profile", "work"], message);
    fs::write(cache.join(TOKEN_FILE), TOKEN).expect("a file");
    refused(&ec2, &user, &["--profile", "work"], message);
    ec2.fault("GetCallerIdentity=ExpiredToken");
    refused(&ec2, &user, &[], message);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_clock_that_is_wrong_is_named_when_aws_refuses_a_call_for_it() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    for (clock, code, message) in [
        ("-1000", "RequestExpired", "s ahead of that of AWS, which refuses"),
        ("1000", "AuthFailure", "s behind that of AWS, which refuses"),
        ("1000", "SignatureDoesNotMatch", "set the clock, for example with `sudo timedatectl set-ntp true`"),
    ] {
        ec2.reset();
        ec2.knob("clock", clock);
        ec2.fault(&format!("GetCallerIdentity={code}"));
        refused(&ec2, &user, &[], message);
        refused(&ec2, &user, &[], "this machine's clock is ");
    }
    // The clock is right.
    ec2.reset();
    ec2.fault("GetCallerIdentity=RequestExpired");
    refused(&ec2, &user, &[], "AWS rejected the request as too old");
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn an_attempt_in_another_account_is_not_resumed() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let killed = Disturbance::SignalBefore(Signal::SIGKILL);
    Cell::run(&ec2, create_dock(&user, "box"), "ImportKeyPair#1", killed);
    let folder = user.home().join(".docker/dock-journal");
    for file in fs::read_dir(&folder).expect("a folder").flatten().map(|entry| entry.path()) {
        if file.extension().is_some_and(|extension| extension == "jsonl") {
            let text = fs::read_to_string(&file).expect("a journal");
            fs::write(&file, text.replace("\"123456789012\"", "\"210987654321\"")).expect("a journal");
        }
    }
    // It may have left something in the other account, which gc-docks has not searched.
    let gc = user.command("gc-docks").args(["--yes", "--older-than", "0"]).run();
    gc.status(1).check(!journals(&user).is_empty(), || "the journal is removed".to_owned());
    // Every command for docks names it.
    let interrupted = "a create-dock of box was interrupted, and what it made may cost money";
    create_dock(&user, "other --dry-run").run().status(0).stderr_has(interrupted);
    user.command("ls-dock").run().status(0).stderr_has(interrupted);
    create_dock(&user, "box --resume").run().status(1).stderr_has(
        "your credentials are those of account 123456789012, and the attempt was made in account 210987654321: set \
         AWS_PROFILE or --profile",
    );
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn check_dock_shows_whose_credentials_are_used_and_where() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    // Nothing else is wrong, so that the status is that of the credentials.
    let info = r#"{"ServerVersion":"26.1.5","Driver":"overlay2","MemTotal":8000000000,"MemoryLimit":true}"#;
    let stubs = user.home().join("stubs");
    fs::create_dir(&stubs).expect("a folder");
    fs::write(stubs.join("docker"), format!("#!/bin/sh\ncase $1 in info) echo '{info}' ;; esac\n"))
        .expect("a stub");
    fs::set_permissions(stubs.join("docker"), fs::Permissions::from_mode(0o755)).expect("permissions");
    let check_dock = || user.command("check-dock").args(["--aws", "--json"]).path_first(&stubs).run();
    let findings = |outcome: &Outcome| -> Vec<(String, String, String)> {
        let findings: Vec<serde_json::Value> = serde_json::from_str(&outcome.stdout).expect("a list");
        let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().expect("a text").to_owned();
        let all = findings.iter().map(|it| (text(it, "id"), text(it, "severity"), text(it, "evidence")));
        all.filter(|(id, ..)| id.starts_with("aws.")).collect()
    };
    let healthy = check_dock();
    let found = findings(healthy.status(0));
    let [credentials, region, account] = found.as_slice() else { panic!("{found:?}") };
    assert!([credentials, region, account].iter().all(|(_, severity, _)| severity == "ok"), "{found:?}");
    assert_eq!(credentials.0, "aws.credentials");
    assert!(region.2.contains("us-east-1") && account.2.contains("123456789012"), "{found:?}");
    ec2.fault("GetCallerIdentity=ExpiredToken");
    let expired = check_dock();
    let found = findings(expired.status(1));
    assert!(found[0].1 == "problem" && found[0].2.contains("your AWS session has expired"), "{found:?}");
}
