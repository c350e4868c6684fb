//! The containers of a project's images that the calling user has started.
//!
//! A container belongs to an image if `run-image` has given it the image's name prefix and it runs a build of that image,
//! or if it runs the image with the user's own tag, whatever its name is, unless `run-image` has given it the name for another
//! user. Once a tag has moved on to a later build, docker
//! lists the container with an ID, and the prefix may be that of another project: only `docker container inspect` has the
//! reference that it was started with.

use std::collections::HashMap;

use dockerutils_command::Command;
use dockerutils_oci::Reference;
use dockerutils_project::{Error as ProjectError, Project};

use crate::container_listing::ListedContainer;
use crate::container_name::{has_prefix, is_of_another_user, name_prefix};
use crate::error::Error;

/// The name of a container and the reference of its image, as it was given to `docker run`.
const REFERENCE: &str = "[{{json .Name}},{{json .Config.Image}}]";

/// A container of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectContainer {
    /// The image that it belongs to: a folder, or a synthetic image.
    pub image: String,
    /// The container.
    pub container: ListedContainer,
    /// Whether it runs another build than the one that has the tag now.
    pub is_of_earlier_build: bool,
}

/// How the containers of one image are recognized.
struct Rule {
    image: String,
    /// With the parts that docker adds.
    reference: Reference,
    prefix: String,
    /// Whether the reference is the project's and the user's own.
    is_personal: bool,
}

/// The rules of all images of a project. Images whose reference cannot be evaluated have no containers.
pub struct ContainerRules {
    rules: Vec<Rule>,
    user: String,
}

impl ContainerRules {
    /// Collects the rules; those of folders come first.
    ///
    /// # Errors
    /// Fails if docker/ cannot be read.
    pub fn of(project: &Project) -> Result<Self, ProjectError> {
        let user = project.user().tag();
        let rule = |image: String, reference: Reference| Rule {
            prefix: name_prefix(&user, &image),
            is_personal: is_personal(&reference, project),
            reference: reference.or_latest().canonical(),
            image,
        };
        let folders = project.image_folders()?.into_iter();
        let folders =
            folders.filter_map(|name| project.folder_reference(&name).ok().map(|it| rule(name, it)));
        let synthetic = project.config().synthetic_images().into_iter();
        let synthetic = synthetic.filter_map(|name| {
            let reference = project.image(&name).ok()?.reference().ok()?;
            Some(rule(name, reference))
        });
        Ok(ContainerRules { rules: folders.chain(synthetic).collect(), user })
    }

    /// Returns the containers of the project, in the order of the list. Those of an earlier build may belong to another
    /// project until [`confirm`](Self::confirm) has checked them.
    pub fn select(&self, listed: Vec<ListedContainer>) -> Vec<ProjectContainer> {
        let owned = |container: ListedContainer| {
            let is_of_earlier_build = is_id(&container.image);
            let rule = if is_of_earlier_build {
                self.rules.iter().find(|rule| rule.has_named(&container.name))
            } else {
                self.owner(&container.name, &container.image)
            };
            Some(ProjectContainer { image: rule?.image.clone(), container, is_of_earlier_build })
        };
        listed.into_iter().filter_map(owned).collect()
    }

    /// Drops the containers of earlier builds that were not started with an image of the project, or that do not exist any
    /// more. `inspected` is the output of [`inspect_references`].
    ///
    /// # Errors
    /// Fails if the output is not in the documented format.
    pub fn confirm(&self, containers: &mut Vec<ProjectContainer>, inspected: &[u8]) -> Result<(), Error> {
        let lines = serde_json::Deserializer::from_slice(inspected).into_iter();
        let references: HashMap<String, String> = lines.collect::<Result<_, _>>()?;
        containers.retain(|ProjectContainer { image, container, is_of_earlier_build }| {
            let started_with = references.get(&format!("/{}", container.name));
            let owner = started_with.and_then(|reference| self.owner(&container.name, reference));
            !is_of_earlier_build || owner.is_some_and(|rule| rule.image == *image)
        });
        Ok(())
    }

    /// Returns the image that a container belongs to by its name and the reference of its image.
    fn owner(&self, container: &str, image: &str) -> Option<&Rule> {
        let reference = Reference::parse(image).ok()?.or_latest().canonical();
        let is_named = |rule: &&Rule| rule.has_named(container) && rule.reference.name() == reference.name();
        // Another user may run this user's image.
        let is_others = is_of_another_user(container, &self.user);
        let is_tagged = |rule: &&Rule| rule.is_personal && rule.reference == reference && !is_others;
        self.rules.iter().find(is_named).or_else(|| self.rules.iter().find(is_tagged))
    }
}

impl Rule {
    fn has_named(&self, container: &str) -> bool {
        has_prefix(container, &self.prefix)
    }
}

/// Returns the command that prints the references with which the containers of earlier builds were started, for
/// [`ContainerRules::confirm`]. `None` if there are no such containers.
pub fn inspect_references(containers: &[ProjectContainer]) -> Option<Command> {
    let unconfirmed = containers.iter().filter(|one| one.is_of_earlier_build);
    let ids: Vec<&str> = unconfirmed.map(|one| one.container.id.as_str()).collect();
    let inspect = || Command::new("docker").args(["container", "inspect", "--format", REFERENCE]).args(&ids);
    (!ids.is_empty()).then(inspect)
}

