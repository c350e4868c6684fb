//! `docker login`.

use dockerutils_command::Command;
use secrecy::SecretString;

/// Returns the command that logs in to a registry with a password on standard input.
///
/// The echo shows `printed_by`, a command that prints the password, in place of the password.
pub fn login(host: &str, user: &str, password: SecretString, printed_by: Command) -> Command {
    Command::new("docker")
        .args(["login", "--username", user, "--password-stdin", host])
        .secret_input(password, printed_by)
}
