//! The images that builds have replaced: `~/.docker/dockerutils/replaced-images`.
//!
//! A build moves the tag to the new image, and the engine does not remember what the old one was called. So its ID is written
//! down before each build, one line each: `sha256:… proj-dev:ada`.

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use dockerutils_oci::Reference;

use crate::image_lookup::look_up_image_id;

/// The size at which the record begins anew, in bytes: some thousand builds.
const LARGE: u64 = 1 << 20;

/// The IDs of earlier builds, each with the names that it had.
pub type EarlierBuilds = HashMap<String, HashSet<String>>;

/// The record of a user.
#[derive(Debug)]
pub struct BuildRecord(PathBuf);

impl BuildRecord {
    /// Returns the record in a home folder.
    pub fn in_home(home: &str) -> Self {
        BuildRecord(Path::new(home).join(".docker/dockerutils/replaced-images"))
    }

    /// Writes down which images a build of these names is about to replace. An engine without a local socket is not queried.
    ///
    /// # Errors
    /// Fails if the record cannot be written.
    pub fn add(&self, names: &[Reference]) -> io::Result<()> {
        let line = |name: &Reference| Some(format!("{} {name}\n", look_up_image_id(name)?));
        let lines: Vec<String> = names.iter().filter_map(line).collect();
        self.append(&lines)
    }

    fn append(&self, lines: &[String]) -> io::Result<()> {
        let known = self.text();
        let new: String = lines.iter().filter(|line| !known.contains(line.as_str())).cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        let folder = self.0.parent().unwrap_or(Path::new("/"));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        if fs::metadata(&self.0).is_ok_and(|found| found.len() > LARGE) {
            fs::remove_file(&self.0)?;
        }
        // One write appends all lines, also if two builds end at the same time.
        OpenOptions::new().create(true).append(true).mode(0o600).open(&self.0)?.write_all(new.as_bytes())
    }

    /// Returns the names of each image that a build has replaced, by ID. Lines that are not valid are left out.
    pub fn read(&self) -> EarlierBuilds {
        let mut builds = EarlierBuilds::new();
        for (id, name) in self.text().lines().filter_map(|line| line.split_once(' ')) {
            if Reference::parse(name).is_ok() {
                builds.entry(id.to_owned()).or_default().insert(name.to_owned());
            }
        }
        builds
    }

    fn text(&self) -> String {
        dockerutils_file::read_to_string(&self.0).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_image_is_written_down_once() {
        let home = tempfile::tempdir().unwrap();
        let record = BuildRecord::in_home(home.path().to_str().unwrap());
        assert!(record.read().is_empty());
        let lines = |texts: &[&str]| texts.iter().map(|text| format!("{text}\n")).collect::<Vec<_>>();
        record.append(&lines(&["sha256:a p-dev:ada"])).unwrap();
        record.append(&lines(&["sha256:a p-dev:ada", "sha256:b p-dev:ada"])).unwrap();
        assert_eq!(record.text(), "sha256:a p-dev:ada\nsha256:b p-dev:ada\n");
        record.append(&lines(&["sha256:b p-dev:1.0"])).unwrap();
        assert_eq!(record.read()["sha256:b"], ["p-dev:ada", "p-dev:1.0"].map(str::to_owned).into());
        fs::write(&record.0, "\u{1b}[2J\nsha256:c\nsha256:d NOT A NAME\n").unwrap();
        assert!(record.read().is_empty());
    }
}
