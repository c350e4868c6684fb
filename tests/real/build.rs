//! `build-image` on real engines: the legacy builder and BuildKit.

use dockerutils_testbed::{Engine, engines};
use dockerutils_testkit::{Outcome, Project};

fn build(project: &Project, engine: &Engine, args: &[&str]) -> Outcome {
    project.command("build-image").args(args).uses(engine).run()
}

/// Returns the text of a file of an image, without running a container.
fn cat(engine: &Engine, image: &str, path: &str) -> String {
    let copy = tempfile::NamedTempFile::new().expect("a file for the copy");
    let container = engine.docker(&["create", image]);
    engine.docker(&["cp", &format!("{container}:{path}"), &copy.path().to_string_lossy()]);
    engine.docker(&["rm", &container]);
    std::fs::read_to_string(copy.path()).expect("the copy").trim_end().to_owned()
}

/// Returns the images of a project, `NAME:TAG` each, in name order.
fn images(engine: &Engine, project: &str) -> Vec<String> {
    let filter = format!("reference={project}-*");
    let listing = engine.docker(&["images", "--filter", &filter, "--format", "{{.Repository}}:{{.Tag}}"]);
    let mut names: Vec<String> = listing.lines().map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
#[ignore = "needs root: private engine"]
fn an_image_is_built_from_the_projects_root() {
    for engine in engines() {
        let project = Project::named("Single Stage")
            .file("top.txt", "from the root")
            .dockerfile("dev", "FROM busybox\nARG WORD\nCOPY top.txt /\nRUN echo $WORD >/word\n")
            .cfg("[dev]\nbuild_args=--build-arg \"WORD=two words\"\n");
        build(&project, engine, &["dev"]).status(0).echoes(&[
            "docker build -t single-stage-dev:tester -f docker/dev/Dockerfile --build-arg WORD='two words' .",
        ]);
        assert_eq!(cat(engine, "single-stage-dev:tester", "/top.txt"), "from the root");
        assert_eq!(cat(engine, "single-stage-dev:tester", "/word"), "two words");
        build(&project, engine, &["dev", "-i", "single-stage-other", "-t", "1.0"]).status(0);
        assert_eq!(images(engine, "single-stage"), ["single-stage-dev:tester", "single-stage-other:1.0"]);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_failing_build_has_the_exit_status_of_docker() {
    for engine in engines() {
        let project = Project::named("broken").dockerfile("dev", "FROM busybox\nRUN exit 7\n");
        let plain = project.program("docker").args(["build", "-f", "docker/dev/Dockerfile", "."]);
        let expected = plain.uses(engine).run().status;
        assert_ne!(expected, 0);
        build(&project, engine, &["dev"]).status(expected);
        build(&project, engine, &["dev", "--", "--no-such-flag"]).status(125);
        assert!(images(engine, "broken").is_empty());
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_builder_stage_gets_a_tag_and_the_image_uses_its_layers() {
    for engine in engines() {
        let project = Project::named("multi").dockerfile(
            "app",
            "FROM busybox AS builder\nRUN date +%N%s >/made && mkdir /large\nFROM busybox\nCOPY --from=builder /made /\n",
        );
        build(&project, engine, &["app"]).status(0).echoes(&[
            "docker build --target builder -t multi-app-builder:tester -f docker/app/Dockerfile .",
            "docker build -t multi-app:tester -f docker/app/Dockerfile .",
        ]);
        assert_eq!(images(engine, "multi"), ["multi-app-builder:tester", "multi-app:tester"]);
        let made = cat(engine, "multi-app:tester", "/made");
        assert_eq!(cat(engine, "multi-app-builder:tester", "/made"), made);
        engine.docker(&["run", "--rm", "multi-app:tester", "test", "!", "-e", "/large"]);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn all_builds_images_after_those_that_they_start_from() {
    for engine in engines() {
        let project = Project::named("ordered")
            .dockerfile("app", "ARG BASE=ordered-middle\nFROM ${BASE}:tester\nRUN echo app >>/names\n")
            .dockerfile("middle", "FROM ordered-zero:tester AS first\nRUN echo middle >>/names\nFROM first\n")
            .dockerfile("zero", "FROM busybox\nRUN echo zero >>/names\n");
        let built = build(&project, engine, &["all"]);
        built.status(0).echoes(&[
            "docker build -t ordered-zero:tester -f docker/zero/Dockerfile .",
            "docker build -t ordered-middle:tester -f docker/middle/Dockerfile .",
            "docker build -t ordered-app:tester -f docker/app/Dockerfile .",
        ]);
        assert_eq!(cat(engine, "ordered-app:tester", "/names"), "zero\nmiddle\napp");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn force_builds_the_base_first() {
    for engine in engines() {
        let project = Project::named("forced")
            .file("what", "old")
            .dockerfile("base", "FROM busybox\nCOPY what /\n")
            .dockerfile("dev", "FROM forced-base:tester\nRUN cp /what /copy\n");
        build(&project, engine, &["base", "dev"]).status(0);
        let project = project.file("what", "new");
        build(&project, engine, &["dev"]).status(0);
        assert_eq!(cat(engine, "forced-dev:tester", "/copy"), "old");
        build(&project, engine, &["-f", "dev"]).status(0);
        assert_eq!(cat(engine, "forced-dev:tester", "/copy"), "new");
    }
}

/// No process listens on the registry's port, so a build that contacts the registry fails.
#[test]
#[ignore = "needs root: private engine"]
fn force_pulls_only_if_it_is_configured() {
    for engine in engines() {
        engine.docker(&["tag", "busybox", "127.0.0.1:1/base"]);
        let project = Project::named("pulled").dockerfile("base", "FROM 127.0.0.1:1/base\nRUN true\n");
        build(&project, engine, &["-f", "base"]).status(0);
        let project = project.cfg("[base]\npull_FROM_on_force=True\n");
        build(&project, engine, &["base"]).status(0);
        for args in [&["-f", "base"], &["-p", "base"]] {
            let refused = build(&project, engine, args);
            refused.check(refused.status != 0, || "the registry was not contacted".to_owned());
            refused.stderr_has("127.0.0.1:1");
        }
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn clean_removes_the_images_that_exist() {
    for engine in engines() {
        let project = Project::named("cleaned")
            .dockerfile("app", "FROM busybox AS builder\nRUN true\nFROM busybox\nRUN echo app\n")
            .dockerfile("never", "FROM busybox\n")
            .dockerfile("zero", "FROM busybox\nRUN echo zero\n");
        build(&project, engine, &["app", "zero"]).status(0);
        engine.docker(&["tag", "busybox", "cleaned-app:another-user"]);
        build(&project, engine, &["clean"]).status(0);
        assert_eq!(images(engine, "cleaned"), ["cleaned-app:another-user"]);
        build(&project, engine, &["clean"]).status(0);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn clean_shows_dockers_error_for_an_image_in_use() {
    for engine in engines() {
        let project = Project::named("in-use").dockerfile("dev", "FROM busybox\nRUN echo in use\n");
        build(&project, engine, &["dev"]).status(0);
        let container = engine.docker(&["run", "-d", "in-use-dev:tester", "sleep", "1000"]);
        build(&project, engine, &["clean"]).status(1).stderr_has("conflict");
        engine.docker(&["rm", "-f", &container]);
        build(&project, engine, &["clean"]).status(0);
        assert!(images(engine, "in-use").is_empty());
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn ctrl_c_ends_a_build_and_leaves_no_pip_conf() {
    for engine in engines() {
        let project = Project::named("interrupted")
            .file("pip.conf.template", "[global]\n")
            .dockerfile("dev", "FROM busybox\nCOPY pip.conf /\nRUN echo st''arted; sleep 1000\n");
        let terminal = project.command("build-image").arg("dev").uses(engine).spawn_in_terminal();
        terminal.wait_for("started");
        assert!(project.root().join("pip.conf").exists());
        terminal.interrupt();
        terminal.wait().status(130);
        assert!(!project.root().join("pip.conf").exists());
        assert!(images(engine, "interrupted").is_empty());
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_pip_conf_that_is_a_secret_is_mounted_and_in_no_layer() {
    for engine in engines() {
        let project = Project::named("pip-secret")
            .file("pip.conf.template", "password\n")
            .file(".dockerignore", "pip.conf.template\n")
            .dockerfile(
                "dev",
                "FROM busybox\nCOPY . /context\n\
                 RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf wc -c </etc/pip.conf >/size\n\
                 RUN test ! -s /etc/pip.conf && ls /context >/listing\n",
            )
            .cfg("[dev]\npip_conf=secret\n");
        build(&project, engine, &["dev"]).status(0);
        assert_eq!(cat(engine, "pip-secret-dev:tester", "/size"), "9");
        assert_eq!(cat(engine, "pip-secret-dev:tester", "/listing"), "docker");
    }
}
