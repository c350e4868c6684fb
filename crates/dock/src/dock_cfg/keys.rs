//! The keys of `dock.cfg` and how their values are parsed.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use dockerutils_command::printable;

use super::DockSettings;
use super::values::tags;

/// The keys of `dock.cfg`: those of the original dockerutils, and then ours.
pub const KEYS: [&str; 23] = [
    "key_name",
    "security_group_ids",
    "iam_instance_profile",
    "subnet_id",
    "tag_specifications",
    "instance_type",
    "volume_size",
    "image_id",
    "region",
    "profile",
    "vpc_id",
    "gpu_instance_type",
    "fallback_types",
    "user",
    "allow",
    "private",
    "spot",
    "max_price",
    "idle",
    "ttl",
    "protect",
    "docker",
    "user_data",
];

/// Sets one of [`KEYS`]; an empty value counts as absent. Fails with what is wrong with the value.
pub(super) fn set(settings: &mut DockSettings, key: &str, value: &str, home: &Path) -> Result<(), String> {
    match key {
        _ if value.is_empty() => {}
        "key_name" => settings.key_name = one(value)?,
        "security_group_ids" => settings.security_group_ids = list(value)?,
        "iam_instance_profile" => settings.iam_instance_profile = one(value)?,
        "subnet_id" => settings.subnet_id = one(value)?,
        "tag_specifications" => settings.tags = Some(tags(value)?),
        "instance_type" => settings.instance_type = one(value)?,
        "volume_size" => settings.volume_size = one(value)?,
        "image_id" => settings.image = one(value)?,
        "region" => settings.region = one(value)?,
        "profile" => settings.profile = one(value)?,
        "vpc_id" => settings.vpc_id = one(value)?,
        "gpu_instance_type" => settings.gpu_instance_type = one(value)?,
        "fallback_types" => settings.fallback_types = list(value)?,
        "user" => settings.user = one(value)?,
        "allow" => settings.allow = list(value)?,
        "private" => settings.is_private = boolean(value)?,
        "spot" => settings.is_spot = boolean(value)?,
        "max_price" => settings.max_price = one(value)?,
        "idle" => settings.idle = one(value)?,
        "ttl" => settings.ttl = one(value)?,
        "protect" => settings.is_protected = boolean(value)?,
        "docker" => settings.docker = one(value)?,
        "user_data" => settings.user_data = path(value, home)?,
        _ => return Err("this key has no meaning".to_owned()),
    }
    Ok(())
}

fn one<T: FromStr<Err: Display>>(value: &str) -> Result<Option<T>, String> {
    value.parse().map(Some).map_err(|error: T::Err| error.to_string())
}

/// Parses a list that is separated by commas, blanks or both.
fn list<T: FromStr<Err: Display>>(value: &str) -> Result<Option<Vec<T>>, String> {
    let words = value.split([',', ' ', '\t']).filter(|word| !word.is_empty());
    let list: Result<Vec<T>, T::Err> = words.map(str::parse).collect();
    list.map(Some).map_err(|error| error.to_string())
}

fn boolean(value: &str) -> Result<Option<bool>, String> {
    match value.to_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Ok(Some(true)),
        "no" | "false" | "off" | "0" => Ok(Some(false)),
        _ => Err(format!("`{}` is neither yes nor no", printable(value))),
    }
}

fn path(value: &str, home: &Path) -> Result<Option<PathBuf>, String> {
    match value.strip_prefix("~/") {
        Some(below) => Ok(Some(home.join(below))),
        None if value.starts_with('/') => Ok(Some(PathBuf::from(value))),
        None => Err(format!("`{}` is not an absolute path, nor one that begins with ~/", printable(value))),
    }
}
