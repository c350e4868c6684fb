//! Compares the INI parser with Python's configparser on generated files.
//!
//! One python3 process reads all files, including the fuzzer's corpus. Both must return the same sections for a valid
//! file, and an error on the same line for a broken one.
#![expect(clippy::disallowed_types, reason = "a test, which starts an oracle of its own")]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use dockerutils_config::ini::{self, Ini, Problem};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

const FILES: usize = 6_000;

#[test]
#[ignore = "needs python3"]
fn the_parser_accepts_and_rejects_the_files_that_python_does() {
    let files = [generated_files(), fuzzed_files()].concat();
    let verdicts = python(&files);
    assert_eq!(verdicts.len(), files.len());
    let accepted = files.iter().zip(&verdicts).filter(|(file, verdict)| compare(file, verdict)).count();
    let refused = files.len() - accepted;
    println!("{} files: {accepted} accepted and {refused} rejected by both", files.len());
    assert!(accepted >= files.len() / 5, "too few files are valid: {accepted}");
    assert!(refused >= files.len() / 5, "too few files are broken: {refused}");
}

/// Returns whether both accept the file, and panics if they differ.
fn compare(file: &[u8], verdict: &Value) -> bool {
    let ours = ini::parse(file);
    let shown = file.escape_ascii();
    match (&ours, verdict.get("sections")) {
        (Ok(ini), Some(sections)) => {
            assert_eq!(&as_json(ini), sections, "in \"{shown}\"");
            assert_lines(ini, file);
            true
        }
        (Err(err), None) => {
            assert!(same_problem(err, verdict), "{err:?}, but Python reports {verdict} for \"{shown}\"");
            false
        }
        _ => panic!("{ours:?}, but Python reports {verdict} for \"{shown}\""),
    }
}

fn as_json(ini: &Ini) -> Value {
    let entries = |section: &ini::Section| -> Vec<Value> {
        section.entries.iter().map(|entry| json!([entry.key, entry.value])).collect()
    };
    ini.sections.iter().map(|section| json!([section.name, entries(section)])).collect()
}

/// Asserts that the line of each section and key starts with its name.
fn assert_lines(ini: &Ini, file: &[u8]) {
    let text = String::from_utf8_lossy(file).replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let starts = |line: usize, start: &str| {
        let indented = lines[line - 1];
        indented.find(start).is_some_and(|at| indented[..at].chars().all(|c| !c.is_alphanumeric()))
    };
    for section in &ini.sections {
        assert!(starts(section.line, &format!("[{}]", section.name)), "{section:?} in {text:?}");
        for entry in &section.entries {
            assert!(starts(entry.line, &entry.key), "{entry:?} in {text:?}");
        }
    }
}

/// Returns whether both report the same problem on the same line.
///
/// Python decodes while it parses, so it may find another problem before the bytes that are not UTF-8. It also continues
/// after a broken line, so it may report a duplicate first.
fn same_problem(ours: &ini::Error, verdict: &Value) -> bool {
    let (kind, line) = (verdict["refused"].as_str().unwrap(), verdict["line"].as_u64());
    let same_line = line == Some(ours.line as u64);
    match &ours.problem {
        Problem::NotUtf8 { .. } => true,
        Problem::ByteOrderMark | Problem::NoSection { .. } => {
            kind == "MissingSectionHeaderError" && same_line
        }
        Problem::DuplicateSection { .. } => kind == "DuplicateSectionError" && same_line,
        Problem::DuplicateKey { .. } => kind == "DuplicateOptionError" && same_line,
        // Python does not look for broken headers: above the first section, it misses the section.
        Problem::OpenHeader { .. } | Problem::UnnamedHeader { .. } if kind == "MissingSectionHeaderError" => {
            same_line
        }
        Problem::OpenHeader { .. }
        | Problem::UnnamedHeader { .. }
        | Problem::NoDelimiter { .. }
        | Problem::NoKey { .. } => kind == "ParsingError" && same_line || kind.starts_with("Duplicate"),
        Problem::Reader { .. } => false,
    }
}

fn python(files: &[Vec<u8>]) -> Vec<Value> {
    let mut input = String::new();
    for file in files {
        file.iter().for_each(|byte| write!(input, "{byte:02x}").unwrap());
        input.push('\n');
    }
    let output = run_oracle(input);
    let verdicts = String::from_utf8(output.stdout).unwrap();
    verdicts.lines().map(|verdict| serde_json::from_str(verdict).unwrap()).collect()
}

