//! Secrets are not part of arguments or echoes; docker gets them in its environment.

mod renames;

use dockerutils_testkit::Project;

const SECRETS: &[(&str, &str)] = &[
    ("AWS_SECRET_ACCESS_KEY", "hush-1"),
    ("AWS_SESSION_TOKEN", "hush-2"),
    ("AWS_SECURITY_TOKEN", "hush-3"),
    ("API_TOKEN", "hush-4"),
];

#[test]
fn secrets_are_not_in_the_echo_or_in_dockers_command_line() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(
        "[dev]\nenvironment=-e API_TOKEN=$API_TOKEN -e OTHER=${API_TOKEN} --env=THIRD=$API_TOKEN\nenv=vars\n\
         build_args=--build-arg TOKEN=$API_TOKEN --build-arg=AGAIN=$API_TOKEN\n[vars]\nFOURTH=$API_TOKEN\n",
    );
    for command in ["run-image", "build-image"] {
        // The recording docker prints its own command line, as every user of the machine can read it.
        let mut invocation =
            project.command(command).arg("dev").docker_runs("tr '\\0' ' ' </proc/$$/cmdline");
        for (name, value) in SECRETS {
            invocation = invocation.env(*name, *value);
        }
        let outcome = invocation.run();
        outcome.status(0).stderr_lacks("hush");
        outcome.check(outcome.stdout.contains("proj-dev:tester"), || {
            "the command line is not printed".to_owned()
        });
        outcome.check(!outcome.stdout.contains("hush"), || "a secret is in the command line".to_owned());
        outcome.check(!outcome.calls[0].iter().any(|arg| arg.contains("hush")), || {
            "a secret is in an argument".to_owned()
        });
        let names: &[&str] =
            if command == "run-image" { &["OTHER", "THIRD", "FOURTH"] } else { &["TOKEN", "AGAIN"] };
        for name in names {
            assert_eq!(
                outcome.records[0].var(name).and_then(|value| value.to_str()),
                Some("hush-4"),
                "{name}"
            );
        }
    }
}

#[test]
fn the_echo_names_the_variable_of_a_secret() {
    let project =
        Project::new().dockerfile("dev", "FROM scratch\n").cfg("[dev]\nenvironment=-e OTHER=$API_TOKEN\n");
    let outcome = project.command("run-image").args(["dev", "-t", "x"]).env("API_TOKEN", "hush").run();
    let echoed = outcome.echoed();
    let echo = &echoed[0];
    assert!(
        echo.starts_with("OTHER=\"$API_TOKEN\" docker run ")
            && echo.ends_with(" -e OTHER --pull never proj-dev:x"),
        "{echo}"
    );
}

/// A project whose image `dev` has this section.
fn project(section: &str) -> Project {
    Project::new().dockerfile("dev", "FROM scratch\n").cfg(format!("[dev]\naws_env=False\n{section}\n"))
}

/// Runs a command with variables, and asserts what docker gets: an argument, and variables; and that a paste is the same.
#[track_caller]
fn assert_passed(section: &str, env: &[(&str, &str)], args: &[&str], vars: &[(&str, &str)]) {
    let project = project(section);
    let mut invocation = project.command("run-image").arg("dev");
    let mut bash = project.program("bash");
    for (name, value) in env {
        (invocation, bash) = (invocation.env(*name, *value), bash.env(*name, *value));
    }
    let outcome = invocation.run();
    outcome
        .status(0)
        .stderr_lacks("hush")
        .check(outcome.calls[0].windows(args.len()).any(|part| part == args), || {
            format!("docker does not get {args:?}")
        });
    // After the command, the same shell prints the variables that it would have changed.
    let names: String = vars.iter().map(|(name, _)| format!(" \"${name}\"")).collect();
    let print = format!("printf '%s|'{names}");
    let script = format!("{print} >&2; {}; {print} >&2", outcome.echoed()[0]);
    let pasted = bash.args(["-c", &script]).run();
    pasted
        .status(0)
        .check(pasted.calls == outcome.calls, || "pasted, docker gets other arguments".to_owned());
    let (before, after) = pasted.stderr.split_at(pasted.stderr.len() / 2);
    assert_eq!(before, after, "the terminal is changed");
    for record in [&outcome.records[0], &pasted.records[0]] {
        for (name, value) in vars {
            assert_eq!(record.var(name).and_then(|value| value.to_str()), Some(*value), "{name}");
        }
    }
}

