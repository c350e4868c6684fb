//! Compares what we send with what `docker build` sends, for generated trees and ignore files.
//!
//! Docker's own client runs. Its legacy builder sends the context to a stub of an engine, BuildKit to a real engine.

mod buildkit;
mod cases;
mod legacy;
mod patterns;
