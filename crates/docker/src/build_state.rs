//! Which images of a project are built, and which of those are outdated.
//!
//! An image is outdated if a file in its folder is newer than it, or if an image of the project that it needs is newer or is
//! itself outdated. The time of an image is that of its creation: a build that finds everything in the cache does not
//! change it.

use std::collections::HashMap;
use std::time::SystemTime;

use chrono::{DateTime, FixedOffset};
use dockerutils_project::Project;

use crate::build_order::build_order;
use crate::error::Error;
use crate::folder_time::newest_change;
use crate::folders::Folders;
use crate::image_build::ImageBuild;
use crate::image_listing::ListedImages;

/// Whether an image is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildState {
    /// The engine does not have it.
    NotBuilt,
    /// The engine has it as its folder describes it.
    Built,
    /// Its folder, or an image that it needs, has changed since.
    Outdated,
}

/// The states of the images that have folders.
pub struct BuildStates {
    states: HashMap<String, BuildState>,
    needs: HashMap<String, Vec<String>>,
}

impl BuildStates {
    /// Determines the states. Without `images`, as under a dry run, every image counts as not built.
    ///
    /// A mistake in the section of an image, or a circle of images, is reported by the build, and here only ends the search
    /// for what an image needs.
    ///
    /// # Errors
    /// Fails if docker/ cannot be read.
    pub fn of(project: &Project, images: Option<&ListedImages>) -> Result<Self, Error> {
        let folders = Folders::of(project)?;
        let names = project.image_folders()?;
        let needs: HashMap<String, Vec<String>> =
            names.iter().map(|name| (name.clone(), needs(project, name, &folders))).collect();
        let order = build_order(&names, |name| needs.get(name).map_or(&[][..], Vec::as_slice));
        let mut search = Search { project, images, times: HashMap::new(), states: HashMap::new() };
        for folder in order.as_ref().unwrap_or(&names) {
            search.determine(folder, &needs[folder]);
        }
        Ok(BuildStates { states: search.states, needs })
    }

    /// Returns the state of the image of a folder.
    pub fn state(&self, folder: &str) -> BuildState {
        self.states.get(folder).copied().unwrap_or(BuildState::NotBuilt)
    }

    /// Returns the folders to build so that the image of this one is up to date: its own, and those that it needs, as far
    /// as they are not built or outdated.
    pub fn to_build(&self, folder: &str) -> Vec<String> {
        let mut found = vec![folder.to_owned()];
        let mut next = 0;
        while let Some(folder) = found.get(next) {
            let needs = self.needs.get(folder).into_iter().flatten();
            let new: Vec<String> = needs.filter(|need| !found.contains(need)).cloned().collect();
            found.extend(new);
            next += 1;
        }
        found.retain(|folder| self.state(folder) != BuildState::Built);
        found
    }
}

struct Search<'a> {
    project: &'a Project,
    images: Option<&'a ListedImages>,
    times: HashMap<String, DateTime<FixedOffset>>,
    states: HashMap<String, BuildState>,
}

impl Search<'_> {
    /// Determines the state of an image after those that it needs.
    fn determine(&mut self, folder: &str, needs: &[String]) {
        let reference = self.project.folder_reference(folder).ok();
        let image = reference.and_then(|reference| self.images?.find(&reference));
        let state = match image.map(|image| image.created) {
            None => BuildState::NotBuilt,
            Some(Some(created)) if self.is_outdated(folder, created, needs) => BuildState::Outdated,
            Some(_) => BuildState::Built,
        };
        self.times.extend(image.and_then(|image| Some((folder.to_owned(), image.created?))));
        self.states.insert(folder.to_owned(), state);
    }

    fn is_outdated(&self, folder: &str, created: DateTime<FixedOffset>, needs: &[String]) -> bool {
        let has_changed = |need: &String| {
            self.states.get(need) == Some(&BuildState::Outdated)
                || self.times.get(need).is_some_and(|time| *time > created)
        };
        needs.iter().any(has_changed)
            || newest_change(&self.project.root().join("docker").join(folder))
                .is_some_and(|changed| seconds(changed) > created.timestamp())
    }
}

/// Returns the folders of the images that the Dockerfile of a folder names.
fn needs(project: &Project, folder: &str, folders: &Folders) -> Vec<String> {
    let image = project.described_image(folder).ok();
    let build = image.and_then(|image| ImageBuild::evaluate(image, &[], folders, false).ok());
    build.map(|build| build.needs().to_vec()).unwrap_or_default()
}

