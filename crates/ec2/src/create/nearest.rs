//! Instance types with a similar name.

use dockerutils_config::nearest;

/// The largest number of names.
const MAX: usize = 3;

/// Returns the names that are most like this one, at most three.
pub(super) fn types(name: &str, known: &[String]) -> Vec<String> {
    let mut left: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    while found.len() < MAX {
        let Some(next) = nearest(name, left.iter().copied()) else { break };
        let next = next.to_owned();
        left.retain(|name| *name != next);
        found.push(next);
    }
    if found.is_empty() {
        // Another size of the same family.
        let family = name.split('.').next().unwrap_or(name).to_owned() + ".";
        found.extend(known.iter().filter(|name| name.starts_with(&family)).take(MAX).cloned());
    }
    found
}
