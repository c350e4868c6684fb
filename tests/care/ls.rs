//! `ls-image`.

use super::{ID, container, docker_lists, image, name, project};

const NEW: &str = "2999-01-01 00:00:00";

#[test]
fn two_calls_list_the_images_and_their_containers() {
    let project = (0..200).fold(project(), |project, number| {
        project.dockerfile(&format!("i{number:03}"), "FROM proj-base:tester\n")
    });
    let (dev, ended) = (name("dev", 2), name("dev", 1));
    let listed = container(&dev, "proj-dev:tester", "Up 2 hours", "127.0.0.1:8888->80/tcp, [::1]:9->9/tcp")
        + &container("other", "other-dev:tester", "Up 1 hour", "")
        + &container(&ended, "proj-dev:tester", "Exited (3) 5 minutes ago", "");
    let images = image("proj-base", "tester", NEW) + &image("proj-dev", "tester", "2020-01-01 00:00:00");
    let invocation = docker_lists(&project, project.command("ls-image"), &listed, &images);
    let outcome = invocation.without_engine().run();
    outcome.status(0).check(outcome.calls.len() == 2, || "two calls".to_owned());
    let lines: Vec<Vec<&str>> =
        outcome.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines.len(), 1 + 204 + 1, "a header, the images, and a second container");
    assert_eq!(lines[0], ["IMAGE", "REFERENCE", "BUILT", "SIZE", "STATE", "CONTAINERS"]);
    assert_eq!(lines[1], ["base", "proj-base:tester", "0", "s", "ago", "1.98MB", "built"]);
    assert!(
        outcome
            .stdout
            .contains(&format!("outdated    {dev}: Up 2 hours http://127.0.0.1:8888 http://[::1]:9\n")),
        "{}",
        outcome.stdout
    );
    assert_eq!(lines[3].join(" "), format!("{ended}: Exited (3) 5 minutes ago"));
    assert_eq!(lines[4], ["i000", "proj-i000:tester", "not", "built"]);
    assert_eq!(lines[205], ["python", "python:3.12", "not", "pulled"]);
}

#[test]
fn q_prints_the_names_of_running_containers_and_nothing_else() {
    let project = project();
    let names = [name("dev", 3), name("dev", 2), name("base", 1)];
    let listed = container(&names[0], "proj-dev:tester", "Up 2 hours", "")
        + "[\"own\",\"own\",\"proj-dev:tester\",\"paused\",\"Up (Paused)\",\"\",\"2026-11-27 10:00:00 +0000 UTC\"]\n"
        + &container(&names[1], "proj-dev:tester", "Exited (0) 1 hour ago", "")
        + &container(&names[2], "proj-base:tester", "Up 3 hours", "");
    let run =
        |args: &[&str]| docker_lists(&project, project.command("ls-image").args(args), &listed, "").run();
    run(&["-q", "dev"]).status(0).stdout_is(&format!("{}\nown\n", names[0]));
    let outcome = run(&["-q"]);
    outcome.status(0).stdout_is(&format!("{}\nown\n{}\n", names[0], names[2]));
    assert_eq!(outcome.calls.len(), 1);
    run(&["-q", "python"]).status(0).stdout_is("");
}

#[test]
fn a_container_whose_tag_has_moved_on_is_found_and_one_of_another_project_is_not() {
    let project = project();
    let (own, foreign) = (name("dev", 2), name("dev", 1));
    let listed = container(&own, ID, "Up 2 hours", "") + &container(&foreign, ID, "Up 2 hours", "");
    let listed = project.clone().file("containers", listed);
    let root = listed.root().display();
    let outcome = project
        .command("ls-image")
        .args(["dev", "--json"])
        .docker_runs(&format!(
            "case \"$1 $2\" in 'container ls') cat '{root}/containers' ;;\n\
             'container inspect') printf '%s\\n' '[\"/{own}\",\"proj-dev:tester\"]' '[\"/{foreign}\",\"other-dev:tester\"]' ;; esac"
        ))
        .run();
    let reports: serde_json::Value = serde_json::from_str(&outcome.status(0).stdout).expect("JSON");
    let containers = reports[0]["containers"].as_array().expect("containers");
    assert_eq!(containers.len(), 1);
    assert_eq!(
        (containers[0]["name"].as_str(), &containers[0]["is_of_earlier_build"]),
        (Some(&*own), &true.into())
    );
    assert_eq!(
        outcome.calls[1][2..],
        ["--format", "[{{json .Name}},{{json .Config.Image}}]", &own, &foreign]
    );
}

#[test]
fn json_has_what_the_table_has() {
    let project = project();
    let dev = name("dev", 1);
    let listed = container(&dev, "proj-dev:tester", "Exited (137) 1 hour ago", "");
    let images = image("proj-dev", "tester", NEW);
    let outcome =
        docker_lists(&project, project.command("ls-image").args(["dev", "--json"]), &listed, &images).run();
    let report: serde_json::Value = serde_json::from_str(&outcome.status(0).stdout).expect("JSON");
    let expected = serde_json::json!([{
        "image": "dev", "reference": "proj-dev:tester", "built": "2999-01-01T00:00:00+00:00", "size": "1.98MB",
        "state": "built", "containers": [{
            "name": dev, "status": "Exited (137) 1 hour ago", "exit_code": 137,
            "created": "2026-11-27T10:00:00+00:00", "is_of_earlier_build": false, "urls": []
        }]
    }]);
    assert_eq!(report, expected);
}

#[test]
fn an_engine_that_fails_between_the_calls_ends_the_command() {
    let project = project();
    let script = "test \"$1\" = container || { echo 'Cannot connect to the Docker daemon' >&2; exit 1; }";
    let outcome = project.command("ls-image").docker_runs(script).run();
    outcome.status(1).stdout_is("").stderr_has("Cannot connect to the Docker daemon");
    assert_eq!(outcome.calls.len(), 2);
}

#[test]
fn what_others_have_written_is_parsed_strictly_and_escaped() {
    let project = project();
    for listing in ["CONTAINER ID   IMAGE\n", "[1,2]\n", "{}\n"] {
        let outcome = docker_lists(&project, project.command("ls-image"), listing, "").run();
        outcome.status(1).stderr_has("ls-image: docker's output is not in the documented format: ");
    }
    let hostile = container("own", "proj-dev:tester", "Up \\u001b[2J", "");
    let outcome = docker_lists(&project, project.command("ls-image"), &hostile, "").run();
    assert!(outcome.status(0).stdout.contains("own: Up \\x1b[2J"), "{}", outcome.stdout);
}

#[test]
fn an_image_that_cannot_be_evaluated_does_not_hide_the_others() {
    let project = project().cfg("[dev]\ntag=$NO_SUCH_VARIABLE\n");
    let outcome = docker_lists(&project, project.command("ls-image"), "", "").run();
    outcome.status(0).stderr_has("ls-image: warning: docker/dockerutils.cfg:2: ");
    assert!(outcome.stdout.contains("base") && !outcome.stdout.contains("dev"), "{}", outcome.stdout);
}

#[test]
fn without_a_project_or_with_an_unknown_image_docker_is_not_called() {
    let project = project();
    for command in ["ls-image", "exec-image", "stop-image"] {
        let outcome = project.command(command).arg("dev").dir(project.home()).run();
        outcome.status(1).calls_are(&[]).stderr_has(&format!("{command}: no project here: "));
        let outcome = project.command(command).arg("dve").run();
        outcome
            .status(1)
            .calls_are(&[])
            .stderr_has(&format!("{command}: there is no image `dve`, did you mean `dev`?"));
    }
}
