//! Layers that are compressed with zstd, which engines before Docker 23.0 cannot load.

use std::io::{self, Write};

use dockerutils_oci::{Digest, Hasher};
use zstd::stream::write::Decoder;

/// The number of bytes that show whether a layer is compressed with zstd.
pub(super) const MAGIC: usize = 4;

/// The first bytes of a frame; RFC 8878, section 3.1.1.
const FRAME: [u8; MAGIC] = [0x28, 0xB5, 0x2F, 0xFD];

/// The first bytes of a frame to skip, but for the lower half of the first byte; RFC 8878, section 3.1.2. `pzstd` begins
/// with such a frame.
const SKIPPABLE: [u8; MAGIC] = [0x50, 0x2A, 0x4D, 0x18];

/// Returns whether these are the first bytes of something that is compressed with zstd.
pub(super) fn is_zstd(start: &[u8]) -> bool {
    start.first_chunk().is_some_and(|&start: &[u8; MAGIC]| {
        start == FRAME || (start[0] & 0xF0 == SKIPPABLE[0] && start[1..] == SKIPPABLE[1..])
    })
}

/// Unpacks a layer piece by piece, and computes its digest.
pub(super) struct Unpacker {
    decoder: Decoder<'static, Vec<u8>>,
    hasher: Hasher,
}

impl Unpacker {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Unpacker { decoder: Decoder::new(Vec::new())?, hasher: Hasher::default() })
    }

    /// Unpacks the next piece, and writes what it holds.
    pub(super) fn unpack(&mut self, packed: &[u8], to: &mut impl Write) -> io::Result<usize> {
        self.decoder.write_all(packed)?;
        self.pass_on(to)
    }

    /// Writes the rest, and returns its size and the digest of the whole.
    pub(super) fn finish(mut self, to: &mut impl Write) -> io::Result<(usize, Digest)> {
        self.decoder.flush()?;
        let size = self.pass_on(to)?;
        Ok((size, self.hasher.digest()))
    }

    fn pass_on(&mut self, to: &mut impl Write) -> io::Result<usize> {
        let unpacked = std::mem::take(self.decoder.get_mut());
        self.hasher.update(&unpacked);
        to.write_all(&unpacked)?;
        Ok(unpacked.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpack(packed: &[u8], piece: usize) -> (Vec<u8>, Digest) {
        let (mut unpacker, mut out) = (Unpacker::new().unwrap(), Vec::new());
        for piece in packed.chunks(piece) {
            unpacker.unpack(piece, &mut out).unwrap();
        }
        let (_, digest) = unpacker.finish(&mut out).unwrap();
        (out, digest)
    }

    #[test]
    fn several_frames_and_frames_to_skip_are_unpacked_in_pieces_of_any_size() {
        let layer: Vec<u8> = (0..300_000_u32).flat_map(|number| (number / 7).to_le_bytes()).collect();
        let frame = |bytes: &[u8]| zstd::bulk::compress(bytes, 3).unwrap();
        let skipped = [&[0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
        let packed = [&skipped[..], &frame(&layer[..400_000]), &skipped, &frame(&layer[400_000..])].concat();
        assert!(is_zstd(&packed) && is_zstd(&packed[skipped.len()..]));
        for piece in [1, 7, 64 << 10, packed.len()] {
            let (out, digest) = unpack(&packed, piece);
            assert!(out == layer, "pieces of {piece}: {}", out.len());
            assert_eq!(digest, Digest::of(&layer));
        }
    }

    #[test]
    fn gzip_and_tar_are_not_zstd() {
        for start in [&b"\x1F\x8B\x08\x00"[..], b"etc/", b"\x28\xB5\x2F", b"", b"\x28\xB5\x2F\xFE"] {
            assert!(!is_zstd(start), "{start:?}");
        }
    }
}
