//! `docker run`.

use chrono::{DateTime, Local};
use dockerutils_command::Command;
use dockerutils_config::{DOCKED, Interactive, Scope, Value, Word};
use dockerutils_project::{Image, User};

use crate::client;
use crate::container::{Container, LocalImage};
use crate::container_name::container_name;
use crate::debug_shell::is_replaced_by_shell;
use crate::docker_command::docker;
use crate::environment::{Role, add_aws, add_given, add_variable, add_words};
use crate::error::Error;
use crate::flag_check::RUN;
use crate::flag_words::{correct_texts, flag_words, network_name, without_flags};
use crate::flags::{RUN_SWITCHES, flags, is_on, last_value, without};
use crate::gpu::{Gpus, selects_gpus};
use crate::mounts::{RedirectedMount, check_colons, host_sides, redirect};
use crate::ports::{mappings, ports, ranges};
use crate::relative_paths::absolute_run_paths;
use crate::run_defaults::{add_defaults, is_published_otherwise};
use crate::run_options::RunOptions;

/// Returns the container of an image, started at `now`.
///
/// Docker lets the last of several flags win, so the order of the flags is the order of precedence: AWS, configuration,
/// GPUs, command line.
///
/// # Errors
/// Fails if a value of the configuration cannot be evaluated, or if a secret would become part of an argument.
pub fn run(image: &Image, options: &RunOptions, now: DateTime<Local>) -> Result<Container, Error> {
    let scope = image.scope()?;
    let mut redirected = Vec::new();
    // As process 1, many programs neither reap children nor react to SIGTERM; docker's init does both.
    // https://docs.docker.com/reference/cli/docker/container/run/#init
    let name = container_name(&image.project().user().tag(), &image.name, now);
    let mut command = docker(image.project()).args(["run", "--init", "--name", &name]);
    command = add_terminal(command, options, image.section.interactive);
    command = add_defaults(command, options, &mut redirected);
    command = add_user_and_network(command, image, options, &scope)?;
    command = add_environment(command, image, options, &scope)?;
    command = add_gpus(command, image, options, &scope)?;
    command = add_volumes(command, image, options, &scope, &mut redirected)?;
    command = add_flags(command, image, image.section.ports.as_ref(), options, &scope)?;
    command = add_flags(command, image, image.section.args.as_ref(), options, &scope)?;
    if let Some(published) = options.published {
        command = command.args(["-p".to_owned(), published.value()]);
    }
    let variables = options.environment.iter().flat_map(|variable| ["-e".to_owned(), variable.clone()]);
    let given: Vec<String> = variables.chain(command_line_flags(image, options, &mut redirected)?).collect();
    command = add_given(command, &given, Role::RunFlags, &image.section.not_secret)?;
    if let Some(shell) = options.shell {
        command = command.args(shell.flags());
    }
    // The facts about the container come from its final flags: each flag may be configured or given.
    let words = command.arguments();
    let flags = flags(&words, &RUN_SWITCHES);
    let mounts = host_sides(&flags, image.project().root());
    let (ports, mappings, ranges) = (ports(&flags), mappings(&flags), ranges(&flags));
    // The last name counts, and it may be the user's.
    let name = flags.iter().rev().find(|(name, _)| *name == "name").and_then(|(_, value)| *value);
    let name = name.unwrap_or_default().to_owned();
    let is_detached = is_on(&flags, &["d", "detach"]);
    let pull = last_value(&flags, &["pull"]).map(str::to_owned);
    let is_awaited = (options.keep_failed && !is_detached) || options.shell.is_some();
    let local_image = local_image(image, options)?;
    // In a public registry, somebody else's image could have the name.
    if local_image.is_some() && pull.is_none() {
        command = command.args(["--pull", "never"]);
    }
    // The user may have a registry with images of this name.
    let local_image = local_image.filter(|_| pull.is_none_or(|pull| pull == "never"));
    command = command.arg(image.reference()?.to_string());
    command = match (options.shell, &options.command) {
        (Some(shell), _) => command.args(shell.command()),
        (None, Some(words)) => command.args(words),
        (None, None) => add_command(command, image, &scope)?,
    };
    Ok(Container {
        command,
        redirected,
        mounts,
        ports,
        mappings,
        ranges,
        name,
        is_detached,
        is_awaited,
        local_image,
    })
}

