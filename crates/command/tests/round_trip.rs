//! The echo is what runs: bash, given the echoed line, starts the same program with the same arguments.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use dockerutils_command::{Command, Runner, ValuePart};
use proptest::prelude::*;

/// Returns the arguments that bash passes to a program for this text, with history expansion and extended globs on.
fn pasted_into_bash(text: &str) -> Vec<Vec<u8>> {
    #[expect(clippy::disallowed_types, reason = "bash is the reference here, not one of our commands")]
    let output = std::process::Command::new("bash")
        .args([
            "--norc",
            "-c",
            "show() { for word; do printf '%s\\0' \"$word\"; done; }; set -H; shopt -s extglob; eval \"$1\"",
            "bash",
            text,
        ])
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{text}: {}", String::from_utf8_lossy(&output.stderr));
    let mut words: Vec<Vec<u8>> = output.stdout.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect();
    words.pop();
    words
}

fn echoed(words: &[OsString]) -> String {
    Command::new("show").args(words).to_shell()
}

#[track_caller]
fn assert_round_trip(words: Vec<OsString>) {
    let text = echoed(&words);
    assert!(!text.contains('\n'), "one line: {text}");
    let bytes: Vec<Vec<u8>> = words.into_iter().map(OsStringExt::into_vec).collect();
    assert_eq!(pasted_into_bash(&text), bytes, "{text}");
}

#[test]
fn a_script_that_stands_in_a_file_arrives_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "printf '%s' \"$1\" `id` !! \\\\ $HOME é";
    for name in ["script", "it's a $(script) !x", "a\nb"] {
        let file = folder.path().join(name);
        std::fs::write(&file, script).expect("a file");
        let text =
            Command::new("show").arg("a b").arg_from_file("--rsync-path=", script, &file).arg("c").to_shell();
        let expected = ["a b", &format!("--rsync-path={script}"), "c"].map(|word| word.as_bytes().to_vec());
        assert_eq!(pasted_into_bash(&text), expected, "{text}");
        assert!(!text.contains("printf") && !text.contains('\n'), "{text}");
    }
}

#[test]
fn special_characters_survive_bash() {
    let words = [
        "",
        " ",
        "a b",
        "a\nb",
        "\t",
        "'",
        "\"",
        "`id`",
        "$HOME",
        "${X}",
        "$(id)",
        "!",
        "!!",
        "a!b",
        "it's!",
        "\\",
        "~",
        "~/x",
        "x=~",
        "X=a:~/b",
        "-",
        "--",
        "-n",
        "{a,b}",
        "*",
        "?",
        "[a]",
        "#x",
        "a#b",
        ";",
        "&",
        "|",
        "<",
        ">",
        "(",
        "^a^b",
        "%1",
        "=",
        "=x",
        "A=",
        "A=b c",
        "é",
        "日本",
        "\u{202e}",
        "\u{7f}",
        "\u{1b}[31m",
        "$'x'",
        "a\\",
        "\r",
    ];
    assert_round_trip(words.iter().map(OsString::from).collect());
    assert_round_trip(vec![OsString::from_vec(vec![0xff, b'a', b' ', 0x80, b'1'])]);
}

/// Variables that this test has, because Cargo sets them, so that they can be read and replaced.
const OURS: [&str; 3] = ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_MANIFEST_DIR"];

/// Returns a command that prints these variables, a marker, and whether the others of ours are left as they are.
fn print_variables(names: &[&str]) -> Command {
    let words: String = names.iter().map(|name| format!(" \"${{{name}-unset}}\"")).collect();
    Command::new("sh").args(["-c".to_owned(), format!("printf '%s\\0'{words}")])
}

/// Asserts that the program gets the same variables from us and from bash, and that bash has the same ones afterwards.
#[track_caller]
fn assert_same_environment(command: &Command, names: &[&str]) {
    let ran = Runner::new(false).capture(command).expect("sh runs");
    let text = command.to_shell();
    assert!(!text.contains('\n'), "one line: {text}");
    let variables = "compgen -A variable | grep -vE '^(_|BASH.*|EPOCH.*|S?RANDOM|SECONDS|LINENO|PIPESTATUS|FUNCNAME|before)$' | while read -r name; do declare -p $name; done";
    let script = format!(
        "before=$({variables}; pwd); eval \"$1\"; after=$({variables}; pwd); [ \"$before\" = \"$after\" ] || echo \"changed: $after\""
    );
    #[expect(clippy::disallowed_types, reason = "bash is the reference here, not one of our commands")]
    let output = std::process::Command::new("bash")
        .args(["--norc", "-c", &script, "bash", &text])
        .output()
        .expect("bash runs");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&ran),
        "{text} for {names:?}"
    );
}

