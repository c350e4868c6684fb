//! Reads any bytes as an archive of images: every layer that is delivered has its digest, or there is an error of one line.
//!
//! The first byte chooses the order of the requested layers, and whether the checksums of the headers are corrected: few
//! inputs would get past the first header otherwise. The rest is the archive.
#![no_main]

use std::collections::HashSet;
use std::io::Read;

use dockerutils_oci::{Digest, Platform};
use dockerutils_transfer::source::{Error, LayerBlob, Order, Sink, SinkError, read_archive};
use dockerutils_transfer::{Image, Layer};
use libfuzzer_sys::fuzz_target;

/// The layers of the image in the corpus. In its manifest the last one is a compressed blob with another digest.
const LAYERS: [&[u8]; 2] = [b"lower", b"upper"];
const COMPRESSED: &[u8] = b"compressed";

fuzz_target!(|input: &[u8]| {
    let Some((options, bytes)) = input.split_first() else { return };
    let mut bytes = bytes.to_vec();
    if options & 1 == 0 {
        correct_checksums(&mut bytes);
    }
    let order = if options & 2 == 0 { Order::Any } else { Order::Requested };
    let mut wanted: Vec<Digest> = LAYERS.iter().map(Digest::of).collect();
    if options & 4 == 0 {
        wanted.reverse();
    }
    let images = images();
    let id = usize::from(options & 8 != 0);
    let mut sink = Checking::default();
    match read_archive(&bytes[..], &images[id..=id], &wanted, order, &mut sink) {
        Ok(parts) => {
            assert_eq!(Digest::of(&parts[0].config), parts[0].config_digest);
            assert!(wanted.iter().all(|diff_id| sink.0.contains(diff_id)));
        }
        Err(Error::Archive(invalid)) => assert!(!invalid.to_string().contains(char::is_control), "{invalid}"),
        Err(other) => panic!("{other}"),
    }
});

/// A sink that checks every layer against its descriptor.
#[derive(Default)]
struct Checking(HashSet<Digest>);

impl Sink for Checking {
    fn layer(&mut self, layer: &LayerBlob, content: &mut dyn Read) -> Result<(), SinkError> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        assert_eq!((Digest::of(&bytes), bytes.len() as u64), (layer.blob.digest, layer.blob.size));
        assert!(self.0.insert(layer.diff_id), "delivered twice");
        Ok(())
    }
}

/// The image with its ID in the classic store, and with its ID in containerd's.
fn images() -> [Image; 2] {
    let [lower, upper] = LAYERS.map(Digest::of);
    let config = format!(r#"{{"rootfs":{{"type":"layers","diff_ids":["{lower}","{upper}"]}}}}"#);
    let blob = |kind: &str, bytes: &[u8]| {
        format!(r#"{{"mediaType":"{kind}","digest":"{}","size":{}}}"#, Digest::of(bytes), bytes.len())
    };
    let manifest = format!(
        r#"{{"config":{},"layers":[{},{}]}}"#,
        blob("config", config.as_bytes()),
        blob("tar", LAYERS[0]),
        blob("gzip", COMPRESSED)
    );
    [config, manifest].map(|id| Image {
        id: Digest::of(id),
        references: Vec::new(),
        platform: Platform { os: "linux".into(), architecture: "amd64".into() },
        size: 0,
        layers: [lower, upper].map(|diff_id| Layer { diff_id, size: None }).into(),
    })
}

/// Corrects the checksums of the headers, as far as the size in each leads to the next one.
fn correct_checksums(bytes: &mut [u8]) {
    let mut start = 0;
    while let Some(header) = bytes.get_mut(start..start + 512) {
        if header.iter().any(|byte| *byte != 0) {
            header[148..156].fill(b' ');
            let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
            header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        let size = std::str::from_utf8(&header[124..135]).ok();
        let size = size.and_then(|size| usize::from_str_radix(size, 8).ok()).unwrap_or(0);
        start = start.saturating_add(512).saturating_add(size.div_ceil(512).saturating_mul(512));
        if start > bytes.len() {
            return;
        }
    }
}
