//! The codec of a transfer, and the program that unpacks on the host.

use crate::remote::{Inventory, Unpacker};
use crate::{Codec, CompressionPolicy};

/// How the bytes on the line are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Block by block while the line is busy, with the best codec that the host can unpack.
    Auto,
    /// Everything with zstd.
    Zstd,
    /// Everything with gzip.
    Gzip,
    /// Nothing.
    None,
}

/// How blocks are packed, and unpacked on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Packing {
    pub(crate) codec: Codec,
    pub(crate) unpacker: Unpacker,
    pub(crate) policy: CompressionPolicy,
}

impl Packing {
    /// Chooses the packing for a host; `None` if zstd is required and the host cannot unpack it.
    pub(crate) fn choose(compression: Compression, inventory: &Inventory) -> Option<Self> {
        let gzip =
            Packing { codec: Codec::Gzip, unpacker: Unpacker::Docker, policy: CompressionPolicy::Always };
        let zstd = |unpacker| Packing { codec: Codec::Zstd, unpacker, ..gzip };
        let by_program = inventory.tools.zstd.then_some(zstd(Unpacker::Zstd));
        match compression {
            Compression::None => Some(Packing { codec: Codec::None, ..gzip }),
            Compression::Gzip => Some(gzip),
            Compression::Zstd => {
                by_program.or_else(|| inventory.unpacks_zstd().then_some(zstd(Unpacker::Docker)))
            }
            // Never docker's own zstd: if a load fails before its input ends, docker 23.0 and later may crash, or damage the
            // next load. It gives the input's buffer to the next load while its unpacker still reads from it. Every
            // docker unpacks gzip.
            Compression::Auto => {
                Some(Packing { policy: CompressionPolicy::WhileLinkIsBusy, ..by_program.unwrap_or(gzip) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use dockerutils_oci::Platform;

    use super::*;

    use crate::remote::{Store, Tools};

    fn inventory(version: &str, zstd: bool) -> Inventory {
        Inventory {
            version: version.to_owned(),
            platform: Platform::new("linux", "amd64"),
            store: Store::Classic,
            sudo: false,
            tools: Tools { gzip: true, zstd, streams: true },
            wanted: Vec::new(),
            images: Vec::new(),
        }
    }

    #[test]
    fn docker_unpacks_zstd_only_if_that_is_required() {
        let chosen = |compression, version, zstd| {
            Packing::choose(compression, &inventory(version, zstd))
                .map(|packing| (packing.codec, packing.unpacker, packing.policy))
        };
        let (auto, busy, always) =
            (Compression::Auto, CompressionPolicy::WhileLinkIsBusy, CompressionPolicy::Always);
        assert_eq!(chosen(auto, "26.1.5", true), Some((Codec::Zstd, Unpacker::Zstd, busy)));
        assert_eq!(chosen(auto, "26.1.5", false), Some((Codec::Gzip, Unpacker::Docker, busy)));
        assert_eq!(chosen(Compression::Zstd, "26.1.5", false), Some((Codec::Zstd, Unpacker::Docker, always)));
        assert_eq!(chosen(Compression::Zstd, "26.1.5", true), Some((Codec::Zstd, Unpacker::Zstd, always)));
        assert_eq!(chosen(auto, "20.10.24", true), Some((Codec::Zstd, Unpacker::Zstd, busy)));
        assert_eq!(chosen(auto, "20.10.24", false), Some((Codec::Gzip, Unpacker::Docker, busy)));
        assert_eq!(chosen(Compression::Zstd, "20.10.24", false), None);
        assert_eq!(chosen(Compression::Gzip, "26.1.5", true), Some((Codec::Gzip, Unpacker::Docker, always)));
        assert_eq!(chosen(Compression::None, "26.1.5", true), Some((Codec::None, Unpacker::Docker, always)));
    }
}