#[test]
fn variables_survive_bash() {
    let names = ["A_1", "B"];
    let command = print_variables(&names).env("A_1", "it's\ta \"b\" $HOME").env("B", "~/x:~/y");
    assert_same_environment(&command, &names);
}

#[test]
fn a_variable_of_the_same_name_is_inherited_and_not_assigned() {
    assert_eq!(Command::new("show").env("A", "1").env_from("A", "A").to_shell(), "show");
    assert_eq!(Command::new("show").env_from("A", "B").env("A", "2").to_shell(), "A=2 show");
}

#[test]
fn variables_that_read_each_other_are_set_in_an_order_that_keeps_their_values() {
    let [name, version, dir] = OURS;
    let chain = Command::new("show").env_from(name, version).env_from("COPY", name);
    assert_eq!(chain.to_shell(), format!("COPY=\"${name}\" {name}=\"${version}\" show"));
    let swap = Command::new("show").env_from(name, version).env_from(version, name);
    assert_eq!(
        swap.to_shell(),
        format!("(saved_1=\"${name}\" && {name}=\"${version}\" {version}=\"$saved_1\" show)")
    );
    let ring = print_variables(&OURS).env_from(name, version).env_from(version, dir).env_from(dir, name);
    assert_same_environment(&ring, &OURS);
}

#[test]
fn a_folder_and_variables_are_set_for_the_command_alone() {
    let command = Command::new("sh").args(["-c", "pwd"]).dir("/usr/lib").env("A", "x y");
    assert_eq!(command.to_shell(), "(cd /usr/lib && A='x y' sh -c pwd)");
    assert_same_environment(&command, &[]);
}

#[test]
fn a_secret_that_no_variable_holds_is_not_in_the_echo_which_runs_nothing_without_it() {
    let hidden = || vec![ValuePart::Hidden("hush".into())];
    let command = print_variables(&["NEW"]).env_value("NEW", hidden());
    assert!(!command.to_shell().contains("hush") && !format!("{command:?}").contains("hush"));
    assert_eq!(Runner::new(false).capture(&command).expect("sh runs"), b"hush\0");
    let text = command.to_shell();
    #[expect(clippy::disallowed_types, reason = "bash is the reference here, not one of our commands")]
    let output =
        std::process::Command::new("bash").args(["--norc", "-c", &text]).output().expect("bash runs");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.stdout.is_empty() && message.contains("NEW: is not printed, set it first"), "{message}");
    assert_eq!(pasted_into_bash(&format!("NEW=x; {}", text.replacen("sh ", "show ", 1))).len(), 2);
    // A variable that is set already has another value.
    let text = Command::new("show").env_value("HOME", hidden()).to_shell();
    assert_eq!(text, "HOME=\"${HOME_VALUE:?is not printed, set it first}\" show");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_survives_bash(words in prop::collection::vec("[^\u{0}]{0,12}", 0..6)) {
        assert_round_trip(words.into_iter().map(OsString::from).collect());
    }

    #[test]
    fn any_punctuation_survives_bash(words in prop::collection::vec("[a= \n\t'\"`$!~\\\\{},*?#;&|<>()\\[\\]^%:-]{0,8}", 0..6)) {
        assert_round_trip(words.into_iter().map(OsString::from).collect());
    }

    #[test]
    fn any_bytes_survive_bash(words in prop::collection::vec(prop::collection::vec(1u8..=255, 0..12), 0..4)) {
        assert_round_trip(words.into_iter().map(OsString::from_vec).collect());
    }
}

proptest! {
    // Each case starts several shells.
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_variables_survive_bash(values in prop::collection::vec((0usize..5, prop::collection::vec((0usize..4, "[^\u{0}]{0,4}"), 0..3)), 0..6)) {
        let names = ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_MANIFEST_DIR", "NEW_1", "NEW_2"];
        let mut command = print_variables(&names);
        for (name, parts) in values {
            let part = |(source, text): (usize, String)| match OURS.get(source) {
                Some(source) => ValuePart::Variable((*source).to_owned()),
                None => ValuePart::Text(text),
            };
            command = command.env_value(names[name], parts.into_iter().map(part).collect());
        }
        assert_same_environment(&command, &names);
    }
}
