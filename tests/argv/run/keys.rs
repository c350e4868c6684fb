//! The keys of an image's section, and synthetic images.

use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row("name", "[dev]\nname=other", &["dev"], "--rm -i proj-other:tester"),
    row("tag", "[dev]\ntag=1.2", &["dev"], "--rm -i proj-dev:1.2"),
    row("tag from a placeholder", "[dev]\ntag={user}-x", &["dev"], "--rm -i proj-dev:tester-x"),
    row("a whole reference", "[dev]\nname=quay.io/a/b:c\nprefix=False", &["dev"], "--rm -i quay.io/a/b:c"),
    row("a whole reference and a tag", "[dev]\nname=a/b\nprefix=f\ntag=c", &["dev"], "--rm -i a/b:c"),
    row("a whole reference without a tag", "[dev]\nname=a/b\nprefix=no", &["dev"], "--rm -i a/b"),
    row(
        "volumes",
        "[dev]\nvolumes=-v {project_root}/src:/src --mount type=tmpfs,destination=/t",
        &["dev"],
        "--rm -i -v ROOT/src:/src --mount type=tmpfs,destination=/t proj-dev:tester",
    ),
    row(
        "volumes on two lines",
        "[dev]\nvolumes=-v /a:/a\n  -v /b:/b",
        &["dev"],
        "--rm -i -v /a:/a -v /b:/b proj-dev:tester",
    ),
    row(
        "ports",
        "[dev]\nports=-p 80:8080 -p 443:8443",
        &["dev"],
        "--rm -i -p 80:8080 -p 443:8443 proj-dev:tester",
    ),
    row(
        "environment",
        r#"[dev]
environment=-e "P=C:\\tools" -e 'Q=a#b;c'"#,
        &["dev"],
        r"--rm -i -e 'P=C:\tools' -e 'Q=a#b;c' proj-dev:tester",
    ),
    row(
        "env, another section",
        "[dev]\nenv=vars\n[vars]\nA=1\nB=two words\nC=$$HOME {project}\nd=",
        &["dev"],
        "--rm -i -e A=1 -e 'B=two words' -e 'C=$HOME proj' -e d= proj-dev:tester",
    ),
    row(
        "the values of env are whole",
        r#"[dev]
env=vars
[vars]
J={"k": "v", "n": {"a": 1}}
P=C:\new\table
Q=it's "so"
name=$(date) `date` {x} ${Y%z}"#,
        &["dev"],
        r#"--rm -i -e 'J={"k": "v", "n": {"a": 1}}' -e 'P=C:\new\table' -e "Q=it's \"so\"" -e 'name=$(date) `date` {x} ${Y%z}' proj-dev:tester"#,
    ),
    row("network", "[dev]\nnetwork={project}-net", &["dev"], "--rm -i --network proj-net proj-dev:tester"),
    row(
        "-n takes precedence over the key",
        "[dev]\nnetwork=a",
        &["-n", "b", "dev"],
        "--rm -i --network b proj-dev:tester",
    ),
    row("interactive -d", "[dev]\ninteractive=-d", &["dev"], "--rm -d proj-dev:tester"),
    row("interactive -it without a terminal", "[dev]\ninteractive=-it", &["dev"], "--rm -i proj-dev:tester"),
    row("interactive, nothing", "[dev]\ninteractive=", &["dev"], "--rm proj-dev:tester"),
    row(
        "-k takes precedence over interactive",
        "[dev]\ninteractive=-it",
        &["-k", "dev"],
        "-d proj-dev:tester",
    ),
    row(
        "args, and further ones",
        "[dev]\nargs=--shm-size 1g",
        &["dev", "-a", "--cpus 2"],
        "--rm -i --shm-size 1g --cpus 2 proj-dev:tester",
    ),
    row(
        "cmd",
        "[dev]\ncmd=sh -c \"printf '%s' x\"",
        &["dev"],
        "--rm -i proj-dev:tester sh -c \"printf '%s' x\"",
    ),
    row(
        "cmd with braces of its own",
        "[dev]\ncmd=awk '{print $1}' {} {user}",
        &["dev"],
        "--rm -i proj-dev:tester awk '{print $1}' '{}' tester",
    ),
    row(
        "-c takes precedence over the key",
        "[dev]\ncmd=a b",
        &["dev", "-c", "c"],
        "--rm -i proj-dev:tester c",
    ),
    row(
        "-e comes after the configured variables",
        "[dev]\nenvironment=-e A=1\nargs=-e A=2",
        &["dev", "-e", "A=3"],
        "--rm -i -e A=1 -e A=2 -e A=3 proj-dev:tester",
    ),
    row(
        "home and tilde",
        "[dev]\nvolumes=-v ~/a:/a -v {home}/b:/b -v $HOME/c:/c",
        &["dev"],
        "--rm -i -v HOME/a:/a -v HOME/b:/b -v HOME/c:/c proj-dev:tester",
    ),
    row(
        "image and tag",
        "[dev]\nargs=--label {image}:{tag}",
        &["dev"],
        "--rm -i --label proj-dev:tester proj-dev:tester",
    ),
    row(
        "a default",
        "[dev]\nargs=${NOT_SET:---cpus 2} --label x${NOT_SET:-y}",
        &["dev"],
        "--rm -i --cpus 2 --label xy proj-dev:tester",
    ),
    row(
        "other forms of variables",
        "[dev]\nargs=--label a${NOT_SET-b} --label c${HOME:+d} --label e${NOT_SET:+f} ${NOT_SET+--privileged}",
        &["dev"],
        "--rm -i --label ab --label cd --label e proj-dev:tester",
    ),
    row(
        "-n takes precedence over every network of the file",
        "[dev]\nnetwork=a\nargs=--network b --net=c --label --network",
        &["-n", "d", "dev"],
        "--rm -i --network d --label --network proj-dev:tester",
    ),
    row(
        "a path with a comma in --mount",
        "[dev]\nvolumes=--mount type=bind,source=/a,b/c,target=/x,readonly",
        &["dev"],
        "--rm -i --mount 'type=bind,\"source=/a,b/c\",target=/x,readonly' proj-dev:tester",
    ),
    row(
        "a dollar",
        "[dev]\ncmd=sh -c 'echo $HOME' $$X",
        &["dev"],
        "--rm -i proj-dev:tester sh -c 'echo $HOME' '$X'",
    ),
    row(
        "a percent sign is ordinary",
        "[dev]\ncmd=date +%Y %(x)s",
        &["dev"],
        "--rm -i proj-dev:tester date +%Y '%(x)s'",
    ),
    row(
        "a synthetic image",
        "[run_image]\nsynthetic_images = shell ,x\n[shell]\nname=dev\ncmd=bash\n[x]\nname=dev",
        &["shell"],
        "--rm -i proj-dev:tester bash",
    ),
    row(
        "a configuration-only image",
        "[run_image]\nsynthetic_images=nb\n[nb]\nname=jupyter/base-notebook\ntag=1\nprefix=False\nports=-p 8888:8888",
        &["nb"],
        "--rm -i -p 8888:8888 jupyter/base-notebook:1",
    ),
];