#[test]
fn a_variable_is_passed_by_name_if_it_has_the_same_name_or_a_name_of_a_secret() {
    let key = ("OPENAI_API_KEY", "hush");
    assert_passed("environment=-e OPENAI_API_KEY=$OPENAI_API_KEY", &[key], &["-e", "OPENAI_API_KEY"], &[key]);
    assert_passed(
        "environment=-e DB_PASSWORD=$PGPASS",
        &[("PGPASS", "hush")],
        &["-e", "DB_PASSWORD"],
        &[("DB_PASSWORD", "hush")],
    );
    assert_passed(
        "args=--env=KEY=$GITHUB_PAT",
        &[("GITHUB_PAT", "hush")],
        &["--env=KEY"],
        &[("KEY", "hush")],
    );
    assert_passed(
        "args=-ie PGPASSWORD=$X",
        &[("X", "hush")],
        &["-ie", "PGPASSWORD"],
        &[("PGPASSWORD", "hush")],
    );
    assert_passed(
        "environment=-e EDITOR=${EDITOR}",
        &[("EDITOR", "vi")],
        &["-e", "EDITOR"],
        &[("EDITOR", "vi")],
    );
    assert_passed(
        "environment=-e URL=$DB",
        &[("DB", "postgres://u:hush@h/d")],
        &["-e", "URL"],
        &[("URL", "postgres://u:hush@h/d")],
    );
    assert_passed(
        "environment=-e URL=postgres://app:$DB_PASSWORD@db/app",
        &[("DB_PASSWORD", "hush")],
        &["-e", "URL"],
        &[("URL", "postgres://app:hush@db/app")],
    );
}

#[test]
fn a_default_is_kept() {
    let section = "environment=-e TOKEN=${TOKEN:-default}";
    assert_passed(section, &[], &["-e", "TOKEN"], &[("TOKEN", "default")]);
    assert_passed(section, &[("TOKEN", "")], &["-e", "TOKEN"], &[("TOKEN", "default")]);
    assert_passed(section, &[("TOKEN", "hush")], &["-e", "TOKEN"], &[("TOKEN", "hush")]);
    assert_passed("environment=-e LEVEL=${LEVEL:-info}", &[], &["-e", "LEVEL=info"], &[]);
}

#[test]
fn a_literal_secret_is_passed_by_name_and_not_printed() {
    for (section, args) in [
        ("environment=-e TOKEN=hush", &[][..]),
        ("env=vars\n[vars]\nTOKEN=hush", &[]),
        ("", &["-e", "TOKEN=hush"]),
        ("", &["-a", "--env=TOKEN=hush"]),
    ] {
        let project = project(section);
        let outcome = project.command("run-image").arg("dev").args(args).run();
        outcome.status(0).stderr_lacks("hush");
        let is_hidden = !outcome.calls[0].iter().any(|word| word.contains("hush"));
        outcome.check(is_hidden, || "it is in an argument".to_owned());
        assert_eq!(outcome.records[0].var("TOKEN").and_then(|value| value.to_str()), Some("hush"));
        // Without the secret the echo runs nothing; with it, the same.
        let paste =
            |set: &str| project.program("bash").args(["-c", &format!("{set}{}", outcome.echoed()[0])]).run();
        paste("").calls_are(&[]).stderr_has("TOKEN: is not printed, set it first");
        assert_eq!(paste("TOKEN=x; ").calls, outcome.calls);
    }
}

#[test]
fn what_is_no_secret_is_passed_as_it_is_written() {
    let env =
        [("GOOGLE_APPLICATION_CREDENTIALS", "/my/creds.json"), ("MAX_TOKENS", "9"), ("TOKEN_FILE", "/t")];
    for (section, words) in [
        (
            "volumes=-v $GOOGLE_APPLICATION_CREDENTIALS:/creds.json:ro",
            &["-v", "/my/creds.json:/creds.json:ro"][..],
        ),
        ("args=-itv$GOOGLE_APPLICATION_CREDENTIALS:/c", &["-itv/my/creds.json:/c"]),
        (
            "volumes=--mount type=bind,src=$GOOGLE_APPLICATION_CREDENTIALS,dst=/c",
            &["--mount", "type=bind,src=/my/creds.json,dst=/c"],
        ),
        ("args=--env-file $GOOGLE_APPLICATION_CREDENTIALS", &["--env-file", "/my/creds.json"]),
        ("cmd=train.py --creds $GOOGLE_APPLICATION_CREDENTIALS", &["train.py", "--creds", "/my/creds.json"]),
        ("args=--label creds=$GOOGLE_APPLICATION_CREDENTIALS", &["--label", "creds=/my/creds.json"]),
        ("cmd=train.py --max-tokens $MAX_TOKENS $TOKEN_FILE", &["train.py", "--max-tokens", "9", "/t"]),
        ("cmd=sh -e HOME=$MAX_TOKENS", &["sh", "-e", "HOME=9"]),
        ("not_secret=API_TOKEN\ncmd=run $API_TOKEN", &["run", "shown"]),
        ("not_secret=API_TOKEN X\nnetwork=$API_TOKEN", &["--network", "shown"]),
        ("not_secret=X_TOKEN\nenvironment=-e X_TOKEN=y", &["-e", "X_TOKEN=y"]),
        ("not_secret=http.auth\nenvironment=-e http.auth=no", &["-e", "http.auth=no"]),
        ("environment=-e discovery.type=one", &["-e", "discovery.type=one"]),
    ] {
        let project = project(section);
        let mut invocation = project.command("run-image").arg("dev").env("API_TOKEN", "shown");
        for (name, value) in env {
            invocation = invocation.env(name, value);
        }
        let outcome = invocation.run();
        outcome.status(0).check(outcome.calls[0].windows(words.len()).any(|part| part == words), || {
            format!("docker does not get {words:?}")
        });
    }
}

