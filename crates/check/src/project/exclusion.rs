//! The line that adds patterns to `.dockerignore`.

use std::path::Path;

use dockerutils_command::quote;
use dockerutils_project::Project;
use dockerutils_sync::IGNORE_FILE;

/// Returns a line for a shell, in any folder, that leaves out what these patterns match.
pub(super) fn exclude(project: &Project, patterns: impl IntoIterator<Item = String>) -> String {
    let patterns: Vec<String> = patterns.into_iter().map(|pattern| quote(pattern.as_ref())).collect();
    let file = quote(project.root().join(IGNORE_FILE).as_os_str());
    // The last line of the file may have no line feed.
    format!("printf '\\n%s\\n' {} >> {file}", patterns.join(" "))
}

/// Returns the pattern that matches one path alone.
pub(super) fn pattern_of(path: &Path) -> String {
    let mut pattern = String::new();
    for character in path.to_string_lossy().chars() {
        if matches!(character, '*' | '?' | '[' | '\\')
            || (pattern.is_empty() && matches!(character, '!' | '#'))
        {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use dockerutils_sync::{Ignore, ParentMatches};

    use super::*;

    #[test]
    fn a_pattern_matches_its_path_alone() {
        for (path, other) in
            [("a*b", "aXb"), ("[ab]", "a"), ("!x", "x"), ("#x", "y"), ("a\\b", "ab"), ("dir/.env", ".env")]
        {
            let ignore = Ignore::parse(&format!("{}\n", pattern_of(Path::new(path)))).unwrap();
            let is_excluded =
                |path: &str| ignore.evaluate(Path::new(path), &ParentMatches::default()).is_excluded;
            assert!(is_excluded(path) && !is_excluded(other), "{path}");
        }
    }
}
