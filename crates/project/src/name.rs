//! Names of folders and users, made into names that docker takes.

/// A path component of an image's name, as the distribution specification has it: lower-case letters and digits, with
/// single separators between (`.`, `_`, `__`, or any number of `-`). What may not stand there becomes `-`.
/// <https://github.com/distribution/reference/blob/main/regexp.go>
///
/// Empty when nothing of it may stand there.
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

/// A run of separators as docker takes it: as it stands where it may, else a `-` for each character.
fn legal_separator(run: &str) -> String {
    match run {
        "." | "_" | "__" => run.to_owned(),
        _ => "-".repeat(run.chars().count()),
    }
}

/// A tag or a container's name: what docker does not take there becomes `-`, and neither begins a tag.
pub(crate) fn tag(name: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let replaced: String = name.chars().map(|c| if legal(c) { c } else { '-' }).take(128).collect();
    replaced.trim_start_matches(['.', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockerutils_oci::Reference;
    use proptest::prelude::*;

    #[test]
    fn what_an_image_name_may_not_hold_becomes_a_dash() {
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
    fn what_a_tag_may_not_hold_becomes_a_dash() {
        assert_eq!(tag("DOMAIN\\jane doe"), "DOMAIN-jane-doe");
        assert_eq!(tag(".x"), "x");
    }

    proptest! {
        /// Whatever a folder and a user are called, the image's name is one that docker takes.
        #[test]
        fn every_name_is_legal(folder in "\\PC{1,20}", user in "\\PC{1,20}") {
            let (folder, user) = (image_component(&folder), tag(&user));
            prop_assume!(!folder.is_empty() && !user.is_empty());
            let reference = format!("{folder}:{user}");
            prop_assert!(Reference::parse(&reference).is_ok());
        }
    }
}
