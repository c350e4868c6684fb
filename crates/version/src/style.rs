//! How a version is written: versioneer's styles, each a function of what git knows.

use crate::git::Pieces;
use crate::{Error, Settings};

/// A style: its name, and the version in it. There is none where it needs a number that the tag has not.
pub(crate) type Style = (&'static str, fn(&Pieces) -> Option<String>);

/// The style of a project that names none.
const DEFAULT: &str = "pep440";

const STYLES: [Style; 8] = [
    ("pep440", |p| Some(local(p, ""))),
    ("pep440-branch", |p| Some(local(p, dev0(!p.on_master)))),
    ("pep440-pre", pre),
    ("pep440-post", |p| Some(post(p, dev0(p.dirty), &format!("g{}", p.short)))),
    ("pep440-post-branch", |p| {
        Some(post(p, dev0(!p.on_master), &format!("g{}{}", p.short, mark(p, ".dirty"))))
    }),
    ("pep440-old", |p| Some(post(p, dev0(p.dirty), ""))),
    ("git-describe", |p| Some(describe(p, p.distance > 0))),
    ("git-describe-long", |p| Some(describe(p, true))),
];

/// The style that the project asks for; none, and `default`, mean `pep440`.
pub(crate) fn of(settings: &Settings) -> Result<Style, Error> {
    let name = match settings.style.as_str() {
        "" | "default" => DEFAULT,
        name => name,
    };
    STYLES
        .into_iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| Error::UnknownStyle { file: settings.file, style: name.to_owned() })
}

/// Every style's name, for a message.
pub(crate) fn names() -> String {
    STYLES.map(|(name, _)| name).join(", ")
}

/// `TAG[DEV+DISTANCE.gHEX[.dirty]]`, or `0DEV+untagged.DISTANCE.gHEX[.dirty]`.
fn local(p: &Pieces, dev: &str) -> String {
    let build = format!("{}.g{}{}", p.distance, p.short, mark(p, ".dirty"));
    match &p.tag {
        Some(tag) if p.is_tagged_state() => tag.clone(),
        Some(tag) => format!("{tag}{dev}{}{build}", joint(tag)),
        None => format!("0{dev}+untagged.{build}"),
    }
}

/// `TAG[.postDISTANCE DEV[+BUILD]]`, or `0.postDISTANCE DEV[+BUILD]`.
fn post(p: &Pieces, dev: &str, build: &str) -> String {
    let tag = p.tag.as_deref().unwrap_or("0");
    match (p.is_tagged_state(), build) {
        (true, _) => tag.to_owned(),
        (false, "") => format!("{tag}.post{}{dev}", p.distance),
        (false, _) => format!("{tag}.post{}{dev}{}{build}", p.distance, joint(tag)),
    }
}

/// `TAG[.postN.devDISTANCE]`, N one more than the tag's own; `0.post0.devDISTANCE`. It never says dirty.
fn pre(p: &Pieces) -> Option<String> {
    let Some(tag) = &p.tag else {
        return Some(format!("0.post0.dev{}", p.distance));
    };
    if p.distance == 0 {
        return Some(tag.clone());
    }
    let parts: Vec<_> = tag.split(".post").collect();
    let next = match parts[..] {
        [_, ""] => 1,
        [_, number] => number.parse::<u64>().ok()?.checked_add(1)?,
        _ => 0,
    };
    Some(format!("{}.post{next}.dev{}", parts.first()?, p.distance))
}

/// `TAG[-DISTANCE-gHEX][-dirty]`, or `HEX[-dirty]`.
fn describe(p: &Pieces, long: bool) -> String {
    let dirty = mark(p, "-dirty");
    match &p.tag {
        Some(tag) if long => format!("{tag}-{}-g{}{dirty}", p.distance, p.short),
        Some(tag) => format!("{tag}{dirty}"),
        None => format!("{}{dirty}", p.short),
    }
}

/// What begins the local part of a version, or goes on with the one that the tag has.
fn joint(tag: &str) -> &'static str {
    if tag.contains('+') { "." } else { "+" }
}

fn dev0(wanted: bool) -> &'static str {
    if wanted { ".dev0" } else { "" }
}

fn mark<'a>(p: &Pieces, dirty: &'a str) -> &'a str {
    if p.dirty { dirty } else { "" }
}
