//! Variables for the container, and arguments for a build, with secrets passed by name.
//!
//! For `-e NAME` without a value, docker takes the value from its own environment. A secret is passed in this way, because
//! `ps` and the echo show arguments. `--build-arg NAME` works in the same way.

use dockerutils_command::Command;
use dockerutils_config::{Value, Word, is_secret};

use crate::docker_variables::is_read_by_docker;
use crate::error::Error;
use crate::flags::{BUILD_SWITCHES, RUN_SWITCHES, value_starts};
use crate::setting::Setting;

/// The variables of AWS that a container gets if they are set.
pub(crate) const AWS: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
];

/// Flags whose values are paths: what is in a file is not in the argument.
const PATHS: [&str; 14] = [
    "v",
    "volume",
    "mount",
    "tmpfs",
    "device",
    "env-file",
    "label-file",
    "cidfile",
    "iidfile",
    "metadata-file",
    "f",
    "file",
    "secret",
    "ssh",
];

/// What words are to docker, which decides how a secret can reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Flags of `docker run`.
    RunFlags,
    /// Flags of `docker build`.
    BuildFlags,
    /// The command to run in the container.
    ContainerCommand,
    /// The arguments of a script, which inherits our variables.
    Script,
}

impl Role {
    /// Returns the flags without a value; `None` for words that are not flags of docker.
    fn switches(self) -> Option<&'static [&'static str]> {
        match self {
            Role::RunFlags => Some(&RUN_SWITCHES),
            Role::BuildFlags => Some(&BUILD_SWITCHES),
            Role::ContainerCommand | Role::Script => None,
        }
    }

    fn is_setting(self, flag: &str) -> bool {
        match self {
            Role::RunFlags => matches!(flag, "e" | "env"),
            Role::BuildFlags => flag == "build-arg",
            Role::ContainerCommand | Role::Script => false,
        }
    }

    /// Returns how the value of this variable can be passed instead.
    fn remedy(self, secret: &str) -> String {
        match self {
            Role::RunFlags => format!("pass it by name with `environment=-e {secret}`"),
            Role::BuildFlags => format!("pass it with `build_args=--secret id={secret},env={secret}`"),
            Role::ContainerCommand => format!(
                "pass it by name with `environment=-e {secret}` and read it in the container: `sh -c '… \"${secret}\"'` in single quotes"
            ),
            Role::Script => "the script inherits the variable and can read it".to_owned(),
        }
    }
}

/// Adds words of the configuration, secrets by name. `public` names variables that are not secret.
///
/// # Errors
/// Fails if a secret would become part of an argument that docker does not accept by name.
pub(crate) fn add_words(
    mut command: Command,
    value: &Value,
    words: &[Word],
    role: Role,
    public: &[String],
) -> Result<Command, Error> {
    for (word, setting) in words.iter().zip(settings(words, role)) {
        command = match setting {
            Place::Setting(setting) => {
                // The name itself cannot be passed by name.
                if let Some(secret) = setting.secret_in_name(word, public) {
                    return Err(value.error(refusal(secret, role)).into());
                }
                add_setting(command, &setting, role, public).map_err(|problem| value.error(problem))?
            }
            Place::Path => command.arg(word.text()),
            Place::Unnamed(name) if word.secret(public).is_none() && !public.contains(&name) => {
                return Err(value.error(no_variable(&name, role)).into());
            }
            Place::Unnamed(_) | Place::Other => {
                if let Some(secret) = word.secret(public) {
                    return Err(value.error(refusal(secret, role)).into());
                }
                command.arg(word.text())
            }
        };
    }
    Ok(command)
}

/// Adds words of the command line, which may have secrets as values of variables.
///
/// # Errors
/// Fails if docker itself reads the variable that a secret is the value of.
pub(crate) fn add_given(
    mut command: Command,
    words: &[String],
    role: Role,
    public: &[String],
) -> Result<Command, Error> {
    let words: Vec<Word> = words.iter().map(Word::plain).collect();
    for (word, place) in words.iter().zip(settings(&words, role)) {
        command = match place {
            Place::Setting(setting) => {
                add_setting(command, &setting, role, public).map_err(Error::Argument)?
            }
            Place::Unnamed(name) if !public.contains(&name) => {
                return Err(Error::Argument(no_variable(&name, role)));
            }
            Place::Unnamed(_) | Place::Path | Place::Other => command.arg(word.text()),
        };
    }
    Ok(command)
}

