//! The settings of the command line, without any configuration.

use super::{Row, row};

pub(super) const ROWS: &[Row] = &[
    row("nothing configured", "", &["dev"], "--rm -i proj-dev:tester"),
    row("keep", "", &["dev", "-k"], "-d proj-dev:tester"),
    row(
        "keep, although args remove",
        "[dev]\nargs=--rm --label x",
        &["dev", "-k"],
        "-d --label x proj-dev:tester",
    ),
    row(
        "keep, although -a removes",
        "",
        &["dev", "-k", "-a", "--rm=true --label --rm"],
        "-d --label --rm proj-dev:tester",
    ),
    row("keep, long", "", &["dev", "--keep"], "-d proj-dev:tester"),
    row("a command", "", &["dev", "-c", "ls -l '/a b'"], "--rm -i proj-dev:tester ls -l '/a b'"),
    row("a command, long", "", &["dev", "--command", "ls"], "--rm -i proj-dev:tester ls"),
    row("a command that begins with a dash", "", &["dev", "-c", "-x"], "--rm -i proj-dev:tester -x"),
    row(
        "nothing is replaced in a command",
        "",
        &["dev", "-c", "echo '$HOME' {user} ~/x"],
        "--rm -i proj-dev:tester echo '$HOME' '{user}' '~/x'",
    ),
    row(
        "a number sign in a command",
        "",
        &["dev", "-c", "echo a #b '#c'"],
        "--rm -i proj-dev:tester echo a '#b' '#c'",
    ),
    row(
        "a number sign in further flags",
        "",
        &["dev", "-a", "--label #a --label b"],
        "--rm -i --label '#a' --label b proj-dev:tester",
    ),
    row(
        "a command, word by word",
        "",
        &["dev", "--", "sh", "-c", "echo $HOME"],
        "--rm -i proj-dev:tester sh -c 'echo $HOME'",
    ),
    row("another name with its tag", "", &["dev", "-i", "mine:1"], "--rm -i mine:1"),
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
];
