//! The build of one image: everything about it that is known before docker runs.

use std::io::ErrorKind;

use dockerutils_command::Command;
use dockerutils_config::{PipConfSource, Value};
use dockerutils_oci::Reference;
use dockerutils_project::{Dockerfile, Error as ProjectError, Image, PIP_CONF_TEMPLATE, PipConf};

use crate::build_flags::BuildFlags;
use crate::buildkit;
use crate::docker_command::docker;
use crate::error::Error;
use crate::folders::{Folders, Found, Referrer};
use crate::script::Script;

/// The stage that is built and tagged before the image, so that a prune keeps its layers.
const BUILDER: &str = "builder";

/// The build of one image.
pub struct ImageBuild<'a> {
    image: Image<'a>,
    reference: Reference,
    flags: BuildFlags,
    dockerfile: Dockerfile,
    pull: bool,
    /// The folder of the first image of this project that the Dockerfile starts from or copies from.
    project_base: Option<String>,
    /// The folders of the images that have to be built before this one.
    needs: Vec<String>,
    untagged_bases: Vec<UntaggedBase>,
}

/// An image of this project that a Dockerfile names without a tag, although it is built with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UntaggedBase {
    /// The line of the Dockerfile.
    pub line: usize,
    /// The name as it is written.
    pub written: String,
    /// The folder of the image.
    pub folder: String,
    /// The reference that the image is built as.
    pub built_as: Reference,
}

/// A `docker build`.
pub struct BuildCommand {
    /// The command line.
    pub command: Command,
    /// Whether its standard output is not a result of the whole: the ID of a stage, before that of the image.
    pub stdout_to_stderr: bool,
}

impl<'a> ImageBuild<'a> {
    /// Evaluates the configuration of an image and reads its Dockerfile; `further` are flags of the command line.
    pub(crate) fn evaluate(
        image: Image<'a>,
        further: &[String],
        folders: &Folders,
        may_pull: bool,
    ) -> Result<Self, Error> {
        let reference = image.reference()?;
        if image.section.pip_conf == PipConfSource::Secret
            && !PipConf::check_template(image.project().root())?
        {
            return Err(ProjectError::NoPipConfTemplate { image: image.name }.into());
        }
        let flags = BuildFlags::evaluate(&image, further)?;
        let dockerfile = match read_dockerfile(&image, &flags) {
            // The script may create it before the build.
            Err(Error::Project(ProjectError::File { source, .. }))
                if source.kind() == ErrorKind::NotFound && image.section.pre_build_script.is_some() =>
            {
                Dockerfile::default()
            }
            read => read?,
        };
        let referrer =
            Referrer { folder: &image.name, reference: &reference, has_builder: dockerfile.has_builder() };
        let mut found = Vec::new();
        let mut untagged_bases = Vec::new();
        for needed in dockerfile.images() {
            let Some(base) = folders.find(&needed.reference, &referrer) else { continue };
            if let Some(built_as) = folders.built_as(&base).filter(|_| base.folder != image.name) {
                let (line, written) = (needed.line, needed.reference.clone());
                untagged_bases.push(UntaggedBase { line, written, folder: base.folder.clone(), built_as });
            }
            found.push(base);
        }
        let project_base = found.first().map(|found| found.folder.clone());
        // An image may start from an older build of itself, or copy from its own builder stage.
        let is_need = |found: &Found| found.folder != image.name || found.is_exactly(&reference);
        let needs = found.into_iter().filter(is_need).map(|found| found.folder).collect();
        // No registry has the images of this project, so docker would fail to pull them.
        let pull = may_pull && project_base.is_none();
        Ok(ImageBuild { image, reference, flags, dockerfile, pull, project_base, needs, untagged_bases })
    }

