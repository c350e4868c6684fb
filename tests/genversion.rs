//! `genversion`, and `build-image` before a build: the `_version.py.bld` that they write, as Python imports it.

use dockerutils_testkit::Project;

const PRINT_VERSIONS: &str = "import importlib.machinery, importlib.util, json\n\
    loader = importlib.machinery.SourceFileLoader('v', '_version.py.bld')\n\
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('v', loader))\n\
    loader.exec_module(module)\n\
    print(json.dumps(module.get_versions(), sort_keys=True))";

fn project() -> Project {
    let project = Project::new()
        .dockerfile("dev", "FROM scratch\n")
        .file("pyproject.toml", "[tool.versioneer]\nVCS = \"git\"\ntag_prefix = \"v\"\n");
    for args in [&["init", "-q"][..], &["add", "."], &["commit", "-q", "-m", "x"], &["tag", "v1.2"]] {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"];
        project.program("git").args(identity).args(args).run().status(0);
    }
    project
}

fn versions(project: &Project) -> serde_json::Value {
    let outcome = project.program("python3").args(["-B", "-c", PRINT_VERSIONS]).run();
    outcome.status(0);
    serde_json::from_str(&outcome.stdout).expect("JSON")
}

#[test]
fn genversion_writes_the_version_that_git_gives() {
    let project = project();
    project.command("genversion").dir("docker").run().status(0).stdout_is("").calls_are(&[]);
    let versions = versions(&project);
    assert_eq!(versions["version"], "1.2");
    assert_eq!(versions["dirty"], false);
    assert_eq!(versions["error"], serde_json::Value::Null);
    assert_eq!(versions["full-revisionid"].as_str().map(str::len), Some(40));
    assert!(versions["date"].as_str().is_some_and(|date| date.contains('T')), "{versions}");
}

#[test]
fn a_build_can_copy_the_version_file() {
    let project = project().file("docker/dev/Dockerfile", "FROM busybox\n");
    let outcome = project.command("build-image").arg("dev").docker_runs("cat _version.py.bld").run();
    outcome.status(0).check(outcome.stdout.contains("1.2+0.g"), || "the file is there, dirty".to_owned());
    let outcome = project.command("genversion").arg("--dry-run").run();
    outcome.status(0);
    assert!(
        outcome.echoed().iter().all(|text| text.lines().last().is_some_and(|line| line.starts_with("git ")))
    );
}

#[test]
fn a_dry_run_writes_nothing() {
    let project = project();
    project.command("genversion").arg("--dry-run").run().status(0);
    project.command("build-image").args(["dev", "--dry-run"]).run().status(0);
    assert!(!project.root().join("_version.py.bld").exists());
}

#[test]
fn without_a_repository_the_version_is_unknown() {
    let project =
        Project::new().dockerfile("dev", "FROM scratch\n").file("setup.cfg", "[versioneer]\nVCS = git\n");
    let outcome = project.command("genversion").run();
    outcome.status(0).stderr_has("0+unknown");
    assert_eq!(versions(&project)["version"], "0+unknown");
    // A build continues nevertheless.
    project.command("build-image").arg("dev").run().status(0);
}

#[test]
fn genversion_fails_if_the_project_does_not_use_versioneer() {
    let project =
        Project::new().dockerfile("dev", "FROM scratch\n").file("setup.cfg", "[metadata]\nname = x\n");
    project.command("genversion").run().status(1).stderr_has(
        "genversion: this project does not use versioneer: setup.cfg has no [versioneer], pyproject.toml no [tool.versioneer]\n",
    );
    project.command("build-image").arg("dev").run().status(0);
    assert!(!project.root().join("_version.py.bld").exists());
}
