//! Whatever a value holds, a shell that evaluates it gets that value, and runs nothing.
#![expect(clippy::disallowed_types, reason = "the shells of users evaluate it")]

use std::path::{Path, PathBuf};
use std::process::Command;

use dockerutils_dock::Dock;
use dockerutils_dock::session::{Dialect, Endpoint, Session, Variable};
use proptest::prelude::*;

const SHELLS: [(&str, &[&str], Dialect); 3] = [
    ("bash", &["--norc", "--noprofile", "-c"], Dialect::Posix),
    ("zsh", &["-f", "-c"], Dialect::Posix),
    ("fish", &["--no-config", "-c"], Dialect::Fish),
];

/// What a shell has in DOCKER_HOST while it is docked, and afterwards; none where there is no such shell.
fn through(shell: &str, args: &[&str], dialect: Dialect, text: &str) -> Option<(String, String)> {
    let before: Variable = format!("DOCKER_HOST={text}").parse().unwrap();
    let dock = Dock::new("192.0.2.1".parse().unwrap());
    let endpoint = Endpoint::Socket(PathBuf::from(text));
    let answer = dialect.dock(&Session::at(Path::new(text)), &dock, &endpoint, &[before]);
    assert_eq!(answer.lines().count(), 1);
    let script = match dialect {
        Dialect::Posix => {
            r#"eval "$ANSWER" && printf '%s\0' "$DOCKER_HOST" && eval "$__dock_undo" && printf '%s\0' "$DOCKER_HOST""#
        }
        Dialect::Fish => {
            r#"eval $ANSWER; printf '%s\0' "$DOCKER_HOST"; eval $__dock_undo; printf '%s\0' "$DOCKER_HOST""#
        }
    };
    let output =
        Command::new(shell).args(args).arg(script).env("ANSWER", &answer).env("LC_ALL", "C.UTF-8").output();
    let output = output.ok()?;
    assert!(output.stderr.is_empty(), "{shell}: {}\n{answer}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).unwrap();
    let values: Vec<&str> = stdout.split('\0').collect();
    let [docked, restored, ""] = values[..] else { panic!("{shell}: {values:?}") };
    Some((docked.to_owned(), restored.to_owned()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_arrives_as_it_is(text in prop_oneof!["[^\0]{0,40}", "[-'\"`$(){};&|<>*?!#~%\\\\ \t\n\r=a]{0,40}"]) {
        for (shell, args, dialect) in SHELLS {
            if let Some((docked, restored)) = through(shell, args, dialect, &text) {
                prop_assert_eq!(docked, format!("unix://{text}"), "{}", shell);
                prop_assert_eq!(&restored, &text, "{}", shell);
            }
        }
    }
}
