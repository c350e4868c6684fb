//! The commands as clap knows them, their --help and --version, and their binaries.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dockerutils::commands::ALL;
use dockerutils_testkit::Project;

#[test]
fn every_argument_is_described_and_no_definition_contradicts_another() {
    for entry in ALL {
        (entry.tree)().help_expected(true).debug_assert();
    }
}

#[test]
fn every_command_has_a_dry_run() {
    fn has_dry_run(tree: &clap::Command) -> bool {
        tree.get_arguments().any(|argument| argument.get_long() == Some("dry-run"))
            || tree.get_subcommands().any(has_dry_run)
    }
    for entry in ALL {
        assert!(has_dry_run(&(entry.tree)()), "{} has no --dry-run", entry.name);
    }
}

#[test]
fn help_goes_to_standard_output_and_has_an_example() {
    let project = Project::new();
    for entry in ALL {
        let outcome = project.command(entry.name).arg("--help").run();
        outcome.status(0).calls_are(&[]);
        let help = &outcome.stdout;
        assert!(outcome.stderr.is_empty() && help.contains("Example"), "{help}");
        assert!(help.contains("--help") && help.contains("--version"), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 120), "{help}");
    }
}

#[test]
fn every_flag_of_the_conventions_exists() {
    let project = Project::new();
    let flags: [(&str, &[&str]); 3] = [
        (
            "build-image",
            &[
                "-f, --force-build-base",
                "-i, --image-name <NAME>",
                "-t, --image-tag <TAG>",
                "-p, --pull-base",
                "--dry-run",
            ],
        ),
        (
            "run-image",
            &[
                "-a, --args <FLAGS>",
                "-c, --command <COMMAND>",
                "-e, --env <NAME=VALUE>",
                "-g, --use-gpu",
                "--gpus <LIST>",
                "-k, --keep",
                "-n, --network <NETWORK>",
            ],
        ),
        ("publish-image", &["-i, --image-name <NAME>", "-t, --image-tag <TAG>", "--json", "--dry-run"]),
    ];
    for (command, flags) in flags {
        let help = project.command(command).arg("--help").run().stdout;
        for flag in flags {
            assert!(help.contains(flag), "{command} {flag}\n{help}");
        }
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let project = Project::new();
    for entry in ALL {
        // `dock-session` does the work of the shell's `dock`, and its messages begin with that name.
        let expected = format!("{} {}\n", (entry.tree)().get_name(), env!("CARGO_PKG_VERSION"));
        project.command(entry.name).arg("--version").run().status(0).stdout_is(&expected);
    }
}

/// The source files of the binaries.
fn binaries() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    fs::read_dir(folder).expect("src/bin").map(|entry| entry.expect("an entry").path()).collect()
}

#[test]
fn all_lists_the_binaries_in_alphabetical_order() {
    let stem = |file: PathBuf| file.file_stem().expect("a name").to_string_lossy().into_owned();
    let binaries: BTreeSet<String> = binaries().into_iter().map(stem).collect();
    assert!(ALL.iter().map(|entry| entry.name).eq(&binaries), "{binaries:?}");
    for entry in ALL {
        let tree = (entry.tree)();
        assert_eq!(tree.get_bin_name().unwrap_or(tree.get_name()), entry.name);
    }
}

#[test]
fn a_binary_has_at_most_ten_lines() {
    for file in binaries() {
        let lines = fs::read_to_string(&file).expect("a source file").lines().count();
        assert!(lines <= 10, "{} has {lines} lines: its logic belongs in src/commands", file.display());
    }
}
