//! Scripts before and after a build that cannot be run as they are written.

use dockerutils_testkit::Project;

#[test]
fn shell_syntax_in_a_script_is_an_error_with_the_remedy() {
    for (script, word) in [
        ("make a && make b", "&&"),
        ("make >log 2>&1", ">log"),
        ("make | tee log", "|"),
        ("cd x; make", "cd"),
        ("make x; make y", "x;"),
        ("cd x", "cd"),
        ("A=1 make", "A=1"),
        ("echo $(pwd)", "$(pwd)"),
        ("source env.sh", "source"),
        ("rm -f dist/*.whl", "dist/*.whl"),
        ("rm log.?", "log.?"),
    ] {
        for key in ["pre_build_script", "post_build_script"] {
            let project =
                Project::new().dockerfile("dev", "FROM scratch\n").cfg(format!("[dev]\n{key}={script}\n"));
            let outcome = project.command("build-image").arg("dev").run();
            outcome.status(1).calls_are(&[]).stderr_has(&format!(
                "build-image: docker/dockerutils.cfg:2: `{key}`: `{word}` is shell syntax, and no shell runs this: write {key}=sh -c "
            ));
        }
    }
    let project =
        Project::new().dockerfile("dev", "FROM scratch\n").cfg("[dev]\npre_build_script=make a && make b\n");
    let outcome = project.command("build-image").arg("dev").run();
    outcome.stderr_has(": write pre_build_script=sh -c 'make a && make b'\n");
}

#[test]
fn shell_syntax_in_quotes_is_an_argument() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(
        "[dev]\npre_build_script=printf '%s ' '&&' \"a | b\" \\; http://x/?a=1&b=2 '*' \\*.whl .[dev]\n",
    );
    project.command("build-image").arg("dev").run().status(0);
}

#[test]
fn a_script_that_cannot_be_started_is_named_with_the_reason() {
    let project = Project::new()
        .dockerfile("dev", "FROM scratch\n")
        .file("plain", "#!/bin/sh\n")
        .executable("lost", "#!/no/such/sh -e\n")
        .executable("dos", "#!/bin/sh\r\ntrue\r\n")
        .file("folder/x", "");
    for (script, reason) in [
        ("./missing", "`./missing` does not exist"),
        ("docker/dev/missing", "`docker/dev/missing` does not exist"),
        ("./plain", "`./plain` is not executable: chmod +x ./plain"),
        ("./folder", "`./folder` is a folder"),
        ("./lost", "`./lost` is a script for `/no/such/sh`, which does not exist"),
        ("./dos", "`./dos` has lines that end in CR LF, so its first line names no program: remove each CR"),
        ("no-such-program", "`no-such-program` is not installed: there is no such program on PATH"),
    ] {
        let project = project.clone().cfg(format!("[dev]\npre_build_script={script}\n"));
        let outcome = project.command("build-image").arg("dev").run();
        outcome.status(1).calls_are(&[]);
        outcome.stderr_has(&format!("build-image: docker/dockerutils.cfg:2: `pre_build_script` {reason}\n"));
    }
}
