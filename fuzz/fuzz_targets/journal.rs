//! Parses any bytes as the journal of an attempt to create a dock: what is accepted means the same when it is written again, and its
//! values can be put on a command line.
#![no_main]

use dockerutils_dock::journal::{Entry, Fact, RecordedAttempt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(attempt) = RecordedAttempt::parse(bytes) else { return };
    check_fact(&attempt.begun.by);
    check_fact(&attempt.begun.key);
    assert!(!attempt.begun.dock.to_string().contains('/'));
    let begun = serde_json::to_vec(&attempt.begun).expect("JSON");
    assert_eq!(attempt.begun, serde_json::from_slice(&begun).expect("the same form"));
    attempt.entries.iter().for_each(check);
});

fn check(entry: &Entry) {
    match entry {
        Entry::Intent { call, token, .. } => std::iter::once(call).chain(token).for_each(check_fact),
        Entry::Done { got: fact, .. } | Entry::Refused { code: fact, .. } => check_fact(fact),
        _ => (),
    }
    let json = serde_json::to_vec(entry).expect("JSON");
    assert_eq!(*entry, serde_json::from_slice(&json).expect("the same form"));
}

fn check_fact(fact: &Fact) {
    let text = fact.as_str();
    assert!(text.len() <= 512 && text.chars().all(|c| c.is_ascii_graphic()), "{text:?}");
    assert!(!text.contains(['"', '\'', '\\', '`', '$']), "{text:?}");
}
