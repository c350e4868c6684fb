//! docker/dockerutils.cfg as a whole: its sections, found by name, and what stands under `[run_image]`.

use std::path::Path;

use crate::error::{Error, Place, UnknownKey};
use crate::image_section::ImageSection;
use crate::ini::{self, Entry, Section};
use crate::keys::unknown_braces;
use crate::nearest::nearest;
use crate::value::Value;

const RUN_IMAGE: &str = "run_image";
/// The keys that `[run_image]` may have.
pub const RUN_IMAGE_KEYS: [&str; 3] = ["synthetic_images", "notebook_image", "gpu_mode"];

/// How `-g` asks docker for GPUs.
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

/// A project's configuration.
#[derive(Debug)]
pub struct Config {
    file: String,
    sections: Vec<Section>,
}

impl Config {
    /// Reads a file, shown in messages as `file`; one that is not there is an empty configuration.
    ///
    /// # Errors
    /// It cannot be read, or is not INI as Python's `configparser` reads it.
    pub fn read(path: &Path, file: &str) -> Result<Self, Error> {
        match std::fs::read(path) {
            Ok(bytes) => Config::parse(&bytes, file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Config::parse(b"", file),
            Err(source) => Err(Error::Unreadable { file: file.to_owned(), source }),
        }
    }

    /// Parses the bytes of a file, shown in messages as `file`.
    ///
    /// # Errors
    /// It is not INI as Python's `configparser` reads it.
    pub fn parse(bytes: &[u8], file: &str) -> Result<Self, Error> {
        let parsed = ini::parse(bytes).map_err(|source| Error::Broken { file: file.to_owned(), source })?;
        Ok(Config { file: file.to_owned(), sections: parsed.sections })
    }

    /// What it says about an image, each key's `_docked` twin chosen while docked.
    ///
    /// # Errors
    /// A value that is not of its key's kind.
    pub fn image(&self, name: &str, docked: bool) -> Result<ImageSection, Error> {
        ImageSection::read(self, name, docked)
    }

    /// The names under `synthetic_images`, each with the value that lists it.
    pub fn synthetic_images(&self) -> Vec<String> {
        let listed = self.value(RUN_IMAGE, "synthetic_images").map(|value| value.text).unwrap_or_default();
        listed.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    /// `gpu_mode` under `[run_image]`.
    ///
    /// # Errors
    /// It is none of `gpus`, `runtime`, `cdi`.
    pub fn gpu_mode(&self) -> Result<GpuMode, Error> {
        let Some(value) = self.value(RUN_IMAGE, "gpu_mode") else { return Ok(GpuMode::default()) };
        match value.text.as_str() {
            "" | "gpus" => Ok(GpuMode::Gpus),
            "runtime" => Ok(GpuMode::Runtime),
            "cdi" => Ok(GpuMode::Cdi),
            other => Err(value.error(format!("`{other}` is none of gpus, runtime, cdi"))),
        }
    }

    /// Keys under `[run_image]` that mean nothing.
    pub fn unknown_keys(&self) -> Vec<UnknownKey> {
        let unknown = self.values(RUN_IMAGE).filter(|value| !RUN_IMAGE_KEYS.contains(&value.key.as_str()));
        unknown
            .map(|value| UnknownKey {
                nearest: nearest(&value.key, RUN_IMAGE_KEYS).map(str::to_owned),
                place: value.place,
                section: RUN_IMAGE.to_owned(),
                key: value.key,
            })
            .collect()
    }

    /// An error about a section as a whole; about the file's first line where there is no such section.
    pub fn section_error(&self, section: &str, problem: impl Into<String>) -> Error {
        let line = self.section(section).map_or(1, |section| section.line);
        Error::Section { place: self.place(line), section: section.to_owned(), problem: problem.into() }
    }

    /// An error about `synthetic_images`, where a name is listed that has no section.
    pub fn synthetic_error(&self, problem: impl Into<String>) -> Error {
        match self.value(RUN_IMAGE, "synthetic_images") {
            Some(value) => value.error(problem),
            None => self.section_error(RUN_IMAGE, problem),
        }
    }

    /// Whether there is a section of that name.
    pub fn has_section(&self, name: &str) -> bool {
        self.section(name).is_some()
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
            unknown: unknown_braces(&entry.key),
        }
    }

    fn place(&self, line: usize) -> Place {
        Place { file: self.file.clone(), line }
    }
}
