//! The styles of versioneer: how the description of a commit is written as a version.
//!
//! <https://github.com/python-versioneer/python-versioneer/blob/0.29/src/render.py>

use crate::description::Description;
use crate::{Error, Settings};

/// A style of versioneer.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    name: &'static str,
    render: fn(&Description) -> Option<String>,
}

/// The style of a project that names none.
const DEFAULT: &str = "pep440";

const STYLES: [Style; 8] = [
    Style { name: "pep440", render: |d| Some(local(d, "")) },
    Style { name: "pep440-branch", render: |d| Some(local(d, dev0(!d.is_on_master))) },
    Style { name: "pep440-pre", render: pre },
    Style { name: "pep440-post", render: |d| Some(post(d, dev0(d.is_dirty), &format!("g{}", d.short_hash))) },
    Style { name: "pep440-post-branch", render: |d| Some(post_branch(d)) },
    Style { name: "pep440-old", render: |d| Some(post(d, dev0(d.is_dirty), "")) },
    Style { name: "git-describe", render: |d| Some(describe(d, d.distance > 0)) },
    Style { name: "git-describe-long", render: |d| Some(describe(d, true)) },
];

impl Style {
    /// Returns the style that the settings name; `pep440` if they name none or `default`.
    ///
    /// # Errors
    /// Returns [`Error::UnknownStyle`] if versioneer does not have the style.
    pub(crate) fn of(settings: &Settings) -> Result<Self, Error> {
        let name = match settings.style.as_str() {
            "" | "default" => DEFAULT,
            name => name,
        };
        STYLES.into_iter().find(|style| style.name == name).ok_or_else(|| Error::UnknownStyle {
            file: settings.file,
            style: name.to_owned(),
            known: STYLES.map(|style| style.name).join(", "),
        })
    }

    /// Returns the version. `None` if the style requires a number that the tag does not contain.
    pub(crate) fn render(self, description: &Description) -> Option<String> {
        (self.render)(description)
    }

    /// Returns whether the version depends on the branch.
    pub(crate) fn shows_branch(self) -> bool {
        self.name.ends_with("-branch")
    }
}

/// Renders `TAG[DEV+DISTANCE.gHEX[.dirty]]`, or `0DEV+untagged.DISTANCE.gHEX[.dirty]`.
fn local(d: &Description, dev: &str) -> String {
    let build = format!("{}.g{}{}", d.distance, d.short_hash, if_dirty(d, ".dirty"));
    match &d.tag {
        Some(tag) if d.is_tagged_state() => tag.clone(),
        Some(tag) => format!("{tag}{dev}{}{build}", local_separator(tag)),
        None => format!("0{dev}+untagged.{build}"),
    }
}

/// Renders `TAG[.postDISTANCE DEV[+BUILD]]`, or `0.postDISTANCE DEV[+BUILD]`.
fn post(d: &Description, dev: &str, build: &str) -> String {
    let tag = d.tag.as_deref().unwrap_or("0");
    match (d.is_tagged_state(), build) {
        (true, _) => tag.to_owned(),
        (false, "") => format!("{tag}.post{}{dev}", d.distance),
        (false, _) => format!("{tag}.post{}{dev}{}{build}", d.distance, local_separator(tag)),
    }
}

fn post_branch(d: &Description) -> String {
    post(d, dev0(!d.is_on_master), &format!("g{}{}", d.short_hash, if_dirty(d, ".dirty")))
}

/// Renders `TAG[.postN.devDISTANCE]` with N one more than the tag's own, or `0.post0.devDISTANCE`.
///
/// This style never shows whether the tree is dirty, as in versioneer.
fn pre(d: &Description) -> Option<String> {
    let Some(tag) = &d.tag else {
        return Some(format!("0.post0.dev{}", d.distance));
    };
    if d.distance == 0 {
        return Some(tag.clone());
    }
    // versioneer splits at every `.post` and ignores the number unless there is exactly one.
    let parts: Vec<_> = tag.split(".post").collect();
    let next = match parts[..] {
        [_, ""] => 1,
        [_, number] => number.parse::<u64>().ok()?.checked_add(1)?,
        _ => 0,
    };
    Some(format!("{}.post{next}.dev{}", parts.first()?, d.distance))
}

/// Renders `TAG[-DISTANCE-gHEX][-dirty]`, or `HEX[-dirty]`.
fn describe(d: &Description, is_long: bool) -> String {
    let dirty = if_dirty(d, "-dirty");
    match &d.tag {
        Some(tag) if is_long => format!("{tag}-{}-g{}{dirty}", d.distance, d.short_hash),
        Some(tag) => format!("{tag}{dirty}"),
        None => format!("{}{dirty}", d.short_hash),
    }
}

/// Returns the separator before a local part: PEP 440 permits one `+`, which the tag may already contain.
fn local_separator(tag: &str) -> &'static str {
    if tag.contains('+') { "." } else { "+" }
}

fn dev0(is_wanted: bool) -> &'static str {
    if is_wanted { ".dev0" } else { "" }
}

fn if_dirty<'a>(d: &Description, mark: &'a str) -> &'a str {
    if d.is_dirty { mark } else { "" }
}
