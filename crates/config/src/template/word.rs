//! A word in which placeholders and variables have been replaced.

use crate::secret_name::{is_credentials_path, is_secret};

/// One argument, with the origin of each part of its text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Word {
    pieces: Vec<Piece>,
}

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Literal text, or the value of a placeholder.
    Text(String),
    /// The default of a variable that is not set, as written.
    Default(String),
    /// The value of a variable of the environment.
    Variable {
        /// The name of the variable.
        name: String,
        /// The value of the variable.
        value: String,
    },
}

impl Piece {
    /// Returns the text of the piece.
    pub fn text(&self) -> &str {
        match self {
            Piece::Text(text) | Piece::Default(text) | Piece::Variable { value: text, .. } => text,
        }
    }

    /// Returns a piece of the same origin with a part of its text.
    pub(super) fn with_text(&self, part: &str) -> Self {
        match self {
            Piece::Text(_) => Piece::Text(part.to_owned()),
            Piece::Default(_) => Piece::Default(part.to_owned()),
            Piece::Variable { name, .. } => Piece::Variable { name: name.clone(), value: part.to_owned() },
        }
    }

    /// Returns whether the piece is the value of a variable that is secret and not among those that are `public`.
    pub fn is_secret(&self, public: &[String]) -> bool {
        match self {
            Piece::Variable { name, value } => !public.contains(name) && is_secret(name, value),
            Piece::Text(_) | Piece::Default(_) => false,
        }
    }
}

impl Word {
    /// Creates a word of literal text.
    pub fn plain(text: impl Into<String>) -> Self {
        Word { pieces: vec![Piece::Text(text.into())] }
    }

    /// Returns the whole argument.
    pub fn text(&self) -> String {
        self.pieces.iter().map(Piece::text).collect()
    }

    /// Returns the argument for a message: a variable, whose value may be a secret, as `$NAME`.
    pub fn shown(&self) -> String {
        let shown = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) | Piece::Default(text) => text.clone(),
            Piece::Variable { name, .. } => format!("${name}"),
        });
        shown.collect()
    }

    /// Returns the name of the first variable in the word that is secret and not among those that are `public`.
    ///
    /// The path of a file with credentials is no secret: `GOOGLE_APPLICATION_CREDENTIALS=/home/ada/key.json`.
    pub fn secret(&self, public: &[String]) -> Option<&str> {
        self.pieces.iter().find_map(|piece| match piece {
            Piece::Variable { name, value }
                if piece.is_secret(public) && !is_credentials_path(name, value) =>
            {
                Some(name.as_str())
            }
            _ => None,
        })
    }

    /// Returns the parts in order; two pieces of text are never adjacent.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Inserts text before the word.
    #[must_use]
    pub fn prefixed(mut self, text: &str) -> Self {
        match self.pieces.first_mut() {
            Some(Piece::Text(first)) => first.insert_str(0, text),
            _ => self.pieces.insert(0, Piece::Text(text.to_owned())),
        }
        self
    }

    pub(super) fn push(&mut self, piece: Piece) {
        match piece {
            Piece::Text(text) => self.push_text(&text),
            Piece::Default(text) if text.is_empty() => {}
            piece => self.pieces.push(piece),
        }
    }

    pub(super) fn push_text(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }
}
