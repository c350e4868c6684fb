//! `clean-image`: what it removes, and what it never touches.

mod real;

use dockerutils_testkit::{Outcome, Project};

const CFG: &str = "[run_image]\nsynthetic_images=shell,python\n[shell]\nname=dev\n[python]\nname=python:3.12\nprefix=False\n";

fn image(repository: &str, tag: &str, id: &str) -> String {
    format!(
        "{{\"Repository\":\"{repository}\",\"Tag\":\"{tag}\",\"ID\":\"sha256:{id}\",\"CreatedAt\":\"2026-01-01 00:00:00 +0000 UTC\",\"UniqueSize\":\"2MB\",\"Containers\":\"0\"}}"
    )
}

fn clean(args: &[&str], images: &[String]) -> Outcome {
    let usage = format!(
        "{{\"Images\":[{}],\"Containers\":[],\"BuildCache\":[{{\"InUse\":\"false\",\"Size\":\"3MB\"}}]}}",
        images.join(",")
    );
    let project = Project::new().dockerfile("dev", "FROM scratch\n").cfg(CFG).file("usage", usage);
    let project = project.file("images", images.join("\n"));
    project.command("clean-image").args(args).docker_runs(&lists(&project, "")).run()
}

/// Returns a docker that lists the images, and the sizes of each.
fn lists(project: &Project, more: &str) -> String {
    format!(
        "case $* in system*) cat '{0}/usage' ;; *--no-trunc) cat '{0}/images' ;; {more} esac",
        project.root().display()
    )
}

/// Returns the calls that change something.
fn changes(outcome: &Outcome) -> Vec<String> {
    let is_change = |call: &&Vec<String>| !matches!(call[0].as_str(), "system" | "image") && call[1] != "ls";
    outcome.calls.iter().filter(is_change).map(|call| call.join(" ")).collect()
}

#[test]
fn without_a_terminal_nothing_is_removed_unless_f_is_given() {
    let images = [image("proj-dev", "tester", "a1")];
    let refused = clean(&["--older-than", "30d"], &images);
    refused.status(2).calls_are(&[]).stderr_has("without a terminal to ask on, -f is required");
    let forced = clean(&["--older-than", "30d", "-f"], &images);
    assert_eq!(changes(&forced), ["rmi proj-dev:tester"]);
    let row = forced.stdout.lines().nth(1).unwrap_or_default().split_whitespace().collect::<Vec<_>>();
    assert_eq!(
        (row[0], row[1], &row[row.len() - 3..]),
        ("proj-dev:tester", "dev", &["2.0", "MB", "old"][..])
    );
}

#[test]
fn images_of_other_users_and_projects_stay() {
    let images = [
        image("proj-dev", "eve", "e1"),
        image("other-dev", "tester", "o1"),
        image("proj-dev-builder", "eve", "e2"),
        image("proj-dev-x", "tester", "x1"),
        image("<none>", "<none>", "d1"),
        image("dev", "tester", "x2"),
    ];
    let outcome = clean(&["-f", "--keep", "0", "--older-than", "1h"], &images);
    outcome.status(0).stdout_is("").stderr_has("clean-image: nothing is left to remove");
    assert!(changes(&outcome).is_empty());
    // Every machine has this user.
    clean(&["-f", "-t", "root"], &images).status(1).stderr_has("are those of the user root of this machine");
    assert_eq!(
        changes(&clean(&["-f", "-t", "1.0"], &[image("proj-dev", "1.0", "v1")])),
        ["rmi proj-dev:1.0"]
    );
}

/// However the folder is written.
#[test]
fn only_the_containers_of_the_requested_image_are_removed() {
    let container = |image: &str, id: &str| {
        format!(
            "[\"{id}\",\"tester_{image}_26-11-27_10.00.00\",\"proj-{image}:tester\",\"exited\",\"Exited (0)\",\"\",\"2026-11-27 10:00:00 +0000 UTC\"]\n"
        )
    };
    for name in ["dev", "docker/dev", "docker/dev/"] {
        let project = Project::new().dockerfile("dev", "FROM scratch\n").dockerfile("web", "FROM scratch\n");
        let project = project
            .file("usage", "{}")
            .file("images", "")
            .file("containers", container("dev", "c1") + &container("web", "c2"));
        let script =
            lists(&project, &format!("'container ls'*) cat '{}/containers' ;;", project.root().display()));
        let outcome =
            project.command("clean-image").args(["-f", "--containers", name]).docker_runs(&script).run();
        assert_eq!(changes(outcome.status(0)), ["container rm tester_dev_26-11-27_10.00.00"], "{name}");
    }
}

