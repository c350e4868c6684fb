//! Sending: what the ignore file leaves, and nothing else; what it excludes is spared on the dock.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use dockerutils_command::Runner;
use dockerutils_sync::{Above, Ignore};
use proptest::{prop_assert_eq, prop_assume};

use crate::cases::{self, Exceptions, paths, sent};
use crate::dock::{Dock, read, write};

#[test]
fn rsync_sends_what_the_walk_finds() {
    cases::run(100, Exceptions::All, |case| {
        let dock = Dock::new();
        case.make(dock.here());
        let sent = sent(dock.here());
        prop_assume!(sent.is_some());
        dock.up(false).expect("a sync");
        prop_assert_eq!(sent.unwrap_or_default(), paths(&dock.there()), "{:?}", case.ignore());
        Ok(())
    });
}

/// The workspace holds a whole tree of its own; of that only what is not excluded is deleted.
#[test]
fn deleting_spares_what_is_excluded() {
    let trees = cases::list(100, Exceptions::None);
    let cases = cases::list(100, Exceptions::All);
    for (case, old) in cases.iter().zip(trees.iter().rev()) {
        let dock = Dock::new();
        case.make(dock.here());
        let Some(sent) = sent(dock.here()) else { continue };
        fs::create_dir_all(dock.there()).expect("a folder");
        old.make(&dock.there());
        let ignore = Ignore::parse(case.ignore()).expect("patterns");
        let before = paths(&dock.there());
        if sent.iter().any(|path| is_of_another_kind(&dock, path)) {
            continue;
        }
        dock.up(true).expect("a sync");
        let after = paths(&dock.there());
        let spared: BTreeSet<String> =
            before.difference(&sent).filter(|path| excludes(&ignore, path)).cloned().collect();
        assert!(after.is_superset(&spared), "{:?}: {:?}", case.ignore(), spared.difference(&after));
        assert!(after.is_superset(&sent), "{:?}: {:?}", case.ignore(), sent.difference(&after));
        // Besides, only folders that lead to something spared, and what is below a folder that is excluded as a whole.
        for path in after.difference(&sent).filter(|path| !spared.contains(*path)) {
            let leads = spared.iter().any(|spared| spared.starts_with(&format!("{path}/")));
            let is_below =
                Path::new(path).ancestors().skip(1).any(|above| spared.contains(&*above.to_string_lossy()));
            assert!(leads || is_below, "{:?}: {path}", case.ignore());
        }
    }
}

fn excludes(ignore: &Ignore, path: &str) -> bool {
    let mut above = Above::default();
    let mut excluded = false;
    let folders: Vec<&Path> =
        Path::new(path).ancestors().filter(|path| !path.as_os_str().is_empty()).collect();
    for folder in folders.into_iter().rev() {
        let answer = ignore.ask(folder, &above);
        (above, excluded) = (answer.above, answer.excluded);
    }
    excluded
}

/// rsync leaves a full folder alone where a file belongs, and says so.
fn is_of_another_kind(dock: &Dock, path: &str) -> bool {
    let is_folder = |root: &Path| root.join(path).symlink_metadata().is_ok_and(|found| found.is_dir());
    is_folder(&dock.there()) && !is_folder(dock.here())
}

#[test]
fn odd_names_arrive_whole() {
    let dock = Dock::named("it's my \"project\" \\ $HOME `id` ü\n*");
    let names = [
        "-rf", "#a", ";b", " a ", "a\nb", "a\\b", "a\\#012b", "[a]", "a*", "?", "!x", "- a", "ü", "a:b", "~",
        "x'y\"z",
    ];
    for name in names {
        write(dock.here(), name, name, 0);
        write(dock.here(), &format!("{name}.d/{name}"), name, 0);
        write(dock.here(), &format!("no{name}"), name, 0);
    }
    fs::write(dock.here().join(".dockerignore"), "no*\n").expect("a file");
    dock.up(false).expect("a sync");
    for name in names {
        assert_eq!(read(&dock.there(), name).as_deref(), Some(name));
        assert_eq!(read(&dock.there(), &format!("{name}.d/{name}")).as_deref(), Some(name));
        assert_eq!(read(&dock.there(), &format!("no{name}")), None);
    }
    for name in names {
        write(&dock.there(), name, "changed", 1);
        write(&dock.there(), &format!("{name}.d/new"), "new", 1);
    }
    let (comes, conflicts) = dock.down(false).expect("a sync");
    assert_eq!((comes.len(), conflicts), (2 * names.len(), vec![]));
    for name in names {
        assert_eq!(read(dock.here(), name).as_deref(), Some("changed"));
        assert_eq!(read(dock.here(), &format!("{name}.d/new")).as_deref(), Some("new"));
    }
}

