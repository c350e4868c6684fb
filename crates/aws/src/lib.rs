//! The few calls to AWS that the commands need, and all that they need of its SDK.
//!
//! [`ask`] is a whole conversation with ECR: it logs in, makes what repositories are missing and looks up what is
//! there, all at once. The runtime is made inside and ends with it; a caller waits for a plain function.

mod certificates;
mod client;
mod ecr;
mod error;
mod gate;
mod patience;
mod repository;

pub use ecr::{Answer, Found, Login, ask};
pub use error::{Error, Refusal};
pub use gate::Gate;
pub use patience::Watch;
pub use repository::{Question, Repository, Settings};
