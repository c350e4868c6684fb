//! The container of a notebook: that of `run-image`, with a token, a port on loopback, and labels by which it is found.

use std::path::Path;

use dockerutils_command::{Runner, ValuePart};
use dockerutils_docker::{
    self as docker, Container, InspectedImage, PortMapping, RunOptions, bind_mount, bind_mount_readonly,
};
use dockerutils_notebook::Token;
use dockerutils_project::{NotebookImage, Project, User, Workspace};

use super::Args;
use super::error::NotebookError;
use super::port_choice::{JUPYTER, check_ranges, configured, published_here, published_on_dock};
use super::reach::Reach;
use super::saved_copies::SavedCopies;
use crate::commands::run_image::further_flags;
use crate::docker_calls::{USER_LABEL, inspect_images};
use crate::{Result, ui};

/// The label whose value is the project's root.
pub(super) const PROJECT_LABEL: &str = "dockerutils.notebook";
/// The label whose value is the port of Jupyter in the container.
pub(super) const PORT_LABEL: &str = "dockerutils.notebook-port";

/// The original's stock image, whose start script needs root.
const STARTS_AS_ROOT: &str = "docker-ds";

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
    copies: Option<SavedCopies>,
}

impl<'a> Template<'a> {
    /// Collects it. `owner` are the ids of the user whose files those of the container should be, if not the calling user's.
    ///
    /// # Errors
    /// Fails if a flag or the name of the project's copy is not valid.
    pub(super) fn new(
        args: &'a Args,
        project: &Project,
        image: &'a NotebookImage<'a>,
        reach: &'a Reach<'a>,
        owner: Option<String>,
    ) -> Result<Self> {
        let workspace = reach.dock().map(|engine| engine.workspace(project)).transpose()?;
        let is_stock = matches!(image, NotebookImage::Stock(_));
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
        let copies = SavedCopies::requested(workspace.as_ref());
        Ok(Template {
            args,
            image,
            reach,
            defaults,
            environment,
            flags,
            workspace,
            owner,
            has_terminal,
            copies,
        })
    }

    /// Returns the container as it is without a port and copies of ours.
    ///
    /// # Errors
    /// Fails if the configuration cannot be evaluated.
    pub(super) fn as_configured(&self) -> Result<Container> {
        self.container(None, JUPYTER, &[], &self.environment, None)
    }

    /// Evaluates the configuration as far as that is possible before the image exists.
    ///
    /// # Errors
    /// Fails as [`complete`](Self::complete) does.
    pub(super) fn check(&self) -> Result {
        let container = self.as_configured()?;
        let port = configured(&container.mappings).map_or(JUPYTER, |mapping| mapping.container);
        Ok(check_ranges(&container.ranges, port)?)
    }

    /// Returns whether a mount leads to the project, here or on the dock.
    pub(super) fn mounts_project(&self, container: &Container, project: &Project) -> bool {
        if let Some(workspace) = &self.workspace {
            return container.mounts_workspace(workspace);
        }
        let root = project.root();
        container.mounts.iter().any(|mount| root.starts_with(mount) || Path::new(mount).starts_with(root))
    }

    fn container(
        &self,
        published: Option<&PortMapping>,
        port: u16,
        mount: &[String],
        environment: &[String],
        image: Option<&InspectedImage>,
    ) -> Result<Container> {
        let mut defaults = self.defaults.clone();
        defaults.extend(["--label".to_owned(), format!("{PORT_LABEL}={port}")]);
        defaults.extend_from_slice(mount);
        let options = RunOptions {
            defaults,
            environment,
            flags: self.flags.clone(),
            use_gpu: self.args.use_gpu,
            gpus: self.args.gpus.as_ref(),
            published,
            has_terminal: self.has_terminal,
            workspace: self.workspace.clone(),
            host_user: self.owner.clone(),
            keeps_home: image.is_some_and(|image| image.variable("HOME").is_some()),
            ..RunOptions::default()
        };
        Ok(docker::run(self.image.image(), &options, chrono::Local::now())?)
    }

