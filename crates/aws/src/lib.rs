//! The calls to AWS that the commands need, and everything that they need of its SDK.
//!
//! [`query_regions`] makes all calls to ECR before a push: it logs in, creates missing repositories and looks up tags, in
//! parallel. It is an ordinary blocking function, because its tokio runtime starts and ends inside.

mod bounded;
mod certificates;
mod client;
mod create;
mod deadline;
mod ecr;
mod error;
mod latch;
mod login;
mod profile;
mod query;
mod retries;
mod tag_lookup;

pub use deadline::Callbacks;
pub use ecr::{RegionState, TagState, query_regions};
pub use error::{Error, Refusal};
pub use latch::Latch;
pub use login::Login;
pub use query::{RegionQuery, Repository, Settings};
