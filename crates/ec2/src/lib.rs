//! Docks on EC2.

pub mod resource;
pub mod selection;
