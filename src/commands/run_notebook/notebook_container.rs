//! The container of a notebook: that of `run-image`, with a token, a port on loopback, and labels by which it is found.

use std::path::Path;

use dockerutils_command::{Runner, ValuePart};
use dockerutils_docker::{self as docker, Container, InspectedImage, PortMapping, RunOptions};
use dockerutils_notebook::Token;
use dockerutils_project::{NotebookImage, Project, User, Workspace};

use super::Args;
use super::error::NotebookError;
use super::port_choice::{JUPYTER, configured, published_here, published_on_dock};
use super::reach::Reach;
use crate::commands::run_image::further_flags;
use crate::docker_calls::inspect_images;
use crate::{Result, ui};

/// The label whose value is the project's root.
pub(super) const PROJECT_LABEL: &str = "dockerutils.notebook";
/// The label whose value is the name of the user.
pub(super) const USER_LABEL: &str = "dockerutils.user";
/// The label whose value is the port of Jupyter in the container.
pub(super) const PORT_LABEL: &str = "dockerutils.notebook-port";

/// The home folder of the stock images' user, and the folder that the working folder is mounted at.
const STOCK_HOME: &str = "/home/jovyan";

/// A container that is ready to be run.
pub(super) struct NotebookContainer {
    pub(super) container: Container,
    pub(super) token: Token,
    /// The port of Jupyter in the container.
    pub(super) port: u16,
    /// The port on the engine's machine, if we have chosen it.
    pub(super) host_port: Option<u16>,
}

/// What the containers of one call have in common.
pub(super) struct Template<'a> {
    args: &'a Args,
    image: &'a NotebookImage<'a>,
    reach: &'a Reach<'a>,
    /// What comes before the configuration.
    defaults: Vec<String>,
    environment: Vec<String>,
    flags: Vec<String>,
    workspace: Option<Workspace>,
    owner: Option<String>,
    has_terminal: bool,
}

impl<'a> Template<'a> {
    /// Collects it.
    ///
    /// # Errors
    /// Fails if a flag is not valid, or if a signal interrupted us.
    pub(super) fn new(
        args: &'a Args,
        project: &Project,
        image: &'a NotebookImage<'a>,
        reach: &'a Reach<'a>,
        runner: &Runner,
    ) -> Result<Self> {
        let workspace = reach.dock().map(|engine| engine.workspace(project)).transpose()?;
        let is_stock = matches!(image, NotebookImage::Stock(_));
        let owner = match (reach.dock(), &workspace) {
            (Some(engine), Some(workspace)) if is_stock || image.image().section.run_as_host_user => {
                engine.workspace_owner(workspace, runner)?
            }
            _ => None,
        };
        let mut defaults = labels(project);
        if args.detach {
            defaults.insert(0, "-d".to_owned());
        }
        if is_stock {
            defaults.extend(stock_flags(project, image, owner.as_deref(), reach.dock().is_some())?);
        }
        let environment = [Token::VARIABLE.to_owned()].into_iter().chain(args.env.clone()).collect();
        let flags = args.args.as_deref().map_or(Ok(Vec::new()), further_flags)?;
        let has_terminal = !args.detach && ui::is_interactive();
        Ok(Template { args, image, reach, defaults, environment, flags, workspace, owner, has_terminal })
    }

    /// Returns the container as it is without a port of ours.
    ///
    /// # Errors
    /// Fails if the configuration cannot be evaluated.
    pub(super) fn as_configured(&self) -> Result<Container> {
        self.container(None, JUPYTER)
    }

    fn container(&self, published: Option<&PortMapping>, port: u16) -> Result<Container> {
        let mut defaults = self.defaults.clone();
        defaults.extend(["--label".to_owned(), format!("{PORT_LABEL}={port}")]);
        let options = RunOptions {
            defaults,
            environment: &self.environment,
            flags: self.flags.clone(),
            use_gpu: self.args.use_gpu,
            gpus: self.args.gpus.as_ref(),
            published,
            has_terminal: self.has_terminal,
            workspace: self.workspace.clone(),
            host_user: self.owner.clone(),
            ..RunOptions::default()
        };
        Ok(docker::run(self.image.image(), &options, chrono::Local::now())?)
    }

