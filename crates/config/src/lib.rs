//! Reads docker/dockerutils.cfg, checks it strictly, and gives its values types.
//!
//! INI text becomes sections ([`ini`]), a section becomes an [`ImageSection`], and a value becomes words in which
//! placeholders and variables are replaced ([`Value::words`]). This crate starts no program and contacts no engine.
//!
//! ```
//! use dockerutils_config::{Config, Scope, Word};
//!
//! let text = b"[dev]\nports=-p 8888:8888\nvolumes=-v {project_root}:/work -v $DATA:/data\n";
//! let config = Config::parse(text, "docker/dockerutils.cfg")?;
//! let dev = config.image("dev", false)?;
//!
//! let variable = |name: &str| (name == "DATA").then(|| "/my data".to_owned());
//! let scope = Scope::new(&variable).with_home("/home/me").with("project_root", "/home/me/proj");
//! let volumes = dev.volumes.expect("the key is set").words(&scope)?;
//! let arguments: Vec<String> = volumes.iter().map(Word::text).collect();
//! assert_eq!(arguments, ["-v", "/home/me/proj:/work", "-v", "/my data:/data"]);
//!
//! // Errors contain the place and the remedy.
//! let broken = Config::parse(b"[dev]\nprefix=maybe\n", "docker/dockerutils.cfg")?;
//! assert_eq!(
//!     broken.image("dev", false).unwrap_err().to_string(),
//!     "docker/dockerutils.cfg:2: `prefix`: `maybe` is not a valid boolean: expected yes/no, true/false, on/off or 1/0"
//! );
//! # Ok::<(), dockerutils_config::Error>(())
//! ```

pub mod ini;

mod config;
mod error;
mod foreign_keys;
mod image_section;
mod keys;
mod misspelled;
mod nearest;
mod secret_name;
mod shell_words;
mod template;
mod value;

pub use config::{Config, GpuMode, RUN_IMAGE_KEYS};
pub use error::{Error, MisspelledSection, Place, UnknownKey};
pub use image_section::{ImageName, ImageSection, Interactive, PipConfSource};
pub use keys::{DOCKED, KEYS, Key};
pub use nearest::nearest;
pub use secret_name::{has_password, is_secret, is_secret_name};
pub use shell_words::split_words;
pub use template::{Lookup, Piece, Scope, Unknown, Word};
pub use value::Value;
