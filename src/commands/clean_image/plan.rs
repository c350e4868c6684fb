//! What is removed, with the bytes that it frees and the reason.

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use dockerutils_command::Runner;
use dockerutils_docker::{
    CleanRules, ContainerState, OwnedImage, ProjectContainer, StoredImage, select_images,
};
use dockerutils_project::{Image, Kind, Project};
use serde::Serialize;

use super::Args;
use super::found::Found;
use super::pulled::other_tags;
use crate::Result;
use crate::ui::{self, Age, Align, Size};

/// A younger copy may be one whose shell is just being started.
const COPY_AGE: TimeDelta = TimeDelta::minutes(5);

/// Everything that one call removes.
#[derive(Debug, Serialize)]
pub(super) struct Plan {
    pub(super) items: Vec<Item>,
    /// The filter of the build cache that is removed, and the bytes that it has at most.
    pub(super) cache: Option<Cache>,
}

/// A container or an image.
#[derive(Debug, Serialize)]
pub(super) struct Item {
    pub(super) kind: ItemKind,
    /// What docker gets: a name, or an ID.
    pub(super) target: String,
    /// The ID of an image.
    #[serde(skip)]
    pub(super) id: Option<String>,
    pub(super) image: String,
    pub(super) created: Option<DateTime<FixedOffset>>,
    /// `None` if the engine does not know it.
    pub(super) bytes: Option<u64>,
    pub(super) reason: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ItemKind {
    Container,
    Image,
}

#[derive(Debug, Serialize)]
pub(super) struct Cache {
    pub(super) filter: String,
    at_most_bytes: u64,
}

impl Plan {
    /// Decides what is removed.
    ///
    /// # Errors
    /// Fails if an image cannot be evaluated, or if docker cannot be started.
    pub(super) fn of(
        args: &Args,
        images: &[String],
        project: &Project,
        found: &Found,
        runner: &Runner,
    ) -> Result<Self> {
        let mut items: Vec<Item> = found
            .containers
            .iter()
            .filter(|one| args.containers && is_requested(images, &one.image) && is_over(one, args))
            .map(|one| container_item(one, found))
            .collect();
        let gone: Vec<String> = found
            .containers
            .iter()
            .filter(|one| items.iter().any(|item| item.target == one.container.name))
            .map(|one| one.container.id.clone())
            .collect();
        let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
        let rules =
            CleanRules { older_than: args.older_than, keep: args.keep, is_tag_given: args.tag.is_some() };
        let owned = owned_images(args, images, project)?;
        let selected = select_images(&found.usage, &owned, &found.earlier, &gone, &rules, Utc::now());
        let (used, free): (Vec<_>, Vec<_>) = selected.into_iter().partition(|image| image.is_used);
        if !used.is_empty() {
            ui::note(format_args!("{} of these images stay, because containers use them", used.len()));
        }
        items.extend(free.into_iter().map(|image| Item {
            kind: ItemKind::Image,
            target: image.target,
            id: Some(image.id),
            image: image.folder,
            created: image.created,
            bytes: image.size,
            reason: image.reason,
        }));
        items.extend(found.copies.iter().filter_map(|id| copy_item(id, found, &gone)));
        if args.pull {
            items.extend(other_tags(images, project, found, &gone, runner)?);
        }
        let cache = args
            .cache
            .as_ref()
            .map(|filter| Cache { filter: filter.clone(), at_most_bytes: found.usage.unused_cache() });
        Ok(Plan { items, cache })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.cache.is_none()
    }

    /// Drops the images whose names mean other images by now. `images` are those of the engine.
    pub(super) fn drop_moved_names(&mut self, images: &[StoredImage]) {
        let is_moved = |item: &Item| {
            let now = images.iter().find(|image| image.name() == item.target);
            now.is_some_and(|now| item.id.as_ref().is_some_and(|id| *id != now.id))
        };
        self.items.retain(|item| {
            let is_moved = is_moved(item);
            if is_moved {
                ui::note(format_args!("{} stays, because it was built again meanwhile", item.target));
            }
            !is_moved
        });
    }

    /// Returns the names or IDs of one kind, in order.
    pub(super) fn targets(&self, kind: ItemKind) -> Vec<&str> {
        self.items.iter().filter(|item| item.kind == kind).map(|item| item.target.as_str()).collect()
    }

