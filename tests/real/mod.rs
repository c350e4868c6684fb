//! The commands on real engines.

mod examples;