/// Adds `-e NAME=VALUE` for the key of a section that `env` names.
///
/// # Errors
/// Fails in the same cases as [`add_words`].
pub(crate) fn add_variable(
    command: Command,
    value: &Value,
    word: &Word,
    public: &[String],
) -> Result<Command, Error> {
    let words = [Word::plain("-e"), word.clone().prefixed(&format!("{}=", value.key))];
    add_words(command, value, &words, Role::RunFlags, public)
}

/// Adds the variables of AWS that are set and not empty, each as `-e NAME`.
pub(crate) fn add_aws(command: Command) -> Command {
    AWS.iter()
        .filter(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
        .fold(command, |command, name| command.arg("-e").arg(*name))
}

/// Returns the names of the build arguments among the words that are secrets and that an image's history keeps, each once.
pub(crate) fn secret_build_args(words: &[Word], public: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    for place in settings(words, Role::BuildFlags) {
        if let Place::Setting(setting) = place
            && setting.is_secret(public)
            // Docker leaves its predefined arguments out of the history.
            && !is_proxy(&setting.name)
            && !names.contains(&setting.name)
        {
            names.push(setting.name);
        }
    }
    names
}

/// What a word is, for a secret in it.
enum Place {
    /// `NAME=VALUE` or `NAME`, perhaps after its flag in the same word.
    Setting(Setting),
    /// `NAME=VALUE` with a secret, where NAME cannot be that of a variable here.
    Unnamed(String),
    /// The value of a flag that takes a path.
    Path,
    /// Anything else.
    Other,
}

fn settings(words: &[Word], role: Role) -> Vec<Place> {
    let texts: Vec<String> = words.iter().map(Word::text).collect();
    let Some(switches) = role.switches() else { return texts.iter().map(|_| Place::Other).collect() };
    let place = |(word, start): (&Word, Option<(&str, usize)>)| match start {
        Some((flag, start)) if role.is_setting(flag) => {
            Setting::parse(word, start).map_or_else(|| unnamed(&word.text()[start..]), Place::Setting)
        }
        Some((flag, _)) if PATHS.contains(&flag) => Place::Path,
        _ => Place::Other,
    };
    words.iter().zip(value_starts(&texts, switches)).map(place).collect()
}

/// Returns what a setting is whose name no shell accepts, such as `db.password=…`.
fn unnamed(setting: &str) -> Place {
    match setting.split_once('=') {
        Some((name, value)) if is_secret(name, value) => Place::Unnamed(name.to_owned()),
        _ => Place::Other,
    }
}

/// Adds a setting: by name if it is secret, or if docker inherits the same value under the same name.
fn add_setting(
    command: Command,
    setting: &Setting,
    role: Role,
    public: &[String],
) -> Result<Command, String> {
    if setting.is_inherited() {
        return Ok(command.arg(setting.by_name()).env_from(&setting.name, &setting.name));
    }
    if !setting.is_secret(public) {
        return Ok(command.arg(setting.whole()));
    }
    if is_read_by_docker(&setting.name) {
        return Err(reserved(&setting.name, role));
    }
    Ok(command.arg(setting.by_name()).env_value(&setting.name, setting.value(public)))
}

fn is_proxy(name: &str) -> bool {
    name.to_ascii_uppercase().ends_with("_PROXY")
}

fn refusal(secret: &str, role: Role) -> String {
    format!(
        "the value of ${secret} would be part of an argument, which every user of this machine can read: {}, or, if it is no \
         secret, write `not_secret={secret}` in the same section",
        role.remedy(secret)
    )
}

fn no_variable(name: &str, role: Role) -> String {
    cannot_be_named(name, "a shell has no variables with such names", role)
}

fn reserved(name: &str, role: Role) -> String {
    cannot_be_named(name, &format!("docker itself reads the variable {name}"), role)
}

fn cannot_be_named(name: &str, reason: &str, role: Role) -> String {
    let remedy = match role {
        // Docker gives these to every build, and keeps them out of the image's history.
        // https://docs.docker.com/engine/cli/proxy/
        Role::BuildFlags if is_proxy(name) => {
            format!(
                "set {name} itself and write `--build-arg {name}`, or write the proxy under `proxies` in ~/.docker/config.json"
            )
        }
        Role::BuildFlags => format!("pass it with `--secret id={name},env=…`"),
        _ => "write it into a file that only you can read, and pass that with `--env-file FILE`".to_owned(),
    };
    format!("the value of {name} is a secret and cannot be passed by name, because {reason}: {remedy}")
}