#[test]
fn a_secret_that_docker_cannot_take_by_name_is_refused_with_a_remedy() {
    for (section, remedy) in [
        ("cmd=run $API_TOKEN", "pass it by name with `environment=-e API_TOKEN`"),
        ("args=--label x=$API_TOKEN", "pass it by name with `environment=-e API_TOKEN`"),
        ("environment=-e my.key=$API_TOKEN", "pass it by name with `environment=-e API_TOKEN`"),
        ("environment=-e A${API_TOKEN}=x", "pass it by name with `environment=-e API_TOKEN`"),
        ("environment=-e ${API_TOKEN}=x", "pass it by name with `environment=-e API_TOKEN`"),
        ("args=--env=A_$API_TOKEN", "pass it by name with `environment=-e API_TOKEN`"),
        ("network=$API_TOKEN", "use another variable"),
        ("tag=$API_TOKEN", "use another variable"),
        ("name=$API_TOKEN", "use another variable"),
    ] {
        let outcome = project(section).command("run-image").arg("dev").env("API_TOKEN", "hush").run();
        outcome
            .status(1)
            .calls_are(&[])
            .stderr_lacks("hush")
            .stderr_has("run-image: docker/dockerutils.cfg:3: `");
        outcome.stderr_has(remedy).stderr_has("write `not_secret=API_TOKEN`");
    }
    for (section, args) in [
        ("environment=-e db.password=hush", &[][..]),
        ("env=vars\n[vars]\nnpm-token=hush", &[]),
        ("", &["-e", "db.password=hush"]),
    ] {
        let outcome = project(section).command("run-image").arg("dev").args(args).run();
        outcome.calls_are(&[]).stderr_lacks("hush").stderr_has("pass that with `--env-file FILE`");
    }
    for (section, remedy) in [
        ("build_args=--label x=$API_TOKEN", "`build_args=--secret id=API_TOKEN,env=API_TOKEN`"),
        ("build_args=--build-arg A${API_TOKEN}=x", "`build_args=--secret id=API_TOKEN,env=API_TOKEN`"),
        ("pre_build_script=login $API_TOKEN", "the script inherits the variable"),
        ("pre_build_script=$API_TOKEN login", "use another variable"),
    ] {
        let outcome = project(section).command("build-image").arg("dev").env("API_TOKEN", "hush").run();
        outcome.status(1).calls_are(&[]).stderr_lacks("hush").stderr_has(remedy);
    }
    let ecr = "publication_tag=123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1\necr_tags=team=$API_TOKEN";
    for section in ["publication_tag=registry.example/x:$API_TOKEN", ecr] {
        let publish = project(section).command("publish-image").args(["dev", "--dry-run"]);
        let outcome = publish.env("API_TOKEN", "hush").run();
        outcome.status(1).calls_are(&[]).stderr_lacks("hush").stderr_has("use another variable");
    }
    let project = project("[run_image]\nworkspace=$API_TOKEN");
    project.command("register-dock").args(["192.0.2.1", "gpu", "--no-check"]).run().status(0);
    let sync = project.command("sync-up").args(["gpu", "--dry-run"]).env("API_TOKEN", "hush");
    sync.run().status(1).stderr_lacks("hush").stderr_has("use another variable");
}

#[test]
fn a_secret_build_argument_is_warned_of_once() {
    let project = Project::new().dockerfile("dev", "FROM scratch\n").dockerfile("other", "FROM scratch\n").cfg(
        "[dev]\nbuild_args=--build-arg NPM_TOKEN=$NPM_TOKEN --build-arg HTTP_PROXY=$HTTP_PROXY --build-arg A=1\n\
         [other]\nbuild_args=--build-arg NPM_TOKEN\n",
    );
    let build = |args: &[&str]| {
        let invocation = project.command("build-image").args(args.iter().copied());
        invocation.env("NPM_TOKEN", "hush").env("HTTP_PROXY", "http://u:hush@proxy:1").run()
    };
    let outcome = build(&["dev", "other"]);
    outcome.status(0).stderr_lacks("hush").stderr_has(
        "build-image: warning: the value of --build-arg NPM_TOKEN stays in the image, where `docker history` shows it: use \
         `--secret id=NPM_TOKEN,env=NPM_TOKEN`",
    );
    assert_eq!(outcome.stderr.matches("docker history").count(), 1);
    let outcome = build(&["dev", "--", "--build-arg", "PIP_PASSWORD=hush"]);
    outcome.status(0).stderr_lacks("hush").stderr_has("--build-arg NPM_TOKEN, PIP_PASSWORD stays");
    assert!(!outcome.calls[0].iter().any(|word| word.contains("hush")));
}
