//! Suggests the nearest known name for a misspelled one.

/// Returns the candidate that `name` is most likely a misspelling of, if any.
///
/// At most a third of the letters may differ, or two of a short name.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = name.chars().count();
    let limit = (length / 3).max(2);
    candidates
        .into_iter()
        // A name of a million letters, in the file of another person, must not be compared letter by letter.
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (strsim::osa_distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        // At a distance of its whole length, a candidate has no letter in common with the name.
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns `, did you mean …?`, or an empty string.
pub(crate) fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_candidate_is_suggested_unless_too_far_away() {
        let keys = ["volumes", "ports", "cmd"];
        assert_eq!(nearest("volume", keys), Some("volumes"));
        assert_eq!(nearest("Ports", keys), Some("ports"));
        assert_eq!(nearest("entrypoint", keys), None);
        assert_eq!(nearest("x", keys), None);
        // It would take hours to compare it.
        assert_eq!(nearest(&"x".repeat(16 << 20), std::iter::repeat_n("volumes", 1000)), None);
    }
}
