//! `NAME=VALUE` in a word, and the parts that its value has.

use dockerutils_command::ValuePart;
use dockerutils_config::{Piece, Word, has_password, is_secret, is_secret_name};

/// A setting of a variable for the container, or of an argument of a build.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The text before the name: a flag that is joined to it, or nothing.
    before: String,
    /// The name of the variable.
    pub(crate) name: String,
    /// The parts of the value; `None` for a name alone.
    value: Option<Vec<Piece>>,
}

impl Setting {
    /// Parses the part of a word that begins at a byte. `None` if it does not begin with a name that a shell accepts.
    pub(crate) fn parse(word: &Word, start: usize) -> Option<Setting> {
        let text = word.text();
        let setting = text.get(start..)?;
        let name = setting.split_once('=').map_or(setting, |(name, _)| name);
        let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(legal) || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let has_value = setting.len() > name.len();
        let value = has_value.then(|| pieces_from(word, start + name.len() + 1));
        Some(Setting { before: text[..start].to_owned(), name: name.to_owned(), value })
    }

    /// Returns the argument without the value.
    pub(crate) fn by_name(&self) -> String {
        format!("{}{}", self.before, self.name)
    }

    /// Returns the argument with the value, if it has one.
    pub(crate) fn whole(&self) -> String {
        let equals = if self.value.is_some() { "=" } else { "" };
        format!("{}{}{equals}{}", self.before, self.name, self.text())
    }

    /// Returns whether docker inherits the value under the same name: `NAME`, or `NAME=$NAME`.
    pub(crate) fn is_inherited(&self) -> bool {
        match self.value.as_deref() {
            None => true,
            Some([Piece::Variable { name, .. }]) => *name == self.name,
            Some(_) => false,
        }
    }

    /// Returns the secret variable that a part of the name comes from, in the word of this setting.
    pub(crate) fn secret_in_name<'w>(&self, word: &'w Word, public: &[String]) -> Option<&'w str> {
        let end = self.before.len() + self.name.len();
        let mut at = 0;
        word.pieces().iter().find_map(|piece| {
            let start = at;
            at += piece.text().len();
            match piece {
                Piece::Variable { name, .. } if start < end && piece.is_secret(public) => Some(name.as_str()),
                _ => None,
            }
        })
    }

    /// Returns whether the setting, or a variable in it, is secret.
    pub(crate) fn is_secret(&self, public: &[String]) -> bool {
        if public.contains(&self.name) {
            return false;
        }
        match &self.value {
            None => is_secret_name(&self.name),
            Some(_) => {
                is_secret(&self.name, &self.text()) || self.pieces().any(|piece| piece.is_secret(public))
            }
        }
    }

    /// Returns the value as it is set for docker.
    ///
    /// A literal secret is hidden. Text beside a variable, as in `postgres://app:$PASSWORD@db`, and the default of a
    /// variable are what the file shows everyone, and stay in the echo.
    pub(crate) fn value(&self, public: &[String]) -> Vec<ValuePart> {
        let has_secret = self.pieces().any(|piece| piece.is_secret(public));
        let is_literal = self.pieces().all(|piece| matches!(piece, Piece::Text(_)));
        if is_literal || (!has_secret && has_password(&self.text())) {
            return vec![ValuePart::Hidden(self.text().into())];
        }
        let part = |piece: &Piece| match piece {
            Piece::Text(text) | Piece::Default(text) => ValuePart::Text(text.clone()),
            Piece::Variable { name, .. } => ValuePart::Variable(name.clone()),
        };
        self.pieces().map(part).collect()
    }

    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.value.iter().flatten()
    }

    fn text(&self) -> String {
        self.pieces().map(Piece::text).collect()
    }
}

/// Returns the pieces of a word from a byte on. A variable that begins before counts as text: the name of the setting
/// comes from its value, so no variable has this value.
fn pieces_from(word: &Word, start: usize) -> Vec<Piece> {
    let mut at = 0;
    let mut pieces = Vec::new();
    for piece in word.pieces() {
        let text = piece.text();
        let end = at + text.len();
        if at >= start {
            pieces.push(piece.clone());
        } else if end > start {
            pieces.push(Piece::Text(text[start - at..].to_owned()));
        }
        at = end;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_has_a_name_that_a_shell_accepts() {
        let parse = |text: &str, start| Setting::parse(&Word::plain(text), start);
        let names = |text: &str, start| parse(text, start).map(|setting| (setting.by_name(), setting.name));
        assert_eq!(names("A=x", 0), Some(("A".to_owned(), "A".to_owned())));
        assert_eq!(names("--env=A_1=x=y", 6), Some(("--env=A_1".to_owned(), "A_1".to_owned())));
        assert_eq!(names("A", 0), Some(("A".to_owned(), "A".to_owned())));
        assert_eq!([names("1A=x", 0), names("a-b=x", 0), names("=x", 0), names("", 0)], [const { None }; 4]);
        assert_eq!(
            parse("--env=A_1=x=y", 6).map(|setting| setting.whole()).as_deref(),
            Some("--env=A_1=x=y")
        );
    }
}