    /// Returns the image.
    pub fn image(&self) -> &Image<'a> {
        &self.image
    }

    /// Returns the reference that the image is built as.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Returns the names that the build may give to images: its own, and that of its builder.
    pub fn names(&self) -> Vec<Reference> {
        [self.reference.clone()].into_iter().chain(builder_reference(&self.reference)).collect()
    }

    /// Returns the folder of the first image of this project that the Dockerfile starts from or copies from, if any.
    pub fn project_base(&self) -> Option<&str> {
        self.project_base.as_deref()
    }

    /// Returns the folders of the images that have to be built before this one.
    pub(crate) fn needs(&self) -> &[String] {
        &self.needs
    }

    /// Returns the images of this project that the Dockerfile names without a tag, although they are built with one.
    pub fn untagged_bases(&self) -> &[UntaggedBase] {
        &self.untagged_bases
    }

    /// Returns the path of the Dockerfile, relative to the root or as the flags name it.
    pub fn dockerfile_path(&self) -> String {
        self.flags.dockerfile().map_or_else(|| self.image.dockerfile_path(), str::to_owned)
    }

    /// Returns the line of the Dockerfile with a heredoc that has no end. The images after it are not known.
    pub fn unterminated_heredoc(&self) -> Option<usize> {
        self.dockerfile.unterminated()
    }

    /// Returns the folder whose image has the name that the builder stage would get, which therefore gets none.
    pub fn builder_name_taken_by(&self) -> Option<String> {
        self.owner_of_builder_name().filter(|_| self.has_builder(&self.dockerfile))
    }

    fn owner_of_builder_name(&self) -> Option<String> {
        self.image.project().folder_named_as(&builder_reference(&self.reference)?, &self.image.name)
    }

    /// Returns whether a Dockerfile has a builder stage that is built before the image.
    ///
    /// A `--target` among the flags would also apply to that build, and give the builder's tag to another stage.
    fn has_builder(&self, dockerfile: &Dockerfile) -> bool {
        dockerfile.has_builder() && !self.flags.has_target() && !self.flags.builds_nothing()
    }

    /// Returns how the build gets the project's `pip.conf.template`.
    pub fn pip_conf(&self) -> PipConfSource {
        self.image.section.pip_conf
    }

    /// Returns whether there are two builds, each of which sends the context, and BuildKit would do the same as the
    /// legacy builder.
    pub fn accepts_either_builder(&self) -> bool {
        self.has_builder(&self.dockerfile)
            && self.flags.supports_both_builders()
            && !self.dockerfile.may_name_frontend()
    }

    /// Returns the `docker build` of the builder stage, if there is one, and that of the image.
    ///
    /// # Errors
    /// Fails if a secret would become part of an argument.
    pub fn commands(&self) -> Result<Vec<BuildCommand>, Error> {
        self.commands_of(&self.dockerfile)
    }

    /// Returns the same as [`commands`](Self::commands), for the Dockerfile as the script before the build has left it.
    ///
    /// # Errors
    /// Fails if there is no Dockerfile, or if a secret would become part of an argument.
    pub fn commands_after_script(&self) -> Result<Vec<BuildCommand>, Error> {
        self.commands_of(&read_dockerfile(&self.image, &self.flags)?)
    }

    fn commands_of(&self, dockerfile: &Dockerfile) -> Result<Vec<BuildCommand>, Error> {
        let mut commands = Vec::new();
        if self.has_builder(dockerfile) && self.owner_of_builder_name().is_none() {
            let flags = self.flags.without_result();
            let command = self.command(Some(BUILDER), &builder_name(&self.reference), &flags)?;
            commands.push(BuildCommand { command, stdout_to_stderr: flags.is_quiet() });
        }
        let command = self.command(None, &self.reference.to_string(), &self.flags)?;
        commands.push(BuildCommand { command, stdout_to_stderr: false });
        Ok(commands)
    }

    fn command(&self, stage: Option<&str>, name: &str, flags: &BuildFlags) -> Result<Command, Error> {
        let mut command = docker(self.image.project()).arg("build");
        if self.pull {
            command = command.arg("--pull");
        }
        if let Some(stage) = stage {
            command = command.args(["--target", stage]);
        }
        command = command.args(["-t", name, "-f", &self.image.dockerfile_path()]);
        if self.pip_conf() == PipConfSource::File {
            return Ok(flags.add_to(command, &self.image)?.arg("."));
        }
        command = command.args(["--secret".to_owned(), format!("id=pip.conf,src={PIP_CONF_TEMPLATE}")]);
        Ok(buildkit::unless_chosen(flags.add_to(command, &self.image)?.arg(".")))
    }

    /// Returns the names of the build arguments that are secrets. Their values stay in the image's history.
    pub fn secret_args(&self) -> Vec<String> {
        self.flags.secret_args(&self.image)
    }

    /// Returns the script to run before the build, if one is configured.
    ///
    /// # Errors
    /// Fails if the value cannot be evaluated.
    pub fn pre_build_script(&self) -> Result<Option<Script<'_>>, Error> {
        self.script(self.image.section.pre_build_script.as_ref())
    }

    /// Returns the script to run after a successful build, if one is configured.
    ///
    /// # Errors
    /// Fails if the value cannot be evaluated.
    pub fn post_build_script(&self) -> Result<Option<Script<'_>>, Error> {
        self.script(self.image.section.post_build_script.as_ref())
    }

    fn script<'v>(&self, value: Option<&'v Value>) -> Result<Option<Script<'v>>, Error> {
        value.map(|value| Script::new(&self.image, value)).transpose()
    }
}

/// Returns the names that an image and its builder have in the engine.
pub(crate) fn local_names(image: &Image) -> Result<Vec<Reference>, Error> {
    let reference = image.reference()?;
    let builder = builder_reference(&reference);
    let mut names = vec![reference];
    // Only a build needs valid flags and a Dockerfile: a variable that is not set must not keep an image from being removed.
    let flags = BuildFlags::evaluate(image, &[]).unwrap_or_default();
    if read_dockerfile(image, &flags).is_ok_and(|dockerfile| dockerfile.has_builder()) {
        // docker/app-builder/ may own that name.
        names.extend(
            builder.filter(|builder| image.project().folder_named_as(builder, &image.name).is_none()),
        );
    }
    Ok(names)
}

/// Returns the name of an image's builder stage: `<name>-builder:<tag>`.
fn builder_name(reference: &Reference) -> String {
    format!("{}-{BUILDER}:{}", reference.name(), reference.tag().unwrap_or("latest"))
}

pub(crate) fn builder_reference(image: &Reference) -> Option<Reference> {
    Reference::parse(&builder_name(image)).ok()
}

/// Reads the Dockerfile that docker will use: the image's own, or the one that the flags name.
fn read_dockerfile(image: &Image, flags: &BuildFlags) -> Result<Dockerfile, Error> {
    let own = image.dockerfile_path();
    let path = flags.dockerfile().unwrap_or(&own);
    // `-` is docker's standard input, which is docker's to read. A file that the flags name may also be a URL.
    match dockerutils_file::read(&image.project().root().join(path)) {
        Ok(bytes) => Ok(Dockerfile::parse(&String::from_utf8_lossy(&bytes), &flags.dockerfile_inputs())),
        Err(_) if path != own => Ok(Dockerfile::default()),
        Err(error) => {
            // A script may create what a link leads to.
            let dangling = dockerutils_file::dangling_link(&image.project().root().join(path))
                .filter(|_| image.section.pre_build_script.is_none());
            Err(ProjectError::File { path: own.into(), source: dangling.unwrap_or(error) }.into())
        }
    }
}
