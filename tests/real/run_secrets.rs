//! `run-image`: AWS secrets reach the container without being in the arguments of any process.

use std::fs;

use dockerutils_testbed::engines;
use dockerutils_testkit::Signal;

use super::{project, run};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+secret";

#[test]
#[ignore = "needs root: private engine"]
fn the_container_has_the_secret_and_no_argument_contains_it() {
    for engine in engines() {
        let script = "test \"$AWS_SECRET_ACCESS_KEY\" = \"wJalrXUtnFEMI/K7MDENG+\"secret && echo match >&2; exec sleep 1000";
        let project = project("secrets", "").executable("check.sh", &format!("#!/bin/sh\n{script}\n"));
        let mount = format!(
            "--volume='{}:/check.sh'",
            project.root().join("check.sh").display().to_string().replace('\'', "'\\''")
        );
        let running = run(&project, engine, &["secrets", "-a", &mount, "-c", "/check.sh"])
            .env("AWS_ACCESS_KEY_ID", "AKIA")
            .env("AWS_SECRET_ACCESS_KEY", SECRET)
            .spawn();
        running.wait_for_stderr("match");
        let own = arguments(&running.pid().to_string());
        assert!(
            own.starts_with("docker run ") || own.contains("/docker run "),
            "it has not become docker: {own}"
        );
        let holders: Vec<String> =
            processes().map(|pid| arguments(&pid)).filter(|arguments| arguments.contains(SECRET)).collect();
        assert!(holders.is_empty(), "{holders:#?}");
        running.signal(Signal::SIGTERM);
        running.wait().status(143).stderr_has("-e AWS_SECRET_ACCESS_KEY ").stderr_lacks(SECRET);
    }
}

/// Returns the ids of all processes of this machine, including those in containers.
fn processes() -> impl Iterator<Item = String> {
    let names = fs::read_dir("/proc").expect("/proc").flatten().map(|entry| entry.file_name());
    names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns the arguments of a process, which every user can read; empty if it has exited.
fn arguments(pid: &str) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}
