//! Login shells on the dock that are not a quiet POSIX shell.

use dockerutils_sync::Error;

use crate::dock::{Dock, SHELL, read, shell, write};

/// What every login shell has to take as it is meant.
const NAME: &str = "it's my \"project\" \\ $HOME `id` ü\n!x";

#[test]
fn every_login_shell_runs_a_sync() {
    for login_shell in ["sh", "bash", "zsh", "fish", "tcsh"] {
        let mut dock = Dock::named(NAME);
        dock.sync.target.ssh = shell(&SHELL.replace("exec sh", &format!("exec {login_shell}")));
        write(dock.local(), "a !b", "1", 0);
        dock.up(false).unwrap_or_else(|error| panic!("{login_shell}: {error}"));
        assert_eq!(read(&dock.remote(), "a !b").as_deref(), Some("1"), "{login_shell}");
        write(&dock.remote(), "new", "1", 0);
        dock.down(false).unwrap_or_else(|error| panic!("{login_shell}: {error}"));
        assert_eq!(read(dock.local(), "new").as_deref(), Some("1"), "{login_shell}");
    }
}

#[test]
fn a_shell_that_prints_is_named_with_what_it_prints() {
    let mut dock = Dock::new();
    write(dock.local(), "a", "1", 0);
    dock.up(false).expect("a sync");
    dock.sync.target.ssh = shell(&format!("echo; echo Welcome back; {SHELL}"));
    for error in [dock.up(false).err(), dock.down(false).err()] {
        let error = error.expect("noise");
        assert!(matches!(&error, Error::NoisyShell { text, .. } if text == "Welcome back"), "{error}");
        assert!(error.to_string().contains("the shell of ubuntu on gpu prints `Welcome back`"), "{error}");
    }
}

#[test]
fn a_shell_that_runs_no_commands_is_named() {
    for script in ["echo This account is currently not available.; exit 1", "exit 0"] {
        let mut dock = Dock::new();
        write(dock.local(), "a", "1", 0);
        dock.sync.target.ssh = shell(script);
        for error in [dock.up(false).err(), dock.down(false).err()] {
            let error = error.expect("no shell");
            assert!(matches!(error, Error::LoginShell { .. }), "{script}: {error}");
        }
    }
}

#[test]
fn an_rsync_of_another_kind_on_the_dock_is_named() {
    let mut dock = Dock::new();
    write(dock.local(), "a", "1", 0);
    let openrsync =
        "#!/bin/sh\n[ \"$1\" = --version ] && echo openrsync: protocol version 29 && exit\nexit 1\n";
    let program = dock.temp().join("rsync");
    write(dock.temp(), "rsync", openrsync, 0);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).expect("a mode");
    dock.sync.target.ssh = shell(&format!("PATH={}:$PATH; {SHELL}", dock.temp().display()));
    let error = dock.up(false).expect_err("openrsync").to_string();
    assert!(
        error.starts_with("the rsync of gpu is openrsync, but rsync 3.1 or later is required"),
        "{error}"
    );
}
