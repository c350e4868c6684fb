//! `run-image`: exit status, streams, variables, `-k`, `-g`.

use std::fs;

use dockerutils_testbed::engines;

use super::{containers, project, run};

#[test]
#[ignore = "needs root: private engine"]
fn the_exit_status_is_that_of_docker() {
    for engine in engines() {
        let project = project("status", "");
        for (args, status) in [
            (&["-c", "true"][..], 0),
            (&["-c", "sh -c 'exit 7'"], 7),
            (&["-c", "sh -c 'kill -9 $$'"], 137),
            (&["-a", "--no-such-flag"], 125),
            (&["-n", "no-such-network"], 125),
            (&["-c", "/etc"], 126),
            (&["-c", "no-such-program"], 127),
        ] {
            run(&project, engine, &[&["status"], args].concat()).run().status(status);
        }
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn standard_input_reaches_the_container_unchanged() {
    for engine in engines() {
        let text = "first\n\0second without an end";
        let outcome = run(&project("piped", ""), engine, &["piped", "-c", "cat"]).stdin(text).run();
        outcome.status(0).stdout_is(text);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn standard_output_contains_only_the_containers_output() {
    for engine in engines() {
        let project = project("clean", "").file("x", "the text of x\n");
        let line =
            r#""$0" clean -a "--volume=\"$(pwd)\":/project" -c 'sh -c "echo noise >&2; cat /project/x"' > y"#;
        let redirect = project.program("sh").args(["-c", line, env!("CARGO_BIN_EXE_run-image")]);
        redirect.uses(engine).run().status(0).stdout_is("").stderr_has("noise");
        assert_eq!(fs::read_to_string(project.root().join("y")).unwrap(), "the text of x\n");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn variables_of_the_command_line_take_precedence() {
    for engine in engines() {
        let keys = "environment=-e A=config -e \"B=two words\" -e C=$HOME\nenv=more\n\
                    cmd=sh -c 'for name in A B C D E; do eval echo \"\\$$name\"; done'\n[more]\nD=d\nE=e";
        let project = project("variables", keys);
        let home = project.home().display();
        run(&project, engine, &["variables"]).run().stdout_is(&format!("config\ntwo words\n{home}\nd\ne\n"));
        let outcome = run(&project, engine, &["variables", "-e", "A=x=y", "-e", "D=", "-e", "E"])
            .env("E", "mine")
            .run();
        outcome.status(0).stdout_is(&format!("x=y\ntwo words\n{home}\n\nmine\n"));
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn the_container_has_an_init_and_is_removed() {
    for engine in engines() {
        run(&project("init", ""), engine, &["init", "-c", "cat /proc/1/comm"])
            .run()
            .stdout_is("docker-init\n");
        assert!(containers(engine, "init").is_empty());
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_kept_container_runs_in_the_background_and_is_not_removed() {
    for engine in engines() {
        let outcome = run(&project("kept", "cmd=sh -c 'echo done; exit 3'"), engine, &["-k", "kept"]).run();
        let id = outcome.status(0).stdout.trim_end();
        assert_eq!(engine.docker(&["wait", id]), "3");
        assert_eq!(engine.docker(&["logs", id]), "done");
        assert_eq!(containers(engine, "kept").len(), 1);
        engine.docker(&["rm", id]);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn gpus_are_requested_from_the_runtime() {
    for engine in engines() {
        let project = project("gpu", "cmd=sleep 1000");
        for (flags, devices) in [(&["-g"][..], "all"), (&["-g", "--gpus", "2,4,7"], "2,4,7")] {
            let outcome = run(&project, engine, &[&["gpu", "-k"], flags].concat()).run();
            let id = outcome.status(0).stdout.trim_end();
            assert_eq!(engine.docker(&["inspect", "--format", "{{.HostConfig.Runtime}}", id]), "nvidia");
            assert_eq!(engine.docker(&["exec", id, "sh", "-c", "echo $NVIDIA_VISIBLE_DEVICES"]), devices);
            engine.docker(&["rm", "-f", id]);
        }
    }
}
