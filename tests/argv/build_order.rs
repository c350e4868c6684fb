//! Which images are built, and in what order.

use dockerutils_testkit::{Outcome, Project};

use super::{STAGES, builds};

/// `app` copies from `mid`, `mid` starts FROM `base`, whose name and tag are configured, and `other` needs no image.
fn chain() -> Project {
    Project::new()
        .dockerfile("app", "FROM scratch\nCOPY --from=proj-mid:whatever /a /a\n")
        .dockerfile("base", "FROM python:3.12-slim\n")
        .dockerfile("mid", "ARG TAG=latest\nARG BASE=nothing\nFROM ${BASE}:${TAG}\n")
        .dockerfile("other", "FROM python:3.12-slim\n")
        .file("docker/notes/readme.txt", "no image\n")
        .cfg("[base]\nname=ground\ntag=1\npull_FROM_on_force=yes\n[mid]\nbuild_args=--build-arg BASE={project}-ground\n")
}

const APP: &str = "build -t proj-app:tester -f docker/app/Dockerfile .";
const BASE: &str = "build -t proj-ground:1 -f docker/base/Dockerfile .";
const BASE_PULLED: &str = "build --pull -t proj-ground:1 -f docker/base/Dockerfile .";
const MID: &str = "build -t proj-mid:tester -f docker/mid/Dockerfile --build-arg BASE=proj-ground .";
const OTHER: &str = "build -t proj-other:tester -f docker/other/Dockerfile .";

#[test]
fn an_image_comes_after_those_that_it_needs() {
    builds(
        &chain(),
        &[
            (&["all"], &[BASE, MID, APP, OTHER]),
            (&["app", "mid"], &[MID, APP]),
            (&["app", "base"], &[BASE, APP]),
            (&["app"], &[APP]),
        ],
    );
}

#[test]
fn force_builds_the_images_that_an_image_needs_first() {
    builds(
        &chain(),
        &[
            (&["-f", "app"], &[BASE_PULLED, MID, APP]),
            (&["--force_build_base", "mid"], &[BASE_PULLED, MID]),
            (&["--force-build-base", "other"], &[BASE_PULLED, OTHER]),
            (&["-f", "base"], &[BASE_PULLED]),
            (&["-f", "-p", "mid"], &[BASE_PULLED, MID]),
        ],
    );
}

#[test]
fn an_image_that_starts_from_the_project_is_not_pulled() {
    let outcome = chain().command("build-image").args(["-p", "mid"]).run();
    outcome
        .status(0)
        .stderr_has("build-image: `mid` starts FROM `base`, an image of this project that no registry has");
    assert_eq!(outcome.calls.len(), 1);
    assert!(!outcome.calls[0].contains(&"--pull".to_owned()));
}

#[test]
fn a_name_applies_to_the_requested_image_and_a_tag_to_all() {
    let outcome = chain().command("build-image").args(["-f", "mid", "-i", "mine", "-t", "9"]).run();
    let tags: Vec<&String> =
        outcome.calls.iter().filter_map(|call| call.iter().skip_while(|arg| *arg != "-t").nth(1)).collect();
    assert_eq!(tags, ["proj-ground:9", "mine:9"]);
}

