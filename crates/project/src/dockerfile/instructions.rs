//! Splits a Dockerfile into instructions, with the rules of BuildKit's parser for lines, comments and heredocs.
//!
//! Every instruction is returned, whatever its name and its arguments: what it means is not checked here.
//! <https://docs.docker.com/reference/dockerfile/#format> and
//! <https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/parser.go>

use super::directives::Directives;
use super::shell_word::{single_word, words};

/// The character that continues lines and escapes characters, unless a directive chooses another one.
const ESCAPE: char = '\\';

/// An instruction.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    /// The number of its first line.
    pub(super) line: usize,
    /// Its name in lower case.
    pub(super) name: String,
    /// Its flags, such as `--from=base`, without quotes.
    pub(super) flags: Vec<String>,
    /// The text after the flags.
    pub(super) arguments: String,
}

/// The instructions of a Dockerfile.
#[derive(Debug)]
pub(super) struct Instructions {
    pub(super) instructions: Vec<Instruction>,
    /// The escape character.
    pub(super) escape: char,
    /// The line of an instruction whose heredoc has no end: what follows it was not read.
    pub(super) unterminated: Option<usize>,
}

impl Instructions {
    /// Reads the text of a Dockerfile.
    pub(super) fn read(text: &str) -> Self {
        let read = Instructions { instructions: Vec::new(), escape: ESCAPE, unterminated: None };
        let lines = Lines { rest: text, number: 0 };
        Reader { lines, directives: Directives::new("#"), read }.read()
    }
}

/// The lines of a text, without their ends.
struct Lines<'t> {
    rest: &'t str,
    /// The number of the last line that was returned.
    number: usize,
}

impl<'t> Iterator for Lines<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        if self.rest.is_empty() {
            return None;
        }
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        self.number += 1;
        Some(line.trim_end_matches('\r'))
    }
}

struct Reader<'t> {
    lines: Lines<'t>,
    directives: Directives,
    read: Instructions,
}

impl Reader<'_> {
    fn read(mut self) -> Instructions {
        while let Some((line, text)) = self.logical_line() {
            let instruction = instruction(&text, line, self.read.escape);
            let heredocs =
                if accepts_heredocs(&instruction, self.read.escape) { heredocs(&text) } else { Vec::new() };
            self.read.instructions.push(instruction);
            if !heredocs.into_iter().all(|heredoc| self.skip(&heredoc)) {
                self.read.unterminated = Some(line);
                break;
            }
        }
        self.read
    }

    /// Returns the next line that is neither empty nor a comment, joined with those that continue it, and its number.
    fn logical_line(&mut self) -> Option<(usize, String)> {
        let (number, mut text, mut continues) = loop {
            let line = self.lines.next()?.trim_start();
            self.note_directive(line);
            let (text, continues) = self.without_continuation(line);
            if !is_comment(line) && (continues || !text.is_empty()) {
                break (self.lines.number, text.to_owned(), continues);
            }
        };
        while continues {
            let Some(line) = self.lines.next() else { break };
            self.note_directive(line);
            if is_comment(line) || line.trim_start().is_empty() {
                continue;
            }
            let (more, more_follows) = self.without_continuation(line);
            text.push_str(more);
            continues = more_follows;
        }
        Some((number, text))
    }

    fn note_directive(&mut self, line: &str) {
        if let Some((name, value)) = self.directives.next(line)
            && name == "escape"
            && let Some(escape) = ["\\", "`"].iter().position(|known| *known == value)
        {
            self.read.escape = ['\\', '`'][escape];
        }
    }

    /// Returns the line without the escape character at its end, and whether there was one.
    fn without_continuation<'l>(&self, line: &'l str) -> (&'l str, bool) {
        let before = line.trim_end_matches([' ', '\t']).strip_suffix(self.read.escape);
        match before.filter(|before| !before.ends_with(self.read.escape)) {
            Some(before) => (before, true),
            None => (line, false),
        }
    }

    /// Skips the lines of a heredoc, and returns whether it has an end.
    fn skip(&mut self, heredoc: &Heredoc) -> bool {
        let strip = if heredoc.strips_tabs { &['\t'][..] } else { &[] };
        self.lines.any(|line| line.trim_start_matches(strip) == heredoc.name)
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// Splits a line into name, flags and arguments.
fn instruction(line: &str, number: usize, escape: char) -> Instruction {
    let line = line.trim();
    let (name, rest) = line.split_once(['\t', '\x0b', '\x0c', '\r', ' ']).unwrap_or((line, ""));
    let (flags, arguments) = split_flags(rest, escape);
    Instruction {
        line: number,
        name: name.to_ascii_lowercase(),
        flags,
        arguments: arguments.trim().to_owned(),
    }
}

/// Splits the words that begin with `--` off the start of a text, and removes their quotes and escapes.
fn split_flags(text: &str, escape: char) -> (Vec<String>, &str) {
    let mut flags = Vec::new();
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        let (flag, after) = split_flag(rest, escape);
        rest = after.trim_start();
        if flag == "--" {
            break;
        }
        flags.push(flag);
    }
    (flags, rest)
}

