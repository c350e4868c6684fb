//! sync-up of a project with many files, one of which has changed.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use crate::RUNS;
use crate::measure::{in_turns, time_ms};
use crate::setting::Setting;
use crate::table::{Row, ms, ratio};
use crate::terminal::Terminal;

const DOCKERIGNORE: &str = ".git\n**/__pycache__\n**/*.pyc\n/data\n!/data/README\n";

pub(crate) fn row(_: &Setting) -> Row {
    // Its connection is the one that both go over.
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
    let [ours, rsync] = in_turns(RUNS, |which| {
        count += 1;
        fs::write(project.join("src/50/50.py"), format!("changed = {count}\n")).unwrap();
        time_ms(if which == 0 { &mut sync_up } else { &mut by_hand })
    });
    Row {
        what: "`sync-up` of 10,000 files, one of them changed",
        ours: ms(ours),
        beside: format!("that rsync by hand {}", ms(rsync)),
        held: ratio(ours, rsync),
        bar: "1.2 × rsync",
    }
}

/// Ten thousand files that are sent, and some that are not.
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
    fs::write(project.join(".dockerignore"), DOCKERIGNORE).unwrap();
    project
}

/// The rsync that sync-up says it runs: by hand, it is a line to paste.
fn echoed_rsync(mut sync_up: Command) -> Command {
    let output = sync_up.output().unwrap();
    let echo = String::from_utf8(output.stderr).unwrap();
    let line =
        echo.lines().find(|line| line.starts_with("rsync ")).unwrap_or_else(|| panic!("no rsync:\n{echo}"));
    let words = shlex::split(line).unwrap();
    let mut rsync = Command::new(&words[0]);
    rsync.args(&words[1..]);
    rsync
}