    /// Returns a container with a token and a port of its own. `exposed` is the image, if docker has it.
    ///
    /// # Errors
    /// Fails if the configuration cannot be evaluated, if no port is free, or if the system has no randomness.
    pub(super) fn complete(&self, exposed: Option<&InspectedImage>) -> Result<NotebookContainer> {
        let as_configured = self.as_configured()?;
        let configured = configured(&as_configured.mappings);
        let exposed = exposed.map(InspectedImage::exposed_ports).unwrap_or_default();
        let port = match (configured, exposed.as_slice()) {
            (Some(mapping), _) => mapping.container,
            (None, [port]) => *port,
            _ => JUPYTER,
        };
        let published = match self.reach.dock() {
            None => published_here(configured, port, self.args.port)?,
            Some(_) => published_on_dock(configured, port),
        };
        let mut container = self.container(Some(&published), port)?;
        let token = match std::env::var(Token::VARIABLE) {
            Ok(token) if !token.is_empty() => Token::new(token),
            _ => {
                let token = Token::generate().map_err(NotebookError::NoToken)?;
                let value = vec![ValuePart::Hidden(token.secret())];
                container.command = container.command.env_value(Token::VARIABLE, value);
                token
            }
        };
        Ok(NotebookContainer { container, token, port, host_port: published.host })
    }

    /// Returns the image as docker has it, if something about the container depends on it.
    ///
    /// # Errors
    /// Fails if docker fails.
    pub(super) fn inspect(
        &self,
        as_configured: &Container,
        runner: &Runner,
    ) -> Result<Option<InspectedImage>> {
        let is_complete = !as_configured.mappings.is_empty() && self.has_user(as_configured);
        if is_complete || runner.is_dry_run() || matches!(self.image, NotebookImage::Stock(_)) {
            return Ok(None);
        }
        Ok(inspect_images(runner, &[self.image.image().reference()?])?.pop().flatten())
    }

    /// Returns whether a flag chooses the user of the container.
    pub(super) fn has_user(&self, container: &Container) -> bool {
        let words = container.command.arguments();
        words.iter().any(|word| word == "-u" || word == "--user" || word.starts_with("--user="))
    }
}

/// Warns of what makes work get lost, or belong to root.
pub(super) fn warn_of_files(
    template: &Template,
    container: &Container,
    image: Option<&InspectedImage>,
    project: &Project,
) {
    let leads_to_project =
        |mount: &String| project.root().starts_with(mount) || Path::new(mount).starts_with(project.root());
    if container.redirected.is_empty() && !container.mounts.iter().any(leads_to_project) {
        ui::warn(
            "no mount leads to the project, so notebooks are lost with the container: write \
             `volumes=-v {project_root}:/workspace` under [notebook] in docker/dockerutils.cfg",
        );
    } else if !User::uid_gid().starts_with("0:")
        && !template.has_user(container)
        && image.is_some_and(InspectedImage::runs_as_root)
    {
        ui::warn(
            "the image runs as root, so files that the notebook creates belong to root: write `user=host` under [notebook] \
             in docker/dockerutils.cfg",
        );
    }
}

fn labels(project: &Project) -> Vec<String> {
    let labels =
        [(PROJECT_LABEL, project.root().to_string_lossy().into_owned()), (USER_LABEL, project.user().tag())];
    labels.into_iter().flat_map(|(name, value)| ["--label".to_owned(), format!("{name}={value}")]).collect()
}

/// Returns the flags for an image of the Jupyter project, or one like it: the calling user in the image's group `users`, to
/// which the home folder belongs, and the working folder.
/// <https://jupyter-docker-stacks.readthedocs.io/en/latest/using/common.html>
fn stock_flags(
    project: &Project,
    image: &NotebookImage,
    owner: Option<&str>,
    is_docked: bool,
) -> Result<Vec<String>> {
    let mut flags = Vec::new();
    let ids = owner.map_or_else(User::uid_gid, str::to_owned);
    if !ids.starts_with("0:") {
        flags.extend(["--user".to_owned(), ids, "--group-add".to_owned(), "100".to_owned()]);
    }
    let variables = [format!("USER={}", project.user().name), "NOTEBOOK_MODE=lab".to_owned()];
    flags.extend(variables.into_iter().flat_map(|variable| ["-e".to_owned(), variable]));
    let folder = std::env::current_dir().map_err(dockerutils_project::Error::NoWorkingFolder)?;
    let target = format!("{STOCK_HOME}/project");
    flags.extend(["-v".to_owned(), format!("{}:{target}", folder.display()), "-w".to_owned(), target]);
    let mut mount = |host: &str, target: String| {
        if Path::new(host).is_dir() {
            flags.extend(["-v".to_owned(), format!("{host}:{target}")]);
        }
    };
    if !is_docked {
        mount("/data", "/data".to_owned());
        // The credentials stay on this machine.
        if let Some(home) = project.user().home.as_deref().filter(|_| image.image().section.aws_env) {
            mount(&format!("{home}/.aws"), format!("{STOCK_HOME}/.aws:ro"));
        }
    }
    Ok(flags)
}
