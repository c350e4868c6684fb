//! One block, packed: a zstd frame (RFC 8878) or a gzip member (RFC 1952), compressed or stored.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::Codec;

/// Zstd's quickest level but for the negative ones: links that deserve more are rarer than cores that are needed.
const ZSTD_LEVEL: i32 = 1;

const GZIP_LEVEL: u32 = 1;

/// The most that a raw block of a frame holds; RFC 8878, 3.1.1.2.4.
const RAW_BLOCK: usize = 128 << 10;

/// The block compressed; none where that makes it hardly smaller.
pub(super) fn compressed(codec: Codec, block: &[u8]) -> Option<Vec<u8>> {
    let packed = match codec {
        Codec::None => return None,
        Codec::Zstd => zstd::bulk::compress(block, ZSTD_LEVEL).ok()?,
        Codec::Gzip => gzip(block, GZIP_LEVEL)?,
    };
    (packed.len() < block.len() - block.len() / 32).then_some(packed)
}

/// The block as it is, in a form that what unpacks the others takes.
pub(super) fn stored(codec: Codec, block: Vec<u8>) -> Vec<u8> {
    match codec {
        Codec::None => block,
        Codec::Zstd => stored_zstd(&block),
        // Writing to memory does not fail.
        Codec::Gzip => gzip(&block, 0).unwrap_or_default(),
    }
}

fn gzip(block: &[u8], level: u32) -> Option<Vec<u8>> {
    let mut member = GzEncoder::new(Vec::with_capacity(block.len()), Compression::new(level));
    member.write_all(block).ok()?;
    member.finish().ok()
}

/// A frame of raw blocks: a header that says the content's size in four bytes, and three bytes before each block.
fn stored_zstd(block: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(block.len() + block.len() / RAW_BLOCK * 3 + 16);
    frame.extend_from_slice(&0xFD2F_B528_u32.to_le_bytes());
    // A single segment, its size in four bytes, no checksum.
    frame.push(0b1010_0000);
    frame.extend_from_slice(&u32::try_from(block.len()).unwrap_or(u32::MAX).to_le_bytes());
    let count = block.chunks(RAW_BLOCK).len();
    for (index, raw) in block.chunks(RAW_BLOCK).enumerate() {
        let is_last = u32::from(index + 1 == count);
        let header = is_last | u32::try_from(raw.len()).unwrap_or(u32::MAX) << 3;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.extend_from_slice(raw);
    }
    frame
}
