//! docker/dockerutils.cfg.

use dockerutils_testkit::Project;

use super::{project, refused};

#[test]
fn a_broken_configuration_is_refused_with_its_line() {
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
fn invalid_values_of_build_keys_are_refused() {
    for (cfg, sentence) in [
        (
            "[dev]\nbuild_args={usr}",
            "2: `build_args`: there is no placeholder {usr}, did you mean {user}? (braces themselves are written {{ and }})",
        ),
        (
            "[dev]\nbuild_args=--secret id=a,src=~/a",
            "2: `build_args`: `~/a` is not replaced here: write `{home}/a`",
        ),
        (
            "[dev]\nbuild_args=A=1",
            "2: `build_args`: `A=1` is not a flag, and docker would take it for the context: write `build_args=--build-arg A=1`",
        ),
        (
            "[dev]\nbuild_args=--no-cache --build-arg",
            "2: `build_args`: `--build-arg` has no value, and docker would take the next word for it: write `--build-arg VALUE`",
        ),
        ("[dev]\nbuild_args=${NOT_SET:?}", "2: `build_args`: the variable $NOT_SET is required: set it"),
        (
            "[dev]\nbuild_args=${NOT_SET?ask Ada}",
            "2: `build_args`: the variable $NOT_SET is required: ask Ada",
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
fn invalid_values_of_run_keys_are_refused() {
    for (cfg, sentence) in [
        (
            "[dev]\n\nvolumes=-v {projct}:/x",
            "3: `volumes`: there is no placeholder {projct}, did you mean {project}? (braces themselves are written {{ and }})",
        ),
        ("[dev]\nvolumes=-v ~:/x", "2: `volumes`: `~` is not replaced here: write `{home}`"),
        ("[dev]\nvolumes=-v '~/a b:/x'", "2: `volumes`: `~/a b` is not replaced here: write `{home}/a b`"),
        (
            "[dev]\nargs=--rm -v~ada/x:/x",
            "2: `args`: `~ada/x` is not replaced here: write the path of that folder",
        ),
        (
            "[dev]\nvolumes=--mount type=bind,src=~/a,dst=/x",
            "2: `volumes`: `~/a` is not replaced here: write `{home}/a`",
        ),
        ("[dev]\nargs=--env-file=~/e", "2: `args`: `~/e` is not replaced here: write `{home}/e`"),
        ("[dev]\nargs=--security-opt seccomp=~/s", "2: `args`: `~/s` is not replaced here: write `{home}/s`"),
        (
            "[dev]\nports=-p 1:1\nenvironment=-e 'A=b\0c'",
            "3: `environment`: there is a NUL character, which no command can be given: remove it",
        ),
        (
            "[dev]\nenv=vars\n[vars]\nA\0=1",
            "4: `A\\x00`: there is a NUL character, which no command can be given: remove it",
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
            "[dev]\nenv=vars\n[vars]\nX=$NOT_SET",
            "4: `X`: the variable $NOT_SET is not set: set it, or write ${NOT_SET:-default}",
        ),
        (
            "[dev]\nvolumes=-v {project-root}:/x",
            "2: `volumes`: there is no placeholder {project-root}, did you mean {project_root}? (braces themselves are written {{ and }})",
        ),
        (
            "[dev]\nvolumes=-v $(pwd):/x",
            "2: `volumes`: no shell runs `$(pwd)`: write {project_root} for the project's folder, or set a variable and write $NAME (in single quotes it is ordinary text)",
        ),
        (
            "[dev]\nenvironment=-e \"D=`date`\"",
            "2: `environment`: no shell runs `date`: write {project_root} for the project's folder, or set a variable and write $NAME (in single quotes it is ordinary text)",
        ),
        (
            "[dev]\nargs=--label ${HOME%x}",
            "2: `args`: `${HOME%x}` is not replaced: write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${NAME:+other} (a dollar itself is written $$)",
        ),
        (
            "[dev]\nargs=--label ${NOT_SET:?say which}",
            "2: `args`: the variable $NOT_SET is required: say which",
        ),
        (
            "[dev]\nvolumes=-v ${NOT_SET:-{hmoe}/x}:/x",
            "2: `volumes`: there is no placeholder {hmoe}, did you mean {home}? (braces themselves are written {{ and }})",
        ),
        (
            "[dev]\nnetwork=--network host",
            "2: `network`: `--network host` is not the name of a network: write `network=host`",
        ),
        (
            "[dev]\nnetwork=--net=host",
            "2: `network`: `--net=host` is not the name of a network: write `network=host`",
        ),
        (
            "[dev]\nports=-p 1:1 # web",
            "2: `ports`: `#` is not a flag, and docker would take it for the image: a comment is a line of its own",
        ),
        (
            "[dev]\nports=8888:8888",
            "2: `ports`: `8888:8888` is not a flag, and docker would take it for the image: write `ports=-p 8888:8888`",
        ),
        (
            "[dev]\nports=-p 1:1 2:2",
            "2: `ports`: `2:2` is not a flag, and docker would take it for the image: write `ports=-p 2:2`",
        ),
        (
            "[dev]\nvolumes={project_root}:/x",
            "2: `volumes`: `ROOT:/x` is not a flag, and docker would take it for the image: write `volumes=-v ROOT:/x`",
        ),
        (
            "[dev]\nenvironment=-e A=1\n  B=2",
            "2: `environment`: `B=2` is not a flag, and docker would take it for the image: write `environment=-e B=2`",
        ),
        (
            "[dev]\ngpu_always=True\ngpu=all",
            "3: `gpu`: `all` is not a flag, and docker would take it for the image: write `gpu=--gpus all`",
        ),
        (
            "[dev]\nargs=--label",
            "2: `args`: `--label` has no value, and docker would take the next word for it: write `--label VALUE`",
        ),
        (
            "[dev]\nargs=-e A=two words",
            "2: `args`: `words` is not a flag, and docker would take it for the image: write the flag before it (a value with blanks needs quotes)",
        ),
        (
            "[dev]\nenvironment=HOME=$HOME",
            "2: `environment`: `HOME=$HOME` is not a flag, and docker would take it for the image: write `environment=-e HOME=$HOME`",
        ),
        ("[dev]\nargs=--rm --", "2: `args`: `--` is not a flag, and docker would take it for the image"),
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
            "[dev]\ntag=a/b",
            "2: `tag`: `proj-dev:a/b` is not a valid image reference: the tag `a/b` may hold up to 128 letters, digits, `_`, `.` and `-`, and must not begin with `.` or `-`",
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
        let root = project.root().display().to_string();
        let sentence = format!("run-image: docker/dockerutils.cfg:{}", sentence.replace("ROOT", &root));
        refused(project.command("run-image").args(["-g", "dev"]), 1, &sentence);
    }
}

#[test]
fn a_synthetic_image_without_a_target_is_refused() {
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
fn a_secret_in_an_argument_is_refused() {
    let project = project().cfg("[dev]\ncmd=curl -H \"Auth: $API_TOKEN\"\n");
    let outcome = project.command("run-image").arg("dev").env("API_TOKEN", "hush-hush").run();
    outcome.status(1).calls_are(&[]).stderr_lacks("hush-hush").stderr_has(
        "run-image: docker/dockerutils.cfg:2: `cmd`: the value of $API_TOKEN would be part of an argument, which every user of this machine can read: pass it by name with `environment=-e API_TOKEN` and read it in the container: `sh -c '… \"$API_TOKEN\"'` in single quotes, or, if it is no secret, write `not_secret=API_TOKEN` in the same section\n",
    );
}

#[test]
fn a_colon_in_the_projects_path_is_told_with_the_mount_that_works() {
    let project = dockerutils_testkit::Project::named("a:b")
        .dockerfile("dev", "FROM scratch\n")
        .cfg("[dev]\nvolumes=-v {project_root}/src:/x:ro\n");
    let root = project.root().display();
    let sentence = format!(
        "run-image: docker/dockerutils.cfg:2: `volumes`: -v cannot hold the colon in the path {root}: write `--mount type=bind,source={{project_root}}/src,target=/x,readonly`"
    );
    refused(project.command("run-image").arg("dev"), 1, &sentence);
    let project =
        project.cfg("[dev]\nvolumes=--mount type=bind,source={project_root}/src,target=/x,readonly\n");
    project.command("run-image").arg("dev").run().status(0);
}

#[test]
fn a_dockerfile_that_is_not_a_file_is_named_as_what_it_is() {
    let project = project();
    let dockerfile = project.root().join("docker/dev/Dockerfile");
    let build = || project.command("build-image").arg("dev");
    std::fs::remove_file(&dockerfile).expect("the Dockerfile");
    nix::unistd::mkfifo(&dockerfile, nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
    let what = "docker/dev/Dockerfile: it is";
    build().run().status(1).stderr_has(&format!("{what} a FIFO, and not a regular file")).calls_are(&[]);
    std::fs::remove_file(&dockerfile).expect("a FIFO");
    std::os::unix::fs::symlink("nowhere", &dockerfile).expect("a link");
    let dangling = format!("{what} a symbolic link to a file that does not exist");
    build().run().status(1).stderr_has(&dangling).calls_are(&[]);
}

#[test]
fn an_ignore_file_that_is_a_fifo_is_refused_before_docker_waits_for_it() {
    for name in [".dockerignore", "docker/dev/Dockerfile.dockerignore"] {
        let project = project();
        nix::unistd::mkfifo(&project.root().join(name), nix::sys::stat::Mode::S_IRWXU).expect("a FIFO");
        let outcome = project.command("build-image").arg("dev").run();
        let message = format!("cannot read {}: it is a FIFO", project.root().join(name).display());
        outcome.status(1).stderr_has(&message).calls_are(&[]);
    }
}

#[test]
fn what_is_not_a_regular_file_is_refused_at_once() {
    let message = "docker/dockerutils.cfg cannot be read: it is a device, and not a regular file";
    let device = project();
    std::fs::remove_file(device.root().join("docker/dockerutils.cfg")).expect("testkit's own");
    std::os::unix::fs::symlink("/dev/zero", device.root().join("docker/dockerutils.cfg")).expect("a link");
    refused(device.command("run-image").arg("dev"), 1, &format!("run-image: {message}"));
    refused(device.command("build-image").arg("dev"), 1, &format!("build-image: {message}"));
}

#[test]
fn control_and_format_characters_of_a_configuration_do_not_reach_the_terminal() {
    let cfg = "[dev]\n\u{1b}]0;x\u{7}k=1\na\u{202e}b\u{200b}\u{2028}c\u{9b}2J=1\nenvironment=-e 'A=\u{202e}\u{9b}2J'\n";
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(cfg);
    let outcome = project.command("run-image").arg("dev").run();
    outcome.status(0).stderr_has(r"`\x1b]0;x\x07k`").stderr_has(r"`a\u{202e}b\u{200b}\u{2028}c\u{9b}2J`");
    let raw = ['\u{1b}', '\u{7}', '\u{202e}', '\u{200b}', '\u{2028}', '\u{9b}'];
    outcome.check(!outcome.stderr.contains(raw), || "a raw character".to_owned());
    let pasted = project.program("bash").args(["-c", &outcome.echoed()[0]]).run();
    assert_eq!(pasted.calls, outcome.calls);
    // A message is bounded, and ends with its remedy.
    let long = Project::new()
        .dockerfile("dev", "FROM scratch\n")
        .cfg(format!("[dev]\nprefix={}\n", "x\u{1b}".repeat(100_000)));
    let outcome = long.command("run-image").arg("dev").run();
    outcome.status(1).stderr_has(" […] ").stderr_has("expected yes/no, true/false, on/off or 1/0\n");
    assert!(outcome.stderr.len() < 10_000);
}
