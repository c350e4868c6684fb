//! The life of a dock after its creation: its state, stopping, starting, destroying it, and finding what is left.
//!
//! Everything can be interrupted and run again: each function looks first at what EC2 has, does what is missing, and takes
//! for done what no longer exists.

mod access;
mod census;
mod destroy;
mod error;
mod keep;
mod lookup;
mod remove;
mod start;
mod states;
mod stop;

pub(crate) use access::chosen_rule_description;
pub use access::{let_in, own_ssh_rules, rule_description};
pub use census::censuses;
pub use destroy::{DestroyRequest, Destroyed, check_destroyable, destroy};
pub use error::LifeError;
pub use lookup::{Target, find};
pub(crate) use remove::{apply_unless_missing, delete_when_unused};
pub use remove::{delete, end_instances};
pub use start::{Patience, reachable_address, start};
pub use states::{Group, GroupStates, states};
pub use stop::{check_stoppable, stop};