fn run_oracle(input: String) -> Output {
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configparser_oracle.py");
    let mut child = Command::new("python3")
        .arg(oracle)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut stdin = child.stdin.take().unwrap();
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    // If the oracle fails, it stops reading: its stderr is more useful than our broken pipe.
    let written = writer.join().unwrap();
    assert!(output.status.success(), "{written:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn generated_files() -> Vec<Vec<u8>> {
    let mut runner = TestRunner::deterministic();
    let file = prop_oneof![
        4 => valid_file(),
        3 => vec(any_line(), 0..14).prop_map(|lines| lines.concat().into_bytes()),
        1 => vec(piece(), 0..24).prop_map(|pieces| pieces.concat().into_bytes()),
        1 => broken_bytes(),
    ];
    (0..FILES).map(|_| file.new_tree(&mut runner).unwrap().current()).collect()
}

/// Returns the corpus that the fuzzer starts from.
fn fuzzed_files() -> Vec<Vec<u8>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/ini");
    fs::read_dir(corpus).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

/// Generates text that INI parsers often misread.
fn piece() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        3 => prop::sample::select(&["a", "b", "ab", "é", "%", "x y", "0", "DEFAULT", "$HOME", "{user}"][..]),
        3 => prop::sample::select(&["=", ":", "[", "]", "#", ";", "\\", "\"", "'", "\\\\", "\\n", ","][..]),
        2 => prop::sample::select(&[" ", "  ", "\t"][..]),
        1 => prop::sample::select(&["\n", "\r\n", "\r", "\n ", "\n\t", "\n\n", "\n[s]\n", "\nk="][..]),
        2 => prop::sample::select(
            &["\u{1}", "\u{0}", "\u{1}5c\u{1}", "\u{b}", "\u{c}", "\u{1c}", "\u{1d}", "\u{1e}", "\u{1f}", "\u{7f}",
              "\u{85}", "\u{a0}", "\u{2028}", "\u{2029}", "\u{3000}", "\u{200b}", "\u{feff}", "\u{1f433}"][..]
        ),
    ]
}

/// Generates text within one line.
fn text() -> impl Strategy<Value = String> {
    let inline = piece().prop_filter("within a line", |piece| !piece.contains(['\n', '\r']));
    vec(inline, 0..6).prop_map(|pieces| pieces.concat())
}

fn line_end() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r")]
}

fn indent() -> impl Strategy<Value = &'static str> {
    prop::sample::select(
        &["", "", "", "", " ", "  ", "    ", "\t", "\u{b}", "\u{1c}", "\u{a0} ", "\u{2028}"][..],
    )
}

fn delimiter() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["=", "=", ":", " = ", " : ", "\t=", "=\u{1f}", "\u{c}:\u{85}"][..])
}

fn value() -> impl Strategy<Value = String> {
    let real = prop::sample::select(
        &[
            r#"-e "P=C:\\tools" -e 'Q=a#b;c'"#,
            r#"sh -c "printf '%s' x""#,
            "-v {project_root}:/work",
            "-p 80:80 \\",
            "",
        ][..],
    );
    prop_oneof![1 => real.prop_map(str::to_owned), 3 => text()]
}

/// Generates comments, blank lines, and lines that continue a value if there is one above.
fn filler() -> impl Strategy<Value = String> {
    let deep = prop::sample::select(&["  ", "     ", "\t\t", "\u{a0}\u{a0}"][..]);
    let filler = prop_oneof![
        indent().prop_map(str::to_owned),
        (indent(), prop::sample::select(&["#", ";"][..]), text()).prop_map(|(a, b, c)| format!("{a}{b}{c}")),
        (deep, value()).prop_map(|(indent, value)| format!("{indent}{value}")),
    ];
    (filler, line_end()).prop_map(|(line, end)| line + end)
}

/// Generates files whose sections and keys are numbered and so unique; odd names and indents still make some invalid.
fn valid_file() -> impl Strategy<Value = Vec<u8>> {
    let key = (indent(), text(), delimiter(), value(), line_end(), vec(filler(), 0..3));
    let section = (prop_oneof![4 => text(), 1 => Just("DEFAULT".into())], line_end(), vec(key, 0..4));
    vec(section, 0..4).prop_map(|sections| {
        let mut file = String::new();
        for (number, (name, end, keys)) in sections.into_iter().enumerate() {
            let mark = if name == "DEFAULT" { String::new() } else { number.to_string() };
            file += &format!("[{name}{mark}]{end}");
            for (at, (indent, key, delimiter, value, end, fillers)) in keys.into_iter().enumerate() {
                // Every section uses the same names, so that some keys override those of [DEFAULT].
                file += &format!("{indent}k{at}{key}{delimiter}{value}{end}{}", fillers.concat());
            }
        }
        file.into_bytes()
    })
}

fn any_line() -> impl Strategy<Value = String> {
    let header = prop::sample::select(
        &[
            "[a]",
            "[b]",
            "[DEFAULT]",
            "[ a ]",
            "[a]b]c",
            "[]",
            "[]]",
            "[a",
            "[a]=b",
            "[]=b",
            "[a\\",
            "[\u{a0}]",
            "[[a]]",
        ][..],
    );
    let line = prop_oneof![
        3 => (indent(), header).prop_map(|(indent, header)| format!("{indent}{header}")),
        3 => (indent(), text(), delimiter(), value()).prop_map(|(a, b, c, d)| format!("{a}{b}{c}{d}")),
        1 => (indent(), text()).prop_map(|(indent, text)| format!("{indent}{text}")),
    ];
    prop_oneof![3 => (line, line_end()).prop_map(|(line, end)| line + end), 1 => filler()]
}

/// Generates a valid file with a byte order mark before it, or with bytes in it that are not UTF-8.
fn broken_bytes() -> impl Strategy<Value = Vec<u8>> {
    const BYTES: &[&[u8]] = &[b"\xff", b"\xc3", b"\xed\xa0\x80", b"\x80", b"\xf0\x9f", BYTE_ORDER_MARK];
    const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
    (valid_file(), prop::sample::select(BYTES), any::<prop::sample::Index>()).prop_map(
        |(mut file, bytes, at)| {
            let at = if bytes == BYTE_ORDER_MARK { 0 } else { at.index(file.len() + 1) };
            file.splice(at..at, bytes.iter().copied());
            file
        },
    )
}