/// Returns the image and the command that builds it, unless it may come from a registry.
fn local_image(image: &Image, options: &RunOptions) -> Result<Option<LocalImage>, Error> {
    if !image.is_local() {
        return Ok(None);
    }
    let mut build = Command::new("build-image");
    if let Some(tag) = options.tag {
        build = build.args(["-t", tag]);
    }
    let target = image.built_from()?.unwrap_or_else(|| image.name.clone());
    Ok(Some(LocalImage { reference: image.reference()?, build: build.arg(target) }))
}

/// Adds `--rm -it`, or the configured flags, or those of `-k`; `-t` only if standard input and output are a terminal.
fn add_terminal(mut command: Command, options: &RunOptions, configured: Option<Interactive>) -> Command {
    let default = Interactive { stdin: true, terminal: true, detached: false };
    let background = Interactive { stdin: false, terminal: false, detached: true };
    let wanted = match configured {
        _ if options.keep => background,
        Some(configured) if options.shell.is_none() => configured,
        _ => default,
    };
    let flags: String =
        // Docker fails if -t is given and standard input is not a terminal. With -t the container writes carriage returns and
        // its standard error to standard output, which a file or a pipe must not get.
        [(wanted.detached, 'd'), (wanted.stdin, 'i'), (wanted.terminal && options.has_terminal, 't')]
            .into_iter()
            .filter_map(|(is_wanted, flag)| is_wanted.then_some(flag))
            .collect();
    if !options.keeps_container() {
        command = command.arg("--rm");
    }
    if flags.is_empty() { command } else { command.arg(format!("-{flags}")) }
}

fn add_user_and_network(
    mut command: Command,
    image: &Image,
    options: &RunOptions,
    scope: &Scope,
) -> Result<Command, Error> {
    if image.section.run_as_host_user {
        command = add_host_user(command, image.project().user(), options);
    }
    let network = match (options.network, &image.section.network) {
        (Some(network), _) => network.to_owned(),
        (None, Some(value)) => network_name(value, scope, &image.section.not_secret)?,
        (None, None) => return Ok(command),
    };
    Ok(command.arg("--network").arg(network))
}

/// Adds the ids of the calling user. The image knows no such user, so variables give it a name, and a writable home unless
/// the image has one.
fn add_host_user(mut command: Command, user: &User, options: &RunOptions) -> Command {
    let ids = options.host_user.clone().unwrap_or_else(User::uid_gid);
    let is_root = ids.starts_with("0:");
    command = command.arg("--user").arg(ids);
    if is_root {
        return command;
    }
    // Without this, podman gives the user's files other ids in the container.
    if client::is_podman() {
        command = command.arg("--userns=keep-id");
    }
    let (user, logname) = (format!("USER={}", user.name), format!("LOGNAME={}", user.name));
    let home = if options.keeps_home { &[][..] } else { &["-e", "HOME=/tmp"] };
    command.args(home.iter().copied()).args(["-e", &user, "-e", &logname])
}

/// Returns the flags of the command line, with absolute paths. On another machine those of the project lead to its copy.
fn command_line_flags(
    image: &Image,
    options: &RunOptions,
    redirected: &mut Vec<RedirectedMount>,
) -> Result<Vec<String>, Error> {
    let flags = absolute_run_paths(image.project().root(), &correct_texts(&options.flags))?;
    let kept = without(&flags, &RUN_SWITCHES, |name, value| {
        (options.keeps_container() && name == "rm") || is_published_otherwise(options, name, value)
    });
    let flags: Vec<String> = kept.into_iter().map(|(_, word)| word).collect();
    let Some(workspace) = &options.workspace else { return Ok(flags) };
    let words = flags.into_iter().map(Word::plain).collect();
    Ok(redirect(words, workspace, redirected).iter().map(Word::text).collect())
}

fn add_environment(
    mut command: Command,
    image: &Image,
    options: &RunOptions,
    scope: &Scope,
) -> Result<Command, Error> {
    let section = &image.section;
    if section.aws_env {
        command = add_aws(command);
    }
    for variable in &section.env {
        command = add_variable(command, variable, &variable.verbatim(scope)?, &section.not_secret)?;
    }
    add_flags(command, image, section.environment.as_ref(), options, scope)
}

