//! connection_config.txt: lines `KEY=VALUE`, read strictly and written whole.
//!
//! A line is never evaluated. Keys that are not ours are ignored, and kept when the record is written again. A value may
//! be in a pair of quotes, as a shell would write it, and an empty value counts as absent.

use std::fmt::{Display, Write as _};
use std::path::Path;
use std::str::FromStr;

use crate::error::{Fault, folder};
use crate::{Address, Dock, Error, Invalid, Moniker, Result, UserName};

/// The record's name in a dock's folder.
pub(crate) const FILE: &str = "connection_config.txt";

/// The keys that we read, in the order in which they are written.
const KEYS: [&str; 13] = [
    "DOCK_USER",
    "DOCK_MONIKER",
    "DOCK_HOSTNAME",
    "DOCK_IP",
    "DOCK_INSTANCE_ID",
    "DOCK_PORT",
    "DOCK_IDENTITY",
    "DOCK_JUMP",
    "DOCK_SOCKET",
    "DOCK_JUPYTER",
    "DOCK_REGION",
    "DOCK_ACCOUNT",
    "DOCK_PROFILE",
];

/// Parses the record in this file.
pub(crate) fn parse(file: &Path, bytes: &[u8]) -> Result<Dock> {
    let record = Record { file, pairs: Vec::new() }.with_lines(bytes)?;
    let instance_id = record.get("DOCK_INSTANCE_ID")?;
    let (address, written) = record.address(instance_id.is_some())?;
    let dock = Dock::new(address);
    let is_other =
        |name: &str| name != dock.address.as_str() && Some(name) != written.as_ref().map(Address::as_str);
    Ok(Dock {
        moniker: record
            .moniker()?
            .filter(|moniker| written.as_ref().is_none_or(|it| it.as_str() != moniker.as_str()))
            .unwrap_or(dock.moniker),
        user: record.get("DOCK_USER")?.unwrap_or_else(UserName::ubuntu),
        hostname: record.get("DOCK_HOSTNAME")?.filter(|hostname: &Address| is_other(hostname.as_str())),
        instance_id,
        port: record.get("DOCK_PORT")?,
        identity: record.get("DOCK_IDENTITY")?,
        jump: record.get("DOCK_JUMP")?,
        socket: record.get("DOCK_SOCKET")?,
        jupyter: record.get("DOCK_JUPYTER")?,
        region: record.get("DOCK_REGION")?,
        account: record.get("DOCK_ACCOUNT")?,
        profile: record.get("DOCK_PROFILE")?,
        address: dock.address,
    })
}

/// Returns the record's text, with the comments and foreign keys of the record that it replaces.
pub(crate) fn format(dock: &Dock, before: &[u8]) -> String {
    let mut text = String::new();
    let mut write = |key: &str, value: Option<&dyn Display>| {
        if let Some(value) = value {
            let _ = writeln!(text, "{key}={value}");
        }
    };
    write("DOCK_USER", Some(&dock.user));
    write("DOCK_MONIKER", Some(&dock.moniker));
    write("DOCK_HOSTNAME", Some(dock.hostname.as_ref().unwrap_or(&dock.address)));
    write("DOCK_IP", Some(&dock.address));
    write("DOCK_INSTANCE_ID", dock.instance_id.as_ref().map(|value| value as &dyn Display));
    write("DOCK_PORT", dock.port.as_ref().map(|value| value as &dyn Display));
    write("DOCK_IDENTITY", dock.identity.as_ref().map(|value| value as &dyn Display));
    write("DOCK_JUMP", dock.jump.as_ref().map(|value| value as &dyn Display));
    write("DOCK_SOCKET", dock.socket.as_ref().map(|value| value as &dyn Display));
    write("DOCK_JUPYTER", dock.jupyter.as_ref().map(|value| value as &dyn Display));
    write("DOCK_REGION", dock.region.as_ref().map(|value| value as &dyn Display));
    write("DOCK_ACCOUNT", dock.account.as_ref().map(|value| value as &dyn Display));
    write("DOCK_PROFILE", dock.profile.as_ref().map(|value| value as &dyn Display));
    for line in foreign_lines(before) {
        let _ = writeln!(text, "{line}");
    }
    text
}

