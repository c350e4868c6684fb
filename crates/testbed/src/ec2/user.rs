//! A user of EC2: a home folder with a key for ssh, our commands, `source dock` and Amazon's `aws`.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, io};

use dockerutils_testkit::{Invocation, Outcome, Project, poll_until};

use super::Ec2;

/// A user of the stand-in.
#[derive(Debug)]
pub struct User<'a> {
    /// The stand-in.
    pub ec2: &'a Ec2,
    /// The project that its commands run in, with the user's home beside it.
    pub project: Project,
    /// The ID and the secret of the access key, if they are not the stand-in's own.
    access_key: Option<(String, String)>,
}

impl<'a> User<'a> {
    /// Creates a user with a key in `~/.ssh/id_ed25519`, who has used neither EC2 nor a dock before.
    pub fn new(ec2: &'a Ec2) -> Self {
        User::with_project(ec2, Project::new())
    }

    /// Creates such a user with this project.
    pub fn with_project(ec2: &'a Ec2, project: Project) -> Self {
        let user = User { ec2, project, access_key: None };
        user.make_private_folder(".ssh").and_then(|()| user.make_private_folder(".run")).expect("folders");
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "tester", "-f"]).arg(user.key());
        assert!(keygen.status().expect("ssh-keygen").success());
        user
    }

    fn make_private_folder(&self, name: &str) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(self.home().join(name))
    }

    /// Returns the user's home.
    pub fn home(&self) -> &Path {
        self.project.home()
    }

    /// Returns the user's private key for ssh.
    pub fn key(&self) -> PathBuf {
        self.home().join(".ssh/id_ed25519")
    }

    /// Makes it a user of IAM with this policy and no other right. From now on the stand-in checks permissions.
    ///
    /// # Panics
    /// Panics if the policy is not valid.
    #[track_caller]
    pub fn limit_to(&mut self, policy: &str) {
        let iam = |words: &[&str]| {
            let outcome =
                self.shell("exec aws iam \"$@\" --user-name ada --output text").arg("aws").args(words).run();
            outcome.status(0).stdout.clone()
        };
        iam(&["create-user"]);
        iam(&["put-user-policy", "--policy-name", "only", "--policy-document", policy]);
        let key = iam(&["create-access-key", "--query", "AccessKey.[AccessKeyId,SecretAccessKey]"]);
        let mut words = key.split_whitespace().map(str::to_owned);
        self.access_key = words.next().zip(words.next());
        self.ec2.knob("permissions", 1);
    }

    /// Returns one of our commands.
    pub fn command(&self, name: &str) -> Invocation {
        self.equip(self.project.command(name))
    }

    /// Returns a bash that runs a script; it finds our commands, `dock` to be sourced, docker and `aws`.
    pub fn shell(&self, script: &str) -> Invocation {
        self.equip(self.project.program("bash")).args(["--norc", "--noprofile", "-c", script])
    }

    fn equip(&self, invocation: Invocation) -> Invocation {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shell");
        let aws = self.ec2.aws_cli();
        let mut invocation = invocation.uses(self.ec2).env("XDG_RUNTIME_DIR", self.home().join(".run"));
        if let Some((id, secret)) = &self.access_key {
            invocation = invocation.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
        }
        invocation.path_first(aws.parent().unwrap_or(&aws)).path_first(&commands()).path_first(&sources)
    }

    /// Runs `aws ec2`, and returns what it prints as text.
    ///
    /// # Panics
    /// Panics if it fails.
    #[track_caller]
    pub fn aws(&self, words: &str) -> String {
        self.try_aws(words).status(0).stdout.trim().to_owned()
    }

    /// Runs `aws ec2`, which must fail, and returns its error.
    ///
    /// # Panics
    /// Panics if it succeeds.
    #[track_caller]
    pub fn refused(&self, words: &str) -> String {
        let outcome = self.try_aws(words);
        outcome.check(outcome.status != 0, || format!("{words} succeeded"));
        outcome.stderr
    }

    fn try_aws(&self, words: &str) -> Outcome {
        let aws = self.shell("exec aws ec2 \"$@\" --output text").arg("aws");
        aws.args(words.split_whitespace()).run()
    }

    /// Returns an attribute of an instance; `None` as text if it has none.
    #[track_caller]
    pub fn describe(&self, instance: &str, field: &str) -> String {
        let query = format!("--query Reservations[0].Instances[0].{field}");
        self.aws(&format!("describe-instances --instance-ids {instance} {query}"))
    }

    /// Waits until an instance is in a state.
    #[track_caller]
    pub fn wait_for_state(&self, instance: &str, state: &str) {
        let reached = poll_until(|| (self.describe(instance, "State.Name") == state).then_some(()));
        assert!(reached.is_some(), "{instance} is not {state}:\n{}", self.ec2.log());
    }

    /// Returns the folder of a dock's record.
    ///
    /// # Panics
    /// Panics if there is no record of it.
    #[track_caller]
    pub fn record(&self, dock: &str) -> PathBuf {
        let found = self.find_record(dock);
        found.unwrap_or_else(|| panic!("no record of {dock} in {}", self.home().display()))
    }

    /// Returns whether there is a record of a dock.
    pub fn has_record(&self, dock: &str) -> bool {
        self.find_record(dock).is_some()
    }

    fn find_record(&self, dock: &str) -> Option<PathBuf> {
        let folders = fs::read_dir(self.home().join(".docker")).into_iter().flatten().flatten();
        let is_of_dock = |folder: &PathBuf| {
            let text = fs::read_to_string(folder.join("connection_config.txt")).unwrap_or_default();
            ["'", "\"", ""].iter().any(|quote| {
                let line = format!("DOCK_MONIKER={quote}{dock}{quote}");
                text.lines().any(|found| found.trim_start_matches("export ") == line)
            })
        };
        folders.map(|entry| entry.path()).find(is_of_dock)
    }

    /// Returns the ID of a dock's instance, as its record has it.
    #[track_caller]
    pub fn instance(&self, dock: &str) -> String {
        let text = fs::read_to_string(self.record(dock).join("connection_config.txt")).expect("a record");
        let start = text.find("i-").unwrap_or_else(|| panic!("no instance in {text}"));
        text[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
    }
}

/// Returns the folder of our commands: it is above that of the running test, `target/PROFILE/deps`.
fn commands() -> PathBuf {
    let test = env::current_exe().expect("the running test's path");
    test.parent().and_then(Path::parent).expect("a test in target/PROFILE/deps").to_owned()
}
