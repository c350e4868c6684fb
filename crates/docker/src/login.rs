//! `docker login`.

use dockerutils_command::Command;
use secrecy::SecretString;

/// Logs in to a registry; the password goes through standard input. `printed_by` is a command that prints it.
pub fn login(host: &str, user: &str, password: SecretString, printed_by: Command) -> Command {
    Command::new("docker")
        .args(["login", "--username", user, "--password-stdin", host])
        .secret_input(password, printed_by)
}
