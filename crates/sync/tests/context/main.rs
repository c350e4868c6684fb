//! What is sent is what `docker build` sends, over generated trees and ignore files.
//!
//! Docker's own client is run; its legacy builder hands the context to a server of ours, BuildKit to a real engine.

mod buildkit;
mod cases;
mod legacy;
mod patterns;
