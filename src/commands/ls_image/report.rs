//! What is printed about each image.

use chrono::{DateTime, FixedOffset, Utc};
use dockerutils_docker::{BuildState, BuildStates, ListedContainer, ListedImages, ProjectContainer};
use dockerutils_oci::Reference;
use dockerutils_project::Project;
use serde::Serialize;

use super::urls::Urls;
use crate::Result;
use crate::ui::{self, Age, Align};

/// An image, as it is printed.
#[derive(Debug, Serialize)]
pub(super) struct ImageReport {
    image: String,
    reference: String,
    /// In RFC 3339.
    built: Option<String>,
    #[serde(skip)]
    age: Option<Age>,
    /// As docker writes it.
    size: Option<String>,
    state: &'static str,
    containers: Vec<ContainerReport>,
}

/// A container, as it is printed.
#[derive(Debug, Serialize)]
struct ContainerReport {
    name: String,
    status: String,
    exit_code: Option<i32>,
    /// In RFC 3339.
    created: String,
    /// Whether it runs another build than the one that has the tag now.
    is_of_earlier_build: bool,
    urls: Vec<String>,
}

/// Returns the reports of images. One that cannot be evaluated is a warning.
pub(super) fn reports(
    project: &Project,
    images: &[String],
    listed: &ListedImages,
    states: &BuildStates,
    containers: &[ProjectContainer],
    urls: &Urls,
) -> Vec<ImageReport> {
    let report = |name: &String| {
        let (reference, state) = evaluated(project, name, listed, states).map_err(ui::warn).ok()?;
        let image = listed.find(&reference);
        let created = image.and_then(|image| image.created);
        let own = containers.iter().filter(|one| one.image == *name);
        Some(ImageReport {
            image: name.clone(),
            reference: reference.to_string(),
            built: created.map(|created| created.to_rfc3339()),
            age: created.map(age),
            size: image.map(|image| image.size.clone()),
            state,
            containers: own.map(|one| container_report(one, urls)).collect(),
        })
    };
    images.iter().filter_map(report).collect()
}

/// Returns the reference of an image, and the word for its state.
fn evaluated(
    project: &Project,
    name: &str,
    listed: &ListedImages,
    states: &BuildStates,
) -> Result<(Reference, &'static str)> {
    let is_synthetic = project.config().synthetic_images().iter().any(|synthetic| synthetic == name);
    let image = if is_synthetic { project.image(name)? } else { project.described_image(name)? };
    let reference = image.reference()?;
    let state = match image.built_from()? {
        Some(folder) => word(states.state(&folder)),
        None if listed.find(&reference).is_some() => "pulled",
        None => "not pulled",
    };
    Ok((reference, state))
}

fn word(state: BuildState) -> &'static str {
    match state {
        BuildState::NotBuilt => "not built",
        BuildState::Built => "built",
        BuildState::Outdated => "outdated",
    }
}

fn container_report(one: &ProjectContainer, urls: &Urls) -> ContainerReport {
    let container: &ListedContainer = &one.container;
    let ports = container.ports.iter().map(|(_, published)| urls.of_port(&container.name, published));
    ContainerReport {
        name: container.name.clone(),
        status: container.status.clone(),
        exit_code: container.exit_code(),
        created: container.created.to_rfc3339(),
        is_of_earlier_build: one.is_of_earlier_build,
        urls: ports.collect(),
    }
}

fn age(created: DateTime<FixedOffset>) -> Age {
    Age::of_seconds((Utc::now() - created.to_utc()).num_seconds())
}

/// Renders a table: one line for each container of an image.
pub(super) fn table(reports: &[ImageReport]) -> String {
    let columns = [
        ("IMAGE", Align::Left),
        ("REFERENCE", Align::Left),
        ("BUILT", Align::Left),
        ("SIZE", Align::Right),
        ("STATE", Align::Left),
        ("CONTAINERS", Align::Left),
    ];
    ui::table(columns, reports.iter().flat_map(rows))
}

fn rows(report: &ImageReport) -> Vec<[String; 6]> {
    let mut containers = report.containers.iter().map(ContainerReport::cell);
    let first = [
        report.image.clone(),
        report.reference.clone(),
        report.age.map(|age| format!("{age} ago")).unwrap_or_default(),
        report.size.clone().unwrap_or_default(),
        report.state.to_owned(),
        containers.next().unwrap_or_default(),
    ];
    let others =
        containers.map(|cell| [const { String::new() }; 5].into_iter().chain([cell]).collect::<Vec<_>>());
    [first].into_iter().chain(others.filter_map(|row| row.try_into().ok())).collect()
}

impl ContainerReport {
    fn cell(&self) -> String {
        let earlier = if self.is_of_earlier_build { ", of an earlier build" } else { "" };
        let urls: String = self.urls.iter().map(|url| format!(" {url}")).collect();
        format!("{}: {}{earlier}{urls}", self.name, self.status)
    }
}
