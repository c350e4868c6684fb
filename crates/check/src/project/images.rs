//! The configuration, and the images that cannot be built.

use dockerutils_docker::{BuildPlanner, Error};
use dockerutils_project::{Dockerfile, DockerfileInputs, Project};

use super::EDIT;
use crate::Finding;

const CONFIGURATION: &str = "project.configuration";

const IMAGES: &str = "project.images";

/// Judges every image, so that a mistake in one does not hide those of others.
pub(super) fn judge(project: &Project) -> Vec<Finding> {
    let warnings = warnings(project);
    let mut faults = Vec::new();
    let names = project.image_folders().unwrap_or_default();
    for name in names.iter().chain(&project.config().synthetic_images()) {
        faults.extend(fault(project, name).filter(|fault| !faults.contains(fault)));
    }
    faults.extend(missing_dockerfiles(project, &names));
    if faults.is_empty() && !names.is_empty() {
        faults.extend(BuildPlanner::new(project, &[]).plan_all().err().map(|error| problem_of(&error)));
    }
    let mut findings = faults;
    let has_fault = |id: &str, findings: &[Finding]| findings.iter().any(|finding| finding.id == id);
    if !has_fault(CONFIGURATION, &findings) && warnings.is_empty() {
        findings.insert(0, Finding::ok(CONFIGURATION, "docker/dockerutils.cfg is valid"));
    }
    if !has_fault(IMAGES, &findings) {
        findings.push(Finding::ok(IMAGES, format!("{} can be planned", count(names.len()))));
    }
    findings.splice(0..0, warnings);
    findings
}

fn count(images: usize) -> String {
    if images == 1 { "one build".to_owned() } else { format!("{images} builds") }
}

/// Returns the unknown keys and the misspelled sections.
fn warnings(project: &Project) -> Vec<Finding> {
    let names = project.image_folders().unwrap_or_default();
    let images = names.iter().chain(&project.config().synthetic_images()).cloned().collect::<Vec<_>>();
    let keys = images
        .iter()
        .filter_map(|name| project.image(name).ok())
        .flat_map(|image| image.section.unknown_keys);
    let keys = project.config().unknown_keys().into_iter().chain(keys).map(|key| key.to_string());
    let sections = project.misspelled_sections().into_iter().map(|section| section.to_string());
    keys.chain(sections).map(|warning| Finding::warning(CONFIGURATION, warning).fix(EDIT)).collect()
}

/// Returns why an image cannot be evaluated.
fn fault(project: &Project, name: &str) -> Option<Finding> {
    match BuildPlanner::new(project, &[]).plan(&[name.to_owned()], None) {
        Ok(_) | Err(Error::NothingToBuild { .. }) => None,
        Err(error) => Some(problem_of(&error)),
    }
}

fn problem_of(error: &Error) -> Finding {
    let id = match error {
        Error::Config(_) | Error::Project(dockerutils_project::Error::Config(_)) => CONFIGURATION,
        _ => IMAGES,
    };
    let fix = if id == CONFIGURATION { EDIT } else { "${EDITOR:-vi} docker/*/Dockerfile" };
    Finding::problem(id, error.to_string()).fix(fix)
}

/// Finds folders that are meant to be images, by a section or by a Dockerfile that names their image, and that have neither a
/// Dockerfile nor a script that creates one.
fn missing_dockerfiles(project: &Project, images: &[String]) -> Vec<Finding> {
    let folders = project.root().join("docker").read_dir().into_iter().flatten().flatten();
    let names = folders
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let synthetic = project.config().synthetic_images();
    let mut others: Vec<String> =
        names.filter(|name| !images.contains(name) && !synthetic.contains(name)).collect();
    others.sort();
    let needed = needed_images(project, images);
    let missing = others.iter().filter_map(|name| {
        let needed_at = project.folder_name(name).ok().and_then(|image| needed_at(&needed, &image));
        match needed_at {
            Some(place) => {
                Some((name, format!("docker/{name} has no Dockerfile, and {place} needs its image")))
            }
            None if project.config().has_section(name) => {
                Some((name, format!("docker/{name} has no Dockerfile")))
            }
            None => None,
        }
    });
    missing
        .map(|(name, evidence)| {
            Finding::problem(IMAGES, evidence).fix(format!(
                "${{EDITOR:-vi}} docker/{name}/Dockerfile   # or list {name} under synthetic_images"
            ))
        })
        .collect()
}

/// Returns the images that the Dockerfiles name, without tags, each with its place.
fn needed_images(project: &Project, images: &[String]) -> Vec<(String, String)> {
    let of_image = |name: &String| {
        let file = format!("docker/{name}/Dockerfile");
        let bytes = dockerutils_file::read(&project.root().join(&file)).unwrap_or_default();
        let dockerfile = Dockerfile::parse(&String::from_utf8_lossy(&bytes), &DockerfileInputs::default());
        let needed = dockerfile.images().iter();
        needed
            .map(|image| (repository(&image.reference).to_owned(), format!("{file}:{}", image.line)))
            .collect::<Vec<_>>()
    };
    images.iter().flat_map(of_image).collect()
}

/// Returns where an image, or its builder, is named first.
fn needed_at(needed: &[(String, String)], image: &str) -> Option<String> {
    let is_named = |name: &str| name.strip_suffix("-builder").unwrap_or(name) == image || name == image;
    needed.iter().find(|(name, _)| is_named(name)).map(|(_, place)| place.clone())
}

/// Returns a reference without its tag and digest.
fn repository(reference: &str) -> &str {
    let name = reference.split('@').next().unwrap_or(reference);
    match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    }
}
