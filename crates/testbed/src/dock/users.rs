//! The users of a dock, and what sudo allows them.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::program::run;

/// A user whose group has the same name and number.
struct User {
    name: &'static str,
    id: u32,
    /// The text after `NAME ALL=(ALL) ` in sudoers; `None` if the user may not use sudo.
    sudo: Option<&'static str>,
}

/// Only the first is in the group docker.
const USERS: [User; 4] = [
    User { name: "ubuntu", id: 1000, sudo: Some("NOPASSWD: ALL") },
    User { name: "guest", id: 1001, sudo: None },
    User { name: "admin", id: 1002, sudo: Some("NOPASSWD: ALL") },
    User { name: "asker", id: 1003, sudo: Some("ALL") },
];

const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash
sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
";

const GROUP: &str = "root:x:0:
tty:x:5:
docker:x:990:ubuntu
nogroup:x:65534:
";

/// `*` means that no password is valid; unlike `!` it does not lock the account, to which sshd would deny the key too.
const SHADOW: &str = "root:*:19000:0:99999:7:::
sshd:!:19000::::::
nobody:*:19000:0:99999:7:::
";

/// Writes the lists of users and the rules of sudo.
pub(super) fn write_lists(etc: &Path) -> io::Result<()> {
    let lines = |line: fn(&User) -> String| USERS.iter().map(line).collect::<String>();
    let passwd = lines(|user| format!("{0}:x:{1}:{1}::/home/{0}:/bin/bash\n", user.name, user.id));
    let group = lines(|user| format!("{}:x:{}:\n", user.name, user.id));
    let shadow = lines(|user| format!("{}:*:19000:0:99999:7:::\n", user.name));
    let sudoers = lines(|user| match user.sudo {
        Some(what) => format!("{} ALL=(ALL) {what}\n", user.name),
        None => String::new(),
    });
    for (file, mode, text) in [
        ("passwd", 0o644, format!("{PASSWD}{passwd}")),
        ("group", 0o644, format!("{GROUP}{group}")),
        ("shadow", 0o600, format!("{SHADOW}{shadow}")),
        ("sudoers", 0o440, format!("root ALL=(ALL) ALL\n{sudoers}")),
    ] {
        fs::write(etc.join(file), text)?;
        fs::set_permissions(etc.join(file), fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// Creates their homes below a folder; they log in with this key.
pub(super) fn make_homes(folder: &Path, key: &Path) -> io::Result<()> {
    USERS.iter().try_for_each(|user| make_home(&folder.join(user.name), user.id, key))
}

fn make_home(home: &Path, id: u32, key: &Path) -> io::Result<()> {
    let skeleton = Path::new("/etc/skel");
    if skeleton.is_dir() {
        run(Command::new("cp").arg("--recursive").args([skeleton, home]))?;
    }
    fs::create_dir_all(home.join(".ssh"))?;
    fs::copy(key.with_extension("pub"), home.join(".ssh/authorized_keys"))?;
    fs::set_permissions(home, fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(home.join(".ssh"), fs::Permissions::from_mode(0o700))?;
    run(Command::new("chown").args(["--recursive", &format!("{id}:{id}")]).arg(home))
}
