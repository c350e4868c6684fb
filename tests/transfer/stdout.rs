//! What transfer-image prints on standard output must arrive: a full disk is an error, a closed pipe is success.
//!
//! Docker and ssh are scripts here: docker has one image without layers, and ssh runs its command on this machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dockerutils_oci::Digest;
use dockerutils_testkit::{Outcome, Project};
use dockerutils_transfer::{ArchiveImage, LoadArchive};

/// All arguments with which transfer-image prints on standard output.
const PRINTING: [&str; 6] = [
    "--inventory",
    "--bundle new.tar image:1 --dry-run",
    "--apply bundle.tar --dry-run",
    "image:1 user@host --dry-run",
    "image:1 user@host --dry-run --json",
    "image:1 user@host --json",
];

const CONFIG: &str = r#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;

/// A script that stands for docker with one image, IMAGE.
const DOCKER: &str = r#"
case "$*" in
    version*) echo '{"Server":{"Version":"20.10.24","Os":"linux","Arch":"amd64"}}' ;;
    "info --format {{json .}}") echo '{"Driver":"other","DriverStatus":null,"DockerRootDir":"/nowhere"}' ;;
    info*) echo '{"status":null}' ;;
    "image ls --quiet"*) echo "IMAGE" ;;
    "image inspect --format {{.ID}}"*) echo "IMAGE" ;;
    "image inspect --format"*) echo '{"id":"IMAGE","references":["image:1"],"layers":null}' ;;
    "image inspect"*)
        echo '[{"Id":"IMAGE","RepoTags":["image:1"],"Os":"linux","Architecture":"amd64","Size":0,"RootFS":{"Layers":null}}]' ;;
esac"#;

/// A script that stands for ssh: it runs its last argument.
const SSH: &str = "#!/bin/sh\nfor line; do :; done\nexec sh -c \"$line\"\n";

/// Redirects file descriptor 4 to a pipe that has no reader.
const CLOSED_PIPE: &str = "mkfifo closed && exec 3<>closed 4>closed 3>&- && rm closed";

/// Returns a project with a bundle and a folder `bin` with ssh.
fn project() -> Project {
    let mut archive = LoadArchive::new(Vec::new());
    let references = vec!["image:1".to_owned()];
    let image =
        ArchiveImage { references, config: CONFIG.as_bytes().to_vec(), layers: Vec::new(), tree: None };
    archive.finish(&[image]).expect("an archive in memory");
    let project = Project::new().file("bundle.tar", archive.into_inner()).file("bin/ssh", SSH);
    let ssh = project.root().join("bin/ssh");
    fs::set_permissions(ssh, fs::Permissions::from_mode(0o755)).expect("a script that can be run");
    project
}

/// Runs transfer-image in bash, with a redirection of its standard output.
fn transfer(project: &Project, before: &str, arguments: &str, redirection: &str) -> Outcome {
    let transfer_image = Path::new(env!("CARGO_BIN_EXE_transfer-image")).display();
    let line = format!("PATH=$PWD/bin:$PATH; {before}; {transfer_image} {arguments} {redirection}");
    let docker = DOCKER.replace("IMAGE", &Digest::of(CONFIG).to_string());
    project.program("bash").args(["-c", &line]).docker_runs(&docker).run()
}

#[test]
fn every_result_is_printed() {
    let project = project();
    for arguments in PRINTING {
        let outcome = transfer(&project, "true", arguments, "");
        outcome.status(0).check(!outcome.stdout.is_empty(), || format!("{arguments}: no result"));
    }
}

#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    let project = project();
    for arguments in PRINTING {
        let outcome = transfer(&project, "true", arguments, ">/dev/full");
        let message =
            "transfer-image: standard output cannot be written to: No space left on device (os error 28)\n";
        outcome.status(1).check(outcome.stderr.ends_with(message), || format!("{arguments}: no error"));
    }
}

#[test]
fn a_result_into_a_closed_pipe_is_success() {
    let project = project();
    for arguments in PRINTING {
        let outcome = transfer(&project, CLOSED_PIPE, arguments, ">&4");
        outcome.status(0).stderr_lacks("standard output");
    }
}
