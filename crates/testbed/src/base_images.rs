//! Base images that are made on this machine, because tests must not pull from a registry.

use std::fs;
use std::io::{self, Error};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use dockerutils_testkit::find_program;

use crate::limited;

/// Imports an image of busybox, links for its applets, and a user `tester` with uid 1000.
pub(crate) fn import_busybox(docker: Command, reference: &str) -> io::Result<()> {
    let busybox = find_program("busybox")
        .ok_or_else(|| Error::other("busybox is missing: `scripts/setup.sh test` installs it"))?;
    let root = tempfile::tempdir()?;
    for dir in ["bin", "etc", "root", "tmp"] {
        fs::create_dir(root.path().join(dir))?;
    }
    // A created folder gets the umask, and /tmp must be writable for every user.
    fs::set_permissions(root.path().join("tmp"), fs::Permissions::from_mode(0o1777))?;
    fs::copy(&busybox, root.path().join("bin/busybox"))?;
    let applets = Command::new(&busybox).arg("--list").output()?.stdout;
    for applet in String::from_utf8_lossy(&applets).lines().filter(|applet| *applet != "busybox") {
        symlink("busybox", root.path().join("bin").join(applet))?;
    }
    let users = "root:x:0:0:root:/root:/bin/sh\ntester:x:1000:1000:tester:/tmp:/bin/sh\n";
    fs::write(root.path().join("etc/passwd"), users)?;
    fs::write(root.path().join("etc/group"), "root:x:0:\ntester:x:1000:\n")?;
    // Numeric ids: the names of this machine's users mean nothing in the image.
    let mut tar = Command::new("tar")
        .args(["--create", "--numeric-owner", "--owner=0", "--group=0", "--directory"])
        .args([root.path(), Path::new(".")])
        .stdout(Stdio::piped())
        .spawn()?;
    let archive = tar.stdout.take().expect("a pipe");
    import(docker, archive.into(), "CMD [\"sh\"]", reference)?;
    succeeded(tar.wait()?.success(), "tar")
}

/// Imports the image of python3 from the archive that `scripts/testbed.sh` has made.
pub(crate) fn import_python(docker: Command, archive: &Path, reference: &str) -> io::Result<()> {
    import_archive(docker, archive, "CMD [\"python3\"]", reference)
}

/// Imports the image with JupyterLab from the archive that `scripts/testbed.sh` has made.
pub(crate) fn import_jupyter(docker: Command, archive: &Path, reference: &str) -> io::Result<()> {
    let command = r#"CMD ["jupyter", "lab", "--ip=0.0.0.0", "--no-browser", "--allow-root"]"#;
    import_archive(docker, archive, command, reference)
}

/// Imports the image with Jupyter Notebook 6 and jupyter_server 1 from the archive that `scripts/testbed.sh` has made.
pub(crate) fn import_classic(docker: Command, archive: &Path, reference: &str) -> io::Result<()> {
    let command = r#"CMD ["jupyter", "notebook", "--ip=0.0.0.0", "--no-browser", "--allow-root"]"#;
    import_archive(docker, archive, command, reference)
}

fn import_archive(docker: Command, archive: &Path, change: &str, reference: &str) -> io::Result<()> {
    let missing =
        |error| Error::other(format!("{}: {error}: `scripts/setup.sh test` makes it", archive.display()));
    let archive = fs::File::open(archive).map_err(missing)?;
    import(docker, archive.into(), change, reference)
}

fn import(mut docker: Command, archive: Stdio, change: &str, reference: &str) -> io::Result<()> {
    let output = limited::output(docker.args(["import", "--change", change, "-", reference]).stdin(archive))?;
    succeeded(output.status.success(), &String::from_utf8_lossy(&output.stderr))
}

fn succeeded(success: bool, what: &str) -> io::Result<()> {
    if success { Ok(()) } else { Err(Error::other(format!("failed: {what}"))) }
}
