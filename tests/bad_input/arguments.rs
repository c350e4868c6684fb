//! The arguments of a command.

use super::{project, refused};

#[test]
fn wrong_arguments_are_refused() {
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
    for flags in [&["-it"][..], &["-ti"], &["-k", "-it", "--", "sh"]] {
        refused(
            run(&[&["dev"], flags].concat()),
            2,
            &format!(
                "run-image: a terminal is attached by itself: leave `{}` out (`--image-name t` and `--image-tag i` mean that image \
                 and that tag)",
                flags.iter().find(|flag| flag.len() == 3).unwrap()
            ),
        );
    }
    for flags in [&["-p", "80:80"][..], &["--rm"], &["-v", "a:b"]] {
        let message = format!(
            "run-image: unexpected argument '{}' found; tip: a flag of `docker run` goes behind -a, as in -a '-p 8080:80' (see --help)",
            flags[0]
        );
        refused(run(&[&["dev"], flags].concat()), 2, &message);
    }
    refused(
        build(&["--no-cache", "dev"]),
        2,
        "build-image: unexpected argument '--no-cache' found; tip: a flag of `docker build` goes behind --, as in build-image IMAGE \
         -- --no-cache (see --help)",
    );
    refused(
        project.command("run-notebook").args(["--port", "abc"]),
        2,
        "run-notebook: invalid value 'abc' for '--port <PORT>': write a number from 1 to 65535 (see --help)",
    );
    refused(
        run(&["dev", "-e", "A=1", "extra"]),
        2,
        "run-image: unexpected argument 'extra' found; tip: write COMMAND after `--` (see --help)",
    );
    refused(run(&["dev", "-c", "'x"]), 2, "run-image: -c: a quote in `'x` is never closed");
    refused(run(&["dev", "-a", "\"x"]), 2, "run-image: -a: a quote in `\"x` is never closed");
    refused(
        run(&["dev", "-a", "--rm x"]),
        2,
        "run-image: -a: `x` is not a flag, and docker would take it for the image",
    );
    refused(
        run(&["dev", "-a", "--label"]),
        2,
        "run-image: -a: `--label` has no value, and docker would take the next word for it: write `--label VALUE`",
    );
    refused(
        run(&["dev", "-a", "-v ~/x:/x"]),
        1,
        "run-image: no shell replaces the `~` in `~/x`: write \"$HOME\" or the whole path",
    );
    for (words, word) in [
        (&["dev", "--", "."][..], "."),
        (&["dev", "--", "--no-cache", "-"], "-"),
        (&["dev", "--", "--", "x"], "--"),
    ] {
        let message = format!(
            "build-image: after `--`: `{word}` is not a flag, and docker would take it for the context: leave `{word}` out, because the \
             context is always the project's root"
        );
        refused(build(words), 2, &message);
    }
    refused(
        build(&["dev", "--", "--target"]),
        2,
        "build-image: after `--`: `--target` has no value, and docker would take the next word for it: write `--target VALUE`",
    );
    refused(
        run(&["dev", "--gpus", "1,,2"]),
        2,
        "run-image: invalid value '1,,2' for '--gpus <LIST>': `` is not the index or UUID of a GPU: expected for example 0,1 (see --help)",
    );
    refused(
        project.command("ls-dock").args(&["--timeout", "0"]),
        2,
        "ls-dock: invalid value '0' for '--timeout <SECONDS>': `0` is not a valid timeout: write a number of seconds from 1 to 3600 (see --help)",
    );
    refused(
        build(&[]),
        2,
        "build-image: the following required arguments were not provided: <IMAGE>... (see --help)",
    );
    refused(build(&["all", "dev"]), 2, "build-image: `all` cannot be combined with other images");
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