/// Adds the mounts. On another machine those of the project are redirected to its copy, except those of a `_docked` key:
/// its paths are meant for that machine.
fn add_volumes(
    command: Command,
    image: &Image,
    options: &RunOptions,
    scope: &Scope,
    redirected: &mut Vec<RedirectedMount>,
) -> Result<Command, Error> {
    let Some(value) = &image.section.volumes else { return Ok(command) };
    let words = configured_flags(value, options, scope)?;
    check_colons(value, &words, image.project())?;
    let words = match &options.workspace {
        Some(workspace) if !value.key.ends_with(DOCKED) => redirect(words, workspace, redirected),
        _ => words,
    };
    add_words(command, value, &words, Role::RunFlags, &image.section.not_secret)
}

/// Adds the GPUs of `--gpus`, else of the `gpu` key, else the default of `-g`.
///
/// `--gpus` replaces only the flags of the configuration that select GPUs: another variable for the container stays.
fn add_gpus(
    mut command: Command,
    image: &Image,
    options: &RunOptions,
    scope: &Scope,
) -> Result<Command, Error> {
    let section = &image.section;
    let is_wanted = options.use_gpu || options.gpus.is_some() || section.gpu_always;
    let configured = section.gpu.as_ref().filter(|_| is_wanted);
    if let Some(value) = configured {
        let words = configured_flags(value, options, scope)?;
        command = add_words(command, value, &words, Role::RunFlags, &section.not_secret)?;
    }
    let default = (is_wanted && configured.is_none()).then_some(&Gpus::ALL);
    match options.gpus.or(default) {
        Some(gpus) => Ok(command.args(gpus.flags(image.project().config().gpu_mode()?))),
        None => Ok(command),
    }
}

/// Adds the configured command.
fn add_command(command: Command, image: &Image, scope: &Scope) -> Result<Command, Error> {
    let Some(value) = &image.section.cmd else { return Ok(command) };
    add_words(command, value, &value.words(scope)?, Role::ContainerCommand, &image.section.not_secret)
}

/// Adds the flags of a key, if it is set.
fn add_flags(
    command: Command,
    image: &Image,
    value: Option<&Value>,
    options: &RunOptions,
    scope: &Scope,
) -> Result<Command, Error> {
    match value {
        Some(value) => {
            let words = configured_flags(value, options, scope)?;
            add_words(command, value, &words, Role::RunFlags, &image.section.not_secret)
        }
        None => Ok(command),
    }
}

/// Evaluates a key that holds flags, without those that the command line replaces.
fn configured_flags(value: &Value, options: &RunOptions, scope: &Scope) -> Result<Vec<Word>, Error> {
    let words = flag_words(value, scope, RUN)?;
    Ok(without_flags(&words, &RUN_SWITCHES, |name, value| match name {
        // Docker would connect the container to both networks.
        "network" | "net" => options.network.is_some(),
        _ if options.shell.is_some() && is_replaced_by_shell(name) => true,
        "rm" => options.keeps_container(),
        "p" | "publish" => is_published_otherwise(options, name, value),
        // Docker would request all of them.
        _ => options.gpus.is_some() && selects_gpus(name, value),
    }))
}

#[cfg(test)]
mod tests {
    use dockerutils_project::Project;

    use super::*;

    #[test]
    fn a_home_that_the_image_sets_is_kept() {
        let folder = tempfile::Builder::new().prefix("proj-").tempdir().unwrap();
        let docker = folder.path().join("docker");
        std::fs::create_dir_all(docker.join("dev")).unwrap();
        std::fs::write(docker.join("dev/Dockerfile"), "FROM scratch\n").unwrap();
        std::fs::write(docker.join("dockerutils.cfg"), "[dev]\nuser=host\n").unwrap();
        let project = Project::at(folder.path().to_owned()).unwrap();
        let image = project.image("dev").unwrap();
        for keeps_home in [false, true] {
            let host_user = Some("1500:1500".to_owned());
            let options = RunOptions { host_user, keeps_home, ..RunOptions::default() };
            let words = run(&image, &options, Local::now()).unwrap().command.arguments();
            assert_eq!(words.contains(&"HOME=/tmp".to_owned()), !keeps_home, "{words:?}");
        }
    }
}
