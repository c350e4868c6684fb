//! `up` sends exactly what the ignore file includes, and spares on the dock what it excludes.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use dockerutils_command::Runner;
use dockerutils_sync::{Ignore, ParentMatches, UpOptions};
use proptest::{prop_assert_eq, prop_assume};

use crate::cases::{self, Exceptions, paths, sent};
use crate::dock::{Dock, SHELL, read, shell, write};

#[test]
fn rsync_sends_exactly_what_the_walk_includes() {
    cases::run(100, Exceptions::All, |case| {
        let dock = Dock::new();
        case.create(dock.local());
        let sent = sent(dock.local());
        prop_assume!(sent.is_some());
        dock.up(false).expect("a sync");
        prop_assert_eq!(sent.unwrap_or_default(), paths(&dock.remote()), "{:?}", case.ignore());
        Ok(())
    });
}

/// The workspace contains an earlier tree, of which only the paths that are not excluded are deleted.
#[test]
fn delete_spares_excluded_paths() {
    let trees = cases::list(100, Exceptions::None);
    let cases = cases::list(100, Exceptions::All);
    for (case, old) in cases.iter().zip(trees.iter().rev()) {
        let dock = Dock::new();
        old.create(dock.local());
        let _ = fs::remove_file(dock.local().join(".dockerignore"));
        dock.up(false).expect("a sync");
        fs::remove_dir_all(dock.local()).and_then(|()| fs::create_dir(dock.local())).expect("a folder");
        case.create(dock.local());
        let Some(sent) = sent(dock.local()) else { continue };
        let ignore = Ignore::parse(case.ignore()).expect("patterns");
        let before = paths(&dock.remote());
        if sent.iter().any(|path| is_of_another_kind(&dock, path)) {
            continue;
        }
        let spared: BTreeSet<String> =
            before.difference(&sent).filter(|path| excludes(&ignore, path)).cloned().collect();
        dock.up(true).expect("a sync");
        let after = paths(&dock.remote());
        assert!(after.is_superset(&spared), "{:?}: {:?}", case.ignore(), spared.difference(&after));
        assert!(after.is_superset(&sent), "{:?}: {:?}", case.ignore(), sent.difference(&after));
        // Other remaining paths are folders above a spared path, or are below a folder that is excluded as a whole.
        for path in after.difference(&sent).filter(|path| !spared.contains(*path)) {
            let leads = spared.iter().any(|spared| spared.starts_with(&format!("{path}/")));
            let is_below =
                Path::new(path).ancestors().skip(1).any(|above| spared.contains(&*above.to_string_lossy()));
            // Only files are known from the last sync: a folder that held none stays.
            let is_empty = is_empty_folder(&dock.remote().join(path));
            assert!(leads || is_below || is_empty, "{:?}: {path}", case.ignore());
        }
    }
}

/// Returns whether a folder holds no file, at any depth.
fn is_empty_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_dir())
        && fs::read_dir(path).expect("a folder").flatten().all(|entry| is_empty_folder(&entry.path()))
}

fn excludes(ignore: &Ignore, path: &str) -> bool {
    let (mut parent, mut excluded) = (ParentMatches::default(), false);
    let folders: Vec<&Path> =
        Path::new(path).ancestors().filter(|path| !path.as_os_str().is_empty()).collect();
    for folder in folders.into_iter().rev() {
        let decision = ignore.evaluate(folder, &parent);
        (parent, excluded) = (decision.matches, decision.is_excluded);
    }
    excluded
}

/// Returns whether a folder on the dock is in the place of a file: rsync leaves such a folder alone if it is not empty.
fn is_of_another_kind(dock: &Dock, path: &str) -> bool {
    let is_folder = |root: &Path| root.join(path).symlink_metadata().is_ok_and(|found| found.is_dir());
    is_folder(&dock.remote()) && !is_folder(dock.local())
}

#[test]
fn names_with_special_characters_arrive_unchanged() {
    let dock = Dock::named("it's my \"project\" \\ $HOME `id` ü\n*");
    let names = [
        "-rf", "#a", ";b", " a ", "a\nb", "a\\b", "a\\#012b", "[a]", "a*", "?", "!x", "- a", "ü", "a:b", "~",
        "x'y\"z",
    ];
    for name in names {
        write(dock.local(), name, name, 0);
        write(dock.local(), &format!("{name}.d/{name}"), name, 0);
        write(dock.local(), &format!("no{name}"), name, 0);
    }
    fs::write(dock.local().join(".dockerignore"), "no*\n").expect("a file");
    dock.up(false).expect("a sync");
    for name in names {
        assert_eq!(read(&dock.remote(), name).as_deref(), Some(name));
        assert_eq!(read(&dock.remote(), &format!("{name}.d/{name}")).as_deref(), Some(name));
        assert_eq!(read(&dock.remote(), &format!("no{name}")), None);
    }
    for name in names {
        write(&dock.remote(), name, "changed", 1);
        write(&dock.remote(), &format!("{name}.d/new"), "new", 1);
    }
    let (fetched, conflicts) = dock.down(false).expect("a sync");
    assert_eq!((fetched.len(), conflicts), (2 * names.len(), vec![]));
    for name in names {
        assert_eq!(read(dock.local(), name).as_deref(), Some("changed"));
        assert_eq!(read(dock.local(), &format!("{name}.d/new")).as_deref(), Some("new"));
    }
}