fn split_flag(text: &str, escape: char) -> (String, &str) {
    let mut flag = String::new();
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (None, c) if c.is_whitespace() => return (flag, &text[at..]),
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (_, c) if c == escape => flag.extend(chars.next().map(|(_, escaped)| escaped)),
            (_, c) => flag.push(c),
        }
    }
    (flag, "")
}

struct Heredoc {
    name: String,
    strips_tabs: bool,
}

/// Returns whether `<<` begins a heredoc in an instruction: not in another instruction, and not in JSON.
fn accepts_heredocs(instruction: &Instruction, escape: char) -> bool {
    match instruction.name.as_str() {
        "run" | "copy" | "add" => !is_json(&instruction.arguments),
        "onbuild" => {
            let inner = self::instruction(&instruction.arguments, instruction.line, escape);
            inner.name != "onbuild" && accepts_heredocs(&inner, escape)
        }
        _ => false,
    }
}

/// Returns whether the arguments are a list of strings in JSON.
fn is_json(arguments: &str) -> bool {
    arguments.starts_with('[') && serde_json::from_str::<Vec<String>>(arguments).is_ok()
}

/// Returns the heredocs that begin on a line: words such as `<<EOF`, `3<<-"EOF"`.
fn heredocs(line: &str) -> Vec<Heredoc> {
    if line.contains("<<") {
        words(line).iter().filter_map(|word| heredoc(word)).collect()
    } else {
        Vec::new()
    }
}

fn heredoc(word: &str) -> Option<Heredoc> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (rest, strips_tabs) = match rest.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let name = rest.trim_start();
    if name.is_empty() || name.contains('<') {
        return None;
    }
    Some(Heredoc { name: single_word(name)?, strips_tabs })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the names and arguments of the instructions.
    fn read(text: &str) -> Vec<String> {
        let read = Instructions::read(text).instructions;
        read.into_iter()
            .map(|instruction| format!("{} {}", instruction.name, instruction.arguments))
            .collect()
    }

    #[test]
    fn lines_are_joined_and_comments_are_left_out() {
        assert_eq!(read("RUN a \\\n  # c\n\n b\\\\\nFrom x\n"), ["run a  b\\\\", "from x"]);
        assert_eq!(read("\u{20}\n# c\n  RUN a\\  \n"), ["run a"]);
        assert_eq!(read("# escape=`\nRUN a`\nb\nRUN c\\\nFROM x"), ["run ab", "run c\\", "from x"]);
        assert_eq!(read("FROM x\r\nRUN a \\\r\n b\r\n"), ["from x", "run a  b"]);
    }

    #[test]
    fn a_heredoc_is_part_of_its_instruction() {
        for (text, expected) in [
            ("RUN cat <<EOF >/x\nFROM a\nEOF\nFROM b\n", vec!["run cat <<EOF >/x", "from b"]),
            (
                "COPY <<-\"A B\" <<C /\nFROM a\n\t\tA B\nFROM c\nC\nUSER x\n",
                vec!["copy <<-\"A B\" <<C /", "user x"],
            ),
            ("ONBUILD RUN <<E\nFROM a\nE\n", vec!["onbuild RUN <<E"]),
            ("RUN [\"cat\", \"<<EOF\"]\nFROM b\n", vec!["run [\"cat\", \"<<EOF\"]", "from b"]),
            ("RUN echo '<<EOF'\nFROM b\n", vec!["run echo '<<EOF'", "from b"]),
            ("RUN cat <<<x\nFROM b\n", vec!["run cat <<<x", "from b"]),
            ("LABEL a=<<EOF\nFROM b\n", vec!["label a=<<EOF", "from b"]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_heredoc_without_an_end_is_reported() {
        let read = Instructions::read("FROM a\nRUN <<EOF\nFROM b\n");
        assert_eq!((read.unterminated, read.instructions.len()), (Some(2), 2));
    }

    #[test]
    fn flags_are_split_off() {
        let read = Instructions::read("COPY --from=a --chown=\"1 2\" -- --x y\n").instructions;
        assert_eq!(read[0].flags, ["--from=a", "--chown=1 2"]);
        assert_eq!(read[0].arguments, "--x y");
    }
}