    /// Prints the table.
    pub(super) fn print(&self) -> Result {
        let columns = [
            ("REMOVED", Align::Left),
            ("IMAGE", Align::Left),
            ("AGE", Align::Right),
            ("SIZE", Align::Right),
            ("WHY", Align::Left),
        ];
        let mut rows: Vec<[String; 5]> = self.items.iter().map(Item::row).collect();
        if let Some(Cache { filter, at_most_bytes }) = &self.cache {
            let size = format!("≤ {}", Size(*at_most_bytes));
            let why = format!("--filter {filter}, of all projects");
            rows.push(["build cache".to_owned(), String::new(), String::new(), size, why]);
        }
        Ok(ui::print_line(ui::table(columns, rows))?)
    }

    /// Returns how many things are removed, for a question.
    pub(super) fn count(&self) -> String {
        let counted = |count: usize, what: &str| match count {
            0 => None,
            1 => Some(format!("1 {what}")),
            count => Some(format!("{count} {what}s")),
        };
        let containers = counted(self.targets(ItemKind::Container).len(), "container");
        let images = counted(self.targets(ItemKind::Image).len(), "image");
        let cache = self.cache.as_ref().map(|_| "build cache".to_owned());
        containers.into_iter().chain(images).chain(cache).collect::<Vec<_>>().join(", ")
    }

    /// Returns the bytes that become free. What only removed images share becomes free, too, and is not counted.
    pub(super) fn freed(&self) -> String {
        let known: u64 = self.items.iter().filter_map(|item| item.bytes).sum();
        format!("{} or more", Size(known))
    }
}

impl Item {
    fn row(&self) -> [String; 5] {
        let age = |created: DateTime<FixedOffset>| {
            Age::of_seconds((Utc::now() - created.to_utc()).num_seconds()).to_string()
        };
        [
            short(&self.target).to_owned(),
            self.image.clone(),
            self.created.map(age).unwrap_or_default(),
            self.bytes.map_or_else(|| "?".to_owned(), |bytes| Size(bytes).to_string()),
            self.reason.to_owned(),
        ]
    }
}

/// Returns the first digits of an ID, as docker shows it, and a name as it is.
fn short(target: &str) -> &str {
    target.strip_prefix("sha256:").map_or(target, |hex| hex.get(..12).unwrap_or(hex))
}

fn is_requested(images: &[String], image: &str) -> bool {
    images.is_empty() || images.iter().any(|name| name == image)
}

fn is_over(one: &ProjectContainer, args: &Args) -> bool {
    let is_old = |age| Utc::now() - one.container.created.to_utc() >= age;
    matches!(one.container.state, ContainerState::Exited | ContainerState::Dead)
        && args.older_than.is_none_or(is_old)
}

fn container_item(one: &ProjectContainer, found: &Found) -> Item {
    let stored = found.usage.containers.iter().find(|stored| stored.id == one.container.id);
    Item {
        kind: ItemKind::Container,
        target: one.container.name.clone(),
        id: None,
        image: one.image.clone(),
        created: Some(one.container.created),
        bytes: stored.and_then(|stored| stored.size),
        reason: "has ended",
    }
}

/// Returns a copy that `debug-image --last` has left; `None` for one whose shell is open, or is about to be.
fn copy_item(id: &str, found: &Found, gone: &[&str]) -> Option<Item> {
    let stored = found.usage.images.iter().find(|image| image.id == id)?;
    let is_new = stored.created.is_none_or(|created| Utc::now() - created.to_utc() < COPY_AGE);
    (!is_new && found.usage.containers_of(stored, gone) == 0).then(|| Item {
        kind: ItemKind::Image,
        target: id.to_owned(),
        id: Some(id.to_owned()),
        image: String::new(),
        created: stored.created,
        bytes: stored.unique_size,
        reason: "left by debug-image",
    })
}

/// Returns the images that have a folder, with the tag of the command line.
fn owned_images(args: &Args, images: &[String], project: &Project) -> Result<Vec<OwnedImage>> {
    let images: Vec<Image> = if images.is_empty() {
        project.folder_images()?
    } else {
        images.iter().map(|name| project.image(name)).collect::<std::result::Result<_, _>>()?
    };
    let folders = images.into_iter().filter(|image| image.kind == Kind::Folder);
    let tagged = folders.map(|image| image.with_overrides(None, args.tag.as_deref()));
    Ok(tagged.map(|image| OwnedImage::of(&image)).collect::<std::result::Result<_, _>>()?)
}