/// Returns whether a reference has the form `<project>-<image>:<user>`.
fn is_personal(reference: &Reference, project: &Project) -> bool {
    let is_of_project =
        |name: &str| reference.name().strip_prefix(name).is_some_and(|image| image.starts_with('-'));
    project.name().is_ok_and(is_of_project) && reference.tag() == Some(&project.user().tag())
}

/// Returns whether docker lists an image by its ID.
fn is_id(image: &str) -> bool {
    let is_hex = |digits: &str| digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit());
    image.strip_prefix("sha256:").is_some_and(is_hex)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A project with the images dev and db, and the synthetic images shell and python.
    fn rules() -> (ContainerRules, String) {
        let folder = tempfile::Builder::new().prefix("proj-").tempdir().unwrap();
        let docker = folder.path().join("docker");
        for image in ["dev", "db", "broken"] {
            fs::create_dir_all(docker.join(image)).unwrap();
            fs::write(docker.join(image).join("Dockerfile"), "FROM scratch\n").unwrap();
        }
        let cfg = "[run_image]\nsynthetic_images=shell,python\n[shell]\nname=dev\n[db]\ntag=1.0\n\
                   [python]\nname=python:3.12\nprefix=False\n[broken]\ntag=$NO_SUCH_VARIABLE\n";
        fs::write(docker.join("dockerutils.cfg"), cfg).unwrap();
        let project = Project::at(folder.path().to_owned()).unwrap();
        (ContainerRules::of(&project).unwrap(), project.name().unwrap().to_owned())
    }

    fn listed(name: &str, image: &str) -> ListedContainer {
        let line = format!(
            r#"["{name}","{name}","{image}","running","Up 1 second","","2026-11-27 13:12:01 +0000 UTC"]"#
        );
        ListedContainer::parse_list(line.as_bytes()).unwrap().remove(0)
    }

    const TIME: &str = "26-11-27_10.00.00.123456789";
    const ID: &str = "sha256:1899fc6b3351694654b0fd97d48d25cf2bf1aac149ca577a572313abda83b267";

    #[test]
    fn a_container_belongs_to_the_image_of_its_name_and_reference() {
        let (rules, proj) = rules();
        let user = dockerutils_project::User::current().tag();
        let named = |image: &str| format!("{user}_{image}_{TIME}");
        for (name, image, expected) in [
            (named("dev"), format!("{proj}-dev:{user}"), Some("dev")),
            (named("dev"), format!("{proj}-dev:another-tag"), Some("dev")),
            (named("dev"), format!("other-dev:{user}"), None),
            (named("shell"), format!("{proj}-dev:{user}"), Some("shell")),
            ("web".to_owned(), format!("{proj}-dev:{user}"), Some("dev")),
            ("web".to_owned(), format!("{proj}-dev:eve"), None),
            (format!("eve_dev_{TIME}"), format!("{proj}-dev:{user}"), None),
            (format!("eve_shell_{TIME}"), format!("{proj}-dev:{user}"), None),
            // The tag is everybody's.
            (named("db"), format!("{proj}-db:1.0"), Some("db")),
            ("web".to_owned(), format!("{proj}-db:1.0"), None),
            (named("python"), "python:3.12".to_owned(), Some("python")),
            (format!("eve_python_{TIME}"), "python:3.12".to_owned(), None),
            (named("dev"), ID.to_owned(), Some("dev")),
            ("web".to_owned(), ID.to_owned(), None),
            (named("dev"), "<none>".to_owned(), None),
        ] {
            let found = rules.select(vec![listed(&name, &image)]).pop().map(|found| found.image);
            assert_eq!(found.as_deref(), expected, "{name} {image}");
        }
    }

    #[test]
    fn a_container_of_an_earlier_build_is_confirmed_by_the_reference_that_it_was_started_with() {
        let (rules, proj) = rules();
        let user = dockerutils_project::User::current().tag();
        let name = format!("{user}_dev_{TIME}");
        let found = rules.select(vec![listed(&name, ID), listed("web", &format!("{proj}-dev:{user}"))]);
        let inspect = inspect_references(&found).unwrap().arguments();
        assert_eq!(inspect.last(), Some(&name), "only that of an earlier build");
        for (output, expected) in [
            (format!("[\"/{name}\",\"{proj}-dev:{user}\"]\n"), 2),
            (format!("[\"/{name}\",\"other-dev:{user}\"]\n"), 1),
            // It does not exist any more.
            (String::new(), 1),
        ] {
            let mut containers = found.clone();
            rules.confirm(&mut containers, output.as_bytes()).unwrap();
            assert_eq!(containers.len(), expected, "{output}");
        }
        assert!(rules.confirm(&mut Vec::new(), b"[]\n").is_err());
        assert_eq!(inspect_references(&found[1..]), None);
    }
}
