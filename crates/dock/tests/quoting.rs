//! A shell that evaluates a quoted value gets that value and runs nothing, whatever the value contains.
#![expect(clippy::disallowed_types, reason = "the shells of users evaluate it")]

use std::path::{Path, PathBuf};
use std::process::Command;

use dockerutils_dock::Dock;
use dockerutils_dock::session::{Endpoint, ShellKind, Variable};
use proptest::prelude::*;

const SHELLS: [(&str, &[&str], ShellKind); 3] = [
    ("bash", &["--norc", "--noprofile", "-c"], ShellKind::Posix),
    ("zsh", &["-f", "-c"], ShellKind::Posix),
    ("fish", &["--no-config", "-c"], ShellKind::Fish),
];

/// Returns DOCKER_HOST of a shell while it is docked, and afterwards; `None` if the shell is not installed.
fn docker_host_in(shell: &str, args: &[&str], kind: ShellKind, text: &str) -> Option<(String, String)> {
    let before: Variable = format!("DOCKER_HOST={text}").parse().unwrap();
    let dock = Dock::new("192.0.2.1".parse().unwrap());
    let endpoint = Endpoint::Socket(PathBuf::from(text));
    let line = kind.dock_script(Path::new(text), &dock, &endpoint, &[before]);
    assert_eq!(line.lines().count(), 1);
    let script = match kind {
        ShellKind::Posix => {
            r#"eval "$LINE" && printf '%s\0' "$DOCKER_HOST" && eval "$__dock_undo" && printf '%s\0' "$DOCKER_HOST""#
        }
        ShellKind::Fish => {
            r#"eval $LINE; printf '%s\0' "$DOCKER_HOST"; eval $__dock_undo; printf '%s\0' "$DOCKER_HOST""#
        }
    };
    let output =
        Command::new(shell).args(args).arg(script).env("LINE", &line).env("LC_ALL", "C.UTF-8").output();
    let output = output.ok()?;
    assert!(output.stderr.is_empty(), "{shell}: {}\n{line}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).unwrap();
    let values: Vec<&str> = stdout.split('\0').collect();
    let [docked, restored, ""] = values[..] else { panic!("{shell}: {values:?}") };
    Some((docked.to_owned(), restored.to_owned()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_is_the_same_in_every_shell(text in prop_oneof!["[^\0]{0,40}", "[-'\"`$(){};&|<>*?!#~%\\\\ \t\n\r=a]{0,40}"]) {
        for (shell, args, kind) in SHELLS {
            if let Some((docked, restored)) = docker_host_in(shell, args, kind, &text) {
                prop_assert_eq!(docked, format!("unix://{text}"), "{}", shell);
                prop_assert_eq!(&restored, &text, "{}", shell);
            }
        }
    }
}
