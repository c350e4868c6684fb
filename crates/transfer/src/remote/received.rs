//! How a host unpacks the archives that it receives, and the result.

use dockerutils_oci::Digest;

use super::error::{Error, Result};

/// The program that decompresses archives on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpacker {
    /// Docker itself; also for archives that are not compressed.
    Docker,
    /// The program `zstd`.
    Zstd,
    /// The program `gzip`.
    Gzip,
}

/// The bytes and archives that a host has received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// The bytes that ssh has accepted.
    pub sent: u64,
    /// The IDs of the loaded images, as docker on the host reports them, in the order of the archives.
    pub images: Vec<Digest>,
}

/// Returns the IDs of the images that `docker load` reports in its output.
///
/// # Errors
/// Fails if docker did not load the archive.
pub(super) fn loaded_images(host: &str, success: bool, output: &str) -> Result<Vec<Digest>> {
    // With containerd's store, docker may print this and still exit with status 0.
    if !success || output.contains("Error unpacking image") {
        return Err(Error::of_load(host, output));
    }
    let id = |line: &str| line.strip_prefix("Loaded image ID: ")?.trim().parse().ok();
    Ok(output.lines().filter_map(id).collect())
}