#[test]
fn paths_that_only_a_list_can_exclude_are_spared() {
    let dock = Dock::new();
    // rsync cannot express these patterns and the exceptions, so the names are listed.
    fs::write(dock.local().join(".dockerignore"), "log?\n[xy]\n!x\ndata\n!data/keep\n").expect("a file");
    for name in ["gone", "gone.d/a", "data/keep"] {
        write(dock.local(), name, "here", 1);
    }
    write(dock.local(), "data/drop", "here", 1);
    dock.up(true).expect("a sync");
    for name in ["log1", "y", "data/other"] {
        write(&dock.remote(), name, "there", 0);
    }
    fs::remove_file(dock.local().join("gone")).expect("a file");
    fs::remove_dir_all(dock.local().join("gone.d")).expect("a folder");
    dock.up(true).expect("a sync");
    let expected = [".dockerignore", "data", "data/keep", "data/other", "log1", "y"];
    assert_eq!(paths(&dock.remote()), expected.map(str::to_owned).into());
    assert_eq!(read(&dock.remote(), "data/keep").as_deref(), Some("here"));
}

#[test]
fn nothing_is_deleted_without_delete() {
    let dock = Dock::new();
    write(dock.local(), "a", "1", 0);
    dock.up(false).expect("a sync");
    fs::remove_file(dock.local().join("a")).expect("a file");
    write(dock.local(), "b", "1", 0);
    dock.up(false).expect("a sync");
    assert_eq!(paths(&dock.remote()), ["a".to_owned(), "b".to_owned()].into());
    dock.up(true).expect("a sync");
    assert_eq!(paths(&dock.remote()), ["b".to_owned()].into());
}

#[test]
fn links_and_modes_are_preserved() {
    let dock = Dock::new();
    write(dock.local(), "run", "#!/bin/sh\n", 0);
    fs::set_permissions(dock.local().join("run"), fs::Permissions::from_mode(0o750)).expect("a mode");
    symlink("nowhere", dock.local().join("link")).expect("a link");
    nix::unistd::mkfifo(&dock.local().join("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    dock.up(false).expect("a sync");
    assert_eq!(fs::read_link(dock.remote().join("link")).expect("a link"), Path::new("nowhere"));
    assert_eq!(fs::metadata(dock.remote().join("run")).expect("a file").permissions().mode() & 0o777, 0o750);
    assert!(!dock.remote().join("pipe").exists());
}

#[test]
fn a_plan_changes_nothing() {
    let dock = Dock::new();
    write(dock.local(), "src/a b", "1", 0);
    let plan = |delete| -> Vec<(String, bool)> {
        let options = UpOptions { delete, force: false };
        let planned = dock.sync.plan_up(options, &Runner::new(false)).expect("a plan");
        planned.changes().map(|it| (it.path.to_string_lossy().into_owned(), it.is_deleted)).collect()
    };
    assert_eq!(plan(false), [("src/a b".to_owned(), false)]);
    assert!(!dock.remote().exists());
    dock.up(false).expect("a sync");
    fs::remove_dir_all(dock.local().join("src")).expect("a folder");
    write(&dock.remote(), "new/x", "1", 0);
    assert_eq!(plan(false), []);
    assert_eq!(plan(true), [("src/a b".to_owned(), true)]);
    assert!(dock.remote().join("src/a b").exists());
}

#[test]
fn a_workspace_that_cannot_be_created_is_reported_with_the_remedy() {
    let mut dock = Dock::new();
    write(dock.local(), "a", "1", 0);
    write(dock.temp(), "file", "", 0);
    let base = dock.temp().join("file/workspaces").to_str().expect("text").to_owned();
    dock.sync.workspace.path = format!("{base}/me/code/project");
    dock.sync.workspace.base = base;
    let error = dock.up(false).expect_err("no folder").to_string();
    let base = &dock.sync.workspace.base;
    assert!(error.starts_with(&format!("cannot create {base}/me/code/project on the dock: ")), "{error}");
    // The folder of all workspaces may be a colleague's: only the user's own is created and given away.
    let remedy = format!("`ssh-dock gpu -- sudo sh -c 'mkdir -p {base}/me && chown ubuntu {base}/me'`");
    assert!(error.ends_with(&remedy), "{error}");
}

#[test]
fn a_dock_without_rsync_is_reported_with_the_remedy() {
    let mut dock = Dock::new();
    let bin = dock.temp().join("bin");
    fs::create_dir(&bin).expect("a folder");
    for program in ["sh", "mkdir", "sed"] {
        symlink(Path::new("/bin").join(program), bin.join(program)).expect("a link");
    }
    dock.sync.target.ssh = shell(&format!("PATH={}; {SHELL}", bin.display()));
    let error = dock.up(false).expect_err("no rsync").to_string();
    assert_eq!(
        error,
        "rsync is not installed on the dock: install it with `ssh-dock gpu -- sudo apt-get install -y rsync`"
    );
}

#[test]
fn an_invalid_pattern_is_reported_with_its_line_and_the_reason() {
    let dock = Dock::new();
    let class = "what is between `[` and `]` is not characters or ranges such as `a-z`; write `\\-` and `\\]` for these two";
    for (pattern, fault) in [
        ("[a", "`[` requires a closing `]`"),
        ("[", "`[` requires a closing `]`"),
        ("[a-", "`[` requires a closing `]`"),
        ("[]", class),
        ("[z-a]", class),
        ("!", "`!` requires the pattern of a file or folder after it"),
        ("!/", "`!` requires the pattern of a file or folder after it"),
        (r"data\logs", r"a letter or digit must not follow `\`; the separator of folders is `/`"),
        (r"[\d]", r"a letter or digit must not follow `\`; the separator of folders is `/`"),
        (r"data\", r"a character must follow `\`"),
    ] {
        fs::write(dock.local().join(".dockerignore"), format!("a\n\n{pattern}\n")).expect("a file");
        let error = dock.up(false).expect_err("a pattern").to_string();
        assert_eq!(error, format!(".dockerignore:3: invalid pattern `{pattern}`: {fault}"));
    }
    assert!(!dock.remote().exists());
}
