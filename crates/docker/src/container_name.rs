//! The names of containers that `run-image` starts: `USER_IMAGE_yy-mm-dd_HH.MM.SS.NANOSECONDS` in local time.

use chrono::{DateTime, Local};

/// The time in a name, with `0` for a digit. The Python tool wrote no fraction of a second.
const TIME: &str = "00-00-00_00.00.00";

/// Returns the name of a container of an image that a user starts at `now`.
pub(crate) fn container_name(user: &str, image: &str, now: DateTime<Local>) -> String {
    // Nanoseconds, because an engine refuses a name that is taken, and scripts start many containers within one second.
    // Microseconds are too coarse for that, and process ids repeat where each container of a cluster has its own.
    format!("{}{}", name_prefix(user, image), now.format("%y-%m-%d_%H.%M.%S%.9f"))
}

/// Returns what comes before the time, without the characters that docker refuses in names.
pub(crate) fn name_prefix(user: &str, image: &str) -> String {
    format!("{}_", legal_name(&format!("{user}_{image}")))
}

fn legal_name(name: &str) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') { c } else { '-' };
    let name: String = name.chars().map(legal).collect();
    name.trim_start_matches(|first: char| !first.is_ascii_alphanumeric()).to_owned()
}

/// Returns whether a name consists of this prefix and a time.
pub(crate) fn has_prefix(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(is_time)
}

/// Returns whether a name is one that `run-image` gives a container of a user other than this one.
pub(crate) fn is_of_another_user(name: &str, user: &str) -> bool {
    // The time itself contains one.
    let is_before_time = |(index, _): (usize, &str)| is_time(&name[index + 1..]);
    name.match_indices('_').any(is_before_time) && !name.starts_with(&legal_name(&format!("{user}_")))
}

fn is_time(time: &str) -> bool {
    let shape = |c: char| if c.is_ascii_digit() { '0' } else { c };
    let (time, fraction) = time.split_at_checked(TIME.len()).unwrap_or((time, ""));
    let is_fraction = |digits: &str| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    time.chars().map(shape).eq(TIME.chars())
        && (fraction.is_empty() || fraction.strip_prefix('.').is_some_and(is_fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_of_a_name_is_told_from_others() {
        for (name, expected) in [
            ("eve_dev_26-11-27_10.00.00", true),
            ("eve_ada_x_26-11-27_10.00.00.123456789", true),
            ("ada_dev_26-11-27_10.00.00", false),
            ("_26-11-27_10.00.00", true),
            ("web", false),
            ("proj_dev_1", false),
        ] {
            assert_eq!(is_of_another_user(name, "ada"), expected, "{name}");
        }
        assert!(!is_of_another_user(&container_name("_ada b", "dev", Local::now()), "_ada b"));
    }

    #[test]
    fn the_prefix_of_a_name_is_found_again() {
        for (user, image) in [("ada", "dev"), ("_ada b", "a$b"), ("ada", "dev_x")] {
            let name = container_name(user, image, Local::now());
            assert!(has_prefix(&name, &name_prefix(user, image)), "{name}");
        }
        for (name, expected) in [
            ("ada_dev_26-11-27_10.00.00", true),
            ("ada_dev_26-11-27_10.00.00.123456789", true),
            ("ada_dev_x_26-11-27_10.00.00", false),
            ("ada_dev_26-11-27_10.00.0", false),
            ("ada_dev_26-11-27_10.00.00.", false),
            ("ada_dev_26-11-27_10.00.00.1x", false),
            ("ada_dev_é", false),
            ("ada_dev", false),
            ("eve_dev_26-11-27_10.00.00", false),
        ] {
            assert_eq!(has_prefix(name, "ada_dev_"), expected, "{name}");
        }
    }
}
