//! `~/.docker/dock.cfg`: what create-dock uses for a flag that is not given.
//!
//! Lines `key="value"`; keys below a header `[NAME]` are for the dock with that name, and come before those at the top. The
//! file is parsed and never run: `$`, backticks and backslashes are ordinary characters. An unknown key is a warning, and
//! everything else that is not valid is an error with its line.

mod keys;
mod resolved;
mod scanner;
mod settings;
mod values;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use dockerutils_command::printable;
use dockerutils_config::nearest;

pub use self::keys::KEYS;
pub use self::resolved::ResolvedSettings;
pub use self::scanner::DockCfgFault;
use self::scanner::{Line, scan};
pub use self::settings::DockSettings;
pub use self::values::{DiskSize, DockerPackages, ImageChoice, InstanceProfile, Network, Tag};
use crate::{Docks, Error, Moniker, Result};

/// The file's name in `~/.docker`.
const FILE: &str = "dock.cfg";

/// The largest file, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// What `dock.cfg` sets for one dock.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DockCfg {
    /// The settings.
    pub settings: DockSettings,
    /// The keys that create-dock does not know, in the whole file.
    pub unknown_keys: Vec<UnknownCfgKey>,
}

/// A key of `dock.cfg` that create-dock does not know: a warning, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCfgKey {
    file: PathBuf,
    line: usize,
    key: String,
}

impl fmt::Display for UnknownCfgKey {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let UnknownCfgKey { file, line, key } = self;
        write!(f, "{}:{line}: unknown key `{}`", file.display(), printable(key))?;
        match nearest(key, KEYS) {
            Some(nearest) => write!(f, ", did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

impl Docks {
    /// Returns what `~/.docker/dock.cfg` sets for the dock with this name; nothing if the file does not exist.
    ///
    /// # Errors
    /// Returns [`Error::DockCfg`] if a line is not valid, also one for another dock, and [`Error::Io`] if the file cannot be
    /// read.
    pub fn dock_cfg(&self, name: &Moniker) -> Result<DockCfg> {
        let file = self.file(FILE);
        DockCfg::parse(&file, &read(&file)?, name, self.home())
    }

    /// Returns what `~/.docker/dock.cfg` sets for docks without a section, and then for the dock of each section.
    ///
    /// # Errors
    /// Fails as [`dock_cfg`](Self::dock_cfg) does.
    pub fn dock_cfg_sections(&self) -> Result<Vec<DockSettings>> {
        let file = self.file(FILE);
        let Sections { top, sections, .. } = Sections::parse(&file, &read(&file)?, self.home())?;
        let of_docks = sections.into_iter().map(|(_, section)| section.over(top.clone())).collect::<Vec<_>>();
        Ok([top].into_iter().chain(of_docks).collect())
    }
}

/// Returns the contents of the file; empty if it does not exist.
fn read(file: &Path) -> Result<Vec<u8>> {
    match dockerutils_file::read_at_most(file, MAX_SIZE) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(Error::io("read", file)),
    }
}

/// The whole file.
#[derive(Default)]
struct Sections {
    top: DockSettings,
    sections: Vec<(Moniker, DockSettings)>,
    unknown_keys: Vec<UnknownCfgKey>,
}

impl DockCfg {
    /// Parses the contents of a file for the dock with this name. `home` takes the place of a leading `~`.
    ///
    /// # Errors
    /// Returns [`Error::DockCfg`] with the first line that is not valid.
    pub fn parse(file: &Path, bytes: &[u8], name: &Moniker, home: &Path) -> Result<Self> {
        // Settings for other docks are parsed too, so that a mistake shows before that dock is created.
        let Sections { top, sections, unknown_keys } = Sections::parse(file, bytes, home)?;
        let section = sections.into_iter().find(|(dock, _)| dock == name).map(|(_, section)| section);
        Ok(DockCfg { settings: section.unwrap_or_default().over(top), unknown_keys })
    }
}

impl Sections {
    fn parse(file: &Path, bytes: &[u8], home: &Path) -> Result<Self> {
        let mut parsed = Sections::default();
        let error = |line: usize, fault: DockCfgFault| Error::DockCfg { file: file.to_owned(), line, fault };
        for (line, scanned) in scan(bytes).map_err(|(line, fault)| error(line, fault))? {
            match scanned {
                Line::Section(dock) => parsed.sections.push((dock, DockSettings::default())),
                Line::Pair { key, value } if KEYS.contains(&key) => {
                    let settings = match parsed.sections.last_mut() {
                        Some((_, section)) => section,
                        None => &mut parsed.top,
                    };
                    keys::set(settings, key, value, home).map_err(|problem| {
                        error(line, DockCfgFault::Value { key: key.to_owned(), problem })
                    })?;
                }
                Line::Pair { key, .. } => {
                    let unknown = UnknownCfgKey { file: file.to_owned(), line, key: key.to_owned() };
                    parsed.unknown_keys.push(unknown);
                }
            }
        }
        Ok(parsed)
    }
}

#[cfg(test)]
mod tests;
