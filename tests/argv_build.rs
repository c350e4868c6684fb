//! The exact arguments that `build-image` gives docker, over configuration, flags and Dockerfiles.

use dockerutils_testkit::Project;

const STAGES: &str = "FROM scratch AS builder\nFROM scratch\nCOPY --from=builder /a /a\n";

/// One row: the arguments, and the calls that docker gets, each in shell words.
type Row = (&'static [&'static str], &'static [&'static str]);

#[track_caller]
fn builds(project: &Project, rows: &[Row]) {
    for (args, calls) in rows {
        let outcome = project.command("build-image").args(*args).run();
        let expected: Vec<Vec<String>> =
            calls.iter().map(|call| shlex::split(call).expect("shell words")).collect();
        let expected: Vec<Vec<&str>> =
            expected.iter().map(|call| call.iter().map(String::as_str).collect()).collect();
        let expected: Vec<&[&str]> = expected.iter().map(Vec::as_slice).collect();
        outcome.status(0).stdout_is("").calls_are(&expected);
        let root = outcome.records.iter().all(|call| call.dir == project.root());
        outcome.check(root, || "docker is run from the root".to_owned());
    }
}

#[test]
fn flags_and_their_old_spellings() {
    let project = Project::new().dockerfile("dev", "FROM busybox\n");
    builds(
        &project,
        &[
            (&["dev"], &["build -t proj-dev:tester -f docker/dev/Dockerfile ."]),
            (&["dev", "-p"], &["build --pull -t proj-dev:tester -f docker/dev/Dockerfile ."]),
            (&["dev", "--pull-base"], &["build --pull -t proj-dev:tester -f docker/dev/Dockerfile ."]),
            (&["dev", "--pull_base"], &["build --pull -t proj-dev:tester -f docker/dev/Dockerfile ."]),
            (&["dev", "-i", "mine"], &["build -t mine:tester -f docker/dev/Dockerfile ."]),
            (&["dev", "--image_name", "mine"], &["build -t mine:tester -f docker/dev/Dockerfile ."]),
            (&["dev", "-t", "1.0"], &["build -t proj-dev:1.0 -f docker/dev/Dockerfile ."]),
            (&["dev", "--image_tag", "1.0"], &["build -t proj-dev:1.0 -f docker/dev/Dockerfile ."]),
            (&["dev", "-i", "a/b", "-t", "1.0"], &["build -t a/b:1.0 -f docker/dev/Dockerfile ."]),
            (
                &["dev", "--", "--no-cache", "--label", "a b"],
                &["build -t proj-dev:tester -f docker/dev/Dockerfile --no-cache --label 'a b' ."],
            ),
            (&["dev", "dev"], &["build -t proj-dev:tester -f docker/dev/Dockerfile ."]),
        ],
    );
}

#[test]
fn keys() {
    let project = Project::new().dockerfile("dev", "FROM busybox\n").cfg(
        "[dev]\nname=other\ntag=2\nbuild_args=--build-arg ROOT={project_root}/x --build-arg 'Q={user} $A' \\\n  --label {image}:{tag}\n",
    );
    let root = project.root().display().to_string();
    let outcome = project.command("build-image").args(["dev", "--", "--squash"]).run();
    outcome.status(0).calls_are(&[&[
        "build",
        "-t",
        "proj-other:2",
        "-f",
        "docker/dev/Dockerfile",
        "--build-arg",
        &format!("ROOT={root}/x"),
        "--build-arg",
        "Q=tester $A",
        "--label",
        "proj-other:2",
        "--squash",
        ".",
    ]]);
}

#[test]
fn a_builder_stage_gets_its_own_name_first() {
    let project = Project::new().dockerfile("dev", STAGES).cfg("[dev]\nbuild_args=--build-arg A=1\n");
    builds(
        &project,
        &[
            (
                &["dev", "-p"],
                &[
                    "build --pull --target builder -t proj-dev-builder:tester -f docker/dev/Dockerfile --build-arg A=1 .",
                    "build --pull -t proj-dev:tester -f docker/dev/Dockerfile --build-arg A=1 .",
                ],
            ),
            (
                &["dev", "-i", "x", "-t", "y", "--", "-q"],
                &[
                    "build --target builder -t x-builder:y -f docker/dev/Dockerfile --build-arg A=1 -q .",
                    "build -t x:y -f docker/dev/Dockerfile --build-arg A=1 -q .",
                ],
            ),
        ],
    );
}

