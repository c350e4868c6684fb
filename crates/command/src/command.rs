//! The command value: program, arguments, environment, folder and secret input.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::start_problem::{not_runnable, unusable_interpreter};
use crate::variables::{ValuePart, Variables};
use crate::{Error, quote};

/// An external command: what is echoed and what is run are views of this one value.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a command does nothing until a Runner runs it"]
pub struct Command {
    program: OsString,
    args: Vec<OsString>,
    /// What the echo shows in place of arguments, by their index.
    shown: Vec<(usize, String)>,
    variables: Variables,
    dir: Option<Box<Path>>,
    input: Option<Box<Input>>,
}

/// A secret that a child reads on standard input, and the command that would print it.
#[derive(Debug, Clone)]
struct Input {
    secret: SecretString,
    printed_by: Command,
}

// Secrets are not compared: equal echoes make equal commands.
impl PartialEq for Input {
    fn eq(&self, other: &Self) -> bool {
        self.printed_by == other.printed_by
    }
}

impl Eq for Input {}

impl Command {
    /// Creates a command without arguments. A program without a slash is looked up on PATH.
    pub fn new(program: impl Into<OsString>) -> Self {
        Command {
            program: program.into(),
            args: Vec::new(),
            shown: Vec::new(),
            variables: Variables::default(),
            dir: None,
            input: None,
        }
    }

    /// Adds one argument, which may hold any bytes: it is quoted in the echo and never split.
    pub fn arg(mut self, word: impl Into<OsString>) -> Self {
        self.args.push(word.into());
        self
    }

    /// Adds one argument for each item.
    pub fn args<I: IntoIterator<Item: Into<OsString>>>(mut self, words: I) -> Self {
        self.args.extend(words.into_iter().map(Into::into));
        self
    }

    /// Adds one argument: `prefix`, a plain word, and a text that `file` holds, too. The echo reads the file, so that a long
    /// script does not fill the terminal.
    ///
    /// The text must not end with a line feed, which a shell drops.
    pub fn arg_from_file(mut self, prefix: &str, text: &str, file: &Path) -> Self {
        let shown = format!("{prefix}\"$(cat {})\"", quote(file.as_os_str()));
        self.shown.push((self.args.len(), shown));
        self.arg(format!("{prefix}{text}"))
    }

