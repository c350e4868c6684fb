//! The builds of several images: which, and in what order.
//!
//! Images that are not requested are evaluated only as far as the requested ones depend on them, so that a mistake in
//! their sections does not matter.

use std::collections::BTreeMap;

use dockerutils_project::{Image, Kind, Project};

use crate::build_order::build_order;
use crate::error::Error;
use crate::folders::Folders;
use crate::image_build::ImageBuild;

/// The image that `-f` builds first even if no Dockerfile starts from it, as the Python tool does.
const BASE: &str = "base";

/// Plans the builds of a project's images.
pub struct BuildPlanner<'a> {
    project: &'a Project,
    flags: &'a [String],
    tag: Option<&'a str>,
    pull: bool,
    includes_bases: bool,
}

/// The builds of images, in the order in which they run.
pub struct BuildPlan<'a> {
    /// The builds; each comes after those that it needs.
    pub builds: Vec<ImageBuild<'a>>,
}

impl<'a> BuildPlanner<'a> {
    /// Creates a planner; `flags` are flags of the command line, which every build gets after the configured ones.
    pub fn new(project: &'a Project, flags: &'a [String]) -> Self {
        BuildPlanner { project, flags, tag: None, pull: false, includes_bases: false }
    }

    /// Tags every image with this tag.
    pub fn tag(&mut self, tag: &'a str) -> &mut Self {
        self.tag = Some(tag);
        self
    }

    /// Pulls the images that the Dockerfiles name, unless they are images of this project.
    pub fn pull(&mut self) -> &mut Self {
        self.pull = true;
        self
    }

    /// Includes `base` and all images of the project that the requested ones need, and considers `pull_FROM_on_force`.
    pub fn include_bases(&mut self) -> &mut Self {
        self.includes_bases = true;
        self
    }

    /// Plans the builds of every image that has a folder.
    ///
    /// # Errors
    /// Fails if no image has a folder, if an image cannot be evaluated, or if images need each other.
    pub fn plan_all(&self) -> Result<BuildPlan<'a>, Error> {
        let images = self.project.folder_images()?;
        if images.is_empty() {
            return Err(self.project.no_image("all").into());
        }
        self.plan_images(images, None)
    }

    /// Plans the builds of these images; `name` replaces the whole name of the first one.
    ///
    /// # Errors
    /// Fails if one of the images does not exist or is synthetic, if one that is needed cannot be evaluated, or if images
    /// need each other.
    pub fn plan(&self, images: &[String], name: Option<&str>) -> Result<BuildPlan<'a>, Error> {
        // All requested images are found before one is evaluated: a misspelled name is the more helpful message.
        let images = images.iter().map(|image| self.requested_image(image)).collect::<Result<Vec<_>, _>>()?;
        self.plan_images(images, name)
    }

    fn plan_images(&self, images: Vec<Image<'a>>, name: Option<&str>) -> Result<BuildPlan<'a>, Error> {
        let requested: Vec<String> = images.iter().map(|image| image.name.clone()).collect();
        let mut folders = Folders::of(self.project)?;
        if let (Some(name), Some(first)) = (name, requested.first()) {
            folders.rename(first, name);
        }
        if let Some(tag) = self.tag {
            folders.retag(|folder| self.includes_bases || requested.iter().any(|name| name == folder), tag);
        }
        let mut graph = Graph { planner: self, folders, builds: BTreeMap::new() };
        for image in images {
            let name = name.filter(|_| requested.first() == Some(&image.name));
            graph.insert(image, name)?;
        }
        graph.into_plan(&requested)
    }

    fn requested_image(&self, name: &str) -> Result<Image<'a>, Error> {
        let image = self.project.image(name)?;
        match image.kind {
            Kind::Folder => Ok(image),
            Kind::Synthetic => {
                let target = image.target()?.map(|target| target.name);
                Err(Error::NothingToBuild { name: image.name, target })
            }
        }
    }
}

/// The images that are evaluated, by folder.
struct Graph<'p, 'a> {
    planner: &'p BuildPlanner<'a>,
    folders: Folders,
    builds: BTreeMap<String, ImageBuild<'a>>,
}

impl<'a> Graph<'_, 'a> {
    fn insert(&mut self, image: Image<'a>, name: Option<&str>) -> Result<(), Error> {
        let planner = self.planner;
        let folder = image.name.clone();
        planner.project.check_image_owner(&folder)?;
        let may_pull = planner.pull || (planner.includes_bases && image.section.pull_from_on_force);
        let image = image.with_overrides(name, planner.tag);
        let build = ImageBuild::evaluate(image, planner.flags, &self.folders, may_pull)?;
        self.builds.insert(folder, build);
        Ok(())
    }

    /// Evaluates the images that the requested ones need, directly or through others.
    fn insert_needed(&mut self, mut pending: Vec<String>) -> Result<(), Error> {
        while let Some(folder) = pending.pop() {
            if self.builds.contains_key(&folder) {
                continue;
            }
            let image = self.planner.project.folder_image(&folder).map_err(Error::from);
            match image.and_then(|image| self.insert(image, None)) {
                Ok(()) => pending.extend(self.builds[&folder].needs().to_vec()),
                Err(error) if self.planner.includes_bases => return Err(error),
                // This image is not built. It could only connect two requested ones, and a mistake in its section must
                // not keep those from being built.
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn into_plan(mut self, requested: &[String]) -> Result<BuildPlan<'a>, Error> {
        let mut roots = requested.to_vec();
        if self.planner.includes_bases {
            roots.splice(0..0, self.folders.contains(BASE).then(|| BASE.to_owned()));
        } else if let [only] = requested {
            // A single image has no order, and docker reports a base that does not exist.
            return Ok(BuildPlan { builds: self.builds.remove(only).into_iter().collect() });
        }
        let needed = self.builds.values().flat_map(|build| build.needs().to_vec());
        self.insert_needed(roots.iter().cloned().chain(needed).collect())?;
        let needs = |folder: &str| self.builds.get(folder).map_or(&[][..], ImageBuild::needs);
        let mut order = build_order(&roots, needs).map_err(Error::Cycle)?;
        order.retain(|folder| self.planner.includes_bases || requested.contains(folder));
        Ok(BuildPlan { builds: order.iter().filter_map(|folder| self.builds.remove(folder)).collect() })
    }
}
