//! Splits any text into words as the value of a key, and replaces variables and placeholders: it never panics.
#![no_main]

use dockerutils_config::{Piece, Place, Scope, Unknown, Value, Word};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let scope = Scope::new(&variable).with_home("/home/a b").with("user", "a 'b'").with("project_root", "/$A/{user}");
    for unknown in [Unknown::Refused, Unknown::Kept] {
        let value = value(text, unknown);
        match value.words(&scope) {
            Ok(words) => words.iter().for_each(check),
            Err(err) => assert!(err.to_string().starts_with("dockerutils.cfg:7: ")),
        }
        if let Ok(word) = value.word(&scope) {
            check(&word);
        }
        if let Ok(word) = value.verbatim(&scope) {
            check(&word);
        }
        let _ = value.boolean();
    }
});

fn value(text: &str, unknown: Unknown) -> Value {
    let place = Place { file: "dockerutils.cfg".into(), line: 7 };
    Value { key: "args".into(), text: text.into(), place, unknown }
}

fn variable(name: &str) -> Option<String> {
    match name {
        "A" => Some("a  'b' $A {user}".into()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

fn check(word: &Word) {
    let pieces = word.pieces();
    let are_text = |pair: &[Piece]| matches!(pair, [Piece::Text(_), Piece::Text(_)]);
    assert!(!pieces.windows(2).any(are_text), "two adjacent pieces of text: {word:?}");
    assert_eq!(word.clone().prefixed("x").text(), format!("x{}", word.text()));
}
