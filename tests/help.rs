//! --help and --version: what is asked for goes to standard output, with an example, and every flag is told.

use dockerutils_testkit::Project;

const COMMANDS: [&str; 11] = [
    "build-image",
    "run-image",
    "publish-image",
    "genversion",
    "register-dock",
    "unregister-dock",
    "ls-dock",
    "ssh-dock",
    "sync-up",
    "sync-down",
    "transfer-image",
];

#[test]
fn help_has_an_example_and_tells_every_flag() {
    let project = Project::new();
    for command in COMMANDS {
        let outcome = project.command(command).arg("--help").run();
        outcome.status(0).calls_are(&[]);
        let help = &outcome.stdout;
        assert!(outcome.stderr.is_empty() && help.contains("Example"), "{help}");
        assert!(help.contains("--dry-run") && help.contains("--version"), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 120), "{help}");
        // A flag without a word on what it does would end its line.
        let untold: Vec<&str> = help
            .lines()
            .filter(|line| {
                line.trim_start().starts_with("--")
                    && !line.trim().contains("  ")
                    && line.trim().split(' ').count() < 2
            })
            .collect();
        assert!(untold.is_empty(), "{untold:?}");
    }
}

#[test]
fn every_flag_of_the_conventions_is_there() {
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
fn the_version_is_the_packages() {
    let project = Project::new();
    for command in COMMANDS {
        let expected = format!("{command} {}\n", env!("CARGO_PKG_VERSION"));
        project.command(command).arg("--version").run().status(0).stdout_is(&expected);
    }
}
