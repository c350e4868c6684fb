//! The formats of packed blocks.
//!
//! Every block is a zstd frame ([RFC 8878](https://www.rfc-editor.org/rfc/rfc8878)) or a gzip member
//! ([RFC 1952](https://www.rfc-editor.org/rfc/rfc1952)) of its own, compressed or stored.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// The fastest level but for the negative ones: links that deserve a better one are rarer than processors that are needed.
const ZSTD_LEVEL: i32 = 1;

const GZIP_LEVEL: u32 = 1;

/// The most that a raw block of a frame may hold; RFC 8878, section 3.1.1.2.4.
const RAW_BLOCK: usize = 128 << 10;

/// The format of the bytes on the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// The bytes as they are.
    None,
    /// Zstd, which docker itself unpacks from 23.0 on.
    Zstd,
    /// Gzip, which every docker unpacks.
    Gzip,
}

impl Codec {
    /// Compresses a block. `None` if that saves less than a thirty-second of it, which is not worth unpacking it.
    pub(super) fn compress(self, block: &[u8]) -> Option<Vec<u8>> {
        let packed = match self {
            Codec::None => return None,
            Codec::Zstd => zstd::bulk::compress(block, ZSTD_LEVEL).ok()?,
            Codec::Gzip => gzip(block, GZIP_LEVEL)?,
        };
        (packed.len() < block.len() - block.len() / 32).then_some(packed)
    }

    /// Stores a block uncompressed, in a form that unpacks together with compressed blocks.
    pub(super) fn store(self, block: Vec<u8>) -> Vec<u8> {
        match self {
            Codec::None => block,
            Codec::Zstd => store_in_zstd_frame(&block),
            // Writing to memory does not fail.
            Codec::Gzip => gzip(&block, 0).unwrap_or_default(),
        }
    }
}

fn gzip(block: &[u8], level: u32) -> Option<Vec<u8>> {
    let mut member = GzEncoder::new(Vec::with_capacity(block.len()), Compression::new(level));
    member.write_all(block).ok()?;
    member.finish().ok()
}

/// Builds a frame of raw blocks by hand, because libzstd has no level that only stores.
fn store_in_zstd_frame(block: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(block.len() + block.len() / RAW_BLOCK * 3 + 16);
    frame.extend_from_slice(&0xFD2F_B528_u32.to_le_bytes());
    // A single segment, a content size of four bytes, no checksum.
    frame.push(0b1010_0000);
    frame.extend_from_slice(&u32::try_from(block.len()).unwrap_or(u32::MAX).to_le_bytes());
    let count = block.chunks(RAW_BLOCK).len();
    for (index, raw) in block.chunks(RAW_BLOCK).enumerate() {
        // Three bytes: whether this is the last block, two bits of zeros for "raw", and the size.
        let is_last = u32::from(index + 1 == count);
        let header = is_last | u32::try_from(raw.len()).unwrap_or(u32::MAX) << 3;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.extend_from_slice(raw);
    }
    frame
}
