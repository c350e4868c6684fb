//! The calls to ECR before a push.
//!
//! [`query_regions`] makes all of them: it logs in, creates missing repositories and looks up tags, in parallel. [`query_mutability`]
//! is called only if a push would move a tag. Both are ordinary blocking functions, because their tokio runtime starts and
//! ends inside.

mod create;
mod latch;
mod login;
mod mutability;
mod query;
mod regions;
mod tag_lookup;

pub use dockerutils_aws::{Error, Refusal};
pub use latch::Latch;
pub use login::Login;
pub use mutability::{TagMutability, query_mutability};
pub use query::{RegionQuery, Repository, Settings};
pub use regions::{RegionState, TagState, query_regions};
