//! Bad input: one clear sentence, exit status 2 for a wrong call and 1 otherwise, and docker is never called.

use dockerutils_testkit::{Invocation, Project};

/// The command refuses, with exactly this sentence and nothing else on either stream.
#[track_caller]
fn refused(invocation: Invocation, status: i32, sentence: &str) {
    let outcome = invocation.run();
    outcome.status(status).stdout_is("").calls_are(&[]);
    outcome.check(outcome.stderr == format!("{sentence}\n"), || {
        format!("standard error is not only {sentence:?}")
    });
}

fn project() -> Project {
    Project::new().dockerfile("dev", "FROM scratch\n").dockerfile("web", "FROM scratch\n")
}

#[test]
fn outside_a_project() {
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
fn no_such_image() {
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
fn nothing_to_build() {
    let project = Project::new().file("docker/dockerutils.cfg", "");
    let sentence = "build-image: there is no image `all` (docker/ has no image yet)";
    refused(project.command("build-image").arg("all"), 1, sentence);
}

#[test]
fn an_image_folder_without_a_dockerfile() {
    let project = project().file("docker/notes/x", "");
    let sentence = "docker/notes has no Dockerfile: write docker/notes/Dockerfile, or list `notes` under synthetic_images";
    refused(project.command("build-image").arg("notes"), 1, &format!("build-image: {sentence}"));
    refused(project.command("run-image").arg("notes"), 1, &format!("run-image: {sentence}"));
}

#[test]
fn a_broken_configuration_is_told_with_its_line() {
    let refused_at = |cfg: &[u8], at: &str| {
        let project = project().cfg(cfg);
        let outcome = project.command("run-image").arg("dev").run();
        outcome
            .status(1)
            .stdout_is("")
            .calls_are(&[])
            .stderr_has(&format!("run-image: docker/dockerutils.cfg:{at}: "));
        outcome.check(outcome.stderr.lines().count() == 1, || "one line".to_owned());
        outcome.stderr
    };
    refused_at(b"[dev]\nports\n", "2:1");
    refused_at(b"x=1\n", "1:1");
    refused_at(b"[dev]\ntag=\xff\n", "2:5");
    let twice = refused_at(b"[dev]\ntag=1\n\ntag=2\n", "4:1");
    assert!(twice.contains("line 2"), "{twice}");
    let twice = refused_at(b"[dev]\n[x]\n[dev]\n", "3:1");
    assert!(twice.contains("line 1"), "{twice}");
}

#[test]
fn what_a_build_cannot_use() {
    for (cfg, sentence) in [
        (
            "[dev]\nbuild_args={usr}",
            "2: `build_args`: there is no placeholder {usr}, did you mean {user}? (braces themselves are written {{ and }})",
        ),
        (
            "[dev]\npre_build_script=a $NOT_SET",
            "2: `pre_build_script`: the variable $NOT_SET is not set: set it, or write ${NOT_SET:-default}",
        ),
        (
            "[dev]\npost_build_script=''\"",
            "2: `post_build_script`: the quote \" is never closed: close it, or write \\\" for the character itself",
        ),
        (
            "[dev]\npull_FROM_on_force=2",
            "2: `pull_FROM_on_force`: `2` is not a valid boolean: expected yes/no, true/false, on/off or 1/0",
        ),
    ] {
        let project = project().cfg(cfg);
        let sentence = format!("build-image: docker/dockerutils.cfg:{sentence}");
        refused(project.command("build-image").arg("dev"), 1, &sentence);
    }
}

#[test]
fn words_that_cannot_be_made() {
    for (cfg, sentence) in [
        (
            "[dev]\n\nvolumes=-v {projct}:/x",
            "3: `volumes`: there is no placeholder {projct}, did you mean {project}? (braces themselves are written {{ and }})",
        ),
        (
            "[dev]\ncmd=$NOT_SET x",
            "2: `cmd`: the variable $NOT_SET is not set: set it, or write ${NOT_SET:-default}",
        ),
        (
            "[dev]\ncmd=\"a\n b",
            "2: `cmd`: the quote \" is never closed: close it, or write \\\" for the character itself",
        ),
        (
            "[dev]\nenvironment=-e 'a",
            "2: `environment`: the quote ' is never closed: close it, or write \\' for the character itself",
        ),
        (
            "[dev]\nenv=vars\n[vars]\nX=it's",
            "4: `X`: the quote ' is never closed: close it, or write \\' for the character itself",
        ),
        ("[dev]\nenv=vras\n[vars]\nX=1", "2: `env`: there is no section [vras], did you mean `vars`?"),
        (
            "[dev]\nprefix=maybe",
            "2: `prefix`: `maybe` is not a valid boolean: expected yes/no, true/false, on/off or 1/0",
        ),
        (
            "[dev]\naws_env=F",
            "2: `aws_env`: `F` is not a valid boolean: expected yes/no, true/false, on/off or 1/0",
        ),
        ("[dev]\nuser=me", "2: `user`: `me` is not valid: expected host (for another user: args=--user me)"),
        ("[dev]\ninteractive=-x", "2: `interactive`: `-x` is not valid: expected -d or -it"),
        (
            "[dev]\ntag=a b",
            "2: `tag`: `proj-dev:a b` is not a valid image reference: the tag `a b` may hold up to 128 letters, digits, `_`, `.` and `-`, and must not begin with `.` or `-`",
        ),
        (
            "[dev]\nname=Dev",
            "2: `name`: `proj-Dev` is not a valid image reference: `proj-Dev` must be lower-case",
        ),
        (
            "[dev]\nname=a:1\nprefix=no\ntag=2",
            "4: `tag`: `a:1` already has a tag or digest: remove the tag `2`",
        ),
        (
            "[run_image]\ngpu_mode=cuda",
            "2: `gpu_mode`: `cuda` is not a valid GPU mode: expected gpus, runtime or cdi",
        ),
    ] {
        let project = project().cfg(cfg);
        let sentence = format!("run-image: docker/dockerutils.cfg:{sentence}");
        refused(project.command("run-image").args(["-g", "dev"]), 1, &sentence);
    }
}

#[test]
fn a_synthetic_image_without_a_target() {
    for (cfg, sentence) in [
        (
            "[run_image]\nsynthetic_images=shell\n[shell]\ncmd=x",
            "3: [shell] is a synthetic image and needs name=IMAGE, the image that it runs",
        ),
        (
            "[run_image]\nsynthetic_images=shell",
            "2: `synthetic_images`: lists `shell`, which has no section: write [shell] with name=IMAGE",
        ),
        (
            "[run_image]\nsynthetic_images=shell\n[shell]\nname=nope",
            "4: `name`: there is no image `nope` to run: docker/ has dev, web (a whole image reference needs prefix=False)",
        ),
    ] {
        let project = project().cfg(cfg);
        refused(
            project.command("run-image").arg("shell"),
            1,
            &format!("run-image: docker/dockerutils.cfg:{sentence}"),
        );
    }
}

#[test]
fn a_wrong_call() {
    let project = project();
    let run = |args: &[&str]| project.command("run-image").args(args);
    let build = |args: &[&str]| project.command("build-image").args(args);
    refused(
        run(&[]),
        2,
        "run-image: the following required arguments were not provided: <IMAGE> (see --help)",
    );
    refused(
        run(&["dev", "--keeep"]),
        2,
        "run-image: unexpected argument '--keeep' found; tip: a similar argument exists: '--keep' (see --help)",
    );
    refused(run(&["dev", "-c", "'x"]), 2, "run-image: -c: a quote in `'x` is never closed");
    refused(run(&["dev", "-a", "\"x"]), 2, "run-image: -a: a quote in `\"x` is never closed");
    refused(
        run(&["dev", "--gpus", "1,,2"]),
        2,
        "run-image: invalid value '1,,2' for '--gpus <LIST>': `` is not the index or UUID of a GPU: expected for example 0,1 (see --help)",
    );
    refused(
        build(&[]),
        2,
        "build-image: the following required arguments were not provided: <IMAGE>... (see --help)",
    );
    refused(build(&["all", "dev"]), 2, "build-image: `all` and `clean` cannot be combined with other images");
    refused(
        build(&["-i", "x", "dev", "web"]),
        2,
        "build-image: -i names a single image, but several are to be built",
    );
    refused(
        build(&["-t", "a b", "dev"]),
        1,
        "build-image: `proj-dev:a b` is not a valid image reference: the tag `a b` may hold up to 128 letters, digits, `_`, `.` and `-`, and must not begin with `.` or `-`",
    );
    refused(
        build(&["-i", "X", "dev"]),
        1,
        "build-image: `X` is not a valid image reference: `X` must be lower-case",
    );
}

#[test]
fn images_that_start_from_each_other() {
    let project = Project::new()
        .dockerfile("a", "FROM proj-b:x\n")
        .dockerfile("b", "FROM scratch\nCOPY --from=proj-c /x /x\n")
        .dockerfile("c", "FROM proj-a\n");
    let sentence = "build-image: images start FROM each other and cannot be built: a → b → c → a";
    refused(project.command("build-image").arg("all"), 1, sentence);
}

#[test]
fn a_secret_that_everybody_would_see() {
    let project = project().cfg("[dev]\ncmd=curl -H \"Auth: $API_TOKEN\"\n");
    let outcome = project.command("run-image").arg("dev").env("API_TOKEN", "hush-hush").run();
    outcome.status(1).calls_are(&[]).stderr_lacks("hush-hush").stderr_has(
        "run-image: docker/dockerutils.cfg:2: `cmd`: the value of $API_TOKEN would be part of an argument, which every user of this machine can read: pass it by name with -e API_TOKEN\n",
    );
}

#[test]
fn a_folder_without_a_name_for_an_image() {
    let project = Project::named("日本").dockerfile("dev", "FROM scratch\n");
    let sentence = "run-image: the folder name `日本` has no letter or digit that an image name may hold: rename it, or set `name` and prefix=False";
    refused(project.command("run-image").arg("dev"), 1, sentence);
}

#[test]
fn a_folder_that_is_no_text() {
    let project = project();
    let odd = std::os::unix::ffi::OsStrExt::from_bytes(b"a\xff");
    let odd: &std::ffi::OsStr = odd;
    std::fs::create_dir_all(project.root().join(odd).join("docker/dev")).expect("a folder");
    let outcome = project.command("run-image").arg("dev").dir(odd).run();
    outcome.status(1).calls_are(&[]).stderr_has("is not UTF-8: rename the folder\n");
}

#[test]
fn an_unknown_key_is_told_and_is_no_reason_to_stop() {
    let project = project().cfg("[dev]\nvolume=x\nport_docked=y\nfrobnicate=z\n[web]\nzzz=1\n[old]\nq=1\n[run_image]\nsynthetic_image=x\n");
    let outcome = project.command("run-image").arg("dev").run();
    outcome.status(0);
    let warnings: Vec<&str> = outcome.stderr.lines().filter(|line| line.contains("warning")).collect();
    assert_eq!(
        warnings,
        [
            "run-image: warning: docker/dockerutils.cfg:10: [run_image] has an unknown key `synthetic_image`, did you mean `synthetic_images`?",
            "run-image: warning: docker/dockerutils.cfg:2: [dev] has an unknown key `volume`, did you mean `volumes`?",
            "run-image: warning: docker/dockerutils.cfg:3: [dev] has an unknown key `port_docked`, did you mean `ports_docked`?",
            "run-image: warning: docker/dockerutils.cfg:4: [dev] has an unknown key `frobnicate`",
        ]
    );
}

#[test]
fn docker_is_not_installed() {
    let project = project();
    for command in ["build-image", "run-image"] {
        let sentence = format!(
            "{command}: docker is not installed: get it with `sudo apt-get install docker.io`, or follow https://docs.docker.com/engine/install/"
        );
        refused(project.command(command).arg("dev").no_docker(), 1, &sentence);
        // A dry run needs none.
        project.command(command).args(["dev", "--dry-run"]).no_docker().run().status(0);
    }
}

#[test]
fn the_engine_does_not_answer() {
    let project = project();
    let words = "Cannot connect to the Docker daemon. Is the docker daemon running?";
    for (command, status) in [("run-image", 125), ("build-image", 1)] {
        let docker = || project.command(command).arg("dev").docker_exits(status).docker_prints("", words);
        let closed = docker().env("DOCKER_HOST", "unix:///nowhere/docker.sock").run();
        closed.status(i32::from(status)).stderr_has(words);
        closed.stderr_has(&format!("{command}: no docker engine listens on /nowhere/docker.sock: start it with `sudo systemctl start docker`"));
        // One call: nothing was asked of the engine beyond what the user wanted.
        assert_eq!(closed.calls.len(), 1);
        let elsewhere = docker().env("DOCKER_HOST", "tcp://127.0.0.1:1").run();
        elsewhere.status(i32::from(status)).stderr_has(words).stderr_lacks("no docker engine listens");
    }
}

#[test]
fn the_engine_may_not_be_used() {
    let project = project();
    let socket = project.home().join("docker.sock");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    std::fs::set_permissions(&socket, std::os::unix::fs::PermissionsExt::from_mode(0o0))
        .expect("permissions");
    let host = format!("unix://{}", socket.display());
    // Root may use every socket, unless it has lost its capabilities.
    let run_image = env!("CARGO_BIN_EXE_run-image");
    let invocation = if nix::unistd::geteuid().is_root() {
        project.program("setpriv").arg("--bounding-set=-all").arg(run_image)
    } else {
        project.command("run-image")
    };
    let outcome = invocation.arg("dev").docker_exits(125).env("DOCKER_HOST", host).run();
    outcome.status(125).stderr_has("join the docker group with `sudo usermod -aG docker $USER`");
}
