//! The project and its images.

use dockerutils_testkit::Project;

use super::{project, refused};

#[test]
fn a_command_outside_a_project_is_refused() {
    let project = Project::new();
    std::fs::remove_dir_all(project.root().join("docker")).ok();
    let root = project.root().display();
    for command in ["build-image", "run-image", "genversion"] {
        let invocation = project.command(command);
        let invocation = if command == "genversion" { invocation } else { invocation.arg("dev") };
        let sentence = format!(
            "{command}: no project here: neither {root} nor a folder above it has a docker/ folder; change into a project, or create docker/IMAGE/Dockerfile to start one"
        );
        refused(invocation, 1, &sentence);
    }
}

#[test]
fn an_image_that_does_not_exist_is_refused_with_a_suggestion() {
    let project = project().cfg("[run_image]\nsynthetic_images=shell\n[shell]\nname=dev\n");
    let list = "docker/ has dev, web, shell";
    refused(
        project.command("run-image").arg("dve"),
        1,
        &format!("run-image: there is no image `dve`, did you mean `dev`? ({list})"),
    );
    refused(
        project.command("build-image").arg("nothing"),
        1,
        &format!("build-image: there is no image `nothing` ({list})"),
    );
    refused(
        project.command("build-image").arg("../docker/dev"),
        1,
        &format!("build-image: there is no image `../docker/dev` ({list})"),
    );
    refused(
        project.command("build-image").arg("shell"),
        1,
        "build-image: `shell` is a synthetic image and has nothing to build: `build-image dev` builds the image that it runs",
    );
}

#[test]
fn all_without_any_image_is_refused() {
    let project = Project::new().file("docker/dockerutils.cfg", "");
    let sentence = "build-image: there is no image `all` (docker/ has no image yet)";
    refused(project.command("build-image").arg("all"), 1, sentence);
}

#[test]
fn an_image_folder_without_a_dockerfile_is_refused() {
    let project = project().file("docker/notes/x", "");
    let sentence = "docker/notes has no Dockerfile: write docker/notes/Dockerfile, or list `notes` under synthetic_images";
    refused(project.command("build-image").arg("notes"), 1, &format!("build-image: {sentence}"));
    refused(project.command("run-image").arg("notes"), 1, &format!("run-image: {sentence}"));
}

#[test]
fn images_that_start_from_each_other_are_refused() {
    let project = Project::new()
        .dockerfile("a", "FROM proj-b:x\n")
        .dockerfile("b", "FROM scratch\nCOPY --from=proj-c /x /x\n")
        .dockerfile("c", "FROM proj-a\n");
    let sentence = "build-image: images start FROM each other and cannot be built: a → b → c → a";
    refused(project.command("build-image").arg("all"), 1, sentence);
}

#[test]
fn a_folder_whose_name_has_no_legal_character_is_refused() {
    let project = Project::named("日本").dockerfile("dev", "FROM scratch\n");
    let sentence = "run-image: the folder name `日本` has no letter or digit that an image name may hold: rename it, or set `name` and prefix=False";
    refused(project.command("run-image").arg("dev"), 1, sentence);
}

#[test]
fn a_folder_whose_name_is_not_utf8_is_refused() {
    let project = project();
    let odd = std::os::unix::ffi::OsStrExt::from_bytes(b"a\xff");
    let odd: &std::ffi::OsStr = odd;
    std::fs::create_dir_all(project.root().join(odd).join("docker/dev")).expect("a folder");
    let outcome = project.command("run-image").arg("dev").dir(odd).run();
    outcome.status(1).calls_are(&[]).stderr_has("is not UTF-8: rename the folder\n");
}
