//! Whether a project uses versioneer, and how it wants its version.
//!
//! `[tool.versioneer]` in pyproject.toml wins over `[versioneer]` in setup.cfg, as it does for versioneer. Of a file that
//! cannot be read as TOML or INI only one that has such a section is refused: the others are not our matter.

use std::io;
use std::path::Path;

use dockerutils_config::ini;
use serde::Deserialize;

use crate::Error;

const PYPROJECT: &str = "pyproject.toml";
const SETUP: &str = "setup.cfg";

/// What a project tells versioneer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The file that says so, relative to the project's root.
    pub file: &'static str,
    /// What stands before the version in a tag's name; often `v`.
    pub tag_prefix: String,
    /// What stands before the version in the name of an unpacked source archive's folder; empty: not looked at.
    pub parentdir_prefix: String,
    /// How the version is written; empty: `pep440`.
    pub style: String,
    /// The file that versioneer takes the version from in the source tree, relative to the project's root; empty: none.
    pub versionfile_source: String,
}

/// The settings of the project at `root`; nothing where it does not use versioneer.
///
/// # Errors
/// A file that names versioneer and cannot be understood, with its line.
pub fn uses_versioneer(root: &Path) -> Result<Option<Settings>, Error> {
    match pyproject(root)? {
        Some(settings) => Ok(Some(settings)),
        None => setup_cfg(root),
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
            let problem = format!("`VCS = {}`: versioneer knows git only, so write `git`", self.vcs);
            return Err(Error::Broken { file, line, problem });
        }
        // INI has no quotes; these two are how versioneer's manual writes an empty prefix there.
        let tag_prefix =
            if ["''", "\"\""].contains(&self.tag_prefix.as_str()) { String::new() } else { self.tag_prefix };
        let Section { parentdir_prefix, style, versionfile_source, .. } = self;
        Ok(Settings { file, tag_prefix, parentdir_prefix, style, versionfile_source })
    }
}

fn pyproject(root: &Path) -> Result<Option<Settings>, Error> {
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
        Err(err) if mentions(&bytes, "tool.versioneer") => Err(Error::Broken {
            file: PYPROJECT,
            line: line_at(&bytes, err.span().map_or(0, |span| span.start)),
            problem: err.message().to_owned(),
        }),
        Err(_) => Ok(None),
    }
}

fn setup_cfg(root: &Path) -> Result<Option<Settings>, Error> {
    let Some(bytes) = read(root, SETUP)? else {
        return Ok(None);
    };
    let file = match ini::parse(&bytes) {
        Ok(file) => file,
        Err(err) if mentions(&bytes, "[versioneer]") => {
            return Err(Error::Broken { file: SETUP, line: err.line, problem: err.problem.to_string() });
        }
        Err(_) => return Ok(None),
    };
    let Some(section) = file.sections.into_iter().find(|section| section.name == "versioneer") else {
        return Ok(None);
    };
    // versioneer's reader does not look at the case of a key.
    let entry = |key: &str| section.entries.iter().find(|entry| entry.key.eq_ignore_ascii_case(key));
    let value = |key| entry(key).map_or_else(String::new, |entry| entry.value.clone());
    let Some(vcs) = entry("VCS") else {
        let problem = "[versioneer] has no `VCS`: write `VCS = git` below it".to_owned();
        return Err(Error::Broken { file: SETUP, line: section.line, problem });
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
    match std::fs::read(root.join(file)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Unreadable { file, source }),
    }
}

fn mentions(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn line_at(bytes: &[u8], offset: usize) -> usize {
    1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count()
}
