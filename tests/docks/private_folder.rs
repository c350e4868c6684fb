//! A session's folder that another user could have planted is refused by every command that would use it, and no command
//! follows a link in it.
//!
//! Another user would plant the folder in /tmp. The tests plant it below XDG_RUNTIME_DIR, where the same rule holds.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use dockerutils_testkit::{Invocation, Outcome, Project};

use super::file;

/// An address that no machine of a test has.
const ADDRESS: &str = "192.0.2.1";

/// Every command that uses a session, with its arguments; FOLDER is the session's folder.
const COMMANDS: [&[&str]; 16] = [
    &["ssh-dock", "gpu", "--", "true"],
    &["ssh-dock", "gpu", "--dry-run", "--", "true"],
    &["sync-up", "gpu"],
    &["sync-down", "gpu"],
    &["sync-status", "gpu"],
    &["nb-dock", "gpu", "--no-browser"],
    &["run-notebook", "--no-browser"],
    &["dock-session", "relay", "FOLDER"],
    &["dock-session", "open", "--shell", "posix", "--", "gpu"],
    &["dock-session", "close", "FOLDER"],
    &["dock-session", "ensure"],
    &["dock-session", "watch", "FOLDER"],
    &["run-image", "dev"],
    &["build-image", "dev"],
    &["transfer-image", "--inventory"],
    &["unregister-dock", "gpu"],
];

/// A project whose home knows a dock as `gpu`, and the folder that its session would have.
struct Setting {
    project: Project,
    folder: PathBuf,
}

impl Setting {
    /// ssh and rsync reach no dock here: they succeed, and `ssh -O exit` removes the control socket as a master does.
    fn new() -> Self {
        let ssh = "#!/bin/sh\ncase $* in *'-O exit'*) rm -f \"$4\" ;; esac\n";
        let project = Project::new()
            .dockerfile("dev", "FROM busybox\n")
            .executable("stubs/ssh", ssh)
            .executable("stubs/rsync", "#!/bin/sh\n");
        project.command("register-dock").args([ADDRESS, "gpu", "--no-check"]).run().status(0);
        fs::write(file(&project, ADDRESS, "known_hosts"), "known\n").unwrap();
        make_private(&runtime(&project));
        let open = ["open", "--shell", "posix", "--", "--dry-run", "gpu"];
        let outcome = command(&project, "dock-session").args(open).run();
        let echo = outcome.status(0).stderr.clone();
        let socket = echo.split(" -S ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a socket");
        Setting { folder: Path::new(socket).parent().unwrap().to_owned(), project }
    }

    fn parent(&self) -> &Path {
        self.folder.parent().unwrap()
    }

    /// A private folder as `source dock` creates it.
    fn make_folder(&self) {
        make_private(self.parent());
        make_private(&self.folder);
    }

    /// A folder of the user's that a link leads to, with files that no command may change.
    fn victim(&self) -> PathBuf {
        let victim = self.project.home().join("victim");
        if !victim.exists() {
            make_private(&victim);
            for name in ["1", "watch", "docker.sock", "ssh"] {
                fs::write(victim.join(name), "precious").unwrap();
            }
        }
        victim
    }

    fn run(&self, words: &[&str]) -> Outcome {
        let folder = self.folder.to_str().unwrap();
        let arguments = words[1..].iter().map(|word| word.replace("FOLDER", folder));
        let outcome = command(&self.project, words[0])
            .args(arguments)
            .env("DOCKER_HOST", format!("unix://{folder}/docker.sock"))
            .env("DOCKER_IP", ADDRESS)
            .run();
        self.victim_is_untouched(words);
        outcome
    }

