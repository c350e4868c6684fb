//! `docker exec`.

use dockerutils_command::Command;
use dockerutils_project::Image;

use crate::environment::{Role, add_given};
use crate::error::Error;

/// Becomes bash if the container has it. Docker itself cannot find that out without another call.
const SHELL: [&str; 3] = ["sh", "-c", "if command -v bash >/dev/null 2>&1; then exec bash; fi; exec sh"];

/// The settings of the command line for `docker exec`.
#[derive(Debug, Default)]
pub struct ExecOptions<'a> {
    /// The user in the container: `USER` or `UID:GID`.
    pub user: Option<&'a str>,
    /// `NAME=VALUE` or `NAME` each.
    pub environment: &'a [String],
    /// The folder in the container.
    pub workdir: Option<&'a str>,
    /// The command to run; empty for a shell.
    pub command: &'a [String],
    /// Whether standard input and standard output are a terminal.
    pub has_terminal: bool,
}

/// Returns the command that runs another program in a container of an image.
///
/// # Errors
/// Fails if docker itself reads the variable that a secret is the value of.
pub fn exec(image: &Image, container: &str, options: &ExecOptions) -> Result<Command, Error> {
    // As for `docker run`, -t is wrong if something else than a terminal reads the output.
    let terminal = if options.has_terminal { "-it" } else { "-i" };
    let mut command = Command::new("docker").args(["exec", terminal]);
    let flags = [("-u", options.user), ("-w", options.workdir)];
    for (flag, value) in flags.into_iter().filter_map(|(flag, value)| Some((flag, value?))) {
        command = command.args([flag, value]);
    }
    let variables = options.environment.iter().flat_map(|variable| ["-e".to_owned(), variable.clone()]);
    let variables: Vec<String> = variables.collect();
    command = add_given(command, &variables, Role::RunFlags, &image.section.not_secret)?.arg(container);
    Ok(if options.command.is_empty() { command.args(SHELL) } else { command.args(options.command) })
}
