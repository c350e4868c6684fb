//! The echo of each command, pasted into bash, gives docker the same arguments in the same folder.

use dockerutils_testkit::{Project, paste};
use proptest::prelude::*;

/// Characters that have a meaning for a shell.
const AWKWARD: &str = "a b\nc\t'\"`$(id)${HOME}!!~\\{x,y}*?#;&|<>()%é日本-";

#[track_caller]
fn assert_pasted_alike(project: &Project, command: &str, args: &[&str], env: &[(&str, &str)]) {
    let mut invocation = project.command(command).args(args);
    for (name, value) in env {
        invocation = invocation.env(*name, *value);
    }
    let outcome = invocation.run();
    outcome.status(0);
    let echoed = outcome.echoed();
    let docker = outcome.calls.iter();
    let pasted: Vec<Vec<String>> = echoed.iter().flat_map(|text| paste(text, project.root(), env)).collect();
    let alike = docker.eq(&pasted);
    outcome.check(alike, || format!("pasted, docker gets {pasted:#?}"));
    let one_line = echoed.iter().all(|text| text.lines().count() == 1);
    outcome.check(one_line, || "an echo is one line".to_owned());
}

#[test]
fn echoes_with_special_characters_can_be_pasted() {
    let project = Project::named("a 'b' $HOME \"c\" !d").dockerfile("dev", "FROM scratch\n").cfg(
        "[dev]\nvolumes=-v {project_root}:/x\nbuild_args=--label {project_root}\nenvironment=-e \"P=C:\\\\tools\" -e 'Q=a#b;c'\n",
    );
    assert_pasted_alike(&project, "run-image", &["dev", "-e", AWKWARD, "-n", AWKWARD], &[]);
    assert_pasted_alike(&project, "run-image", &["dev", "-c", "''  '\n' \"~\" -x"], &[]);
    assert_pasted_alike(&project, "build-image", &["dev", "--", "--label", AWKWARD, "--label", ""], &[]);
    assert_pasted_alike(&project, "build-image", &["clean"], &[]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn echoes_with_any_variable_and_flag_can_be_pasted(value in "[^\u{0}]{0,12}", marks in "[a= \n\t'\"`$!~\\\\{},*?#;&|<>()-]{0,10}") {
        let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg("[dev]\ncmd=echo \"$V\" \"$W\"\n");
        assert_pasted_alike(&project, "run-image", &["dev", "-e", &format!("A={marks}")], &[("V", &value), ("W", &marks)]);
        assert_pasted_alike(&project, "build-image", &["dev", "--", "--label", &value, "--label", &marks], &[]);
    }
}

#[test]
fn from_a_folder_below_the_root_the_echo_changes_to_the_root_in_a_subshell() {
    let project = Project::named("a b").dockerfile("dev", "FROM scratch\n");
    let outcome = project.command("build-image").arg("dev").dir("docker/dev").run();
    outcome.status(0).echoes(&[&format!(
        "(cd '{}' && docker build -t a-b-dev:tester -f docker/dev/Dockerfile .)",
        project.root().display()
    )]);
    assert_eq!(outcome.records[0].dir, project.root());
}

#[test]
fn the_echo_is_on_standard_error_below_a_rule() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let outcome = project.command("build-image").arg("dev").docker_prints("of docker\n", "").run();
    outcome.status(0).stdout_is("of docker\n");
    let rule = "─".repeat(76);
    assert_eq!(
        outcome.stderr,
        format!("{rule}\ndocker build -t proj-dev:tester -f docker/dev/Dockerfile .\n")
    );
}

#[test]
fn only_a_terminal_gets_colour() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let shown = project.command("build-image").arg("dev").spawn_in_terminal().wait();
    shown.status(0).stderr_has("\x1b[2m─").stderr_has("\x1b[1mdocker build ");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = project.command("build-image").arg("dev").env(name, value).spawn_in_terminal().wait();
        plain.status(0).stderr_lacks("\x1b[2m").stderr_lacks("\x1b[1m").stderr_has("docker build ");
    }
}

/// Makes a project a git repository whose version is determined before a build.
fn versioned(project: Project) -> Project {
    let project = project.file("pyproject.toml", "[tool.versioneer]\nVCS = \"git\"\n");
    for args in [&["init", "-q"][..], &["add", "."], &["commit", "-q", "-m", "x"]] {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        project.program("git").args(identity).args(args).run().status(0);
    }
    project
}

