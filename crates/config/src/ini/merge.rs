//! No section and no key twice, and `[DEFAULT]` for all sections.
//!
//! `[DEFAULT]` itself may be written in several parts, but they may not hold the same key.

use std::collections::{HashMap, HashSet};

use super::error::{Error, Problem};
use super::layout::{Header, Place};
use super::{Entry, Section};

const DEFAULT: &str = "DEFAULT";

/// Refuses the first header or key that stands for the second time.
pub(super) fn refuse_duplicates(sections: &[Section], headers: &[Header]) -> Result<(), Error> {
    let mut seen: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    let mut once = |name, key, place: Place| match seen.insert((name, key), place.line) {
        Some(first) => Err(Error::new(place, duplicate(name, key, first, place.line))),
        None => Ok(()),
    };
    for (section, header) in sections.iter().zip(headers) {
        let name = section.name.as_str();
        if name != DEFAULT {
            once(name, None, header.place)?;
        }
        for (entry, &place) in section.entries.iter().zip(&header.keys) {
            once(name, Some(entry.key.as_str()), place)?;
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

/// Takes `[DEFAULT]` out and appends its entries to every section that does not have them.
pub(super) fn inherit_defaults(sections: Vec<Section>) -> Vec<Section> {
    let (defaults, mut sections): (Vec<_>, Vec<_>) =
        sections.into_iter().partition(|section| section.name == DEFAULT);
    let defaults: Vec<Entry> = defaults.into_iter().flat_map(|section| section.entries).collect();
    for section in &mut sections {
        let own: HashSet<&str> = section.entries.iter().map(|entry| entry.key.as_str()).collect();
        let missing = defaults.iter().filter(|entry| !own.contains(entry.key.as_str()));
        let inherited: Vec<Entry> = missing.cloned().collect();
        section.entries.extend(inherited);
    }
    sections
}
