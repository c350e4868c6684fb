//! Docks on EC2, on a stand-in whose instances are real machines.

mod bad_input;
mod by_hand;
mod capacity;
mod confirmation;
mod create;
mod credentials;
mod defaults;
mod disturbed;
mod ended;
mod idle;
mod killed;
mod late;
mod leftovers;
mod life;
mod lost;
mod many;
mod networks;
mod not_ready;
mod pasted;
mod permissions;
mod precedence;
mod script;
mod second_signal;
mod secrets;
mod small;
mod spot;
mod whole_life;

use std::path::{Path, PathBuf};

use dockerutils_testbed::ec2::{Call, Ec2, User};
use dockerutils_testkit::Outcome;

/// Creates a dock, which must succeed.
#[track_caller]
fn create(user: &User, words: &str) -> Outcome {
    let outcome = create_dock(user, words).run();
    outcome.status(0);
    outcome
}

/// Returns create-dock with these arguments.
fn create_dock(user: &User, words: &str) -> dockerutils_testkit::Invocation {
    user.command("create-dock").args(words.split_whitespace())
}

/// Returns the calls that launch instances, without dry runs.
fn launches(ec2: &Ec2) -> Vec<Call> {
    let is_launch = |call: &Call| {
        call.action == "RunInstances" && call.parameters.get("DryRun").is_none_or(|value| value != "true")
    };
    ec2.calls().into_iter().filter(is_launch).collect()
}

/// Moves the user's key to a file that ssh does not look for, and returns that file.
fn moved_key(user: &User) -> PathBuf {
    let key = user.home().join("dock-key");
    for end in ["", ".pub"] {
        let file = |path: &Path| format!("{}{end}", path.display());
        std::fs::rename(file(&user.key()), file(&key)).expect("a key");
    }
    key
}

/// Returns the names in the journals' folder.
fn journals(user: &User) -> Vec<String> {
    names(&user.home().join(".docker/dock-journal"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