#[test]
fn a_group_of_plumbing_lines_has_one_rule_and_dockers_line_its_own() {
    let project = versioned(Project::new().dockerfile("dev", "FROM scratch\n"));
    let outcome = project.command("build-image").arg("dev").run();
    let is_rule = |line: &str| line.starts_with('─');
    let echoed = outcome.status(0).echoed();
    let gits = echoed.iter().filter(|line| line.contains("git ")).count();
    assert!(gits > 1 && echoed.len() == gits + 1, "{echoed:#?}");
    assert_eq!(outcome.stderr.lines().filter(|line| is_rule(line)).count(), 2, "{}", outcome.stderr);
    // A terminal shows the group dimmed.
    let shown = project.command("build-image").arg("dev").spawn_in_terminal().wait();
    shown.status(0).stderr_has("\x1b[2mgit ").stderr_has("\x1b[1mdocker build ");
}

#[test]
fn quiet_echoes_dockers_line_only() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let project = versioned(project.cfg("[dev]\npre_build_script=true before\n"));
    let docker = ["docker build -t proj-dev:tester -f docker/dev/Dockerfile ."];
    for flag in ["-q", "--quiet"] {
        project.command("build-image").args(["dev", flag]).run().status(0).echoes(&docker);
    }
    let build = || project.command("build-image").arg("dev");
    build().env("DOCKERUTILS_QUIET", "1").run().status(0).echoes(&docker);
    build().env("DOCKERUTILS_QUIET", "1").arg("--dry-run").run().status(0).echoes(&docker);
    for value in ["", "0"] {
        let echoed = build().env("DOCKERUTILS_QUIET", value).run().status(0).echoed();
        assert!(echoed.len() > 2, "{echoed:#?}");
    }
    project.command("genversion").arg("-q").run().status(0).echoes(&[]);
}

#[test]
fn a_dry_run_echoes_the_same_commands_and_runs_nothing() {
    let project = Project::new()
        .dockerfile("dev", "FROM scratch AS builder\nFROM scratch\n")
        .cfg("[dev]\npre_build_script=touch before\n")
        .file("pip.conf.template", "[global]\n");
    let dry = project.command("build-image").args(["dev", "--dry-run"]).run();
    dry.status(0).stdout_is("").calls_are(&[]);
    assert!(!project.root().join("before").exists() && !project.root().join("pip.conf").exists());
    let wet = project.command("build-image").arg("dev").run();
    assert_eq!(dry.echoed(), wet.echoed());
    assert_eq!(wet.echoed().len(), 3);
}

#[test]
fn the_process_becomes_docker() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let host = project.home().join("docker.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&host).expect("a socket");
    for command in ["run-image", "build-image"] {
        let invocation = project.command(command).arg("dev").docker_runs("echo pid $$");
        let running = invocation.env("DOCKER_HOST", format!("unix://{}", host.display())).spawn();
        let pid = running.pid();
        running.wait().status(0).stdout_is(&format!("pid {pid}\n"));
    }
}

#[test]
fn the_exit_status_is_that_of_docker() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    for status in [1, 7, 125, 127] {
        for command in ["run-image", "build-image"] {
            project.command(command).arg("dev").docker_exits(status).run().status(i32::from(status));
        }
    }
}

#[test]
fn a_symbolic_link_to_the_root_is_kept() {
    let project =
        Project::new().dockerfile("dev", "FROM scratch\n").cfg("[dev]\nvolumes=-v {project_root}:/x\n");
    let link = project.home().join("linked");
    std::os::unix::fs::symlink(project.root(), &link).expect("a link");
    let text = format!("cd {} && {} dev", link.display(), env!("CARGO_BIN_EXE_run-image"));
    let outcome = project.program("bash").args(["-c", &text]).without_engine().run();
    let volume = format!("{}:/x", link.display());
    outcome.status(0).check(outcome.calls[0].contains(&volume), || format!("not {volume}"));
    outcome.check(!outcome.echoed()[0].contains("cd "), || "no cd is needed".to_owned());
    // It is the same project, so its images have the same name.
    outcome.check(outcome.calls[0].contains(&"proj-dev:tester".to_owned()), || "another project".to_owned());
}
