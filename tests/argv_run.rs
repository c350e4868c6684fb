//! The exact arguments that `run-image` gives docker, over configuration, flags and environment.

use std::collections::BTreeSet;

use dockerutils_testkit::Project;

/// One row: a configuration, the arguments, the environment, and what docker gets, in shell words.
struct Row {
    title: &'static str,
    cfg: &'static str,
    args: &'static [&'static str],
    env: &'static [(&'static str, &'static str)],
    docker: &'static str,
}

const fn row(
    title: &'static str,
    cfg: &'static str,
    args: &'static [&'static str],
    docker: &'static str,
) -> Row {
    Row { title, cfg, args, env: &[], docker }
}

const fn with_env(env: &'static [(&'static str, &'static str)], mut row: Row) -> Row {
    row.env = env;
    row
}

const DOCKED: &[(&str, &str)] = &[("DOCKER_HOST", "unix:///nowhere.sock"), ("DOCKER_IP", "10.0.0.1")];
const AWS: &[(&str, &str)] =
    &[("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "hush"), ("AWS_REGION", "")];

const ROWS: &[Row] = &[
    // What stands there without any configuration.
    row("nothing configured", "", &["dev"], "--rm -i proj-dev:tester"),
    row("keep", "", &["dev", "-k"], "-d proj-dev:tester"),
    row("keep, long", "", &["dev", "--keep"], "-d proj-dev:tester"),
    row("a command", "", &["dev", "-c", "ls -l '/a b'"], "--rm -i proj-dev:tester ls -l '/a b'"),
    row("a command, long", "", &["dev", "--command", "ls"], "--rm -i proj-dev:tester ls"),
    row("a command that begins with a dash", "", &["dev", "-c", "-x"], "--rm -i proj-dev:tester -x"),
    row(
        "a command is not replaced in",
        "",
        &["dev", "-c", "echo '$HOME' {user} ~/x"],
        "--rm -i proj-dev:tester echo '$HOME' '{user}' '~/x'",
    ),
    row("an empty command", "", &["dev", "-c", ""], "--rm -i proj-dev:tester"),
    row("a network", "", &["dev", "-n", "host"], "--rm -i --network host proj-dev:tester"),
    row("a network, long", "", &["dev", "--network", "host"], "--rm -i --network host proj-dev:tester"),
    row("a variable", "", &["dev", "-e", "A=b=c d"], "--rm -i -e 'A=b=c d' proj-dev:tester"),
    row("variables", "", &["dev", "-e", "A=1", "--env", "B"], "--rm -i -e A=1 -e B proj-dev:tester"),
    row(
        "further flags",
        "",
        &["dev", "-a", "--shm-size 1g -v '/a b:/c'"],
        "--rm -i --shm-size 1g -v '/a b:/c' proj-dev:tester",
    ),
    row("further flags, long", "", &["dev", "--args", "-p 1:1"], "--rm -i -p 1:1 proj-dev:tester"),
    row("another name", "", &["dev", "-i", "mine"], "--rm -i mine:tester"),
    row("another name, old spelling", "", &["dev", "--image_name", "mine"], "--rm -i mine:tester"),
    row("another tag", "", &["dev", "-t", "x"], "--rm -i proj-dev:x"),
    row("another tag, old spelling", "", &["dev", "--image_tag", "x"], "--rm -i proj-dev:x"),
    row("another tag, new spelling", "", &["dev", "--image-tag", "x"], "--rm -i proj-dev:x"),
    // GPUs.
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
    row("configured gpus wait for -g", "[dev]\ngpu=--gpus 1 -e X=gpu", &["dev"], "--rm -i proj-dev:tester"),
    row(
        "configured gpus with -g",
        "[dev]\ngpu=--gpus 1 -e X=gpu",
        &["-g", "dev"],
        "--rm -i --gpus 1 -e X=gpu proj-dev:tester",
    ),
    row(
        "the command line's gpus win",
        "[dev]\ngpu=--gpus 1",
        &["-g", "--gpus", "3", "dev"],
        "--rm -i --gpus '\"device=3\"' proj-dev:tester",
    ),
    row(
        "and leave what else the key says",
        "[dev]\ngpu=--gpus all -e X=gpu --device nvidia.com/gpu=all --device /dev/x",
        &["--gpus", "3", "dev"],
        "--rm -i -e X=gpu --device /dev/x --gpus '\"device=3\"' proj-dev:tester",
    ),
    row("gpus always", "[dev]\ngpu=--gpus 1\ngpu_always=True", &["dev"], "--rm -i --gpus 1 proj-dev:tester"),
    // The keys.
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
        "[dev]\nenv=vars\n[vars]\nA=1\nB=two words\nC='$HOME' {project}\nd=",
        &["dev"],
        "--rm -i -e A=1 -e 'B=two words' -e 'C=$HOME proj' -e d= proj-dev:tester",
    ),
    row("network", "[dev]\nnetwork={project}-net", &["dev"], "--rm -i --network proj-net proj-dev:tester"),
    row(
        "the command line's network wins",
        "[dev]\nnetwork=a",
        &["-n", "b", "dev"],
        "--rm -i --network b proj-dev:tester",
    ),
    row("interactive -d", "[dev]\ninteractive=-d", &["dev"], "--rm -d proj-dev:tester"),
    row("interactive -it without a terminal", "[dev]\ninteractive=-it", &["dev"], "--rm -i proj-dev:tester"),
    row("interactive, nothing", "[dev]\ninteractive=", &["dev"], "--rm proj-dev:tester"),
    row("keep wins over interactive", "[dev]\ninteractive=-it", &["-k", "dev"], "-d proj-dev:tester"),
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
        "the command line's command wins",
        "[dev]\ncmd=a b",
        &["dev", "-c", "c"],
        "--rm -i proj-dev:tester c",
    ),
    row(
        "the command line's variable comes last",
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
        "[dev]\nargs=${NOT_SET:---cpus 2} x${NOT_SET:-y}",
        &["dev"],
        "--rm -i --cpus 2 xy proj-dev:tester",
    ),
    row(
        "a dollar",
        "[dev]\ncmd=sh -c 'echo $HOME' $$X",
        &["dev"],
        "--rm -i proj-dev:tester sh -c 'echo $HOME' '$X'",
    ),
    row(
        "percent is ordinary",
        "[dev]\ncmd=date +%Y %(x)s",
        &["dev"],
        "--rm -i proj-dev:tester date +%Y '%(x)s'",
    ),
    // Images of other kinds.
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
    // The environment.
    with_env(
        &[("EXTRA", "--cpus 2 --memory 1g")],
        row(
            "a bare variable is split",
            "[dev]\nargs=$EXTRA",
            &["dev"],
            "--rm -i --cpus 2 --memory 1g proj-dev:tester",
        ),
    ),
    with_env(
        &[("EXTRA", "a b {user} $HOME")],
        row(
            "a quoted one is not",
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
            "a secret goes by its name",
            "[dev]\naws_env=no\nenvironment=-e K=$AWS_SECRET_ACCESS_KEY -e AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY}",
            &["dev"],
            "--rm -i -e K -e AWS_SECRET_ACCESS_KEY proj-dev:tester",
        ),
    ),
    with_env(
        AWS,
        row(
            "a secret of another section too",
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
        "no twins at home",
        "[dev]\nvolumes=-v /a:/a\nvolumes_docked=-v /b:/b",
        &["dev"],
        "--rm -i -v /a:/a proj-dev:tester",
    ),
    with_env(
        &[("LOGNAME", "DOM\\jane"), ("USER", "x")],
        row("an odd user", "", &["dev"], "--rm -i proj-dev:DOM-jane"),
    ),
];

#[test]
fn docker_gets_exactly_this() {
    for row in ROWS {
        let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(row.cfg);
        let mut invocation = project.command("run-image").args(row.args);
        for (name, value) in row.env {
            invocation = invocation.env(*name, *value);
        }
        let outcome = invocation.run();
        outcome.status(0).stdout_is("");
        let root = project.root().to_str().expect("text");
        let home = project.home().to_str().expect("text");
        let expected: Vec<String> = shlex::split(row.docker)
            .expect("shell words")
            .iter()
            .map(|word| word.replace("ROOT", root).replace("HOME/", &format!("{home}/")))
            .collect();
        let [call] = outcome.calls.as_slice() else {
            panic!("{}: one call, not {:?}", row.title, outcome.calls)
        };
        assert_eq!(call[..3], ["run", "--init", "--name"], "{}", row.title);
        assert_eq!(call[4..], expected, "{}", row.title);
    }
    assert!(ROWS.len() >= 60, "the table has {} rows", ROWS.len());
}

#[test]
fn a_container_is_called_after_user_image_and_time() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let outcome = project.command("run-image").arg("dev").run();
    let name = &outcome.calls[0][3];
    let time = name.strip_prefix("tester_dev_").unwrap_or_else(|| panic!("{name}"));
    assert!(chrono::NaiveDateTime::parse_from_str(time, "%y-%m-%d_%H.%M.%S%.9f").is_ok(), "{name}");
}

#[test]
fn containers_of_one_second_have_different_names() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let runs: Vec<_> = (0..20).map(|_| project.command("run-image").arg("dev").spawn()).collect();
    let names: BTreeSet<String> = runs.into_iter().map(|run| run.wait().calls[0][3].clone()).collect();
    assert_eq!(names.len(), 20, "{names:?}");
}

#[test]
fn files_in_a_bind_mount_are_the_callers() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg("[dev]\nuser=host\n");
    let outcome = project.command("run-image").arg("dev").run();
    let user = format!("{}:{}", nix::unistd::getuid(), nix::unistd::getgid());
    assert_eq!(outcome.calls[0][4..], ["--rm", "-i", "--user", &user, "proj-dev:tester"]);
}

#[test]
fn a_terminal_gets_a_terminal() {
    for (cfg, flags) in [("", "-it"), ("[dev]\ninteractive=-it\n", "-it"), ("[dev]\ninteractive=-d\n", "-d")]
    {
        let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(cfg);
        let outcome = project.command("run-image").arg("dev").spawn_in_terminal().wait();
        outcome.status(0);
        assert_eq!(outcome.calls[0][5], flags, "{cfg}");
    }
}
