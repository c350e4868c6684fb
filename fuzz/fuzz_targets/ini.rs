//! Parses any bytes as a configuration file, and checks the result or the error.
#![no_main]

use std::collections::HashSet;

use dockerutils_config::ini::{self, Entry, Ini, Problem};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // `\r\n` counts twice here, so this is an upper bound.
    let lines = 1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    match ini::parse(bytes) {
        Ok(ini) => check(&ini, lines),
        Err(err) => {
            assert!(!matches!(err.problem, Problem::Reader { .. }), "{err}");
            assert!((1..=lines).contains(&err.line) && (1..=bytes.len()).contains(&err.column), "{err}");
            assert!(err.to_string().len() <= 1000, "{err}");
        }
    }
});

fn check(ini: &Ini, lines: usize) {
    let names: HashSet<_> = ini.sections.iter().map(|section| &section.name).collect();
    assert_eq!(names.len(), ini.sections.len(), "a section occurs twice");
    assert!(ini.sections.is_sorted_by_key(|section| section.line));
    for section in &ini.sections {
        assert!(!section.name.is_empty() && section.name != "DEFAULT");
        assert!((1..=lines).contains(&section.line));
        let keys: HashSet<_> = section.entries.iter().map(|entry| &entry.key).collect();
        assert_eq!(keys.len(), section.entries.len(), "a key occurs twice");
        section.entries.iter().for_each(|entry| check_entry(entry, lines));
    }
}

fn check_entry(Entry { key, value, line }: &Entry, lines: usize) {
    assert!((1..=lines).contains(line));
    assert!(!key.is_empty() && !key.contains(['=', ':', '\n', '\r']) && key.trim() == key);
    assert!(!value.contains('\r') && value.trim_end() == value);
}
