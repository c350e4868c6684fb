//! Docks on EC2.