/// A copy whose shell is open has a container; a new one may be about to get one.
#[test]
fn a_copy_that_debug_image_has_left_is_removed_unless_its_shell_may_be_open() {
    let now = chrono::Utc::now().format("%Y-%m-%d %H:%M:%S +0000 UTC").to_string();
    let old = image("<none>", "<none>", "c0");
    let new = image("<none>", "<none>", "c1").replace("2026-01-01 00:00:00 +0000 UTC", &now);
    let open = image("<none>", "<none>", "c2").replace("\"Containers\":\"0\"", "\"Containers\":\"1\"");
    let images = [old, new, open].join(",");
    let project = Project::new().dockerfile("dev", "FROM scratch\n");
    let project = project
        .file("usage", format!("{{\"Images\":[{images}]}}"))
        .file("images", images.replace("},{", "}\n{"));
    let script = lists(&project, "");
    let copies = "'image ls'*label=dockerutils.debug=*) printf 'sha256:c%s\\n' 0 1 2 ;;";
    let script = script.replacen("case $* in", &format!("case $* in {copies}"), 1);
    let outcome = project.command("clean-image").arg("-f").docker_runs(&script).run();
    assert_eq!(changes(outcome.status(0)), ["rmi sha256:c0"]);
}

#[test]
fn the_build_cache_is_removed_by_buildkits_own_filter() {
    for (args, filter) in [
        (&["-f", "--cache"][..], "until=168h"),
        (&["-f", "--cache", "type=exec.cachemount"], "type=exec.cachemount"),
    ] {
        let outcome = clean(args, &[]);
        outcome.status(0);
        assert_eq!(changes(&outcome), [format!("builder prune --force --filter {filter}")]);
        outcome.check(outcome.stdout.contains("≤ 3.0 MB"), || "the size".to_owned());
    }
}

#[test]
fn other_tags_of_a_repository_are_removed_after_the_configured_one_was_pulled() {
    let images = [
        image("python", "3.12", "p1"),
        image("python", "3.9", "p2"),
        image("pythonx", "1", "p3"),
        image("python", "<none>", "p4"),
    ];
    let outcome = clean(&["-f", "--pull", "python"], &images);
    outcome.status(0);
    assert_eq!(changes(&outcome), ["pull python:3.12", "rmi python:3.9 sha256:p4"]);
    assert!(changes(&clean(&["-f"], &images)).is_empty());
}

/// Docker lists an image that was pulled by its digest without a tag.
#[test]
fn an_image_that_is_pinned_by_a_digest_and_one_that_the_project_builds_stay() {
    let digest = format!("sha256:{}", "0".repeat(64));
    let cfg = format!(
        "[run_image]\nsynthetic_images=pinned,prod\n[pinned]\nname=python@{digest}\nprefix=False\n\
         [prod]\nname=reg.io/app:1.0\nprefix=False\n[app]\nname=reg.io/app:dev\nprefix=False\n"
    );
    let images = [
        image("python", "<none>", "p1"),
        image("python", "<none>", "p2"),
        image("reg.io/app", "1.0", "a1"),
        image("reg.io/app", "dev", "a2"),
        image("reg.io/app", "0.9", "a3"),
    ];
    let project = Project::new().dockerfile("app", "FROM scratch\n").cfg(cfg);
    let project = project
        .file("usage", format!("{{\"Images\":[{}]}}", images.join(",")))
        .file("images", images.join("\n"));
    let script = lists(&project, "*'inspect --format {{.Id}}'*) echo sha256:p1 ;;");
    let outcome = project.command("clean-image").args(["-f", "--pull"]).docker_runs(&script).run();
    let pulled = format!("pull python@{digest}");
    let changes = changes(outcome.status(0));
    assert_eq!(changes.last().map(String::as_str), Some("rmi reg.io/app:0.9 sha256:p2"));
    assert!(changes.contains(&pulled), "{changes:?}");
}

#[test]
fn mistakes_are_found_before_the_engine_is_queried() {
    for (args, status, sentence) in [
        (&["dve"][..], 1, "did you mean `dev`?"),
        (&["shell"], 1, "`clean-image dev` is about the image that it runs"),
        (&["--older-than", "30"], 2, "expected a number and h, d or w, such as 30d"),
        (&["--keep=-1"], 2, "--keep"),
    ] {
        clean(&[&["-f"], args].concat(), &[]).status(status).calls_are(&[]).stderr_has(sentence);
    }
    clean(&["--dry-run", "--cache"], &[]).status(0).calls_are(&[]).stderr_has("docker system df --verbose");
}

#[test]
fn what_was_removed_meanwhile_is_no_failure_and_a_failure_does_not_keep_the_rest() {
    let run = |message: &str| {
        let image = image("proj-dev", "tester", "a1");
        let project = Project::new().dockerfile("dev", "FROM scratch\n").file("images", &image);
        let project = project.file("usage", format!("{{\"Images\":[{image}]}}"));
        let script = lists(&project, &format!("rmi*) echo '{message}' >&2; exit 1 ;;"));
        project.command("clean-image").args(["-f", "--keep", "0", "--cache"]).docker_runs(&script).run()
    };
    run("Error: No such image: proj-dev:tester").status(0);
    let failed = run("Cannot connect to the Docker daemon");
    failed.status(1).stderr_has("Cannot connect to the Docker daemon");
    assert_eq!(changes(&failed).len(), 2);
}
