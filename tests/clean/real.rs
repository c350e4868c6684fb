//! Real builds, containers and leftovers.

use dockerutils_testbed::{Engine, engines};
use dockerutils_testkit::Project;
use serde_json::Value;

fn has(engine: &Engine, image: &str) -> bool {
    engine.command().args(["image", "inspect", image]).output().is_ok_and(|output| output.status.success())
}

fn id(engine: &Engine, image: &str) -> String {
    engine.docker(&["image", "inspect", "--format", "{{.Id}}", image])
}

/// Builds dev with this text in it, and returns the image's ID.
fn build(project: &Project, engine: &Engine, text: &str) -> String {
    let name = project.root().file_name().expect("a name").to_string_lossy().into_owned();
    // Two projects with the same Dockerfile would have one image.
    let project = project.clone().dockerfile("dev", format!("FROM busybox:latest\nENV TEXT={name}-{text}\n"));
    project.command("build-image").arg("dev").uses(engine).run().status(0);
    id(engine, &format!("{name}-dev:tester"))
}

#[test]
#[ignore = "needs root: private engine"]
fn earlier_builds_and_ended_containers_are_removed_and_nothing_of_others() {
    // An engine with containerd's store keeps no earlier build.
    for engine in engines() {
        let (own, other) = (Project::named("cleaned"), Project::named("kept"));
        let [first, second, third] = ["1", "2", "3"].map(|text| build(&own, engine, text));
        let [foreign, _] = ["a", "b"].map(|text| build(&other, engine, text));
        // Another user's image, and a builder whose image is gone.
        engine.docker(&["tag", "busybox:latest", "cleaned-dev:eve"]);
        engine.import_busybox("cleaned-dev-builder:tester");
        let run = |args: &[&str]| own.command("clean-image").args(args).uses(engine).run();
        // A container of another user has the second build.
        engine.docker(&["run", "--name", "eves", &second, "true"]);
        own.command("run-image").args(["--keep-failed", "dev", "-c", "false"]).uses(engine).run().status(1);

        let listed = run(&["-f", "--json", "--containers"]);
        let plan: Value = serde_json::from_str(&listed.status(0).stdout).expect("JSON");
        let reasons: Vec<&str> = plan["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|item| item["reason"].as_str().unwrap())
            .collect();
        assert_eq!(reasons, ["has ended", "earlier build"], "{plan:#}");
        listed.stderr_has("1 of these images stay, because containers use them");
        assert_eq!(
            [&first, &second, &third, &foreign].map(|image| has(engine, image)),
            [false, true, true, true]
        );
        assert!(
            has(engine, "cleaned-dev:eve")
                && has(engine, "cleaned-dev:tester")
                && has(engine, "kept-dev:tester")
        );
        assert!(engine.docker(&["ps", "-aq", "--filter", "name=tester_dev_"]).is_empty());

        engine.docker(&["rm", "eves"]);
        // With its image gone, the builder has no use.
        engine.docker(&["rmi", "cleaned-dev:tester"]);
        let removed = run(&["-f"]);
        removed.status(0).check(removed.stdout.contains("its image is gone"), || "the builder".to_owned());
        assert!(!has(engine, &second) && !has(engine, "cleaned-dev-builder:tester"));
        run(&["-f"]).status(0).stderr_has("nothing is left to remove");
        engine.docker(&["rmi", "cleaned-dev:eve", "kept-dev:tester", &foreign]);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn the_user_is_asked_and_no_is_an_answer() {
    let engine = &engines()[0];
    let project = Project::named("asked");
    let image = build(&project, engine, "1");
    for (answer, status) in [("n\r", 1), ("\r", 1), ("y\r", 0)] {
        let terminal = project.command("clean-image").args(["--keep", "0"]).uses(engine).spawn_in_terminal();
        terminal.wait_for("remove 1 image and free");
        assert!(has(engine, &image));
        terminal.types(answer);
        terminal.wait().status(status);
    }
    assert!(!has(engine, &image));
}

#[test]
#[ignore = "needs root: private engine"]
fn an_image_that_is_built_while_the_question_stands_there_stays() {
    let engine = &engines()[0];
    let project = Project::named("rebuilt");
    build(&project, engine, "1");
    let terminal = project.command("clean-image").args(["--keep", "0"]).uses(engine).spawn_in_terminal();
    terminal.wait_for("remove 1 image and free");
    let new = build(&project, engine, "2");
    terminal.types("y\r");
    terminal.wait_for("rebuilt-dev:tester stays, because it was built again meanwhile");
    terminal.wait().status(0);
    assert!(has(engine, &new));
    engine.docker(&["rmi", "--force", &new]);
}
