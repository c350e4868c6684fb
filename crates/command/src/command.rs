//! The command value: program, arguments, environment, folder.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::{Error, quote};

/// An external command: what is echoed and what is run are views of this one value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "nothing happens until a Runner is given it"]
pub struct Command {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<Variable>,
    dir: Option<Box<Path>>,
    input: Option<Box<Input>>,
}

/// A secret that a child reads on standard input, and the command that would print it.
#[derive(Debug, Clone)]
struct Input {
    secret: SecretString,
    printed_by: Command,
}

/// Two commands are the same when they show the same.
impl PartialEq for Input {
    fn eq(&self, other: &Self) -> bool {
        self.printed_by == other.printed_by
    }
}

impl Eq for Input {}

/// A variable that the child has and we have not, or not so.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    name: String,
    value: Source,
}

/// Where a variable of the child has its value from.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// It is this.
    Text(String),
    /// One of our own variables, of another name.
    Variable(String),
}

impl Command {
    /// A command without arguments; a program without a slash is looked for on PATH.
    pub fn new(program: impl Into<OsString>) -> Self {
        Command { program: program.into(), args: Vec::new(), env: Vec::new(), dir: None, input: None }
    }

    /// Adds one argument, whatever it holds: it is quoted when shown and never split.
    pub fn arg(mut self, word: impl Into<OsString>) -> Self {
        self.args.push(word.into());
        self
    }

    /// Adds arguments, one for each item.
    pub fn args<I: IntoIterator<Item: Into<OsString>>>(mut self, words: I) -> Self {
        self.args.extend(words.into_iter().map(Into::into));
        self
    }

    /// Runs it in this folder instead of the working folder.
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into().into_boxed_path());
        self
    }

    /// Sets a variable for the child. The echo shows its value: a secret is for [`env_from`](Self::env_from).
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push(Variable { name: name.into(), value: Source::Text(value.into()) });
        self
    }

    /// Sets the variable `name` for the child to what our own variable `source` holds.
    ///
    /// This is how a secret is handed over: its value stands in no argument, and the echo names the two variables only.
    pub fn env_from(mut self, name: impl Into<String>, source: impl Into<String>) -> Self {
        let (name, source) = (name.into(), source.into());
        if name != source {
            self.env.push(Variable { name, value: Source::Variable(source) });
        }
        self
    }

    /// Hands it a secret on standard input, where nobody else can read it.
    ///
    /// The echo has `printed_by` in its place, a command that prints the same secret: it is never run, but whoever pastes
    /// the echo runs it.
    pub fn secret_input(mut self, secret: SecretString, printed_by: Command) -> Self {
        self.input = Some(Box::new(Input { secret, printed_by }));
        self
    }

    /// Whether it reads a secret on standard input.
    pub(crate) fn has_input(&self) -> bool {
        self.input.is_some()
    }

    /// The program, as messages name it.
    pub fn program(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    /// The arguments, as text; bytes that are no UTF-8 become replacement characters.
    pub fn arguments(&self) -> Vec<String> {
        self.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect()
    }

    /// The lines to paste into bash for the same effect; the last one starts with the program's name.
    ///
    /// Lines before it stand there only where they are needed: a `cd` where the folder is not the working folder, an
    /// `export` for each variable that the child has otherwise than we. A secret comes through a pipe, from the command
    /// that prints it.
    pub fn to_shell(&self) -> String {
        let mut text = String::new();
        if let Some(dir) = self.foreign_dir() {
            let _ = writeln!(text, "cd {}", quote(dir.as_os_str()));
        }
        for Variable { name, value } in &self.env {
            let _ = match value {
                Source::Text(value) => writeln!(text, "export {name}={}", quote(value.as_ref())),
                Source::Variable(source) => writeln!(text, "export {name}=\"${source}\""),
            };
        }
        if let Some(Input { printed_by, .. }) = self.input.as_deref() {
            let _ = write!(text, "{} | ", printed_by.words());
        }
        text + &self.words()
    }

    fn words(&self) -> String {
        let words = [&self.program].into_iter().chain(&self.args).map(|word| quote(word));
        words.collect::<Vec<_>>().join(" ")
    }

    fn foreign_dir(&self) -> Option<&Path> {
        let dir = self.dir.as_deref()?;
        // A link in the path does not make it another folder.
        let is_here = env::current_dir()
            .is_ok_and(|here| here == dir || dir.canonicalize().is_ok_and(|dir| dir == here));
        (!is_here).then_some(dir)
    }

    /// The same command as duct's, for a child that is waited for.
    pub(crate) fn to_duct(&self) -> Result<duct::Expression, Error> {
        #[expect(clippy::disallowed_methods, reason = "the one door to children that are waited for")]
        let mut expression = duct::cmd(self.find()?, &self.args);
        if let Some(dir) = &self.dir {
            expression = expression.dir(&**dir);
        }
        for (name, value) in self.env_values() {
            expression = expression.env(name, value);
        }
        if let Some(Input { secret, .. }) = self.input.as_deref() {
            expression = expression.stdin_bytes(secret.expose_secret());
        }
        Ok(expression)
    }

    /// The same command as the standard library's, for becoming it.
    #[expect(clippy::disallowed_types, reason = "the one door to exec")]
    pub(crate) fn to_std(&self) -> Result<std::process::Command, Error> {
        let mut command = std::process::Command::new(self.find()?);
        command.args(&self.args).envs(self.env_values());
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        Ok(command)
    }

    fn env_values(&self) -> impl Iterator<Item = (&str, OsString)> {
        self.env.iter().filter_map(|Variable { name, value }| {
            let value = match value {
                Source::Text(value) => value.into(),
                Source::Variable(source) => env::var_os(source)?,
            };
            Some((name.as_str(), value))
        })
    }

    /// What to start: a program of PATH by its name, any other by its path seen from the folder it runs in.
    ///
    /// It is looked for before anything is echoed: a missing program is our error, not the child's.
    fn find(&self) -> Result<OsString, Error> {
        let dir = match &self.dir {
            Some(dir) => dir.to_path_buf(),
            None => env::current_dir().unwrap_or_default(),
        };
        let found = which::which_in(&self.program, env::var_os("PATH"), dir)
            .map_err(|_| Error::NotFound { program: self.program() })?;
        let is_path = Path::new(&self.program).components().count() > 1;
        Ok(if is_path { found.into_os_string() } else { self.program.clone() })
    }

    /// The error of a start that the system refused.
    pub(crate) fn start_error(&self, source: std::io::Error) -> Error {
        Error::Start { program: self.program(), source }
    }
}
