//! GPUs: flags, modes and the `gpu` key.

use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row("gpus", "", &["-g", "dev"], "--rm -i --gpus all proj-dev:tester"),
    row("gpus, long", "", &["--use-gpu", "dev"], "--rm -i --gpus all proj-dev:tester"),
    row("gpus, old spelling", "", &["--use_gpu", "dev"], "--rm -i --gpus all proj-dev:tester"),
    row(
        "some gpus",
        "",
        &["-g", "--gpus", "2,4,7", "dev"],
        "--rm -i --gpus '\"device=2,4,7\"' proj-dev:tester",
    ),
    row("one gpu, without -g", "", &["--gpus", "0", "dev"], "--rm -i --gpus '\"device=0\"' proj-dev:tester"),
    row(
        "gpus by runtime",
        "[run_image]\ngpu_mode=runtime",
        &["-g", "dev"],
        "--rm -i --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all proj-dev:tester",
    ),
    row(
        "some gpus by runtime",
        "[run_image]\ngpu_mode=runtime",
        &["-g", "--gpus", "0,1", "dev"],
        "--rm -i --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=0,1 proj-dev:tester",
    ),
    row(
        "gpus by cdi",
        "[run_image]\ngpu_mode=cdi",
        &["-g", "dev"],
        "--rm -i --device nvidia.com/gpu=all proj-dev:tester",
    ),
    row(
        "some gpus by cdi",
        "[run_image]\ngpu_mode=cdi",
        &["-g", "--gpus", "0,1", "dev"],
        "--rm -i --device nvidia.com/gpu=0 --device nvidia.com/gpu=1 proj-dev:tester",
    ),
    row(
        "configured gpus are not used without -g",
        "[dev]\ngpu=--gpus 1 -e X=gpu",
        &["dev"],
        "--rm -i proj-dev:tester",
    ),
    row(
        "configured gpus with -g",
        "[dev]\ngpu=--gpus 1 -e X=gpu",
        &["-g", "dev"],
        "--rm -i --gpus 1 -e X=gpu proj-dev:tester",
    ),
    row(
        "--gpus takes precedence over the key",
        "[dev]\ngpu=--gpus 1",
        &["-g", "--gpus", "3", "dev"],
        "--rm -i --gpus '\"device=3\"' proj-dev:tester",
    ),
    row(
        "--gpus keeps the other flags of the key",
        "[dev]\ngpu=--gpus all -e X=gpu --device nvidia.com/gpu=all --device /dev/x",
        &["--gpus", "3", "dev"],
        "--rm -i -e X=gpu --device /dev/x --gpus '\"device=3\"' proj-dev:tester",
    ),
    row(
        "--gpus takes precedence over a runtime in the key",
        "[dev]\ngpu=--runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all -e X=gpu",
        &["-g", "--gpus", "0", "dev"],
        "--rm -i -e X=gpu --gpus '\"device=0\"' proj-dev:tester",
    ),
    row(
        "--gpus takes precedence over other keys",
        "[dev]\nargs=--gpus all --runtime nvidia --runtime runc\nenvironment=--env=NVIDIA_VISIBLE_DEVICES -e A=1",
        &["--gpus", "0", "dev"],
        "--rm -i -e A=1 --gpus '\"device=0\"' --runtime runc proj-dev:tester",
    ),
    row(
        "a list of devices gets docker's quotes",
        "[dev]\ngpu=--gpus \"device=0,2\"",
        &["-g", "dev"],
        "--rm -i --gpus '\"device=0,2\"' proj-dev:tester",
    ),
    row(
        "a list of devices in args and -a gets docker's quotes",
        "[dev]\nargs=--gpus=device=0,2",
        &["dev", "-a", "--gpus 'device=1,3'"],
        "--rm -i '--gpus=\"device=0,2\"' --gpus '\"device=1,3\"' proj-dev:tester",
    ),
    row(
        "gpus always, without the key",
        "[dev]\ngpu_always=True",
        &["dev"],
        "--rm -i --gpus all proj-dev:tester",
    ),
    row(
        "gpus always, without the key, by runtime",
        "[run_image]\ngpu_mode=runtime\n[dev]\ngpu_always=yes",
        &["dev"],
        "--rm -i --runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=all proj-dev:tester",
    ),
    row(
        "gpus always, but others on the command line",
        "[dev]\ngpu_always=True",
        &["--gpus", "1", "dev"],
        "--rm -i --gpus '\"device=1\"' proj-dev:tester",
    ),
    row("gpus always", "[dev]\ngpu=--gpus 1\ngpu_always=True", &["dev"], "--rm -i --gpus 1 proj-dev:tester"),
];
