//! The root file system of a dock when it boots.
//!
//! The programs are those of this machine (`machine.sh` mounts them), with the parts of /etc that they need; users, keys
//! and host name are the dock's own. Everything that the dock writes stays in its state folder.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;

use super::options::Options;
use super::program::run;
use super::users;

/// The entries of /etc that programs read and that do not depend on a machine's users.
const ETC: &[&str] = &[
    "alternatives",
    "bash.bashrc",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "login.defs",
    "nsswitch.conf",
    "pam.d",
    "profile",
    "protocols",
    "security",
    "services",
    "shells",
    "skel",
    "ssl",
];

const FOLDERS: &[&str] = &[
    "data/workspaces",
    "dev",
    "etc/docker",
    "etc/ssh",
    "etc/sudoers.d",
    "home",
    "mnt",
    "opt",
    "proc",
    "root",
    "run/lock",
    "run/sshd",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var/lib/docker",
    "var/local/bin",
    "var/log",
    "var/tmp",
];

const SSHD_CONFIG: &str = "Include /etc/ssh/sshd_config.d/*.conf
HostKey /etc/ssh/ssh_host_ed25519_key
ListenAddress 0.0.0.0
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
UsePAM no
UseDNS no
PrintMotd no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
";

/// Creates the root of a dock whose users log in with this key.
pub(super) fn make(root: &Path, dock: &Options, key: &Path) -> io::Result<()> {
    for dir in FOLDERS {
        fs::create_dir_all(root.join(dir))?;
    }
    for dir in ["bin", "sbin", "lib", "lib64"] {
        symlink(Path::new("usr").join(dir), root.join(dir))?;
    }
    symlink("../run", root.join("var/run"))?;
    for dir in ["tmp", "var/tmp"] {
        fs::set_permissions(root.join(dir), Permissions::from_mode(0o1777))?;
    }
    make_etc(&root.join("etc"), dock)?;
    make_host_key(root)?;
    users::make_homes(&root.join("home"), key)?;
    chown(root.join("data/workspaces"), Some(1000), Some(1000))
}

/// Removes from the root of a dock that has ended what does not outlive a restart.
pub(super) fn reset(root: &Path) -> io::Result<()> {
    fs::remove_dir_all(root.join("run"))?;
    for dir in FOLDERS.iter().filter(|dir| dir.starts_with("run/")) {
        fs::create_dir_all(root.join(dir))?;
    }
    Ok(())
}

/// Creates a new host key, which sshd reads when it starts.
pub(super) fn make_host_key(root: &Path) -> io::Result<()> {
    let key = root.join("etc/ssh/ssh_host_ed25519_key");
    for file in [&key, &key.with_extension("pub")] {
        if file.exists() {
            fs::remove_file(file)?;
        }
    }
    make_key(&key)
}

/// Creates a pair of keys without a passphrase.
pub(super) fn make_key(file: &Path) -> io::Result<()> {
    run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "dock", "-f"]).arg(file))
}

/// Hides programs of the host from a dock whose /usr has this folder as its topmost layer.
///
/// A character device 0/0 in a layer marks a removed file; see "whiteouts" in the kernel's overlayfs.rst.
pub(super) fn hide(programs: &[String], layer: &Path) -> io::Result<()> {
    for dir in ["bin", "sbin"] {
        fs::create_dir_all(layer.join(dir))?;
        for program in programs {
            run(Command::new("mknod").arg(layer.join(dir).join(program)).args(["c", "0", "0"]))?;
        }
    }
    Ok(())
}

fn make_etc(etc: &Path, dock: &Options) -> io::Result<()> {
    let shared = ETC.iter().map(|name| Path::new("/etc").join(name)).filter(|path| path.exists());
    run(Command::new("cp").args(["--archive", "--target-directory"]).arg(etc).args(shared))?;
    // df and mount read the table of mounts here.
    symlink("/proc/mounts", etc.join("mtab"))?;
    let name = &dock.name;
    // sshd_config(5): the first value of a keyword counts.
    let sshd_config = format!("{}\n{SSHD_CONFIG}", dock.sshd_options.join("\n"));
    for (file, text) in [
        ("docker/daemon.json", dock.version.daemon_json()),
        ("hostname", name),
        ("hosts", &format!("127.0.0.1 localhost {name}\n")),
        ("resolv.conf", ""),
        ("ssh/sshd_config", &sshd_config),
    ] {
        fs::write(etc.join(file), text)?;
    }
    users::write_lists(etc)
}