    /// Makes the extension for copies of saved notebooks available, if they are requested.
    ///
    /// # Errors
    /// Fails if a signal interrupted us.
    pub(super) fn prepare_copies(&mut self, project: &Project, runner: &Runner) -> Result {
        if let Some(copies) = &self.copies
            && !copies.prepare(self.reach.dock(), project, runner)?
        {
            self.copies = None;
        }
        Ok(())
    }

    /// Returns a container with a token and a port of its own. `image` is as docker has it.
    ///
    /// # Errors
    /// Fails if the configuration cannot be evaluated, if no port is free, or if the system has no randomness.
    pub(super) fn complete(&self, image: Option<&InspectedImage>) -> Result<NotebookContainer> {
        let as_configured = self.as_configured()?;
        let configured = configured(&as_configured.mappings);
        let exposed = image.map(InspectedImage::exposed_ports).unwrap_or_default();
        let port = match (configured, exposed.as_slice()) {
            (Some(mapping), _) => mapping.container,
            (None, [port]) => *port,
            _ => JUPYTER,
        };
        check_ranges(&as_configured.ranges, port)?;
        let published = match self.reach.dock() {
            None => published_here(configured, port, self.args.port)?,
            Some(engine) => published_on_dock(configured, port, engine.moniker()),
        };
        let mut mount = Vec::new();
        let mut environment = Vec::new();
        if let Some(copies) = &self.copies {
            mount.extend(copies.mount());
            environment.extend(SavedCopies::variables(&as_configured, image));
        }
        environment.extend_from_slice(&self.environment);
        let mut container = self.container(Some(&published), port, &mount, &environment, image)?;
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
        let sets_home = self.image.image().section.run_as_host_user;
        let is_complete = !as_configured.mappings.is_empty() && self.has_user(as_configured);
        let is_known = !sets_home && (is_complete || matches!(self.image, NotebookImage::Stock(_)));
        if runner.is_dry_run() || (is_known && self.copies.is_none()) {
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
    if !template.mounts_project(container, project) {
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
    let ids = owner.map_or_else(User::uid_gid, str::to_owned);
    let mut flags = user_flags(image.image().reference()?.repository(), ids);
    let variables = [format!("USER={}", project.user().name), "NOTEBOOK_MODE=lab".to_owned()];
    flags.extend(variables.into_iter().flat_map(|variable| ["-e".to_owned(), variable]));
    let folder = std::env::current_dir().map_err(dockerutils_project::Error::NoWorkingFolder)?;
    let target = format!("{STOCK_HOME}/project");
    flags.extend(bind_mount(&folder.to_string_lossy(), &target));
    flags.extend(["-w".to_owned(), target]);
    if !is_docked {
        if Path::new("/data").is_dir() {
            flags.extend(bind_mount("/data", "/data"));
        }
        // The credentials stay on this machine.
        let home = project.user().home.as_deref().filter(|_| image.image().section.aws_env);
        let aws = home.map(|home| format!("{home}/.aws")).filter(|aws| Path::new(aws).is_dir());
        flags
            .extend(aws.into_iter().flat_map(|aws| bind_mount_readonly(&aws, &format!("{STOCK_HOME}/.aws"))));
    }
    Ok(flags)
}

/// Returns the flags for the user of a stock image: none for root, nor for an image that starts as root and changes the user
/// itself.
fn user_flags(repository: &str, ids: String) -> Vec<String> {
    if ids.starts_with("0:") || repository.rsplit('/').next() == Some(STARTS_AS_ROOT) {
        return Vec::new();
    }
    vec!["--user".to_owned(), ids, "--group-add".to_owned(), "100".to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stock_image_runs_as_the_calling_user_unless_it_must_start_as_root() {
        let flags = |repository: &str, ids: &str| user_flags(repository, ids.to_owned()).join(" ");
        assert_eq!(flags("jupyter/scipy-notebook", "4321:20"), "--user 4321:20 --group-add 100");
        assert_eq!(flags("jupyter/scipy-notebook", "0:0"), "");
        assert_eq!(flags("resero/docker-ds", "4321:20"), "");
        assert_eq!(flags("docker-ds/other", "4321:20"), "--user 4321:20 --group-add 100");
    }
}
