//! docker/dockerutils.cfg.

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
        "run-image: docker/dockerutils.cfg:2: `cmd`: the value of $API_TOKEN would be part of an argument, which every user of this machine can read: pass it by name with -e API_TOKEN\n",
    );
}

#[test]
fn an_unknown_key_is_a_warning() {
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