    /// Every command fails with a message that names this folder, before it starts another program.
    #[track_caller]
    fn all_refuse(&self, folder: &Path) {
        let message = format!(
            "{} is not a folder that only you can use: remove it, or set XDG_RUNTIME_DIR to a folder of yours\n",
            folder.display()
        );
        for words in COMMANDS {
            let outcome = self.run(words);
            outcome.status(1).stdout_is("").echoes(&[]).stderr_has(&message).calls_are(&[]);
            outcome.check(outcome.stderr.lines().count() == 1, || format!("{words:?}: more than one line"));
        }
        assert!(file(&self.project, ADDRESS, "connection_config.txt").exists());
    }

    #[track_caller]
    fn victim_is_untouched(&self, words: &[&str]) {
        let mut names: Vec<_> =
            fs::read_dir(self.victim()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["1", "docker.sock", "ssh", "watch"], "{words:?}");
        for name in names {
            assert_eq!(fs::read_to_string(self.victim().join(name)).unwrap(), "precious", "{words:?}");
        }
    }
}

/// The XDG_RUNTIME_DIR of a project's commands.
fn runtime(project: &Project) -> PathBuf {
    project.home().parent().unwrap().join("run")
}

fn command(project: &Project, name: &str) -> Invocation {
    project.command(name).env("XDG_RUNTIME_DIR", runtime(project)).path_first(&project.root().join("stubs"))
}

fn make_private(folder: &Path) {
    DirBuilder::new().mode(0o700).create(folder).unwrap();
}

#[test]
fn a_folder_that_others_can_write_to_is_refused() {
    let setting = Setting::new();
    setting.make_folder();
    fs::set_permissions(&setting.folder, Permissions::from_mode(0o777)).unwrap();
    setting.all_refuse(&setting.folder);
    assert_eq!(fs::read_dir(&setting.folder).unwrap().count(), 0);
}

/// DOCKER_HOST names a socket on which another user may listen.
#[test]
fn castoff_in_a_nested_shell_leaves_a_folder_that_others_can_write_to() {
    let setting = Setting::new();
    setting.make_folder();
    fs::set_permissions(&setting.folder, Permissions::from_mode(0o777)).unwrap();
    let script = r#"eval "$(dock-session init bash)"; castoff; echo "<${DOCKER_HOST-}${DOCKER_IP-}>""#;
    let programs = Path::new(env!("CARGO_BIN_EXE_dock-session")).parent().unwrap();
    let outcome = setting
        .project
        .program("bash")
        .args(["-c", script])
        .path_first(programs)
        .env("DOCKER_HOST", format!("unix://{}/docker.sock", setting.folder.display()))
        .env("DOCKER_IP", ADDRESS)
        .run();
    outcome.status(0).stdout_is("<>\n").stderr_has(" is not a folder that only you can use: remove it");
    assert_eq!(fs::read_dir(&setting.folder).unwrap().count(), 0);
}

#[test]
fn a_link_in_place_of_the_folder_is_refused() {
    let setting = Setting::new();
    make_private(setting.parent());
    symlink(setting.victim(), &setting.folder).unwrap();
    setting.all_refuse(&setting.folder);
    assert!(setting.folder.is_symlink());
}

#[test]
fn a_folder_of_all_sessions_that_others_can_write_to_is_refused() {
    let setting = Setting::new();
    setting.make_folder();
    fs::set_permissions(setting.parent(), Permissions::from_mode(0o777)).unwrap();
    setting.all_refuse(setting.parent());
}

#[test]
fn a_link_in_place_of_the_folder_of_all_sessions_is_refused() {
    let setting = Setting::new();
    symlink(setting.victim(), setting.parent()).unwrap();
    setting.all_refuse(setting.parent());
}

#[test]
fn a_watch_file_that_is_a_link_is_neither_emptied_nor_created() {
    // Closing a folder without holders does nothing, unregister-dock reads the holders only, a relay uses the sockets only,
    // and a dry run joins nothing.
    let ignores_watch = |words: &[&str]| {
        words.contains(&"close")
            || words.contains(&"relay")
            || words[0] == "unregister-dock"
            || words.contains(&"--dry-run")
    };
    for (target, words) in ["watch", "new"].iter().flat_map(|target| COMMANDS.map(|words| (target, words))) {
        let setting = Setting::new();
        setting.make_folder();
        let _master = UnixListener::bind(setting.folder.join("ssh")).unwrap();
        symlink(setting.victim().join(target), setting.folder.join("watch")).unwrap();
        let outcome = setting.run(words);
        if !ignores_watch(words) {
            let folder = setting.folder.display();
            let message =
                format!("{folder}/watch was not created by dockerutils: remove the folder {folder}\n");
            outcome.status(1).stderr_has(&message).calls_are(&[]);
        }
    }
}

