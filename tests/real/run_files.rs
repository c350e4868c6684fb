//! `run-image`: bind mounts, and the owners of files in them.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use dockerutils_testbed::{Engine, engines};
use dockerutils_testkit::{Invocation, Project};

use super::{project, run};

#[test]
#[ignore = "needs root: private engine"]
fn a_folder_whose_name_has_special_characters_can_be_mounted() {
    for engine in engines() {
        let keys =
            "volumes=-v {project_root}:/src -v {project_root}/a b:/ro:ro --mount type=tmpfs,target=/scratch";
        let keys = keys.replace("{project_root}/a b", "\"{project_root}/a b\"");
        let project = project("mounts", &keys).file("x", "in").file("a b/y", "there");
        let script = "cat /src/x /ro/y && echo out >/src/z && touch /scratch/w && ! touch /ro/w 2>/dev/null";
        let outcome = run(&project, engine, &["mounts", "-c", &format!("sh -c '{script}'")]).run();
        outcome.status(0).stdout_is("inthere");
        assert_eq!(fs::read_to_string(project.root().join("z")).unwrap(), "out\n");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn with_user_host_files_belong_to_the_calling_user() {
    for engine in engines() {
        let project = project("owned", "volumes=-v {project_root}:/src\nuser=host\ncmd=touch /src/made");
        run(&project, engine, &["owned"]).run().status(0);
        assert_eq!(owner(&project), (0, 0));
        fs::remove_file(project.root().join("made")).unwrap();
        as_user(&project, engine, 12345, 12346).arg("owned").run().status(0);
        assert_eq!(owner(&project), (12345, 12346));
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn with_user_host_the_home_is_writable_and_the_user_has_a_name() {
    for engine in engines() {
        let script = r#"sh -c "touch ~/made && echo \$HOME \$USER \$LOGNAME; id -u""#;
        let project = project("named", &format!("user=host\ncmd={script}"));
        let outcome = as_user(&project, engine, 12345, 12346).arg("named").run();
        outcome.status(0).stdout_is("/tmp tester tester\n12345\n");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn without_user_host_files_belong_to_the_user_of_the_image() {
    for engine in engines() {
        let project = project("unowned", "volumes=-v {project_root}:/src\ncmd=touch /src/made");
        as_user(&project, engine, 12345, 12346).arg("unowned").run().status(0);
        assert_eq!(owner(&project), (0, 0));
    }
}

/// `run-image` as a user with no other permission than to use the engine; a copy of the binary that this user can read.
fn as_user(project: &Project, engine: &Engine, uid: u32, gid: u32) -> Invocation {
    let (root, temp) = (project.root(), project.root().parent().expect("a temporary folder"));
    fs::set_permissions(temp, fs::Permissions::from_mode(0o755)).unwrap();
    for path in [root.to_owned(), root.join("docker"), root.join("docker/dockerutils.cfg")] {
        chown(path, Some(uid), Some(gid)).unwrap();
    }
    let ours = Path::new(env!("CARGO_BIN_EXE_run-image"));
    project.program("cp").args([ours, &temp.join("run-image")]).run().status(0);
    let group = fs::metadata(engine.socket()).unwrap().gid().to_string();
    project
        .program("setpriv")
        .args(["--reuid", &uid.to_string(), "--regid", &gid.to_string(), "--groups", &group])
        .arg(temp.join("run-image"))
        .uses(engine)
}

fn owner(project: &Project) -> (u32, u32) {
    let made = fs::metadata(project.root().join("made")).unwrap();
    (made.uid(), made.gid())
}
