//! Turns the names of folders and users into names that docker accepts.

/// Returns the name as a path component of an image's name; empty if no character is legal there.
///
/// The distribution project's grammar allows lower-case letters and digits, with single separators between: `.`, `_`,
/// `__`, or any number of `-`. Every other character becomes `-`.
/// <https://github.com/distribution/reference/blob/main/regexp.go>
pub(crate) fn image_component(name: &str) -> String {
    let mut component = String::new();
    let mut separator = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            if !component.is_empty() {
                component.push_str(&legal_separator(&separator));
            }
            separator.clear();
            component.push(c);
        } else {
            separator.push(c);
        }
    }
    component
}

/// Returns a run of separators unchanged if docker accepts it, else a `-` for each character.
fn legal_separator(run: &str) -> String {
    match run {
        "." | "_" | "__" => run.to_owned(),
        _ => "-".repeat(run.chars().count()),
    }
}

/// Returns the name as a tag: illegal characters become `-`, and a leading `.` or `-` is removed.
pub(crate) fn tag(name: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    // A tag has at most 128 characters.
    let replaced: String = name.chars().map(|c| if legal(c) { c } else { '-' }).take(128).collect();
    replaced.trim_start_matches(['.', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockerutils_oci::Reference;
    use proptest::prelude::*;

    #[test]
    fn illegal_characters_of_an_image_name_become_dashes() {
        for (folder, component) in [
            ("proj", "proj"),
            ("My Project", "my-project"),
            ("a.b_c__d-e", "a.b_c__d-e"),
            ("a..b", "a--b"),
            ("$it's", "it-s"),
            ("_x_", "x"),
            ("größe", "gr--e"),
            ("日本", ""),
        ] {
            assert_eq!(image_component(folder), component, "{folder}");
        }
    }

    #[test]
    fn illegal_characters_of_a_tag_become_dashes() {
        assert_eq!(tag("DOMAIN\\jane doe"), "DOMAIN-jane-doe");
        assert_eq!(tag(".x"), "x");
    }

    proptest! {
        /// Docker accepts the image's name for every name of a folder and a user.
        #[test]
        fn every_folder_and_user_gets_a_legal_name(folder in "\\PC{1,20}", user in "\\PC{1,20}") {
            let (folder, user) = (image_component(&folder), tag(&user));
            prop_assume!(!folder.is_empty() && !user.is_empty());
            let reference = format!("{folder}:{user}");
            prop_assert!(Reference::parse(&reference).is_ok());
        }
    }
}
