//! `build-image clean`: which images are removed, and which words and flags are refused.

use dockerutils_testkit::{Outcome, Project};

use super::STAGES;

const LIST: &[&str] = &["image", "ls", "--format", "{{json .}}"];

fn project() -> Project {
    Project::new().dockerfile("dev", STAGES).dockerfile("web", "FROM scratch\n")
}

fn clean(project: &Project, args: &[&str]) -> Outcome {
    let names = ["proj-dev", "proj-dev-builder", "proj-web", "mine"];
    let tags = ["tester", "1.0"];
    let lines = names.iter().flat_map(|name| tags.iter().map(move |tag| (name, tag)));
    let listed: String =
        lines.map(|(name, tag)| format!("{{\"Repository\":\"{name}\",\"Tag\":\"{tag}\"}}\n")).collect();
    project.command("build-image").args(args).docker_prints(&listed, "").run()
}

#[test]
fn clean_removes_the_images_that_are_named() {
    for (args, removed) in [
        (&["clean"][..], &["proj-dev:tester", "proj-dev-builder:tester", "proj-web:tester"][..]),
        (&["clean", "all"], &["proj-dev:tester", "proj-dev-builder:tester", "proj-web:tester"]),
        (&["-t", "1.0", "clean"], &["proj-dev:1.0", "proj-dev-builder:1.0", "proj-web:1.0"]),
        (&["clean", "web"], &["proj-web:tester"]),
        (&["clean", "web", "web"], &["proj-web:tester"]),
        (
            &["clean", "docker/web/", "dev", "-t", "1.0"],
            &["proj-web:1.0", "proj-dev:1.0", "proj-dev-builder:1.0"],
        ),
        (&["-i", "mine", "clean", "web"], &["mine:tester"]),
        (&["-i", "mine:1.0", "clean", "web"], &["mine:1.0"]),
    ] {
        let outcome = clean(&project(), args);
        outcome.status(0).calls_are(&[LIST, &[&["rmi"][..], removed].concat()]);
    }
}

#[test]
fn a_flag_that_means_nothing_for_clean_is_refused() {
    for (args, sentence) in [
        (&["-f", "clean"][..], "`clean` builds nothing, so it does not accept -f"),
        (&["clean", "-p", "web"], "`clean` builds nothing, so it does not accept -p"),
        (
            &["clean", "--", "--no-cache"],
            "`clean` builds nothing, so it does not accept flags of `docker build` after `--`",
        ),
        (&["-i", "mine", "clean"], "-i names a single image: build-image -i NAME clean IMAGE"),
        (&["-i", "mine", "clean", "dev", "web"], "-i names a single image: build-image -i NAME clean IMAGE"),
        (&["web", "clean"], "`clean` comes first: build-image clean IMAGE…"),
    ] {
        let outcome = clean(&project(), args);
        outcome.status(2).calls_are(&[]);
        assert_eq!(outcome.stderr, format!("build-image: {sentence}\n"));
    }
    clean(&project(), &["clean", "wep"]).status(1).stderr_has("there is no image `wep`, did you mean `web`?");
}

#[test]
fn a_synthetic_image_has_nothing_to_remove() {
    let project = project().cfg("[run_image]\nsynthetic_images=shell\n[shell]\nname=dev\n");
    clean(&project, &["clean", "shell"]).status(1).calls_are(&[]).stderr_has(
        "`shell` is a synthetic image and has nothing to remove: `build-image clean dev` removes the image that it runs",
    );
}

#[test]
fn folders_called_all_or_clean_are_ambiguous_without_their_path() {
    let project = project().dockerfile("all", "FROM scratch\n").dockerfile("clean", "FROM scratch\n");
    let outcome = project.command("build-image").arg("all").run();
    outcome.status(2).calls_are(&[]).stderr_has(
        "`all` is ambiguous, because docker/all is an image: `build-image docker/all` builds it; `build-image docker/all \
         clean dev web` builds every image\n",
    );
    let outcome = project.command("build-image").args(["clean", "dev"]).run();
    outcome.status(2).calls_are(&[]).stderr_has(
        "`clean` is ambiguous, because docker/clean is an image: `build-image docker/clean` builds it; rename that folder \
         to remove images with `clean`\n",
    );
    let outcome = project.command("build-image").args(["docker/all", "docker/clean"]).run();
    outcome.status(0).calls_are(&[
        &["build", "-t", "proj-all:tester", "-f", "docker/all/Dockerfile", "."],
        &["build", "-t", "proj-clean:tester", "-f", "docker/clean/Dockerfile", "."],
    ]);
}

#[test]
fn clean_finds_images_by_the_names_that_docker_and_podman_list() {
    let cfg = "[dev]\nname=docker.io/me/dev\nprefix=False\ntag=1\n";
    let project =
        Project::new().dockerfile("dev", "FROM scratch\n").dockerfile("web", "FROM scratch\n").cfg(cfg);
    let listed = "{\"Repository\":\"me/dev\",\"Tag\":\"1\"}\n{\"repository\":\"localhost/proj-web\",\"tag\":\"tester\"}\n";
    let outcome = project.command("build-image").arg("clean").docker_prints(listed, "").run();
    outcome.status(0).calls_are(&[LIST, &["rmi", "docker.io/me/dev:1", "proj-web:tester"]]);
}
