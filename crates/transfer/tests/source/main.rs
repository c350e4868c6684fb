//! Images of real engines, read from the store's files and through `docker save`: every layer must have the bytes that
//! `docker save` writes.

mod edge_cases;
mod engines;
mod support;
