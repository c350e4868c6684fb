//! The exact arguments that the commands give docker.

mod build;
mod build_order;
mod clean;
mod debug;
mod docked_build;
mod dockerfiles;
mod run;
mod scripts;

use dockerutils_testkit::Project;

/// A Dockerfile with a stage named `builder`.
const STAGES: &str = "FROM scratch AS builder\nFROM scratch\nCOPY --from=builder /a /a\n";

/// The arguments of build-image, and the calls that docker gets, each in shell words.
type BuildRow = (&'static [&'static str], &'static [&'static str]);

#[track_caller]
fn builds(project: &Project, rows: &[BuildRow]) {
    for (args, calls) in rows {
        let outcome = project.command("build-image").args(*args).run();
        let expected: Vec<Vec<String>> =
            calls.iter().map(|call| shlex::split(call).expect("shell words")).collect();
        let expected: Vec<Vec<&str>> =
            expected.iter().map(|call| call.iter().map(String::as_str).collect()).collect();
        let expected: Vec<&[&str]> = expected.iter().map(Vec::as_slice).collect();
        outcome.status(0).stdout_is("").calls_are(&expected);
        let is_root = outcome.records.iter().all(|call| call.dir == project.root());
        outcome.check(is_root, || "docker does not run from the root".to_owned());
    }
}
