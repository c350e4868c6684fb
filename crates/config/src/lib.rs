//! docker/dockerutils.cfg: read strictly, typed, and replaced in.
//!
//! INI text becomes sections ([`ini`]), a section becomes an [`ImageSection`], a value becomes words with their
//! placeholders and variables replaced ([`Value::words`]). It starts no program and asks no engine.

pub mod ini;

mod config;
mod error;
mod image_section;
mod keys;
mod nearest;
mod template;
mod value;
mod words;

pub use config::{Config, GpuMode, RUN_IMAGE_KEYS};
pub use error::{Error, Place, UnknownKey};
pub use image_section::{ImageSection, Interactive};
pub use keys::{DOCKED, KEYS, Key};
pub use nearest::nearest;
pub use template::{Lookup, Piece, Scope, Unknown, Word};
pub use value::Value;