#[test]
fn each_kind_of_excluded_name_is_spared() {
    let dock = Dock::new();
    // With an exception, and patterns that rsync has no words for: the names are listed.
    fs::write(dock.here().join(".dockerignore"), "log?\n[xy]\n!x\ndata\n!data/keep\n").expect("a file");
    for name in ["log1", "y", "data/keep", "data/other", "gone", "gone.d/a"] {
        write(&dock.there(), name, "there", 0);
    }
    write(dock.here(), "data/keep", "here", 1);
    write(dock.here(), "data/drop", "here", 1);
    dock.up(true).expect("a sync");
    let expected = [".dockerignore", "data", "data/keep", "data/other", "log1", "y"];
    assert_eq!(paths(&dock.there()), expected.map(str::to_owned).into());
    assert_eq!(read(&dock.there(), "data/keep").as_deref(), Some("here"));
}

#[test]
fn without_delete_nothing_is_deleted() {
    let dock = Dock::new();
    write(dock.here(), "a", "1", 0);
    dock.up(false).expect("a sync");
    fs::remove_file(dock.here().join("a")).expect("a file");
    write(dock.here(), "b", "1", 0);
    dock.up(false).expect("a sync");
    assert_eq!(paths(&dock.there()), ["a".to_owned(), "b".to_owned()].into());
    dock.up(true).expect("a sync");
    assert_eq!(paths(&dock.there()), ["b".to_owned()].into());
}

#[test]
fn links_stay_links_and_modes_stay() {
    let dock = Dock::new();
    write(dock.here(), "run", "#!/bin/sh\n", 0);
    fs::set_permissions(dock.here().join("run"), fs::Permissions::from_mode(0o750)).expect("a mode");
    symlink("nowhere", dock.here().join("link")).expect("a link");
    nix::unistd::mkfifo(&dock.here().join("pipe"), nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    dock.up(false).expect("a sync");
    assert_eq!(fs::read_link(dock.there().join("link")).expect("a link"), Path::new("nowhere"));
    assert_eq!(fs::metadata(dock.there().join("run")).expect("a file").permissions().mode() & 0o777, 0o750);
    assert!(!dock.there().join("pipe").exists());
}

#[test]
fn a_plan_does_nothing() {
    let dock = Dock::new();
    write(dock.here(), "src/a b", "1", 0);
    let plan = |delete| -> Vec<(String, bool)> {
        let planned = dock.sync.plan_up(delete, &Runner::new(false)).expect("a plan");
        planned.into_iter().map(|it| (it.path.to_string_lossy().into_owned(), it.is_deleted)).collect()
    };
    assert_eq!(plan(false), [("src/a b".to_owned(), false)]);
    assert!(!dock.there().exists());
    dock.up(false).expect("a sync");
    write(&dock.there(), "old/x", "1", 0);
    assert_eq!(plan(false), []);
    assert_eq!(plan(true), [("old/x".to_owned(), true), ("old".to_owned(), true)]);
    assert!(dock.there().join("old/x").exists());
}

#[test]
fn a_workspace_that_cannot_be_made_is_told_with_the_remedy() {
    let mut dock = Dock::new();
    write(dock.here(), "a", "1", 0);
    write(dock.temp(), "file", "", 0);
    dock.sync.workspace.base = dock.temp().join("file/workspaces").to_str().expect("text").to_owned();
    let error = dock.up(false).expect_err("no folder").to_string();
    let base = &dock.sync.workspace.base;
    assert!(error.starts_with(&format!("{base}/me/code/project cannot be made on the dock")), "{error}");
    assert!(
        error.ends_with(&format!("`ssh-dock gpu -- sudo sh -c 'mkdir -p {base} && chown ubuntu {base}'`")),
        "{error}"
    );
}

#[test]
fn a_dock_without_rsync_is_told_with_the_remedy() {
    let mut dock = Dock::new();
    dock.sync.workspace.ssh = dockerutils_command::Command::new("sh").args([
        "-c",
        r#"[ "$1" = -- ] || shift; shift 2; PATH=/var/empty; mkdir() { :; }; eval "$*""#,
        "ssh",
    ]);
    let error = dock.up(false).expect_err("no rsync").to_string();
    assert_eq!(error, "the dock has no rsync: `ssh-dock gpu -- sudo apt-get install -y rsync`");
}

#[test]
fn a_refused_pattern_is_told_with_its_line() {
    let dock = Dock::new();
    fs::write(dock.here().join(".dockerignore"), "a\n\n[a\n").expect("a file");
    let error = dock.up(false).expect_err("a pattern").to_string();
    assert!(error.starts_with(".dockerignore:3: docker cannot read the pattern `[a`"), "{error}");
    assert!(!dock.there().exists());
}
