//! Parser directives: `# escape=…` and `# syntax=…` at the top of a Dockerfile.
//!
//! <https://docs.docker.com/reference/dockerfile/#parser-directives>

/// The names of directives that docker knows. Any other line ends the directives.
const KNOWN: [&str; 3] = ["syntax", "escape", "check"];

/// Reads directives, line by line, until a line is none.
pub(super) struct Directives {
    prefix: &'static str,
    has_ended: bool,
}

impl Directives {
    /// Starts at the top of a file whose directives follow `prefix`.
    pub(super) fn new(prefix: &'static str) -> Self {
        Directives { prefix, has_ended: false }
    }

    /// Returns the name, in lower case, and the value if the next line is a directive.
    pub(super) fn next<'l>(&mut self, line: &'l str) -> Option<(String, &'l str)> {
        let text = line.strip_prefix(self.prefix).filter(|_| !self.has_ended);
        let found = text.and_then(directive);
        self.has_ended = found.is_none();
        found
    }
}

fn directive(text: &str) -> Option<(String, &str)> {
    let (name, value) = text.trim().split_once('=')?;
    let (name, value) = (name.trim_end().to_ascii_lowercase(), value.trim());
    (KNOWN.contains(&name.as_str()) && !value.is_empty()).then_some((name, value))
}

/// Returns whether a Dockerfile may name the image of a frontend, in one of the forms that BuildKit accepts:
/// `# syntax=…`, `// syntax=…` or JSON, each also after a line that begins with `#!`.
pub(super) fn may_name_frontend(text: &str) -> bool {
    let text = match text.strip_prefix("#!") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, rest)| rest),
        None => text,
    };
    let names_syntax = |prefix: &'static str| {
        let mut directives = Directives::new(prefix);
        let mut found = text.lines().map_while(|line| directives.next(line));
        found.any(|(name, _)| name == "syntax")
    };
    names_syntax("#") || names_syntax("//") || text.trim_start().starts_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_end_at_the_first_line_that_is_none() {
        let mut directives = Directives::new("#");
        assert_eq!(directives.next("# Escape = ` "), Some(("escape".to_owned(), "`")));
        assert_eq!(directives.next("#syntax=a b"), Some(("syntax".to_owned(), "a b")));
        assert_eq!(directives.next("# a comment=x"), None);
        assert_eq!(directives.next("# syntax=x"), None);
    }

    #[test]
    fn a_frontend_is_named_at_the_top() {
        for text in [
            "# syntax=x\n",
            "# escape=`\n#SYNTAX = x\n",
            "// syntax=x\n",
            "#!/x\n# syntax=x\n",
            "{\"syntax\":\"x\"}",
        ] {
            assert!(may_name_frontend(text), "{text}");
        }
        for text in ["FROM a\n# syntax=x\n", "# of the syntax=x\n", "\n# syntax=x\n", "# syntax=\n", ""] {
            assert!(!may_name_frontend(text), "{text}");
        }
    }
}
