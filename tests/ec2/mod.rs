//! Docks on EC2, on a stand-in whose machines are real.

mod bad_input;
mod create;
mod secrets;
