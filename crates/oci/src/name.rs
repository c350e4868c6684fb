//! The rules by which docker accepts names of repositories and tags.
//!
//! <https://github.com/distribution/reference/blob/main/regexp.go>

/// Returns whether this is a component of a repository's name: lower-case letters and digits, with single separators
/// (`.`, `_`, `__` or any number of `-`) in between.
pub(crate) fn is_component(component: &str) -> bool {
    let is_alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_separator = |run: &str| matches!(run, "." | "_" | "__") || run.bytes().all(|byte| byte == b'-');
    component.starts_with(is_alphanumeric)
        && component.ends_with(is_alphanumeric)
        // Between two letters or digits that follow each other, the separator is the empty text.
        && component.split(is_alphanumeric).all(is_separator)
}

/// Returns whether this is a tag: up to 128 letters, digits, `_`, `.` and `-`, of which the last two cannot come first.
pub(crate) fn is_tag(tag: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    (1..=128).contains(&tag.len()) && tag.bytes().all(is_legal) && !tag.starts_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_stand_singly_between_letters_and_digits() {
        for component in ["a", "a1", "a.b_c__d-e---f"] {
            assert!(is_component(component), "{component}");
        }
        for component in ["", ".a", "a.", "a..b", "a._b", "a___b", "A", "é", "a b", "-a"] {
            assert!(!is_component(component), "{component}");
        }
    }

    #[test]
    fn a_tag_has_up_to_128_characters() {
        for tag in ["a", "A_b.c-d", "_", &"x".repeat(128)] {
            assert!(is_tag(tag), "{tag}");
        }
        for tag in ["", ".a", "-a", "a b", "é", &"x".repeat(129)] {
            assert!(!is_tag(tag), "{tag}");
        }
    }
}
