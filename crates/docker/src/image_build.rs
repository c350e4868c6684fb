//! The build of one image: everything about it that is known before docker runs.

use dockerutils_command::Command;
use dockerutils_config::{PipConfSource, Value};
use dockerutils_oci::Reference;
use dockerutils_project::{Dockerfile, Error as ProjectError, Image, PIP_CONF_TEMPLATE, PipConf};

use crate::build_flags::BuildFlags;
use crate::buildkit;
use crate::docker_command::docker;
use crate::error::Error;
use crate::folders::{Folders, Found};
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
        if image.section.pip_conf == PipConfSource::Secret && !PipConf::has_template(image.project().root()) {
            return Err(ProjectError::NoPipConfTemplate { image: image.name }.into());
        }
        let flags = BuildFlags::evaluate(&image, further)?;
        let dockerfile = read_dockerfile(&image, &flags)?;
        let found: Vec<Found> =
            dockerfile.images().iter().filter_map(|text| folders.find(text, &image.name)).collect();
        let project_base = found.first().map(|found| found.folder.clone());
        // An image may start from an older build of itself, or copy from its own builder stage.
        let is_need = |found: &Found| found.folder != image.name || found.is_exactly(&reference);
        let needs = found.into_iter().filter(is_need).map(|found| found.folder).collect();
        // No registry has the images of this project, so docker would fail to pull them.
        let pull = may_pull && project_base.is_none();
        Ok(ImageBuild { image, reference, flags, dockerfile, pull, project_base, needs })
    }

    /// Returns the image.
    pub fn image(&self) -> &Image<'a> {
        &self.image
    }

    /// Returns the reference that the image is built as.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Returns the folder of the first image of this project that the Dockerfile starts from or copies from, if any.
    pub fn project_base(&self) -> Option<&str> {
        self.project_base.as_deref()
    }

    /// Returns the folders of the images that have to be built before this one.
    pub(crate) fn needs(&self) -> &[String] {
        &self.needs
    }

    /// Returns whether the builder stage is built and tagged before the image.
    ///
    /// A `--target` among the flags would also apply to that build, and give the builder's tag to another stage.
    fn has_builder(&self) -> bool {
        self.dockerfile.has_builder() && !self.flags.has_target()
    }

    /// Returns how the build gets the project's `pip.conf.template`.
    pub fn pip_conf(&self) -> PipConfSource {
        self.image.section.pip_conf
    }

    /// Returns whether there are two builds, each of which sends the context, and BuildKit would do the same as the
    /// legacy builder.
    pub fn accepts_either_builder(&self) -> bool {
        self.has_builder() && self.flags.supports_both_builders() && !self.dockerfile.may_name_frontend()
    }

    /// Returns the `docker build` of the builder stage, if there is one, and that of the image.
    ///
    /// # Errors
    /// Fails if a secret would become part of an argument.
    pub fn commands(&self) -> Result<Vec<Command>, Error> {
        let mut commands = Vec::new();
        if self.has_builder() {
            commands.push(self.command(Some(BUILDER), &builder_name(&self.reference))?);
        }
        commands.push(self.command(None, &self.reference.to_string())?);
        Ok(commands)
    }

    fn command(&self, stage: Option<&str>, name: &str) -> Result<Command, Error> {
        let mut command = docker(self.image.project()).arg("build");
        if self.pull {
            command = command.arg("--pull");
        }
        if let Some(stage) = stage {
            command = command.args(["--target", stage]);
        }
        command = command.args(["-t", name, "-f", &self.image.dockerfile_path()]);
        if self.pip_conf() == PipConfSource::File {
            return Ok(self.flags.add_to(command, &self.image)?.arg("."));
        }
        command = command.args(["--secret".to_owned(), format!("id=pip.conf,src={PIP_CONF_TEMPLATE}")]);
        Ok(buildkit::unless_chosen(self.flags.add_to(command, &self.image)?.arg(".")))
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
pub(crate) fn local_names(image: &Image) -> Result<Vec<String>, Error> {
    let reference = image.reference()?;
    let mut names = vec![reference.to_string()];
    // Only a build needs valid flags and a Dockerfile: a variable that is not set must not keep an image from being removed.
    let flags = BuildFlags::evaluate(image, &[]).unwrap_or_default();
    if read_dockerfile(image, &flags).is_ok_and(|dockerfile| dockerfile.has_builder()) {
        names.push(builder_name(&reference));
    }
    Ok(names)
}

/// Returns the name of an image's builder stage: `<name>-builder:<tag>`.
fn builder_name(reference: &Reference) -> String {
    format!("{}-{BUILDER}:{}", reference.name(), reference.tag().unwrap_or("latest"))
}

/// Reads the Dockerfile that docker will use: the image's own, or the one that the flags name.
fn read_dockerfile(image: &Image, flags: &BuildFlags) -> Result<Dockerfile, Error> {
    let own = image.dockerfile_path();
    let path = flags.dockerfile().unwrap_or(&own);
    // `-` is docker's standard input, which is docker's to read. A file that the flags name may also be a URL.
    match dockerutils_file::read(&image.project().root().join(path)) {
        Ok(bytes) => Ok(Dockerfile::parse(&String::from_utf8_lossy(&bytes), &flags.dockerfile_inputs())),
        Err(_) if path != own => Ok(Dockerfile::default()),
        Err(source) => Err(ProjectError::File { path: own.into(), source }.into()),
    }
}
