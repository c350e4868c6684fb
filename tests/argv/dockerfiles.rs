//! What a Dockerfile, and flags beside it, decide about the builds.

use dockerutils_testkit::{Outcome, Project};

use super::{STAGES, builds};

fn build(project: &Project, args: &[&str]) -> Outcome {
    project.command("build-image").args(args).run()
}

/// Returns the names that were built, with their tags.
fn built(outcome: &Outcome) -> Vec<String> {
    let name = |call: &Vec<String>| {
        let flag = call.iter().position(|word| word == "-t").expect("a name");
        call[flag + 1].clone()
    };
    outcome.status(0).calls.iter().map(name).collect()
}

#[test]
fn a_base_after_an_unusual_instruction_is_built_first() {
    for before in [
        "FROM scratch AS one\nENTRYPOINT []\n",
        "FROM scratch AS one\nRUN cat > /x <<EOF\nFROM nothing\nEOF\n",
        "# escape=`\nFROM scratch AS one\nRUN a `\n  b\n",
        "ARG T=x\nFROM scratch${T:+} AS one\n",
    ] {
        let project = Project::new()
            .dockerfile("app", format!("{before}FROM proj-zero:tester\n"))
            .dockerfile("zero", "FROM scratch\n");
        assert_eq!(built(&build(&project, &["all"])), ["proj-zero:tester", "proj-app:tester"], "{before}");
    }
}

#[test]
fn a_dockerfile_that_cannot_be_read_to_its_end_is_warned_of() {
    let project = Project::new().dockerfile("dev", "FROM scratch\nRUN <<EOF\ntrue\n");
    build(&project, &["dev"]).status(0).stderr_has(
        "build-image: warning: docker/dev/Dockerfile:2: this heredoc has no end, so the images that later lines need are \
         not known\n",
    );
}

#[test]
fn a_base_without_its_tag_is_warned_of() {
    let project = Project::new()
        .dockerfile("base", "FROM scratch\n")
        .dockerfile("dev", "ARG X\nFROM proj-base AS one\nFROM one\n");
    let outcome = build(&project, &["-f", "dev"]);
    outcome.status(0).stderr_has(
        "build-image: warning: docker/dev/Dockerfile:2: `proj-base` means proj-base:latest, but docker/base is built as \
         proj-base:tester: to use that one, write `ARG BASE` and `FROM $BASE` in docker/dev/Dockerfile, and \
         `build_args=--build-arg BASE=proj-base:tester` under [dev] in docker/dockerutils.cfg\n",
    );
    build(&project, &["-f", "dev", "-t", "1.0"]).status(0).stderr_has("is built as proj-base:1.0:");
    for (args, cfg, dockerfile) in [
        (&["dev"][..], "[base]\ntag=latest\n", "FROM proj-base\n"),
        (&["dev"], "", "FROM proj-base:1.0\n"),
        (&["dev"], "", "FROM proj-other\n"),
        (&["-f", "dev", "-t", "latest"], "", "FROM proj-base\n"),
    ] {
        let project = project.clone().cfg(cfg).dockerfile("dev", dockerfile);
        let outcome = build(&project, args);
        outcome.check(!outcome.stderr.contains("warning"), || "a warning".to_owned());
    }
}

#[test]
fn an_image_and_a_folder_called_like_its_builder_are_no_circle() {
    let project = Project::new()
        .dockerfile(
            "app",
            "FROM scratch AS builder\nFROM scratch\nCOPY --from=proj-app-builder:tester /a /a\n",
        )
        .dockerfile("app-builder", "FROM proj-app:tester\n");
    let outcome = build(&project, &["all"]);
    assert_eq!(built(&outcome), ["proj-app:tester", "proj-app-builder:tester"]);
    outcome.stderr_has(
        "the stage `builder` gets no tag, because docker/app-builder is the image of that name\n",
    );
    // The name in the folder's own Dockerfile is that of the stage.
    let project = project.dockerfile("app-builder", "FROM proj-app-builder:tester\n");
    assert_eq!(built(&build(&project, &["all"])), ["proj-app:tester", "proj-app-builder:tester"]);
    // Another tag is an older build.
    let project = project.dockerfile("app-builder", "FROM scratch\nCOPY --from=proj-app-builder:1 /a /a\n");
    assert_eq!(built(&build(&project, &["all"])), ["proj-app:tester", "proj-app-builder:tester"]);
    // `clean` leaves the folder's image.
    let listed = "{\"Repository\":\"proj-app-builder\",\"Tag\":\"tester\"}\n{\"Repository\":\"proj-app\",\"Tag\":\"tester\"}\n";
    let outcome = project.command("build-image").args(["clean", "app"]).docker_prints(listed, "").run();
    assert_eq!(outcome.calls[1], ["rmi", "proj-app:tester"]);
}

#[test]
fn another_tag_of_an_image_itself_is_no_circle() {
    for from in ["proj-app:1.0", "proj-app", "docker.io/library/proj-app:1.0"] {
        let project = Project::new().dockerfile("app", format!("FROM scratch\nCOPY --from={from} /a /a\n"));
        for args in [&["all"][..], &["-f", "app"]] {
            assert_eq!(built(&build(&project, args)), ["proj-app:tester"], "{from}");
        }
    }
}

