//! Archives that are not as docker writes them: each is refused with a clear error, or everything read from it is right.

mod content;
mod entries;
mod mutations;
mod sample;
mod sinks;
