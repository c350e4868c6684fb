//! The calls to ECR before a push.
//!
//! [`query_regions`] makes all of them: it logs in, creates missing repositories and looks up tags, in parallel. It is an
//! ordinary blocking function, because its tokio runtime starts and ends inside.

mod create;
mod latch;
mod login;
mod query;
mod regions;
mod tag_lookup;

pub use dockerutils_aws::{Error, Refusal};
pub use latch::Latch;
pub use login::Login;
pub use query::{RegionQuery, Repository, Settings};
pub use regions::{RegionState, TagState, query_regions};
