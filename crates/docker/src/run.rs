//! `docker run`.

use chrono::{DateTime, Local};
use dockerutils_command::Command;
use dockerutils_config::{DOCKED, Interactive, Scope, Value};
use dockerutils_project::{Image, User};

use crate::environment::{add_aws, add_variable, add_words};
use crate::flags::{flags, is_on};
use crate::mounts::{Moved, Workspace, host_sides, redirect};
use crate::ports::{Ports, ports};
use crate::{Error, Gpus, docker, gpu};

/// What the command line says about a run, beyond the configuration; its values are taken as they stand.
#[derive(Debug, Default, Clone)]
pub struct Run {
    /// Keep the container afterwards, and run it in the background.
    pub keep: bool,
    /// The command to run in the container, instead of the configured one.
    pub command: Option<Vec<String>>,
    /// The network, instead of the configured one.
    pub network: Option<String>,
    /// `NAME=VALUE` or `NAME`, each of which wins over the configuration.
    pub environment: Vec<String>,
    /// Further flags.
    pub flags: Vec<String>,
    /// GPUs are wanted.
    pub gpu: bool,
    /// Which GPUs, instead of what is configured.
    pub gpus: Option<Gpus>,
    /// Standard input is a terminal.
    pub has_terminal: bool,
    /// The project's copy on the engine's machine, where that is another one.
    pub workspace: Option<Workspace>,
}

/// A container that is about to run.
#[derive(Debug)]
pub struct Container {
    /// The command that runs it.
    pub command: Command,
    /// Its mounts that were pointed at the project's copy, on another machine.
    pub moved: Vec<Moved>,
    /// The host sides of all its mounts, as docker gets them.
    pub mounts: Vec<String>,
    /// The ports that it opens there.
    pub ports: Ports,
    /// It goes on when docker has ended.
    pub is_detached: bool,
}

/// The container of an image, begun at `now`.
///
/// The order of the flags is the order of precedence, since docker lets the last one win: AWS, configuration, GPU, and
/// what the command line said.
///
/// # Errors
/// What the configuration says of it cannot be used.
pub fn run(image: &Image, run: &Run, now: DateTime<Local>) -> Result<Container, Error> {
    let section = &image.section;
    let scope = image.scope()?;
    let mut command = docker(image.project()).args(["run", "--init", "--name", &container_name(image, now)]);
    command = terminal(command, run, section.interactive);
    if section.run_as_host_user {
        command = command.arg("--user").arg(User::uid_gid());
    }
    if let Some(network) = network(image, run, &scope)? {
        command = command.arg("--network").arg(network);
    }
    if section.aws_env {
        command = add_aws(command);
    }
    for variable in &section.env {
        command = add_variable(command, variable, &variable.word(&scope)?)?;
    }
    command = add(command, section.environment.as_ref(), &scope)?;
    command = add_gpus(command, image, run, &scope)?;
    let mut moved = Vec::new();
    command = add_volumes(command, run, section.volumes.as_ref(), &scope, &mut moved)?;
    command = add(command, section.ports.as_ref(), &scope)?;
    command = add(command, section.args.as_ref(), &scope)?;
    for variable in &run.environment {
        command = command.arg("-e").arg(variable);
    }
    command = command.args(&run.flags);
    let words = command.arguments();
    let flags = flags(&words);
    let mounts = host_sides(&flags, image.project().root());
    let ports = ports(&flags);
    let is_detached = is_on(&flags, &["d", "detach"]);
    command = command.arg(image.reference()?.to_string());
    command = match &run.command {
        Some(words) => command.args(words),
        None => add(command, section.cmd.as_ref(), &scope)?,
    };
    Ok(Container { command, moved, mounts, ports, is_detached })
}

/// Returns `USER_IMAGE_yy-mm-dd_HH.MM.SS.NANOSECONDS` in local time, without the characters that docker refuses in names.
fn container_name(image: &Image, now: DateTime<Local>) -> String {
    let legal = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-') { c } else { '-' };
    let user = image.project().user().tag();
    let name: String = format!("{user}_{}", image.name).chars().map(legal).collect();
    let name = name.trim_start_matches(|first: char| !first.is_ascii_alphanumeric());
    // Nanoseconds, because an engine refuses a name that is taken, and scripts start many containers within one second.
    // Microseconds are too coarse for that, and process ids repeat where each container of a cluster has its own.
    format!("{name}_{}", now.format("%y-%m-%d_%H.%M.%S%.9f"))
}

/// `--rm -it`, as far as it is wanted and standard input is a terminal; `-k` keeps the container and lets go of it.
fn terminal(command: Command, run: &Run, configured: Option<Interactive>) -> Command {
    let default = Interactive { stdin: true, terminal: true, detached: false };
    let background = Interactive { stdin: false, terminal: false, detached: true };
    let wanted = if run.keep { background } else { configured.unwrap_or(default) };
    let flags: String =
        [(wanted.detached, 'd'), (wanted.stdin, 'i'), (wanted.terminal && run.has_terminal, 't')]
            .into_iter()
            .filter_map(|(wanted, flag)| wanted.then_some(flag))
            .collect();
    let command = if run.keep { command } else { command.arg("--rm") };
    if flags.is_empty() { command } else { command.arg(format!("-{flags}")) }
}

fn network(image: &Image, run: &Run, scope: &Scope) -> Result<Option<String>, Error> {
    match (&run.network, &image.section.network) {
        (Some(network), _) => Ok(Some(network.clone())),
        (None, Some(value)) => Ok(Some(value.word(scope)?.text())),
        (None, None) => Ok(None),
    }
}

/// The mounts; on another machine those of `volumes` are pointed at the project's copy, a `_docked` twin says itself.
fn add_volumes(
    command: Command,
    run: &Run,
    value: Option<&Value>,
    scope: &Scope,
    moved: &mut Vec<Moved>,
) -> Result<Command, Error> {
    let Some(value) = value else { return Ok(command) };
    let words = value.words(scope)?;
    match &run.workspace {
        Some(workspace) if !value.key.ends_with(DOCKED) => {
            add_words(command, value, &redirect(words, workspace, moved))
        }
        _ => add_words(command, value, &words),
    }
}

/// Which GPUs: `--gpus` of the command line wins over the `gpu` key, which wins over what `-g` would add by itself. What
/// else the key adds (a variable that tells the container) stays.
fn add_gpus(command: Command, image: &Image, run: &Run, scope: &Scope) -> Result<Command, Error> {
    let section = &image.section;
    let wanted = run.gpu || run.gpus.is_some() || section.gpu_always;
    let configured = section.gpu.as_ref().filter(|_| wanted);
    let command = match (configured, &run.gpus) {
        (Some(value), Some(_)) => add_words(command, value, &gpu::without_devices(value.words(scope)?))?,
        (value, _) => add(command, value, scope)?,
    };
    let asked = match (&run.gpus, configured) {
        (Some(gpus), _) => Some(gpus),
        (None, None) if run.gpu => Some(&Gpus::ALL),
        (None, _) => None,
    };
    match asked {
        Some(gpus) => Ok(command.args(gpus.flags(image.project().config().gpu_mode()?))),
        None => Ok(command),
    }
}

fn add(command: Command, value: Option<&Value>, scope: &Scope) -> Result<Command, Error> {
    match value {
        Some(value) => add_words(command, value, &value.words(scope)?),
        None => Ok(command),
    }
}
