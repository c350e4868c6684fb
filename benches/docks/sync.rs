//! sync-up of a project with many files, one of which has changed.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use dockerutils_testbed::bench::{Comparison, ms, ratio, seconds_of};

use crate::ROUNDS;
use crate::fixture::Fixture;
use crate::terminal::Terminal;

const DOCKERIGNORE: &str = ".git\n**/__pycache__\n**/*.pyc\n/data\n!/data/README\n";

pub(crate) fn row(_: &Fixture) -> Comparison {
    // Both go over the connection of this session.
    let _docked = Terminal::docked_to("near");
    let project = make_project();
    let sync_up = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sync-up"));
        command.arg("near").current_dir(&project);
        command
    };
    let mut by_hand = echoed_rsync(sync_up());
    let mut sync_up = sync_up();
    let mut count = 0;
    let [ours, rsync] = ROUNDS.medians(|subject| {
        count += 1;
        fs::write(project.join("src/50/50.py"), format!("changed = {count}\n")).unwrap();
        seconds_of(if subject == 0 { &mut sync_up } else { &mut by_hand })
    });
    Comparison {
        what: "`sync-up` of 10,000 files, one of them changed".to_owned(),
        measured: ms(ours),
        reference: format!("that rsync by hand {}", ms(rsync)),
        result: ratio(ours, rsync),
        target: "1.2 × rsync".to_owned(),
    }
}

/// Makes a project of ten thousand files that are sent, and some that are ignored.
fn make_project() -> PathBuf {
    let project = PathBuf::from(env::var_os("HOME").unwrap()).join("project");
    for folder in 0..100 {
        let source = project.join("src").join(folder.to_string());
        fs::create_dir_all(source.join("__pycache__")).unwrap();
        for file in 0..100 {
            fs::write(source.join(format!("{file}.py")), format!("number = {file}\n").repeat(64)).unwrap();
        }
        fs::write(source.join("__pycache__/module.pyc"), "").unwrap();
    }
    fs::create_dir(project.join("docker")).unwrap();
    fs::write(project.join("docker/dockerutils.cfg"), "").unwrap();
    fs::write(project.join(".dockerignore"), DOCKERIGNORE).unwrap();
    project
}

/// Returns an rsync of the whole project, with the options of the one that sync-up echoes for the changed files.
fn echoed_rsync(mut sync_up: Command) -> Command {
    let output = sync_up.output().unwrap();
    let echo = String::from_utf8(output.stderr).unwrap();
    let is_rsync = |line: &&str| line.starts_with("rsync ") && line.contains(" --files-from ");
    let line = echo.lines().find(is_rsync).unwrap_or_else(|| panic!("no rsync:\n{echo}"));
    let mut words = shlex::split(line).unwrap();
    words.retain(|word| word != "--ignore-times");
    let list = words.iter().position(|word| word == "--files-from").unwrap();
    words[list] = "--exclude-from".to_owned();
    words[list + 1] = words[list + 1].replace(".files", ".exclude");
    let mut rsync = Command::new(&words[0]);
    rsync.arg("--recursive").args(&words[1..]);
    rsync
}
