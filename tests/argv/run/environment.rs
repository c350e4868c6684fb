//! Variables of the environment: replacement, secrets, docked terminals.

use super::{Row, row, with_env};

const DOCKED: &[(&str, &str)] = &[("DOCKER_HOST", "unix:///nowhere.sock"), ("DOCKER_IP", "10.0.0.1")];
const AWS: &[(&str, &str)] =
    &[("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "hush"), ("AWS_REGION", "")];

pub(super) const ROWS: &[Row] = &[
    with_env(
        &[("EXTRA", "--cpus 2 --memory 1g")],
        row(
            "an unquoted variable is split",
            "[dev]\nargs=$EXTRA",
            &["dev"],
            "--rm -i --cpus 2 --memory 1g proj-dev:tester",
        ),
    ),
    with_env(
        &[("EXTRA", "a b {user} $HOME")],
        row(
            "a quoted variable is not split",
            "[dev]\nargs=--label \"$EXTRA\"",
            &["dev"],
            "--rm -i --label 'a b {user} $HOME' proj-dev:tester",
        ),
    ),
    with_env(
        AWS,
        row("aws", "", &["dev"], "--rm -i -e AWS_ACCESS_KEY_ID -e AWS_SECRET_ACCESS_KEY proj-dev:tester"),
    ),
    with_env(AWS, row("no aws", "[dev]\naws_env=off", &["dev"], "--rm -i proj-dev:tester")),
    with_env(
        AWS,
        row(
            "a secret is passed by name",
            "[dev]\naws_env=no\nenvironment=-e K=$AWS_SECRET_ACCESS_KEY -e AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY}",
            &["dev"],
            "--rm -i -e K -e AWS_SECRET_ACCESS_KEY proj-dev:tester",
        ),
    ),
    with_env(
        AWS,
        row(
            "a secret in the section of env is passed by name",
            "[dev]\naws_env=no\nenv=vars\n[vars]\nK=$AWS_SECRET_ACCESS_KEY",
            &["dev"],
            "--rm -i -e K proj-dev:tester",
        ),
    ),
    with_env(
        DOCKED,
        row(
            "docked twins",
            "[dev]\nvolumes=-v /a:/a\nvolumes_docked=-v /b:/b\nports=-p 1:1\ncmd=x\ncmd_docked=y",
            &["dev"],
            "--rm -i -v /b:/b -p 1:1 proj-dev:tester y",
        ),
    ),
    row(
        "docked twins are ignored while not docked",
        "[dev]\nvolumes=-v /a:/a\nvolumes_docked=-v /b:/b",
        &["dev"],
        "--rm -i -v /a:/a proj-dev:tester",
    ),
    with_env(
        &[("LOGNAME", "DOM\\jane"), ("USER", "x")],
        row(
            "a user name with characters that a tag cannot contain",
            "",
            &["dev"],
            "--rm -i proj-dev:DOM-jane",
        ),
    ),
];
