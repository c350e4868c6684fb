//! The echo is what runs: bash, given the echoed line, starts the same program with the same arguments.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use dockerutils_command::Command;
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

#[test]
fn exported_variables_survive_bash() {
    let command = Command::new("show").arg("x").env("A_1", "it's\ta \"b\" $HOME").env("B", "1");
    let text = command.to_shell().replace("show x", "show \"$A_1\"; sh -c 'printf %s\\\\0 \"$B\"'");
    assert_eq!(pasted_into_bash(&text), [&b"it's\ta \"b\" $HOME"[..], b"1"], "{text}");
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
