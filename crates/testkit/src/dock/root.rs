//! The files of a dock: what its root holds when it boots.
//!
//! Of the machine that it runs on it has the programs (`machine.sh` mounts them) and what they need of /etc; users, keys
//! and host name are its own. Nothing that it writes reaches further than the dock's own folder.

use std::fs::{self, Permissions};
use std::io::{self, Error};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

/// What programs read in /etc that says nothing of a machine's users.
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
    "var/log",
    "var/tmp",
];

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash
sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
ubuntu:x:1000:1000::/home/ubuntu:/bin/bash
guest:x:1001:1001::/home/guest:/bin/bash
";

const GROUP: &str = "root:x:0:
tty:x:5:
docker:x:990:ubuntu
ubuntu:x:1000:
guest:x:1001:
nogroup:x:65534:
";

/// `*` is no password, and no locked account either.
const SHADOW: &str = "root:*:19000:0:99999:7:::
sshd:!:19000::::::
nobody:*:19000:0:99999:7:::
ubuntu:*:19000:0:99999:7:::
guest:*:19000:0:99999:7:::
";

const SSHD_CONFIG: &str = "HostKey /etc/ssh/ssh_host_ed25519_key
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

/// Makes the root of a dock; its users log in with this public key.
pub(super) fn make(root: &Path, name: &str, sshd_options: &[String], key: &Path) -> io::Result<()> {
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
    make_etc(&root.join("etc"), name, sshd_options)?;
    make_host_key(root)?;
    for (user, id) in [("ubuntu", 1000), ("guest", 1001)] {
        make_home(&root.join("home").join(user), id, key)?;
    }
    chown(root.join("data/workspaces"), Some(1000), Some(1000))
}

/// Gives the dock a new host key; sshd reads it when it starts.
pub(super) fn make_host_key(root: &Path) -> io::Result<()> {
    let key = root.join("etc/ssh/ssh_host_ed25519_key");
    for file in [&key, &key.with_extension("pub")] {
        if file.exists() {
            fs::remove_file(file)?;
        }
    }
    make_key(&key)
}

/// Makes a pair of keys without a passphrase.
pub(super) fn make_key(file: &Path) -> io::Result<()> {
    run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "dock", "-f"]).arg(file))
}

/// Runs a program; its failure is an error that holds what it wrote.
pub(super) fn run(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(Error::other(format!("{command:?}: {stderr}"))) }
}

fn make_etc(etc: &Path, name: &str, sshd_options: &[String]) -> io::Result<()> {
    let shared = ETC.iter().map(|name| Path::new("/etc").join(name)).filter(|path| path.exists());
    run(Command::new("cp").args(["--archive", "--target-directory"]).arg(etc).args(shared))?;
    symlink("/proc/mounts", etc.join("mtab"))?;
    // sshd takes the first value that it finds.
    let sshd_config = format!("{}\n{SSHD_CONFIG}", sshd_options.join("\n"));
    for (file, mode, text) in [
        ("passwd", 0o644, PASSWD),
        ("group", 0o644, GROUP),
        ("shadow", 0o600, SHADOW),
        ("hostname", 0o644, name),
        ("hosts", 0o644, &format!("127.0.0.1 localhost {name}\n")),
        ("resolv.conf", 0o644, ""),
        ("sudoers", 0o440, "root ALL=(ALL) ALL\nubuntu ALL=(ALL) NOPASSWD:ALL\n"),
        ("ssh/sshd_config", 0o644, &sshd_config),
    ] {
        fs::write(etc.join(file), text)?;
        fs::set_permissions(etc.join(file), Permissions::from_mode(mode))?;
    }
    Ok(())
}

fn make_home(home: &Path, id: u32, key: &Path) -> io::Result<()> {
    let skeleton = Path::new("/etc/skel");
    if skeleton.is_dir() {
        run(Command::new("cp").arg("--recursive").args([skeleton, home]))?;
    }
    fs::create_dir_all(home.join(".ssh"))?;
    fs::copy(key.with_extension("pub"), home.join(".ssh/authorized_keys"))?;
    fs::set_permissions(home, Permissions::from_mode(0o755))?;
    fs::set_permissions(home.join(".ssh"), Permissions::from_mode(0o700))?;
    run(Command::new("chown").args(["--recursive", &format!("{id}:{id}")]).arg(home))
}
