//! Docks on EC2, through Amazon's SDK.
//!
//! An [`Account`] makes calls. Each call is one value ([`Call`]), from which both the request and the echoed `aws` command
//! line are made. [`block_on`] runs the asynchronous work of a command to its end.

mod account;
mod call;
pub mod calls;
pub mod create;
mod error;
mod instance;
pub mod life;
mod remedy;
pub mod resource;
pub mod selection;
mod tags;
mod user_data;
mod words;

pub use account::{Account, Observer, block_on};
pub use call::{Call, CallError, Clients, SdkResult};
pub use dockerutils_aws::{Scope, own_address};
pub use error::Error;
pub use instance::Instance;
pub use tags::Tags;
pub use user_data::{IDLE_TIMER, UserDataError, UserDataOptions, user_data};
pub use words::{Id, Words};

/// The result of this crate's functions.
pub type Result<T = ()> = std::result::Result<T, Error>;
