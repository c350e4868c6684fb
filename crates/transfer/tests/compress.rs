//! Packed blocks: zstd and gzip unpack them to what was written, whether the link waits or is busy.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};

use dockerutils_transfer::{BlockSink, Codec, CompressionPolicy, Packer};

/// Keeps every block. A busy link takes a block only after a message on the channel.
struct Link {
    busy: Option<Receiver<()>>,
    steps: Vec<Vec<u8>>,
    current: Vec<u8>,
}

impl Link {
    fn new(busy: Option<Receiver<()>>) -> Self {
        Link { busy, steps: Vec::new(), current: Vec::new() }
    }
}

impl BlockSink for Link {
    fn write_block(&mut self, block: Vec<u8>) -> io::Result<()> {
        if let Some(busy) = &self.busy {
            busy.recv().map_err(io::Error::other)?;
        }
        self.current.extend(block);
        Ok(())
    }

    fn end_step(&mut self) -> io::Result<()> {
        self.steps.push(std::mem::take(&mut self.current));
        Ok(())
    }
}

/// Returns compressible bytes.
fn text(bytes: usize) -> Vec<u8> {
    (0..).flat_map(|number: u32| format!("line {number} of a library\n").into_bytes()).take(bytes).collect()
}

/// Returns bytes that cannot be compressed.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..bytes).map(|_| next()).collect()
}

fn pack(
    codec: Codec,
    policy: CompressionPolicy,
    busy: Option<Receiver<()>>,
    steps: &[Vec<u8>],
) -> Vec<Vec<u8>> {
    let mut packer = Packer::new(codec, policy, Link::new(busy)).unwrap();
    for step in steps {
        packer.write_all(step).unwrap();
        packer.end_step().unwrap();
    }
    packer.finish().unwrap().steps
}

fn unpack(codec: Codec, packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    match codec {
        Codec::None => bytes.extend(packed),
        Codec::Zstd => bytes = zstd::decode_all(packed).unwrap(),
        Codec::Gzip => {
            flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
        }
    }
    bytes
}

#[test]
fn every_step_unpacks_to_what_was_written() {
    let steps = [text(5_000_000), noise(3_000_001), text(1), [noise(700), text(2_000_000)].concat()];
    for codec in [Codec::None, Codec::Zstd, Codec::Gzip] {
        for policy in [CompressionPolicy::Always, CompressionPolicy::WhileLinkIsBusy] {
            let packed = pack(codec, policy, None, &steps);
            let unpacked: Vec<Vec<u8>> = packed.iter().map(|step| unpack(codec, step)).collect();
            assert!(unpacked == steps, "{codec:?}, {policy:?}");
        }
    }
}

#[test]
fn compressible_content_gets_smaller_and_other_content_hardly_larger() {
    for codec in [Codec::Zstd, Codec::Gzip] {
        let packed = pack(codec, CompressionPolicy::Always, None, &[text(4 << 20), noise(4 << 20)]);
        assert!(packed[0].len() < 1 << 20, "{codec:?}: {}", packed[0].len());
        assert!(packed[1].len() < (4 << 20) + (4 << 10), "{codec:?}: {}", packed[1].len());
    }
}

#[test]
fn blocks_are_compressed_while_the_link_is_busy() {
    let (go_on, busy): (Sender<()>, _) = channel();
    let content = text(16 << 20);
    let written = content.clone();
    let sender = std::thread::spawn(move || {
        pack(Codec::Zstd, CompressionPolicy::WhileLinkIsBusy, Some(busy), &[written])
    });
    // The link cannot observe when later blocks have been packed, so it is slow instead: packing a block takes far less.
    while go_on.send(()).is_ok() && !sender.is_finished() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let packed = sender.join().unwrap();
    assert!(packed[0].len() < content.len() / 2, "{}", packed[0].len());
    assert!(unpack(Codec::Zstd, &packed[0]) == content);
}

#[test]
fn an_error_of_the_link_ends_the_writing_and_is_returned() {
    struct Broken;
    impl BlockSink for Broken {
        fn write_block(&mut self, _: Vec<u8>) -> io::Result<()> {
            Err(io::Error::other("the link is down"))
        }
        fn end_step(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut packer = Packer::new(Codec::None, CompressionPolicy::WhileLinkIsBusy, Broken).unwrap();
    let content = text(1 << 20);
    let failed = (0..1000).any(|_| packer.write_all(&content).is_err());
    assert!(failed);
    let error = packer.finish().err().unwrap();
    assert_eq!(error.to_string(), "the link is down");
}
