//! "Did you mean".

/// The candidate that `name` most likely stands for: at most a third of its letters differ, and two at least may.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(2);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// ` (did you mean ...?)`, or nothing.
pub(crate) fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_nearest_or_none() {
        let keys = ["volumes", "ports", "cmd"];
        assert_eq!(nearest("volume", keys), Some("volumes"));
        assert_eq!(nearest("Ports", keys), Some("ports"));
        assert_eq!(nearest("entrypoint", keys), None);
        assert_eq!(nearest("x", keys), None);
    }
}
