//! The builds of one image, its builder stage, its scripts, and `clean`.

use dockerutils_testkit::Project;

use super::{STAGES, builds};

#[test]
fn flags_and_their_old_spellings_become_dockers_flags() {
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
fn keys_become_dockers_flags() {
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
fn a_builder_stage_is_built_first_under_its_own_name() {
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

#[test]
fn clean_removes_the_images_that_exist() {
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
fn names_of_folders_become_legal_image_names() {
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
fn scripts_run_before_and_after_the_build_at_the_root() {
    let project = Project::named("a b")
        .dockerfile("dev", "FROM scratch\n")
        .cfg("[dev]\npre_build_script=docker/dev/before '{user} $HOME' {x}\npost_build_script=sh -c 'pwd > after'\n")
        .executable("docker/dev/before", "#!/bin/sh\nprintf '%s|' \"$@\" > before\n");
    let outcome = project.command("build-image").arg("dev").dir("docker").run();
    outcome.status(0).stdout_is("");
    let read = |name: &str| std::fs::read_to_string(project.root().join(name)).expect("written");
    assert_eq!(read("before"), "tester $HOME|{x}|");
    assert_eq!(read("after").trim(), project.root().to_str().expect("text"));
    let root = project.root().display();
    outcome.echoes(&[
        &format!("(cd '{root}' && docker/dev/before 'tester $HOME' '{{x}}')"),
        &format!("(cd '{root}' && docker build -t a-b-dev:tester -f docker/dev/Dockerfile .)"),
        &format!("(cd '{root}' && sh -c 'pwd > after')"),
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
    // The script after a build does not run if the build fails.
    let outcome = after.command("build-image").arg("dev").docker_exits(3).run();
    outcome.status(3);
    assert_eq!(outcome.echoed().len(), 1);
}

#[test]
fn pip_conf_is_passed_as_a_secret_to_buildkit() {
    let project = Project::new()
        .dockerfile("dev", "FROM busybox\n")
        .cfg("[dev]\npip_conf=secret\n")
        .file("pip.conf.template", "[global]\n")
        // A build that was killed has left it behind.
        .file("pip.conf", "# A copy of pip.conf.template that dockerutils removes after the build.\nold\n")
        .file(".dockerignore", "pip.conf.template\n");
    let script = "echo $DOCKER_BUILDKIT; test ! -e pip.conf";
    let outcome = project.command("build-image").arg("dev").docker_runs(script).run();
    outcome.status(0).stdout_is("1\n").stderr_lacks("warning").calls_are(&[&[
        "build",
        "-t",
        "proj-dev:tester",
        "-f",
        "docker/dev/Dockerfile",
        "--secret",
        "id=pip.conf,src=pip.conf.template",
        ".",
    ]]);
}

#[test]
fn a_pip_conf_template_that_is_a_secret_must_exist_and_must_not_be_in_the_context() {
    let project = Project::new().dockerfile("dev", "FROM busybox\n").cfg("[dev]\npip_conf=secret\n");
    let outcome = project.command("build-image").arg("dev").run();
    outcome.status(1).calls_are(&[]).stderr_has(
        "build-image: [dev] has pip_conf=secret, but the project has no pip.conf.template: write one at the project's root\n",
    );
    let template = project.root().join("pip.conf.template");
    let refused = || {
        let outcome = project.command("build-image").arg("dev").run();
        outcome.status(1).calls_are(&[]).stderr_has("pip.conf.template");
        std::fs::remove_file(&template).expect("a file");
    };
    std::os::unix::fs::symlink("/dev/zero", &template).expect("a link");
    refused();
    nix::unistd::mkfifo(&template, nix::sys::stat::Mode::S_IRUSR).expect("a FIFO");
    refused();
    let project = project.file("pip.conf.template", "[global]\n");
    let outcome = project
        .command("build-image")
        .arg("dev")
        .env("DOCKER_BUILDKIT", "0")
        .docker_runs("echo $DOCKER_BUILDKIT")
        .run();
    outcome.status(0).stdout_is("0\n").stderr_has(
        "build-image: warning: pip.conf.template is in the context of the build, so `COPY . .` puts its password into the image: list it in .dockerignore\n",
    );
}