/// Returns the whole seconds of a time. Docker lists no fractions.
fn seconds(time: SystemTime) -> i64 {
    DateTime::<chrono::Utc>::from(time).timestamp()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    /// 2026-11-27 10:00:00 UTC.
    const TEN: u64 = 1_795_773_600;

    /// A project with images whose folders were last changed at ten o'clock.
    fn project(dockerfiles: &[(&str, &str)]) -> (tempfile::TempDir, Project) {
        let folder = tempfile::Builder::new().prefix("proj-").tempdir().unwrap();
        for (image, dockerfile) in dockerfiles {
            let docker = folder.path().join("docker").join(image);
            fs::create_dir_all(&docker).unwrap();
            fs::write(docker.join("Dockerfile"), dockerfile).unwrap();
            let changed = UNIX_EPOCH + Duration::from_secs(TEN);
            File::options()
                .write(true)
                .open(docker.join("Dockerfile"))
                .unwrap()
                .set_modified(changed)
                .unwrap();
        }
        let project = Project::at(folder.path().to_owned()).unwrap();
        (folder, project)
    }

    /// Returns the states of images that were created at these times of that day.
    fn states(project: &Project, created: &[(&str, &str)]) -> BuildStates {
        let line = |(image, time): &(&str, &str)| {
            let name = project.folder_name(image).unwrap();
            let user = project.user().tag();
            format!(r#"{{"Repository":"{name}","Tag":"{user}","CreatedAt":"2026-11-27 {time} +0000 UTC"}}"#)
        };
        let listing: String = created.iter().map(line).collect();
        let images = ListedImages::parse(listing.as_bytes()).unwrap();
        BuildStates::of(project, Some(&images)).unwrap()
    }

    #[test]
    fn an_image_is_outdated_if_its_folder_or_its_base_is_newer() {
        use BuildState::{Built, NotBuilt, Outdated};
        let (folder, project) = project(&[
            ("base", "FROM scratch\n"),
            ("mid", "FROM PROJ-base:USER\n"),
            ("top", "FROM scratch\nCOPY --from=PROJ-mid:USER / /\n"),
        ]);
        let (proj, user) = (project.name().unwrap(), project.user().tag());
        for image in ["mid", "top"] {
            let path = folder.path().join("docker").join(image).join("Dockerfile");
            let text = fs::read_to_string(&path).unwrap().replace("PROJ", proj).replace("USER", &user);
            fs::write(&path, text).unwrap();
            let changed = UNIX_EPOCH + Duration::from_secs(TEN);
            File::options().write(true).open(&path).unwrap().set_modified(changed).unwrap();
        }
        for (times, expected, to_build) in [
            (["10:00:00", "10:00:00", "10:00:00"], [Built, Built, Built], ""),
            (["10:00:01", "10:00:02", "10:00:03"], [Built, Built, Built], ""),
            (["09:59:59", "10:00:02", "10:00:03"], [Outdated, Outdated, Outdated], "top mid base"),
            (["10:00:05", "10:00:02", "10:00:03"], [Built, Outdated, Outdated], "top mid"),
            (["10:00:01", "10:00:04", "10:00:03"], [Built, Built, Outdated], "top"),
            (["10:00:01", "", "10:00:03"], [Built, NotBuilt, Built], "mid"),
            (["", "", ""], [NotBuilt, NotBuilt, NotBuilt], "top mid base"),
        ] {
            let created = ["base", "mid", "top"].into_iter().zip(times);
            let created: Vec<_> = created.filter(|(_, time)| !time.is_empty()).collect();
            let states = states(&project, &created);
            assert_eq!(["base", "mid", "top"].map(|image| states.state(image)), expected, "{times:?}");
            assert_eq!(states.to_build("top").join(" "), to_build, "{times:?}");
        }
    }

    #[test]
    fn images_that_need_each_other_have_states_too() {
        let (folder, project) = project(&[("a", ""), ("b", "")]);
        let (proj, user) = (project.name().unwrap(), project.user().tag());
        for (image, needs) in [("a", "b"), ("b", "a")] {
            let path = folder.path().join("docker").join(image).join("Dockerfile");
            fs::write(path, format!("FROM {proj}-{needs}:{user}\n")).unwrap();
        }
        let states = states(&project, &[("a", "09:00:00"), ("b", "23:59:59")]);
        assert_eq!(states.state("a"), BuildState::Outdated);
        assert_eq!(BuildStates::of(&project, None).unwrap().state("a"), BuildState::NotBuilt);
    }
}
