//! Images of real engines, read in each way: every layer is, byte for byte, the one that `docker save` writes.

mod engines;
mod odd;
mod support;