/// Returns whether a record contains this moniker, even if the record is broken.
pub(crate) fn has_moniker(bytes: &[u8], moniker: &str) -> bool {
    lines(bytes).any(|line| pair(line) == Some(("DOCK_MONIKER", moniker)))
}

/// Returns the comments, and the pairs whose keys are not ours.
fn foreign_lines(bytes: &[u8]) -> impl Iterator<Item = &str> {
    lines(bytes)
        .filter(|line| line.starts_with('#') || pair(line).is_some_and(|(key, _)| !KEYS.contains(&key)))
}

/// Returns the lines that are UTF-8.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &str> {
    bytes.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok()).map(str::trim)
}

/// Splits a line into key and value.
fn pair(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once('=')?;
    let is_key = key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_key.then(|| (key, unquoted(value)))
}

/// Removes a pair of quotes around the value.
fn unquoted(value: &str) -> &str {
    let inside = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inside('"').or_else(|| inside('\'')).unwrap_or(value)
}

/// The pairs of a file, with their line numbers.
struct Record<'a> {
    file: &'a Path,
    pairs: Vec<(usize, &'a str, &'a str)>,
}

impl<'a> Record<'a> {
    fn with_lines(mut self, bytes: &'a [u8]) -> Result<Self> {
        for (line, bytes) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            // Blanks at the ends are ignored, and a carriage return with them.
            let text = str::from_utf8(bytes).map_err(|_| self.error(line, Fault::NoText))?.trim();
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let (key, value) = pair(text).ok_or_else(|| self.error(line, Fault::NoPair))?;
            if let Some((first, ..)) = self.pairs.iter().find(|(_, known, _)| *known == key) {
                return Err(self.error(line, Fault::Twice { key: key.to_owned(), first: *first }));
            }
            self.pairs.push((line, key, value));
        }
        Ok(self)
    }

    fn get<T: FromStr<Err = Invalid>>(&self, key: &'static str) -> Result<Option<T>> {
        let Some((line, value)) = self.find(key) else { return Ok(None) };
        value.parse().map(Some).map_err(|invalid| self.error(line, Fault::Value { key, invalid }))
    }

    fn find(&self, key: &str) -> Option<(usize, &'a str)> {
        let found = self.pairs.iter().find(|(_, known, value)| *known == key && !value.is_empty());
        found.map(|(line, _, value)| (*line, *value))
    }

    fn moniker(&self) -> Result<Option<Moniker>> {
        match self.find("DOCK_MONIKER") {
            // The original dockerutils wrote this for a dock without a moniker.
            Some((_, "none")) => Ok(None),
            _ => self.get("DOCK_MONIKER"),
        }
    }

    /// Returns the address, which is the folder's name, because the dock's files are looked up by address; and the
    /// address of the record.
    ///
    /// They must be equal, except for an instance: when its address changes, its folder is renamed before its record is
    /// written, and the folder counts.
    fn address(&self, is_instance: bool) -> Result<(Address, Option<Address>)> {
        let line = self.find("DOCK_IP").map_or(1, |(line, _)| line);
        let key = "DOCK_IP";
        let named: Address =
            folder(self.file).parse().map_err(|invalid| self.error(line, Fault::Value { key, invalid }))?;
        match self.get(key)? {
            Some(address) if address != named && !is_instance => {
                Err(self.error(line, Fault::OtherFolder { address }))
            }
            written => Ok((named, written)),
        }
    }

    fn error(&self, line: usize, fault: Fault) -> Error {
        Error::Record { file: self.file.to_owned(), line, fault: Box::new(fault) }
    }
}
