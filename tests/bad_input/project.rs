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
            "{command}: no project here: neither {root} nor a folder above it has docker/dockerutils.cfg or docker/IMAGE/Dockerfile; change into a project, or create docker/IMAGE/Dockerfile to start one"
        );
        refused(invocation, 1, &sentence);
    }
}

/// A Python package or a folder of compose files may be called docker, too.
#[test]
fn a_folder_called_docker_does_not_make_a_project() {
    let project = project().file("src/docker/__init__.py", "").file("src/docker/Dockerfile", "");
    let run = |dir: &str| project.command("run-image").arg("dev").dir(dir).run();
    let outcome = run("src");
    outcome.status(0);
    std::fs::remove_dir_all(project.root().join("docker")).expect("a folder");
    let passed = project.root().join("src/docker");
    let outcome = run("src");
    outcome.status(1).calls_are(&[]).stderr_has(&format!("(passed over: {};", passed.display()));
}

#[test]
fn the_home_folder_is_a_project_only_with_a_configuration() {
    let project = project();
    let config = project.root().join("docker/dockerutils.cfg");
    let run = || project.command("run-image").arg("dev").env("HOME", project.root()).run();
    run().status(0);
    std::fs::remove_file(config).expect("a configuration");
    run().status(1).calls_are(&[]).stderr_has("your home folder and / need a dockerutils.cfg");
    project.command("run-image").arg("dev").run().status(0);
}

#[test]
fn messages_from_another_folder_name_the_project_that_was_meant() {
    let project = project().file("src/x", "").cfg("[dev]\nprefix=maybe\n");
    let docker = project.root().join("docker");
    let outcome = project.command("run-image").arg("dev").dir("src").run();
    outcome.status(1).stderr_has(&format!("{}/dockerutils.cfg:2: `prefix`", docker.display()));
    let outcome = project.command("run-image").arg("dve").dir("src").run();
    outcome.status(1).stderr_has(&format!("({}/ has dev, web)", docker.display()));
}

#[test]
#[ignore = "needs root: files of other users"]
fn a_project_of_another_user_is_refused_unless_it_is_allowed() {
    let project = project();
    let own = |path: &str, owner| {
        std::os::unix::fs::chown(project.root().join(path), Some(owner), None).expect("an owner");
    };
    for path in ["", "docker", "docker/dockerutils.cfg"] {
        own(path, 4321);
        let root = project.root().display().to_string();
        for command in ["run-image", "build-image"] {
            let outcome = project.command(command).arg("dev").run();
            outcome.status(1).calls_are(&[]);
            outcome.stderr_has(&format!(
                "{} belongs to user 4321;",
                project.root().join(path).display().to_string().trim_end_matches('/')
            ));
            outcome.stderr_has(&format!("`export DOCKERUTILS_SAFE_DIRECTORIES={root}`"));
        }
        let run = || project.command("run-image").arg("dev");
        run().env("DOCKERUTILS_SAFE_DIRECTORIES", &root).run().status(0);
        run().env("SUDO_UID", "4321").run().status(0);
        run().env("SUDO_UID", "4322").run().status(1);
        own(path, 0);
    }
}

/// A Dockerfile's instructions run on the caller's engine. Root's files are as good as the caller's.
#[test]
#[ignore = "needs root: files of another user"]
fn a_dockerfile_of_another_user_is_not_built() {
    let project = project();
    for path in ["docker/dev", "docker/dev/Dockerfile"] {
        let file = project.root().join(path);
        let own = |owner| std::os::unix::fs::chown(&file, Some(owner), None).expect("an owner");
        let build = |image: &str| project.command("build-image").arg(image);
        own(4321);
        let outcome = build("dev").run();
        outcome.status(1).calls_are(&[]);
        outcome.stderr_has(&format!("{} belongs to user 4321;", file.display()));
        build("web").run().status(0);
        build("dev").env("DOCKERUTILS_SAFE_DIRECTORIES", project.root()).run().status(0);
        own(0);
        build("dev").run().status(0);
    }
}

#[test]
fn a_script_that_every_user_can_replace_is_not_run() {
    let open = |project: &dockerutils_testkit::Project, folder: &str| {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        std::fs::set_permissions(project.root().join(folder), mode).expect("a mode");
    };
    for value in [
        "./tools/prep.sh",
        "sh tools/prep.sh",
        "bash -e tools/prep.sh",
        "env sh tools/prep.sh",
        "/usr/bin/env -u X Y=1 sh tools/prep.sh",
        "nice ./tools/prep.sh",
        "sh -c './tools/prep.sh && true'",
        "bash -ec '. tools/prep.sh; true'",
        "sh -o errexit tools/prep.sh",
        "nice sh -c ./tools/prep.sh",
        "sh -c 'cd tools && sh prep.sh'",
        "env -C tools sh ./prep.sh",
    ] {
        for key in ["pre_build_script", "post_build_script"] {
            let project = project()
                .executable("tools/prep.sh", "#!/bin/sh\ntouch ran\n")
                .cfg(format!("[dev]\n{key}={value}\n"));
            open(&project, "tools");
            let build = || project.command("build-image").arg("dev");
            let outcome = build().run();
            let tools = project.root().join("tools");
            outcome.status(1).calls_are(&[]);
            let tools_path = tools.display();
            outcome.stderr_has(&format!(
                "{tools_path} can be changed by every user: `chmod o-w {tools_path}`, or"
            ));
            outcome.stderr_has(&format!("docker/dockerutils.cfg:2: `{key}`"));
            // Some of the lines change into the folder first.
            let has_run = || ["ran", "tools/ran"].iter().any(|path| project.root().join(path).exists());
            assert!(!has_run());
            build().env("DOCKERUTILS_SAFE_DIRECTORIES", &tools).run().status(0);
            assert!(has_run());
        }
    }
}

#[test]
fn a_configuration_that_is_a_dangling_link_is_refused() {
    let project = project().cfg("");
    std::fs::remove_file(project.root().join("docker/dockerutils.cfg")).expect("a file");
    std::os::unix::fs::symlink("gone.cfg", project.root().join("docker/dockerutils.cfg")).expect("a link");
    let sentence = "run-image: docker/dockerutils.cfg cannot be read: it is a symbolic link to a file that does not exist";
    refused(project.command("run-image").arg("dev"), 1, sentence);
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
    let image = project.root().join(odd).join("docker/dev");
    std::fs::create_dir_all(&image).expect("a folder");
    std::fs::write(image.join("Dockerfile"), "FROM scratch\n").expect("a file");
    let outcome = project.command("run-image").arg("dev").dir(odd).run();
    outcome.status(1).calls_are(&[]).stderr_has("is not UTF-8: rename the folder\n");
}
