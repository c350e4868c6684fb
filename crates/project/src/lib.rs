//! A project's conventions: where its root is, which images it has, what they are called, which starts from which.
//!
//! It reads files and the environment; it starts no program and asks no engine.

mod dockerfile;
mod error;
mod image;
mod name;
mod order;
mod pip_conf;
mod project;
mod user;

pub use dockerfile::Dockerfile;
pub use error::Error;
pub use image::{Image, Kind};
pub use order::in_from_order;
pub use pip_conf::PipConf;
pub use project::Project;
pub use user::User;
