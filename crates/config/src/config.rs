//! docker/dockerutils.cfg: its sections by name, and the keys of `[run_image]`.

use std::path::Path;

use crate::error::{Error, Place, UnknownKey};
use crate::ini::{self, Entry, Section};
use crate::keys::unknown_placeholders;
use crate::nearest::nearest;
use crate::value::Value;

pub(crate) const RUN_IMAGE: &str = "run_image";
/// The keys of `[run_image]`.
pub const RUN_IMAGE_KEYS: [&str; 5] =
    ["synthetic_images", "notebook_image", "notebook_image_gpu", "gpu_mode", "workspace"];

/// The docker flags by which `-g` requests GPUs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GpuMode {
    /// `--gpus …`
    #[default]
    Gpus,
    /// `--runtime=nvidia -e NVIDIA_VISIBLE_DEVICES=…`
    Runtime,
    /// `--device nvidia.com/gpu=…`
    Cdi,
}

/// The configuration of a project.
#[derive(Debug)]
pub struct Config {
    file: String,
    sections: Vec<Section>,
}

impl Config {
    /// Reads a file, which messages call `file`; a file that does not exist is an empty configuration.
    ///
    /// # Errors
    /// Fails if the file cannot be read, or is not valid INI.
    pub fn read(path: &Path, file: &str) -> Result<Self, Error> {
        match dockerutils_file::read(path) {
            Ok(bytes) => Config::parse(&bytes, file),
            // A project without a configuration is complete: its images are the folders with a Dockerfile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                match dockerutils_file::dangling_link(path) {
                    Some(source) => Err(Error::Unreadable { file: file.to_owned(), source }),
                    None => Config::parse(b"", file),
                }
            }
            Err(source) => Err(Error::Unreadable { file: file.to_owned(), source }),
        }
    }

    /// Parses the bytes of a file, which messages call `file`.
    ///
    /// # Errors
    /// Fails if the bytes are not valid INI.
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self, Error> {
        let parsed = ini::parse(bytes).map_err(|source| Error::Broken { file: file.to_owned(), source })?;
        Ok(Config { file: file.to_owned(), sections: parsed.sections })
    }

    /// Returns the names in `synthetic_images`.
    pub fn synthetic_images(&self) -> Vec<String> {
        let listed = self.value(RUN_IMAGE, "synthetic_images").map(|value| value.text).unwrap_or_default();
        listed.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// Returns the `gpu_mode` of `[run_image]`.
    ///
    /// # Errors
    /// Fails if the value is not `gpus`, `runtime` or `cdi`.
    pub fn gpu_mode(&self) -> Result<GpuMode, Error> {
        let Some(value) = self.value(RUN_IMAGE, "gpu_mode") else { return Ok(GpuMode::default()) };
        match value.text.as_str() {
            "" | "gpus" => Ok(GpuMode::Gpus),
            "runtime" => Ok(GpuMode::Runtime),
            "cdi" => Ok(GpuMode::Cdi),
            other => {
                Err(value.error(format!("`{other}` is not a valid GPU mode: expected gpus, runtime or cdi")))
            }
        }
    }

    /// Returns the name or the path of the project's copy on docks, if it is set.
    pub fn workspace(&self) -> Option<Value> {
        self.value(RUN_IMAGE, "workspace").filter(|value| !value.text.is_empty())
    }

    /// Returns the image that `run-notebook` uses if the project has none of its own; with `gpu` that for GPUs, if it is
    /// set.
    pub fn notebook_image(&self, gpu: bool) -> Option<Value> {
        let filled = |key: &str| self.value(RUN_IMAGE, key).filter(|value| !value.text.is_empty());
        let for_gpus = gpu.then(|| filled("notebook_image_gpu")).flatten();
        for_gpus.or_else(|| filled("notebook_image"))
    }

    /// Returns the keys of `[run_image]` that no command reads.
    pub fn unknown_keys(&self) -> Vec<UnknownKey> {
        let unknown = self.values(RUN_IMAGE).filter(|value| !RUN_IMAGE_KEYS.contains(&value.key.as_str()));
        unknown
            .map(|value| UnknownKey {
                nearest: nearest(&value.key, RUN_IMAGE_KEYS).map(str::to_owned),
                remedy: None,
                place: value.place,
                section: RUN_IMAGE.to_owned(),
                key: value.key,
            })
            .collect()
    }

    /// Creates an error about a section as a whole; about the first line of the file if the section does not exist.
    pub fn section_error(&self, section: &str, problem: impl Into<String>) -> Error {
        let line = self.section(section).map_or(1, |section| section.line);
        Error::Section { place: self.place(line), section: section.to_owned(), problem: problem.into() }
    }

    /// Creates an error about `synthetic_images`, for a listed name without a section.
    pub fn synthetic_error(&self, problem: impl Into<String>) -> Error {
        match self.value(RUN_IMAGE, "synthetic_images") {
            Some(value) => value.error(problem),
            None => self.section_error(RUN_IMAGE, problem),
        }
    }

    /// Returns whether a section of that name exists.
    pub fn has_section(&self, name: &str) -> bool {
        self.section(name).is_some()
    }

    pub(crate) fn sections(&self) -> &[Section] {
        &self.sections
    }

    pub(crate) fn section_names(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|section| section.name.as_str())
    }

    pub(crate) fn value(&self, section: &str, key: &str) -> Option<Value> {
        let entry = self.section(section)?.entries.iter().find(|entry| entry.key == key)?;
        Some(self.to_value(entry))
    }

    pub(crate) fn values(&self, section: &str) -> impl Iterator<Item = Value> {
        let entries = self.section(section).map_or(&[][..], |section| &section.entries);
        entries.iter().map(|entry| self.to_value(entry))
    }

    fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    fn to_value(&self, entry: &Entry) -> Value {
        Value {
            key: entry.key.clone(),
            text: entry.value.clone(),
            place: self.place(entry.line),
            unknown: unknown_placeholders(&entry.key),
        }
    }

    pub(crate) fn place(&self, line: usize) -> Place {
        Place { file: self.file.clone(), line }
    }
}