/// `app` needs `mid` by a copy, `mid` starts FROM `base`, whose name and tag are configured; `other` needs nobody.
fn chain() -> Project {
    Project::new()
        .dockerfile("app", "FROM scratch\nCOPY --from=proj-mid:whatever /a /a\n")
        .dockerfile("base", "FROM python:3.12-slim\n")
        .dockerfile("mid", "ARG WHO=nobody\nARG BASE=nothing\nFROM ${BASE}:${WHO}\n")
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
fn what_others_start_from_comes_first() {
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
fn force_builds_what_the_image_starts_from() {
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
fn an_image_of_the_project_is_in_no_registry() {
    let outcome = chain().command("build-image").args(["-p", "mid"]).run();
    outcome
        .status(0)
        .stderr_has("build-image: `mid` starts FROM `base`, an image of this project that no registry has");
    assert_eq!(outcome.calls.len(), 1);
    assert!(!outcome.calls[0].contains(&"--pull".to_owned()));
}

#[test]
fn a_name_holds_for_the_image_meant_and_a_tag_for_all() {
    let outcome = chain().command("build-image").args(["-f", "mid", "-i", "mine", "-t", "9"]).run();
    let tags: Vec<&String> =
        outcome.calls.iter().filter_map(|call| call.iter().skip_while(|arg| *arg != "-t").nth(1)).collect();
    assert_eq!(tags, ["proj-ground:9", "mine:9"]);
}

#[test]
fn clean_removes_what_is_there() {
    let listed = "{\"Repository\":\"proj-dev\",\"Tag\":\"tester\"}\n{\"Repository\":\"proj-dev-builder\",\"Tag\":\"tester\"}\n\
                  {\"Repository\":\"proj-old\",\"Tag\":\"tester\"}\n{\"Repository\":\"proj-lib\",\"Tag\":\"other\"}\n";
    let project = Project::new().dockerfile("dev", STAGES).dockerfile("lib", STAGES);
    let list: &[&str] = &["image", "ls", "--format", "{{json .}}"];
    let outcome = project.command("build-image").arg("clean").docker_prints(listed, "").run();
    outcome.status(0).calls_are(&[list, &["rmi", "proj-dev:tester", "proj-dev-builder:tester"]]);
    let outcome = project.command("build-image").arg("clean").run();
    outcome
        .status(0)
        .calls_are(&[list])
        .stderr_has("no image of this project exists, so there is nothing to remove");
    let outcome = project.command("build-image").args(["clean", "--dry-run"]).run();
    outcome.status(0).calls_are(&[]).echoes(&[
        "docker image ls --format '{{json .}}'",
        "docker rmi proj-dev:tester proj-dev-builder:tester proj-lib:tester proj-lib-builder:tester",
    ]);
}

#[test]
fn names_of_folders_are_made_legal() {
    let project = Project::named("My Project's $tuff").dockerfile("Dev Box", "FROM scratch\n");
    let outcome = project.command("build-image").arg("Dev Box").run();
    outcome.status(0).calls_are(&[&[
        "build",
        "-t",
        "my-project-s--tuff-dev-box:tester",
        "-f",
        "docker/Dev Box/Dockerfile",
        ".",
    ]]);
}

#[test]
fn scripts_run_around_the_build_at_the_root() {
    let project = Project::named("a b")
        .dockerfile("dev", "FROM scratch\n")
        .cfg("[dev]\npre_build_script=docker/dev/before '{user} $HOME' {x}\npost_build_script=sh -c 'pwd > after'\n")
        .executable("docker/dev/before", "#!/bin/sh\nprintf '%s|' \"$@\" > before\n");
    let outcome = project.command("build-image").arg("dev").dir("docker").run();
    outcome.status(0).stdout_is("");
    let read = |name: &str| std::fs::read_to_string(project.root().join(name)).expect("written");
    assert_eq!(read("before"), "tester $HOME|{x}|");
    assert_eq!(read("after").trim(), project.root().to_str().expect("text"));
    let cd = format!("cd '{}'\n", project.root().display());
    outcome.echoes(&[
        &format!("{cd}docker/dev/before 'tester $HOME' '{{x}}'"),
        &format!("{cd}docker build -t a-b-dev:tester -f docker/dev/Dockerfile ."),
        &format!("{cd}sh -c 'pwd > after'"),
    ]);
}

#[test]
fn a_script_that_fails_ends_the_build_with_its_status() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let before = project.clone().cfg("\n[dev]\npre_build_script=sh -c 'exit 7'\n");
    let outcome = before.command("build-image").arg("dev").run();
    outcome.status(7).calls_are(&[]);
    outcome.stderr_has(
        "build-image: docker/dockerutils.cfg:3: `pre_build_script` `sh` ended with exit status 7\n",
    );
    let after = project.cfg("[dev]\npost_build_script=sh -c 'exit 8'\n");
    let outcome = after.command("build-image").arg("dev").run();
    outcome.status(8);
    assert_eq!(outcome.calls.len(), 1);
    // After a build that failed it is not run at all.
    let outcome = after.command("build-image").arg("dev").docker_exits(3).run();
    outcome.status(3);
    assert_eq!(outcome.echoed().len(), 1);
}
