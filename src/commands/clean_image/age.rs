//! Ages on the command line: `12h`, `30d`, `8w`.

use chrono::TimeDelta;

/// Parses an age.
///
/// # Errors
/// Returns what was expected.
pub(super) fn parse_age(text: &str) -> Result<TimeDelta, String> {
    let expected = || "expected a number and h, d or w, such as 30d".to_owned();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: u32 = number.parse().map_err(|_| expected())?;
    let hours = match &text[number.len()..] {
        "h" => 1,
        "d" => 24,
        "w" => 24 * 7,
        _ => return Err(expected()),
    };
    TimeDelta::try_hours(i64::from(count) * hours).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_a_number_and_a_unit() {
        let hours = |text: &str| parse_age(text).map(|age| age.num_hours());
        assert_eq!([hours("12h"), hours("30d"), hours("2w")], [Ok(12), Ok(720), Ok(336)]);
        for text in ["", "30", "d", "-1d", "3.5d", "30m", "30dd", "99999999999d", "3 d"] {
            assert!(parse_age(text).is_err(), "{text}");
        }
    }
}