#[test]
fn a_folder_of_holders_that_is_a_link_is_refused() {
    for words in COMMANDS {
        let setting = Setting::new();
        setting.make_folder();
        let _master = UnixListener::bind(setting.folder.join("ssh")).unwrap();
        let holders = setting.folder.join("terminals");
        symlink(setting.victim(), &holders).unwrap();
        let outcome = setting.run(words);
        // A dry run and a relay join nothing.
        if !words.contains(&"--dry-run") && !words.contains(&"relay") {
            let message = format!("{} is not a folder that only you can use: remove it", holders.display());
            outcome.status(1).stderr_has(&message).calls_are(&[]);
        }
        assert!(holders.is_symlink());
    }
}

#[test]
fn links_in_the_folder_are_removed_and_not_what_they_lead_to() {
    let setting = Setting::new();
    setting.make_folder();
    make_private(&setting.folder.join("terminals"));
    for name in ["link", "watch", "docker.sock", "ssh"] {
        symlink(setting.victim().join("1"), setting.folder.join(name)).unwrap();
    }
    setting.run(&["dock-session", "close", "FOLDER"]).status(0).stderr_lacks("dock-session");
    assert!(!setting.folder.exists() && setting.parent().exists());
}

#[test]
fn sockets_that_are_links_are_not_used() {
    let setting = Setting::new();
    setting.make_folder();
    let elsewhere = setting.project.home().join("elsewhere");
    let _listener = UnixListener::bind(&elsewhere).unwrap();
    for name in ["docker.sock", "ssh"] {
        symlink(&elsewhere, setting.folder.join(name)).unwrap();
    }
    let shared =
        |words: &[&str]| setting.run(words).stderr.contains(&format!("-S {}", setting.folder.display()));
    assert!(!shared(&["ssh-dock", "gpu", "--", "true"]));
    assert!(!shared(&["sync-up", "gpu"]) && !shared(&["sync-down", "gpu"]));
}

/// A folder that was created under a umask of 0777, for example. Without the capabilities root is an ordinary user.
#[test]
fn a_folder_left_with_mode_0_is_repaired() {
    let setting = Setting::new();
    setting.make_folder();
    for folder in [setting.folder.clone(), setting.parent().to_owned()] {
        fs::set_permissions(&folder, Permissions::from_mode(0o0)).unwrap();
    }
    let close = env!("CARGO_BIN_EXE_dock-session");
    let mut words = vec![close, "close", setting.folder.to_str().unwrap()];
    if nix::unistd::geteuid().is_root() {
        words.splice(0..0, ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]);
    }
    let outcome = setting.project.program(words[0]).args(words[1..].iter().copied()).run();
    outcome.status(0).stderr_lacks("dock");
    for folder in [setting.parent(), &setting.folder] {
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn a_docks_folder_left_with_mode_0_is_repaired() {
    let setting = Setting::new();
    let folder = file(&setting.project, ADDRESS, "");
    fs::set_permissions(&folder, Permissions::from_mode(0o0)).unwrap();
    let mut words = vec![env!("CARGO_BIN_EXE_ls-dock"), "--no-probe"];
    if nix::unistd::geteuid().is_root() {
        words.splice(0..0, ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]);
    }
    let outcome = setting.project.program(words[0]).args(words[1..].iter().copied()).run();
    outcome.status(0).check(outcome.stdout.contains("gpu"), || "gpu is listed".to_owned());
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
}
