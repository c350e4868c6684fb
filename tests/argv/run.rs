//! The exact arguments of `docker run`, for configurations, flags and environments.

mod command_line;
mod environment;
mod gpus;
mod keys;

use std::collections::BTreeSet;

use dockerutils_testkit::Project;

/// A configuration, the arguments, the environment, and the arguments that docker gets after the container's name.
#[derive(Clone, Copy)]
struct Row {
    title: &'static str,
    cfg: &'static str,
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    docker: &'static str,
}

const fn row(
    title: &'static str,
    cfg: &'static str,
    args: &'static [&'static str],
    docker: &'static str,
) -> Row {
    Row { title, cfg, args, env: &[], docker }
}

const fn with_env(env: &'static [(&'static str, &'static str)], mut row: Row) -> Row {
    row.env = env;
    row
}

#[test]
fn docker_gets_exactly_these_arguments() {
    let tables = [command_line::ROWS, gpus::ROWS, keys::ROWS, environment::ROWS];
    for row in tables.concat() {
        let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(row.cfg);
        let mut invocation = project.command("run-image").args(row.args);
        for (name, value) in row.env {
            invocation = invocation.env(*name, *value);
        }
        let outcome = invocation.run();
        outcome.status(0).stdout_is("");
        let root = project.root().to_str().expect("text");
        let home = project.home().to_str().expect("text");
        let expected: Vec<String> = shlex::split(row.docker)
            .expect("shell words")
            .iter()
            .map(|word| word.replace("ROOT", root).replace("HOME/", &format!("{home}/")))
            .collect();
        let [call] = outcome.calls.as_slice() else {
            panic!("{}: one call, not {:?}", row.title, outcome.calls)
        };
        assert_eq!(call[..3], ["run", "--init", "--name"], "{}", row.title);
        assert_eq!(call[4..], expected, "{}", row.title);
    }
    let count: usize = tables.iter().map(|rows| rows.len()).sum();
    assert!(count >= 60, "the tables have {count} rows");
}

#[test]
fn a_container_is_named_after_user_image_and_time() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let outcome = project.command("run-image").arg("dev").run();
    let name = &outcome.calls[0][3];
    let time = name.strip_prefix("tester_dev_").unwrap_or_else(|| panic!("{name}"));
    assert!(chrono::NaiveDateTime::parse_from_str(time, "%y-%m-%d_%H.%M.%S%.9f").is_ok(), "{name}");
}

#[test]
fn containers_of_one_second_have_different_names() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let runs: Vec<_> = (0..20).map(|_| project.command("run-image").arg("dev").spawn()).collect();
    let names: BTreeSet<String> = runs.into_iter().map(|run| run.wait().calls[0][3].clone()).collect();
    assert_eq!(names.len(), 20, "{names:?}");
}

#[test]
fn user_host_passes_the_ids_of_the_calling_user() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg("[dev]\nuser=host\n");
    let outcome = project.command("run-image").arg("dev").run();
    let user = format!("{}:{}", nix::unistd::getuid(), nix::unistd::getgid());
    assert_eq!(outcome.calls[0][4..], ["--rm", "-i", "--user", &user, "proj-dev:tester"]);
}

#[test]
fn a_container_gets_a_terminal_if_the_user_has_one() {
    for (cfg, flags) in [("", "-it"), ("[dev]\ninteractive=-it\n", "-it"), ("[dev]\ninteractive=-d\n", "-d")]
    {
        let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(cfg);
        let outcome = project.command("run-image").arg("dev").spawn_in_terminal().wait();
        outcome.status(0);
        assert_eq!(outcome.calls[0][5], flags, "{cfg}");
    }
}