/// The images that a call builds, in order, without their tags; each builder stage has a name of its own.
#[track_caller]
fn built(outcome: &Outcome) -> String {
    let name = |call: &Vec<String>| {
        let reference = call.iter().skip_while(|arg| *arg != "-t").nth(1).expect("a name");
        reference.split(':').next().expect("a name").trim_start_matches("proj-").to_owned()
    };
    outcome.status(0).calls.iter().map(name).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn order(project: &Project, args: &[&str]) -> String {
    built(&project.command("build-image").args(args).run())
}

/// `app` starts FROM a variable, and `zero` is the base of the project; the names are in the wrong order.
fn variable_base(dockerfile: &str) -> Project {
    Project::new().dockerfile("app", dockerfile).dockerfile("zero", "FROM scratch\n")
}

#[test]
fn a_build_argument_of_the_command_line_decides_about_the_order() {
    let project = variable_base("ARG BASE=python:3.12\nFROM ${BASE}\n");
    assert_eq!(order(&project, &["all"]), "app zero");
    assert_eq!(order(&project, &["all", "--", "--build-arg", "BASE=proj-zero:me"]), "zero app");
    assert_eq!(order(&project, &["all", "--", "--build-arg=BASE=proj-zero:me"]), "zero app");
    assert_eq!(order(&project, &["app", "zero", "--", "--build-arg", "BASE=proj-zero"]), "zero app");
    assert_eq!(order(&project, &["-f", "app"]), "app");
    assert_eq!(order(&project, &["-f", "app", "--", "--build-arg", "BASE=proj-zero:me"]), "zero app");
    // The last one counts, as for docker, and a value is not a flag.
    let last = ["all", "--", "--build-arg", "BASE=proj-zero", "--build-arg", "BASE=busybox"];
    assert_eq!(order(&project, &last), "app zero");
    let value = ["all", "--", "--label", "--build-arg", "--build-arg=BASE=proj-zero"];
    assert_eq!(order(&project, &value), "zero app");
}

#[test]
fn a_build_argument_without_a_value_is_taken_from_the_environment() {
    let project = variable_base("ARG BASE=python:3.12\nFROM ${BASE}\n");
    let build = |args: &[&str]| project.command("build-image").args(args).env("BASE", "proj-zero:me").run();
    assert_eq!(built(&build(&["all", "--", "--build-arg", "BASE"])), "zero app");
    assert_eq!(built(&build(&["-f", "app", "--", "--build-arg", "BASE"])), "zero app");
    assert_eq!(built(&build(&["all"])), "app zero");
    // Docker ignores the argument if the variable is not set.
    assert_eq!(order(&project, &["all", "--", "--build-arg", "BASE"]), "app zero");
    let configured = project.cfg("[app]\nbuild_args=--build-arg BASE=$BASE\n");
    let outcome = configured.command("build-image").arg("all").env("BASE", "proj-zero:me").run();
    assert_eq!(built(&outcome), "zero app");
}

#[test]
fn every_way_to_need_an_image_decides_about_the_order() {
    for dockerfile in [
        "FROM proj-zero\n",
        "FROM proj-zero:1.0 AS first\nFROM first\n",
        "FROM docker.io/library/proj-zero\n",
        "ARG V=zero\nARG BASE=proj-${V}:me\nFROM $BASE\n",
        "ARG SUFFIX\nFROM proj-zero${SUFFIX}\n",
        "FROM scratch\nFROM scratch\nCOPY --from=proj-zero /a /a\n",
        "FROM scratch\nRUN --mount=type=bind,from=proj-zero,target=/t true\n",
        "FROM scratch\nCOPY --from=proj-zero-builder:me /a /a\n",
    ] {
        assert_eq!(order(&variable_base(dockerfile), &["all"]), "zero app", "{dockerfile}");
        assert_eq!(order(&variable_base(dockerfile), &["-f", "app"]), "zero app", "{dockerfile}");
    }
    for dockerfile in
        ["FROM scratch AS proj-zero\nFROM proj-zero\n", "FROM proj-zeros\n", "FROM other/proj-zero\n"]
    {
        assert_eq!(order(&variable_base(dockerfile), &["all"]), "app zero", "{dockerfile}");
    }
}

#[test]
fn the_dockerfile_and_the_stage_of_the_command_line_are_considered() {
    let project = variable_base("FROM scratch AS plain\nFROM proj-zero\n")
        .dockerfile("lib", "FROM scratch\n")
        .file("docker/app/Dockerfile.lib", format!("ARG BASE\n{STAGES}FROM proj-lib$BASE\n"));
    assert_eq!(order(&project, &["-f", "app"]), "zero app");
    // Like every flag of the command line, --file applies to all builds.
    let file = "docker/app/Dockerfile.lib";
    for flags in [&["--file", file][..], &[&format!("--file={file}")], &[&format!("-f{file}")]] {
        let args = [&["-f", "app", "--"][..], flags].concat();
        assert_eq!(order(&project, &args), "lib-builder lib app-builder app", "{flags:?}");
    }
    // Docker reports a Dockerfile that does not exist, and reads standard input itself.
    assert_eq!(order(&project, &["-f", "app", "--", "--file", "nowhere"]), "app");
    assert_eq!(order(&project, &["-f", "app", "--", "--file", "-"]), "app");
    assert_eq!(order(&project, &["-f", "app", "--", "--target", "plain"]), "app");
    let configured = project.cfg("[app]\nbuild_args=--file docker/app/Dockerfile.lib\n");
    assert_eq!(order(&configured, &["-f", "app"]), "lib app-builder app");
}

#[test]
fn a_named_context_of_the_command_line_replaces_an_image() {
    let project = variable_base("FROM base\n");
    let context = ["-f", "app", "--", "--build-context", "base=docker-image://proj-zero:me"];
    assert_eq!(order(&project, &context), "zero app");
    assert_eq!(order(&project, &["-f", "app", "--", "--build-context", "base=./base"]), "app");
}

#[test]
fn a_builder_stage_has_any_case_and_yields_to_a_target() {
    let project = Project::new().dockerfile("app", "from scratch as BUILDER\nfrom scratch\n");
    assert_eq!(order(&project, &["app"]), "app-builder app");
    // Docker would build the target under the builder's name.
    assert_eq!(order(&project, &["app", "--", "--target", "builder"]), "app");
}

#[test]
fn an_image_may_start_from_an_older_build_of_itself() {
    let project = variable_base("FROM proj-app:1.0\nCOPY --from=proj-app-builder:tester /a /a\n");
    assert_eq!(order(&project, &["all"]), "app zero");
    // No registry has it.
    let outcome = project.command("build-image").args(["-p", "app"]).run();
    outcome.status(0).calls_are(&[&["build", "-t", "proj-app:tester", "-f", "docker/app/Dockerfile", "."]]);
    let outcome = project.command("build-image").args(["-f", "app", "-t", "1.0"]).run();
    outcome.status(1).stderr_has("images start FROM each other and cannot be built: app → app\n");
}

#[test]
fn a_cycle_of_the_command_line_is_named() {
    let project = variable_base("FROM proj-zero\n").dockerfile("zero", "ARG BASE=scratch\nFROM $BASE\n");
    assert_eq!(order(&project, &["all"]), "zero app");
    let outcome = project.command("build-image").args(["all", "--", "--build-arg", "BASE=proj-app"]).run();
    outcome
        .status(1)
        .calls_are(&[])
        .stderr_has("build-image: images start FROM each other and cannot be built: app → zero → app\n");
}

#[test]
fn a_name_of_the_command_line_decides_which_image_is_needed() {
    let project = variable_base("FROM proj-zero\n").dockerfile("zero", "FROM mine\n");
    // `app` is called `mine` and needs `zero`, which needs `mine`.
    let outcome = project.command("build-image").args(["-f", "app", "-i", "mine"]).run();
    outcome.status(1).stderr_has("cannot be built: app → zero → app\n");
    // `app` is called as its base is; the base is still another image.
    let outcome = project.command("build-image").args(["-f", "app", "-i", "proj-zero"]).run();
    assert_eq!(built(&outcome), "zero zero");
}

/// `[prod]` cannot be evaluated; nothing depends on `dev`, and `web` starts FROM `dev`.
fn broken_prod(key: &str) -> Project {
    Project::new()
        .dockerfile("dev", "FROM scratch\n")
        .dockerfile("prod", "FROM proj-dev\n")
        .dockerfile("web", "FROM proj-dev\n")
        .cfg(format!("[run_image]\nsynthetic_images=shell\n[shell]\nname=dev\n[prod]\n{key}\n"))
}

#[test]
fn an_image_that_is_not_requested_is_not_evaluated() {
    for key in [
        "build_args=--label $NOT_SET",
        "name=$NOT_SET",
        "tag=$NOT_SET",
        "prefix=maybe",
        "aws_env=maybe",
        "env=none",
    ] {
        let project = broken_prod(key);
        assert_eq!(order(&project, &["dev"]), "dev", "{key}");
        assert_eq!(order(&project, &["-f", "dev"]), "dev", "{key}");
        assert_eq!(order(&project, &["-p", "web"]), "web", "{key}");
        assert_eq!(order(&project, &["web", "dev"]), "dev web", "{key}");
        assert_eq!(order(&project, &["-f", "web"]), "dev web", "{key}");
        project.command("run-image").arg("shell").run().status(0);
        for args in [&["all"][..], &["prod"], &["dev", "prod"], &["-f", "prod"]] {
            let outcome = project.command("build-image").args(args).run();
            outcome.status(1).calls_are(&[]).stderr_has("docker/dockerutils.cfg:6: `");
        }
    }
}

#[test]
fn force_evaluates_the_images_that_are_needed() {
    let project = broken_prod("build_args=--label $NOT_SET").dockerfile("web", "FROM proj-prod\n");
    let outcome = project.command("build-image").args(["-f", "web"]).run();
    outcome
        .status(1)
        .calls_are(&[])
        .stderr_has("docker/dockerutils.cfg:6: `build_args`: the variable $NOT_SET");
    // Without -f `prod` is not built; it would only connect `web` and `dev`.
    assert_eq!(order(&project, &["web"]), "web");
    assert_eq!(order(&project, &["web", "dev"]), "web dev");
}

#[test]
fn a_folder_is_built_even_if_a_synthetic_image_has_its_name() {
    let project = variable_base("FROM proj-zero\n").cfg("[run_image]\nsynthetic_images=zero\n");
    assert_eq!(order(&project, &["all"]), "zero app");
    assert_eq!(order(&project, &["-f", "app"]), "zero app");
}

#[test]
fn clean_needs_no_valid_build_flags() {
    let project = broken_prod("build_args=--label $NOT_SET").dockerfile("prod", STAGES);
    let outcome = project.command("build-image").args(["clean", "--dry-run"]).run();
    outcome.status(0).stderr_has(
        "\ndocker rmi proj-dev:tester proj-prod:tester proj-prod-builder:tester proj-web:tester\n",
    );
}
