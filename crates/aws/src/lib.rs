//! What every call to AWS needs: credentials, a region, TLS, limits of time and size, and errors with a remedy.
//!
//! The crates of the services (`ecr`, `ec2`) create their clients from the [`Connection`] that [`connect`] returns.

mod bounded;
mod certificates;
mod connection;
mod deadline;
mod error;
mod own_address;
mod profile;
mod retries;

pub use connection::{Connection, Scope, connect};
pub use deadline::{Callbacks, with_deadline};
pub use error::{Call, Error, Refusal};
pub use own_address::own_address;
pub use retries::Retries;
