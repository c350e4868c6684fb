//! Examples, and the place and the message of each error.

use super::*;

fn read(text: &str) -> Vec<Section> {
    parse(text.as_bytes()).unwrap().sections
}

fn entry(key: &str, value: &str, line: usize) -> Entry {
    Entry { key: key.into(), value: value.into(), line }
}

fn value(line: &str) -> String {
    read(&format!("[dev]\n{line}\n")).remove(0).entries.remove(0).value
}

fn error_of(bytes: &[u8]) -> String {
    parse(bytes).unwrap_err().to_string()
}

#[test]
fn values_keep_quotes_backslashes_and_comment_characters() {
    for whole in [
        r#"-e "P=C:\\tools" -e 'Q=a#b;c'"#,
        r#"sh -c "printf '%s' x""#,
        r"C:\new\table\",
        "%(user)s 100%",
        "a = b : c",
        "'a' # no comment",
        "[a]",
    ] {
        assert_eq!(value(&format!("environment={whole}")), whole);
        assert_eq!(value(&format!("environment : {whole}  ")), whole);
    }
}

#[test]
fn sections_and_keys_keep_their_order_case_and_lines() {
    let text = "# a comment\n\n[ Dev ]\nName=x\n  ; another\nname : y\n\n[prod]; ignored\n";
    assert_eq!(
        read(text),
        [
            Section {
                name: " Dev ".into(),
                line: 3,
                entries: vec![entry("Name", "x", 4), entry("name", "y", 6)]
            },
            Section { name: "prod".into(), line: 8, entries: vec![] },
        ]
    );
}

#[test]
fn a_value_continues_over_lines_that_are_indented_deeper() {
    assert_eq!(value("volumes=\n  -v a:b\n# a comment\n\n    -v c:d \\\n\n"), "\n-v a:b\n\n-v c:d \\");
    assert_eq!(value(" volumes=-v a:b\n\t -v c:d\n name=x"), "-v a:b\n-v c:d");
    assert_eq!(value("volumes=-v a:b\r\n  -v c:d\r  -v e:f"), "-v a:b\n-v c:d\n-v e:f");
}

#[test]
fn a_section_inherits_the_defaults_that_it_does_not_override() {
    let sections = read("[DEFAULT]\ntag=t\nuser=host\n[a]\nname=x\ntag=own\n[DEFAULT]\nports=\n[b]\n");
    let [a, b] = &sections[..] else { panic!("{sections:?}") };
    assert_eq!(
        a.entries,
        [entry("name", "x", 5), entry("tag", "own", 6), entry("user", "host", 3), entry("ports", "", 8)]
    );
    assert_eq!(b.entries, [entry("tag", "t", 2), entry("user", "host", 3), entry("ports", "", 8)]);
}

#[test]
fn an_error_names_the_place_and_the_remedy() {
    for (bytes, message) in [
        (&b"a=1\n[s]\n"[..], "1:1: `a=1` belongs to no section: put a `[section]` line above it"),
        (b"[s]\n\n [t\n", "3:2: `[t` is not closed: end the section's name with `]`"),
        (b"[dev\nports=x\n", "1:1: `[dev` is not closed: end the section's name with `]`"),
        (b"[s]\n[]\n", "2:1: `[]` has no section name: write one between the brackets"),
        (
            b"[s]\na=1\nnetwork host\n",
            "3:1: `network host` has no `=`: write `key = value`, or indent it deeper to continue the value above",
        ),
        (b"[s]\r\n\r\n\t: x\r\n", "3:2: `: x` has no key: write one before the `:`"),
        (b"[s]\n[t]\n[s]\n", "3:1: section `[s]` is on line 1 and again on line 3: merge them"),
        (
            b"[s]\na=1\n[t]\n a=1\n\n a : 2\n",
            "6:2: key `a` of `[t]` is set on line 4 and again on line 6: keep one",
        ),
        (
            b"[DEFAULT]\na=1\n[DEFAULT]\na=2",
            "4:1: key `a` of `[DEFAULT]` is set on line 2 and again on line 4: keep one",
        ),
        (b"\xef\xbb\xbf[s]\n", "1:1: the file starts with a byte order mark: save it as UTF-8 without one"),
        (b"[s]\r\xc3\xa9=\xff\n", "2:3: the byte 0xFF is not UTF-8: save the file as UTF-8"),
    ] {
        assert_eq!(error_of(bytes), message);
    }
}

#[test]
fn an_error_shows_the_start_of_a_long_text() {
    assert_eq!(
        error_of(format!("[s]\n\u{1b}[2J{}", "x".repeat(100)).as_bytes()),
        format!(
            "2:1: `\u{1b}[2J{}…` has no `=`: write `key = value`, or indent it deeper to continue the value above",
            "x".repeat(36)
        )
    );
}
