//! Bad input: one clear sentence, exit status 2 for wrong arguments and 1 otherwise, and docker is not called.

mod arguments;
mod configuration;
mod engine;
mod project;
mod unknown_names;

use dockerutils_testkit::{Invocation, Project};

/// Asserts that the command fails with exactly this sentence and no other output, and that docker is not called.
#[track_caller]
fn refused(invocation: Invocation, status: i32, sentence: &str) {
    let outcome = invocation.run();
    outcome.status(status).stdout_is("").calls_are(&[]);
    outcome.check(outcome.stderr == format!("{sentence}\n"), || {
        format!("standard error is not only {sentence:?}")
    });
}

fn project() -> Project {
    Project::new().dockerfile("dev", "FROM scratch\n").dockerfile("web", "FROM scratch\n")
}
