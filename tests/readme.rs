//! README matches the program: its commands are run, its tables compared with the code, its configurations parsed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use dockerutils::commands::ALL;
use dockerutils_config::{Config, KEYS};

use crate::examples;

fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md")
}

/// Returns the contents of the fenced blocks of a kind.
fn blocks(kind: &str) -> Vec<String> {
    let text = readme();
    let fence = format!("```{kind}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

/// Returns each command as it is typed, with the lines that README shows below it.
fn shown_commands() -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for line in blocks("console").iter().flat_map(|block| block.lines()) {
        match line.strip_prefix("$ ") {
            Some(command) => commands.push((command.to_owned(), Vec::new())),
            None => commands.last_mut().expect("a command comes first").1.push(line.to_owned()),
        }
    }
    commands
}

/// Replaces the number of the port of this machine, which is another one if 8888 is taken.
fn with_port(line: &str) -> String {
    let Some((before, after)) = line.split_once("127.0.0.1:") else { return line.to_owned() };
    format!("{before}127.0.0.1:PORT{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// Replaces what differs from machine to machine: time, folder, user id, terminal, port.
fn normalized(line: &str, root: &str) -> String {
    let words = with_port(line).replace("/home/ada/dockerutils/examples", root);
    let user = format!("{}:{}", nix::unistd::getuid(), nix::unistd::getgid());
    let words = words.replace("--user 1000:1000", &format!("--user {user}")).replace(" -it ", " -i ");
    // Root has a home and a name in every image.
    let is_root = nix::unistd::getuid().is_root();
    let words = if is_root { words.replace(" -e HOME=/tmp -e USER=ada -e LOGNAME=ada", "") } else { words };
    let is_name = |word: &&str| word.starts_with("ada_");
    words.split(' ').map(|word| if is_name(&word) { "NAME" } else { word }).collect::<Vec<_>>().join(" ")
}

#[test]
fn commands_print_what_is_shown_below_them() {
    let project = examples::copied_to("examples");
    let git = |args: &[&str]| project.program("git").args(args).run().status(0).clone();
    git(&["init", "-q"]);
    git(&[
        "-c",
        "user.name=ada",
        "-c",
        "user.email=ada@example.org",
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "x",
    ]);
    let bins = Path::new(env!("CARGO_BIN_EXE_run-image")).parent().expect("its folder").display();
    let mut ran = 0;
    for (command, shown) in shown_commands() {
        if command.starts_with("cd ") {
            continue;
        }
        let outcome = project
            .program("bash")
            .args(["-c", &format!("PATH={bins}:$PATH; {command}")])
            .env("USER", "ada")
            .env("LOGNAME", "ada")
            .without_engine()
            .run();
        let root = project.root().to_str().expect("text");
        let printed: Vec<String> = outcome.stderr.lines().map(|line| normalized(line, root)).collect();
        let is_checked = |line: &&String| !line.is_empty() && !line.starts_with(' ') && *line != "…";
        let mut rest = printed.iter();
        for line in shown.iter().filter(is_checked) {
            let line = normalized(line, root);
            outcome.check(rest.any(|printed| *printed == line), || {
                format!("README shows below `{command}`:\n{line}")
            });
        }
        let is_error =
            shown.iter().any(|line| line.starts_with("run-image:") || line.starts_with("build-image:"));
        outcome.check((outcome.status == 0) != is_error, || "the exit status".to_owned());
        ran += 1;
    }
    assert!(ran >= 6, "README shows {ran} commands");
}

#[test]
fn the_table_of_keys_matches_the_code() {
    let text = readme();
    let (_, rest) = text.split_once("<!-- keys: ").expect("the reference");
    let (table, _) = rest.split_once("<!-- /keys -->").expect("its end");
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    let expected: Vec<String> =
        KEYS.iter().map(|key| format!("| `{}` | {} | {} |", key.name, key.value, key.becomes)).collect();
    assert_eq!(rows, expected, "the table should be\n{}", expected.join("\n"));
}

/// `dock-session` is called by the shell's `source dock` alone, and is not in the table.
#[test]
fn the_table_of_commands_names_every_command_and_no_other() {
    let text = readme();
    let rows = text
        .lines()
        .skip_while(|line| !line.starts_with("| `build-image"))
        .take_while(|line| line.starts_with('|'));
    let cells =
        rows.filter_map(|row| row.split(" | ").next()).flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let named: BTreeSet<&str> = cells.filter_map(|code| code.split(' ').next()).collect();
    let commands =
        ALL.iter().map(|entry| entry.name).filter(|name| !["dock-ec2", "dock-session"].contains(name));
    let expected: BTreeSet<&str> = commands.chain(["source", "castoff"]).collect();
    assert_eq!(named, expected);
}

#[test]
fn configurations_are_read_without_a_warning() {
    let blocks = blocks("ini");
    assert!(!blocks.is_empty());
    for block in blocks {
        let config = Config::parse(block.as_bytes(), "README.md").expect("it is read");
        assert!(config.unknown_keys().is_empty());
        for section in block.lines().filter_map(|line| line.strip_prefix('[')?.strip_suffix(']')) {
            let image = config.image(section, false).expect("a section");
            assert!(section == "run_image" || image.unknown_keys.is_empty(), "{:?}", image.unknown_keys);
        }
    }
}

#[test]
fn make_targets_exist() {
    let makefile =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Makefile")).expect("Makefile");
    for block in blocks("sh") {
        for target in block.lines().filter_map(|line| line.strip_prefix("make ")?.split_whitespace().next()) {
            assert!(makefile.lines().any(|line| line.starts_with(&format!("{target}:"))), "{target}");
        }
    }
}

#[test]
fn the_minimum_rust_version_is_that_of_the_manifest() {
    let manifest =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("Cargo.toml");
    let line = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).expect("rust-version");
    assert!(readme().contains(&format!("Rust {} or newer", line.trim_matches('"'))));
}
