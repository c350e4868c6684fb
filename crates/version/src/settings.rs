//! Reads a project's settings for versioneer.
//!
//! `[tool.versioneer]` in pyproject.toml takes precedence over `[versioneer]` in setup.cfg, as it does for versioneer. A
//! file that is not valid TOML or INI is an error only if it mentions such a section; any other such file concerns another
//! tool.

use std::io;
use std::path::Path;

use dockerutils_config::ini;
use serde::Deserialize;

use crate::Error;

const PYPROJECT: &str = "pyproject.toml";
const SETUP: &str = "setup.cfg";

/// A project's settings for versioneer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The file that contains the settings, relative to the project's root.
    pub file: &'static str,
    /// The prefix of a version in a tag's name; often `v`.
    pub tag_prefix: String,
    /// The prefix of a version in the name of an unpacked source archive's folder; if empty, no folder is examined.
    pub parentdir_prefix: String,
    /// The style of the version; if empty, `pep440`.
    pub style: String,
    /// The file in the source tree that computes the version, relative to the project's root; may be empty.
    pub versionfile_source: String,
}

impl Settings {
    /// Reads the settings of the project at `root`. `None` if it does not use versioneer.
    ///
    /// # Errors
    /// Fails if a file cannot be read, or if its settings for versioneer are invalid.
    pub fn of_project(root: &Path) -> Result<Option<Self>, Error> {
        match read_pyproject(root)? {
            Some(settings) => Ok(Some(settings)),
            None => read_setup_cfg(root),
        }
    }
}

/// versioneer's section, in either file.
#[derive(Deserialize)]
struct Section {
    #[serde(rename = "VCS")]
    vcs: String,
    #[serde(default)]
    tag_prefix: String,
    #[serde(default)]
    parentdir_prefix: String,
    #[serde(default)]
    style: String,
    #[serde(default)]
    versionfile_source: String,
}

impl Section {
    fn into_settings(self, file: &'static str, line: usize) -> Result<Settings, Error> {
        if self.vcs != "git" {
            let problem = format!("`VCS = {}` is not supported: write `VCS = git`", self.vcs);
            return Err(Error::InvalidSettings { file, line, problem });
        }
        // INI has no quotes, but versioneer's manual writes an empty prefix as `tag_prefix = ""`, and versioneer accepts both
        // kinds of quotes there.
        let tag_prefix =
            if ["''", "\"\""].contains(&self.tag_prefix.as_str()) { String::new() } else { self.tag_prefix };
        let Section { parentdir_prefix, style, versionfile_source, .. } = self;
        Ok(Settings { file, tag_prefix, parentdir_prefix, style, versionfile_source })
    }
}

fn read_pyproject(root: &Path) -> Result<Option<Settings>, Error> {
    #[derive(Deserialize)]
    struct Pyproject {
        tool: Option<Tool>,
    }
    #[derive(Deserialize)]
    struct Tool {
        versioneer: Option<toml::Spanned<Section>>,
    }

    let Some(bytes) = read(root, PYPROJECT)? else {
        return Ok(None);
    };
    match toml::from_slice::<Pyproject>(&bytes) {
        Ok(file) => file
            .tool
            .and_then(|tool| tool.versioneer)
            .map(|section| {
                let line = line_at(&bytes, section.span().start);
                section.into_inner().into_settings(PYPROJECT, line)
            })
            .transpose(),
        Err(err) if mentions(&bytes, "tool.versioneer") => Err(Error::InvalidSettings {
            file: PYPROJECT,
            line: line_at(&bytes, err.span().map_or(0, |span| span.start)),
            problem: err.message().to_owned(),
        }),
        Err(_) => Ok(None),
    }
}

fn read_setup_cfg(root: &Path) -> Result<Option<Settings>, Error> {
    let Some(bytes) = read(root, SETUP)? else {
        return Ok(None);
    };
    let file = match ini::parse(&bytes) {
        Ok(file) => file,
        Err(err) if mentions(&bytes, "[versioneer]") => {
            return Err(Error::InvalidSettings {
                file: SETUP,
                line: err.line,
                problem: err.problem.to_string(),
            });
        }
        Err(_) => return Ok(None),
    };
    let Some(section) = file.sections.into_iter().find(|section| section.name == "versioneer") else {
        return Ok(None);
    };
    // Python's configparser, which versioneer uses, ignores the case of a key.
    let entry = |key: &str| section.entries.iter().find(|entry| entry.key.eq_ignore_ascii_case(key));
    let value = |key| entry(key).map_or_else(String::new, |entry| entry.value.clone());
    let Some(vcs) = entry("VCS") else {
        let problem = "[versioneer] has no `VCS`: write `VCS = git` below it".to_owned();
        return Err(Error::InvalidSettings { file: SETUP, line: section.line, problem });
    };
    let line = vcs.line;
    let section = Section {
        vcs: vcs.value.clone(),
        tag_prefix: value("tag_prefix"),
        parentdir_prefix: value("parentdir_prefix"),
        style: value("style"),
        versionfile_source: value("versionfile_source"),
    };
    section.into_settings(SETUP, line).map(Some)
}

fn read(root: &Path, file: &'static str) -> Result<Option<Vec<u8>>, Error> {
    match dockerutils_file::read(&root.join(file)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Unreadable { file, source }),
    }
}

/// Returns whether the file contains the text, for a file that cannot be parsed.
fn mentions(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Returns the number of the line, from 1, that contains the byte at `offset`.
fn line_at(bytes: &[u8], offset: usize) -> usize {
    1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count()
}
