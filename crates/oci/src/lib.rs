//! The vocabulary of images: references, registries, digests, descriptors, manifests and platforms.
//!
//! Every type has one parser, which refuses what docker would refuse. The grammar of references is that of the
//! [distribution project](https://github.com/distribution/reference/blob/main/reference.go); everything else follows the
//! [OCI image specification](https://github.com/opencontainers/image-spec/blob/main/spec.md).
//!
//! ```
//! use dockerutils_oci::{Digest, Reference, Registry};
//!
//! let reference = Reference::parse("localhost:5000/proj-dev:me")?;
//! assert_eq!(reference.host(), Some("localhost:5000"));
//! assert_eq!(reference.repository(), "proj-dev");
//! assert_eq!(reference.tag(), Some("me"));
//!
//! // Docker Hub is meant if no host is named, and docker adds `library/` to names of one word.
//! let busybox = Reference::parse("busybox")?;
//! assert_eq!(busybox.registry(), Registry::Hub);
//! assert_eq!(busybox.canonical().to_string(), "docker.io/library/busybox");
//!
//! let pinned = Reference::parse(&format!("busybox@{}", Digest::of("a manifest")))?;
//! assert_eq!(pinned.digest(), Some(Digest::of("a manifest")));
//! # Ok::<(), dockerutils_oci::ParseReferenceError>(())
//! ```

mod chain;
mod descriptor;
mod digest;
mod ecr_host;
mod manifest;
pub mod media_type;
mod name;
mod platform;
mod reference;
mod registry;
mod registry_host;

pub use chain::{chain_id, chain_ids};
pub use descriptor::Descriptor;
pub use digest::{Digest, Hasher, ParseDigestError};
pub use ecr_host::EcrHost;
pub use manifest::{Index, IndexEntry, Manifest};
pub use platform::{InvalidPlatform, Platform};
pub use reference::{ParseReferenceError, Reference, ReferenceProblem};
pub use registry::Registry;
