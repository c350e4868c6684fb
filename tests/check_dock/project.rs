//! The project: configuration, images, context, secrets, owners.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use dockerutils_testbed::engines;
use dockerutils_testkit::Project;
use serde_json::Value;

use super::{assert_finding, check, finding, project};

fn findings(project: &Project) -> Vec<Value> {
    check(project.command("check-dock")).1
}

#[test]
fn errors_and_warnings_of_the_configuration_are_found() {
    for (text, severity, evidence) in [
        ("[dev]\ntag=a\ntag=b\n", "problem", "docker/dockerutils.cfg:3"),
        ("[dev]\ntagg=a\n", "warning", "docker/dockerutils.cfg:2: [dev] has an unknown key `tagg`"),
        ("[dve]\ntag=a\n", "warning", "did you mean [dev]?"),
        ("[dev]\nbuild_args=--build-arg X=$NOT_SET\n", "problem", "NOT_SET"),
        ("[dev]\ntag=a\n", "ok", "is valid"),
    ] {
        assert_finding(&findings(&project().cfg(text)), "project.configuration", severity, evidence);
    }
}

#[test]
fn images_that_cannot_be_built_are_found() {
    let cycle =
        Project::new().dockerfile("a", "FROM proj-b:tester\n").dockerfile("b", "FROM proj-a:tester\n");
    assert_finding(&findings(&cycle), "project.images", "problem", "start FROM each other");
    let missing = project().file("docker/gone/notes", "").cfg("[gone]\nvolumes=-v /a:/a\n");
    assert_finding(&findings(&missing), "project.images", "problem", "docker/gone has no Dockerfile");
    let of_base = Project::new()
        .dockerfile("dev", "ARG TAG=tester\nFROM proj-base:$TAG\n")
        .file("docker/base/notes", "")
        .file("docker/other/notes", "");
    let needed = "docker/base has no Dockerfile, and docker/dev/Dockerfile:2 needs its image";
    let (_, found) = check(of_base.command("check-dock"));
    assert_finding(&found, "project.images", "problem", needed);
    assert!(
        found
            .iter()
            .all(|finding| !finding["evidence"].as_str().is_some_and(|text| text.contains("docker/other")))
    );
    assert_finding(&findings(&project()), "project.images", "ok", "one build");
}

#[test]
fn a_large_context_names_its_ten_largest_paths_and_what_can_be_left_out() {
    let project = (0..12).fold(project(), |project, index| {
        project.file(format!("node_modules/m{index}/x"), vec![b'x'; 10_000_000 + index])
    });
    let findings = findings(&project);
    assert_finding(&findings, "project.context", "warning", "node_modules/m11/x (10 MB)");
    let context = finding(&findings, "project.context");
    let evidence = context["evidence"].as_str().expect("a text");
    assert!(evidence.matches("/x (10 MB)").count() == 10 && !evidence.contains("m1/x"), "{evidence}");
    let file = project.root().join(".dockerignore").display().to_string();
    assert_eq!(context["fix"], format!("printf '\\n%s\\n' '**/node_modules' >> {file}"));
    let ignored = project.file(".dockerignore", "**/node_modules\n");
    assert_finding(&super::check(ignored.command("check-dock")).1, "project.context", "ok", "a build sends");
}

#[test]
fn secrets_in_the_context_are_named_and_not_printed() {
    let token = format!("ghp_{}", "aB3".repeat(12));
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n";
    let account =
        "{\n  \"private_key\": \"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\\n\"\n}\n";
    for (path, text, evidence) in [
        ("src/x.py", format!("a = 1\nT = '{token}'\n"), "src/x.py:2 (a token of GitHub)"),
        ("deploy/key.pem", key.to_owned(), "deploy/key.pem:1 (a private key)"),
        (".env", "PASSWORD=geheim\n".to_owned(), ".env (a file of secrets)"),
        (".aws/credentials", "geheim".to_owned(), ".aws/credentials (a file of secrets)"),
        ("keys.json", account.to_owned(), "keys.json:2 (a private key)"),
        ("certs/server.p12", "geheim".to_owned(), "certs/server.p12 (a store of keys)"),
        ("app/.env.production", "geheim".to_owned(), "app/.env.production (a file of secrets)"),
    ] {
        let project = project().file(path, &text);
        let (outcome, findings) = check(project.command("check-dock"));
        assert_finding(&findings, "project.secrets", "problem", evidence);
        outcome.check(!outcome.stdout.contains("geheim") && !outcome.stdout.contains(&token), || {
            "a secret".to_owned()
        });
        let ignored = project.file(".dockerignore", path);
        assert_finding(&self::findings(&ignored), "project.secrets", "ok", "no secret");
    }
    let template = project().file(".env.example", "PASSWORD=\n").file("key.pub", "ssh-ed25519 AAAA\n");
    let of_project = template.file(".docker/Dockerfile", "FROM scratch\n").file(".ssh/known_hosts", "x\n");
    assert_finding(&findings(&of_project), "project.secrets", "ok", "no secret");
}

#[test]
#[ignore = "needs root: private engine"]
fn files_of_root_in_mounts_are_given_back_through_the_image_all_at_once() {
    let engine = &engines()[0];
    let cfg = "[run_image]\nsynthetic_images=box\n[box]\nname=busybox:latest\nprefix=False\n\
        volumes=-v {project_root}/out:/w -v {home}/results:/r -v /etc:/etc:ro\n";
    // Only a mount counts, and only those that are the user's.
    let project = Project::new().cfg(cfg).file("out/result", "").file("not-mounted", "");
    let results = project.home().join("results");
    fs::create_dir(&results).expect("a folder");
    (0..150).for_each(|index| fs::write(results.join(index.to_string()), "").expect("a file"));
    let base = project.root().parent().expect("a folder");
    fs::set_permissions(base, fs::Permissions::from_mode(0o755)).expect("permissions");
    fs::set_permissions(engine.socket(), fs::Permissions::from_mode(0o666)).expect("permissions");
    let docker = project.root().join("docker");
    let mine = [project.root(), project.home(), &docker, &docker.join("dockerutils.cfg")];
    mine.iter().for_each(|path: &&Path| chown(path, Some(1000), Some(1000)).expect("an owner"));
    let as_user = |args: &[&str]| {
        let user = ["--reuid=1000", "--regid=1000", "--clear-groups", env!("CARGO_BIN_EXE_check-dock")];
        project.program("setpriv").args(user).args(args.iter().copied()).uses(engine)
    };
    let (_, findings) = check(as_user(&[]));
    assert_finding(&findings, "project.owners", "warning", "belong to root: more than 100");
    assert_eq!(finding(&findings, "project.owners")["is_safe"], true);
    let (outcome, findings) = check(as_user(&["--fix"]));
    outcome.stderr_has("--entrypoint find");
    assert_finding(&findings, "project.owners", "ok", "no file");
    let out = project.root().join("out");
    for path in [out.clone(), out.join("result"), results.join("0"), results.join("149"), results] {
        let metadata = fs::metadata(&path).expect("a file");
        assert_eq!((metadata.uid(), metadata.gid()), (1000, 1000), "{}", path.display());
    }
    let other = fs::metadata(project.root().join("not-mounted")).expect("a file");
    assert_eq!(other.uid(), 0);
}
