//! Real engines, docks, registries and stand-ins for AWS, made on this machine for tests and benchmarks.
//!
//! Everything here needs root, ends with the process that started it, however that ends, and leaves nothing behind.
#![expect(clippy::disallowed_types, reason = "tests start programs without an echo")]

mod base_images;
pub mod bench;
mod browser;
mod cloud_init;
mod disk;
mod dock;
pub mod ec2;
pub mod ecr;
mod engine;
mod footprint;
mod http;
mod image;
mod limited;
mod proxy;
mod unavailable;
mod version;

pub use browser::{Browser, EMPTY_NOTEBOOK, Lab, Page};
pub use cloud_init::cloud_config_errors;
pub use dock::{Builder as DockBuilder, Dock, Registry as DockRegistry, dock, reexec_with_home};
pub use engine::{Engine, engines, engines_of_each_store};
pub use footprint::Footprint;
pub use image::Image;
pub use proxy::{LinkFault, Proxy};
pub use unavailable::Unavailable;
pub use version::Version;