#[test]
fn flags_that_name_the_result_do_not_apply_to_the_builder_stage() {
    let project = Project::new()
        .dockerfile("dev", STAGES)
        .cfg("[dev]\nbuild_args=--build-arg A=1 -qt x --iidfile id\n");
    builds(
        &project,
        &[
            (
                &["dev", "--", "-o", "out", "--metadata-file=m", "--no-cache", "--push"],
                &[
                    "build --target builder -t proj-dev-builder:tester -f docker/dev/Dockerfile --build-arg A=1 -q --no-cache .",
                    "build -t proj-dev:tester -f docker/dev/Dockerfile --build-arg A=1 -qt x --iidfile id -o out --metadata-file=m --no-cache --push .",
                ],
            ),
            (
                &["dev", "--", "--target", "builder"],
                &[
                    "build -t proj-dev:tester -f docker/dev/Dockerfile --build-arg A=1 -qt x --iidfile id --target builder .",
                ],
            ),
            (
                &["dev", "--", "--check"],
                &[
                    "build -t proj-dev:tester -f docker/dev/Dockerfile --build-arg A=1 -qt x --iidfile id --check .",
                ],
            ),
        ],
    );
}

#[test]
fn a_quiet_build_prints_the_id_of_the_image_alone() {
    let project = Project::new().dockerfile("dev", STAGES);
    let prints_name = "shift; while [ \"$1\" != -t ]; do shift; done; echo \"id of $2\"";
    let outcome = project.command("build-image").args(["dev", "--", "-q"]).docker_runs(prints_name).run();
    outcome.status(0).stdout_is("id of proj-dev:tester\n").stderr_has("id of proj-dev-builder:tester\n");
}

#[test]
fn a_dockerfile_that_the_script_before_the_build_makes_is_built() {
    let project = Project::new()
        .file(
            "docker/dev/make",
            format!("mkdir -p docker/dev; printf '{}' >docker/dev/Dockerfile\n", STAGES.replace('\n', "\\n")),
        )
        .cfg("[dev]\npre_build_script=sh docker/dev/make\n");
    let outcome = build(&project, &["dev"]);
    outcome.status(0).echoes(&[
        "sh docker/dev/make",
        "docker build --target builder -t proj-dev-builder:tester -f docker/dev/Dockerfile .",
        "docker build -t proj-dev:tester -f docker/dev/Dockerfile .",
    ]);
    // The script changes a Dockerfile that is there.
    let project = project.file("docker/dev/make", "echo FROM scratch >docker/dev/Dockerfile\n");
    let outcome = build(&project, &["all"]);
    outcome
        .status(0)
        .echoes(&["sh docker/dev/make", "docker build -t proj-dev:tester -f docker/dev/Dockerfile ."]);
    // The script does not make it.
    let project = Project::new().file("docker/dev/x", "").cfg("[dev]\npre_build_script=true\n");
    let outcome = build(&project, &["dev"]);
    outcome.status(1).calls_are(&[]).stderr_has("build-image: docker/dev/Dockerfile: ");
}

#[test]
fn two_folders_that_make_one_image_are_an_error() {
    for (project, sentence) in [
        (
            Project::new().dockerfile("Dev", "FROM scratch\n").dockerfile("dev", "FROM scratch\n"),
            "docker/Dev and docker/dev both make the image proj-dev:tester: rename a folder, or set `name` or `tag` under \
             [dev] in docker/dockerutils.cfg\n",
        ),
        (
            Project::new()
                .dockerfile("dev", "FROM scratch\n")
                .dockerfile("web", "FROM scratch\n")
                .cfg("[web]\nname=dev\n"),
            "docker/dev and docker/web both make the image proj-dev:tester: ",
        ),
    ] {
        for (command, args) in [
            ("build-image", &["dev"][..]),
            ("build-image", &["all"]),
            ("build-image", &["clean"]),
            ("run-image", &["dev"]),
        ] {
            let outcome = project.command(command).args(args).run();
            outcome.status(1).calls_are(&[]).stderr_has(&format!("{command}: {sentence}"));
        }
    }
    let project = Project::new()
        .dockerfile("dev", "FROM scratch\n")
        .dockerfile("web", "FROM scratch\n")
        .cfg("[web]\nname=dev\ntag=2\n");
    assert_eq!(built(&build(&project, &["all"])), ["proj-dev:tester", "proj-dev:2"]);
}

#[test]
fn a_name_of_the_command_line_may_have_its_tag() {
    let project = Project::new().dockerfile("dev", STAGES).cfg("[dev]\ntag=3\n");
    assert_eq!(built(&build(&project, &["dev", "-i", "mine:1.0"])), ["mine-builder:1.0", "mine:1.0"]);
    let run = project.command("run-image").args(["dev", "-i", "localhost:5000/mine:1.0"]).run();
    assert_eq!(run.status(0).calls[0].last().map(String::as_str), Some("localhost:5000/mine:1.0"));
    build(&project, &["dev", "-i", "mine:1.0", "-t", "2.0"])
        .status(1)
        .stderr_has("`mine:1.0` already has a tag or digest: remove the tag `2.0`");
}