    /// Sets the folder to run in, in place of the working folder.
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into().into_boxed_path());
        self
    }

    /// Sets a variable for the child. The echo shows its value; use [`env_from`](Self::env_from) for a secret.
    pub fn env(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env_value(name, vec![ValuePart::Text(value.into())])
    }

    /// Sets the variable `name` for the child to the value of our own variable `source`.
    ///
    /// The value, which may be a secret, appears in no argument, and the echo holds only the two names.
    pub fn env_from(self, name: impl Into<String>, source: impl Into<String>) -> Self {
        self.env_value(name, vec![ValuePart::Variable(source.into())])
    }

    /// Sets a variable for the child to parts, one after the other. It replaces an earlier value of that variable.
    pub fn env_value(mut self, name: impl Into<String>, value: Vec<ValuePart>) -> Self {
        self.variables.set(name.into(), value);
        self
    }

    /// Sets a secret that the child reads on standard input, because other users can read arguments and not a pipe.
    ///
    /// The echo shows a pipe from `printed_by`, a command that prints the same secret. We never run it; it is for a user
    /// who pastes the echo.
    pub fn secret_input(mut self, secret: SecretString, printed_by: Command) -> Self {
        self.input = Some(Box::new(Input { secret, printed_by }));
        self
    }

    /// Returns whether the command reads a secret on standard input.
    pub(crate) fn has_input(&self) -> bool {
        self.input.is_some()
    }

    /// Returns the program as messages show it.
    pub fn program(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    /// Returns the arguments as text. Bytes that are not UTF-8 become replacement characters.
    pub fn arguments(&self) -> Vec<String> {
        self.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect()
    }

    /// Returns whether the program is one of these, found on PATH or by a path.
    pub(crate) fn is(&self, programs: &[&str]) -> bool {
        let name = Path::new(&self.program).file_name();
        programs.iter().any(|program| name == Some(program.as_ref()))
    }

    /// Returns the line to paste into bash for the same effect. It changes nothing in the terminal that it is pasted into.
    ///
    /// Variables are set before the program's name. If the folder is not the working folder, or if a value has to be saved
    /// first, all of it is in a subshell. A secret on standard input comes through a pipe from the command that prints it.
    pub fn to_shell(&self) -> String {
        let assignments = self.variables.assignments();
        let mut before = assignments.saved;
        before.extend(self.foreign_dir().map(|dir| format!("cd {}", quote(dir.as_os_str()))));
        let mut words = assignments.prefix;
        words.push(self.words());
        let mut line = words.join(" ");
        if let Some(Input { printed_by, .. }) = self.input.as_deref() {
            line = format!("{} | {line}", printed_by.words());
        }
        if before.is_empty() {
            return line;
        }
        before.push(line);
        format!("({})", before.join(" && "))
    }

    fn words(&self) -> String {
        let shown = |index| self.shown.iter().find(|(at, _)| *at == index).map(|(_, shown)| shown.clone());
        let args = self.args.iter().enumerate();
        let args = args.map(|(index, arg)| shown(index).unwrap_or_else(|| quote(arg)));
        [quote(&self.program)].into_iter().chain(args).collect::<Vec<_>>().join(" ")
    }

    fn foreign_dir(&self) -> Option<&Path> {
        let dir = self.dir.as_deref()?;
        // The system returns the working folder without symbolic links, while `dir` may have been reached through one.
        let is_working_dir = env::current_dir()
            .is_ok_and(|current| current == dir || dir.canonicalize().is_ok_and(|dir| dir == current));
        (!is_working_dir).then_some(dir)
    }

    /// Converts the command to duct's type, for a child that we wait for.
    pub(crate) fn to_duct(&self) -> Result<duct::Expression, Error> {
        #[expect(clippy::disallowed_methods, reason = "the only place that starts children")]
        let mut expression = duct::cmd(self.find()?, &self.args);
        if let Some(dir) = &self.dir {
            expression = expression.dir(&**dir);
        }
        for (name, value) in self.variables.values() {
            expression = expression.env(name, value);
        }
        if let Some(Input { secret, .. }) = self.input.as_deref() {
            expression = expression.stdin_bytes(secret.expose_secret());
        }
        Ok(expression)
    }

    /// Converts the command to the standard library's type, for exec, which duct does not have.
    #[expect(clippy::disallowed_types, reason = "the only place that prepares exec")]
    pub(crate) fn to_std(&self) -> Result<std::process::Command, Error> {
        let mut command = std::process::Command::new(self.find()?);
        command.args(&self.args).envs(self.variables.values());
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        Ok(command)
    }

    /// Returns the command of a shell that starts this program in the background and ends.
    pub(crate) fn in_background(&self) -> Command {
        let shell = Command::new("sh").args(["-c", "\"$@\" &", "sh"]);
        shell.arg(&self.program).args(&self.args)
    }

    /// Finds the program: by its name if it is on PATH, otherwise by its path, relative to the folder that it runs in.
    ///
    /// # Errors
    /// Returns [`Error::NotFound`]. Callers convert a command before they echo it, so a program that is not installed is
    /// not echoed as if it had run.
    fn find(&self) -> Result<OsString, Error> {
        let dir = match &self.dir {
            Some(dir) => dir.to_path_buf(),
            None => env::current_dir().unwrap_or_default(),
        };
        let is_path = self.program.as_encoded_bytes().contains(&b'/');
        let found = which::which_in(&self.program, env::var_os("PATH"), &dir).map_err(|_| {
            if is_path {
                not_runnable(self.program(), &dir.join(&self.program))
            } else {
                Error::NotFound { program: self.program() }
            }
        })?;
        // By name the child's argv[0] is what the user would have typed; the system searches PATH itself.
        Ok(if is_path { found.into_os_string() } else { self.program.clone() })
    }

    /// Creates the error for a start that the system refused.
    pub(crate) fn start_error(&self, source: std::io::Error) -> Error {
        let path = self.dir.as_deref().unwrap_or(Path::new("")).join(&self.program);
        match unusable_interpreter(&path, &source) {
            Some(problem) => Error::NotRunnable { program: self.program(), problem },
            None => Error::Start { program: self.program(), source },
        }
    }
}
