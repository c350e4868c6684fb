//! Rejects duplicate sections and keys, and gives the keys of `[DEFAULT]` to every section.

use std::collections::{HashMap, HashSet};

use super::error::{Error, Problem};
use super::position::Position;
use super::scanner::Header;
use super::section::{Entry, Section};

const DEFAULT: &str = "DEFAULT";

/// Fails at the first header or key that occurs for the second time.
///
/// Like Python, it accepts several `[DEFAULT]` headers, but not a key that occurs below two of them.
pub(super) fn check_duplicates(sections: &[Section], headers: &[Header]) -> Result<(), Error> {
    let mut seen: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    let mut check = |name, key, position: Position| match seen.insert((name, key), position.line) {
        Some(first) => Err(Error::new(position, duplicate(name, key, first, position.line))),
        None => Ok(()),
    };
    // configparser's `strict`, which is on by default, forbids duplicates.
    // https://docs.python.org/3/library/configparser.html#customizing-parser-behaviour
    for (section, header) in sections.iter().zip(headers) {
        let name = section.name.as_str();
        if name != DEFAULT {
            check(name, None, header.position)?;
        }
        for (entry, &position) in section.entries.iter().zip(&header.keys) {
            check(name, Some(entry.key.as_str()), position)?;
        }
    }
    Ok(())
}

fn duplicate(name: &str, key: Option<&str>, first: usize, second: usize) -> Problem {
    match key {
        Some(key) => Problem::DuplicateKey { section: name.into(), key: key.into(), first, second },
        None => Problem::DuplicateSection { name: name.into(), first, second },
    }
}

/// Removes `[DEFAULT]` and appends its entries to every section that does not have those keys.
pub(super) fn inherit_defaults(sections: Vec<Section>) -> Vec<Section> {
    let (defaults, mut sections): (Vec<_>, Vec<_>) =
        sections.into_iter().partition(|section| section.name == DEFAULT);
    let defaults: Vec<Entry> = defaults.into_iter().flat_map(|section| section.entries).collect();
    // The own entries come first, as in configparser's `options`.
    for section in &mut sections {
        let own: HashSet<&str> = section.entries.iter().map(|entry| entry.key.as_str()).collect();
        let missing = defaults.iter().filter(|entry| !own.contains(entry.key.as_str()));
        let inherited: Vec<Entry> = missing.cloned().collect();
        section.entries.extend(inherited);
    }
    sections
}
