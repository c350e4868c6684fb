//! Packed blocks: what zstd and gzip themselves unpack is what was written, whether the link waits or is busy.

use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, Sender, channel};

use dockerutils_transfer::{BlockSink, Codec, CompressionPolicy, Packer};

/// Keeps what it is given; each block waits for a word where the link is to be busy.
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

/// Compressible, and longer than some blocks.
fn text(bytes: usize) -> Vec<u8> {
    (0..).flat_map(|number: u32| format!("line {number} of a library\n").into_bytes()).take(bytes).collect()
}

/// Not compressible.
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
    when: CompressionPolicy,
    busy: Option<Receiver<()>>,
    steps: &[Vec<u8>],
) -> Vec<Vec<u8>> {
    let mut packer = Packer::new(codec, when, Link::new(busy)).unwrap();
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
fn what_was_packed_is_what_was_written_step_by_step() {
    let steps = [text(5_000_000), noise(3_000_001), text(1), [noise(700), text(2_000_000)].concat()];
    for codec in [Codec::None, Codec::Zstd, Codec::Gzip] {
        for when in [CompressionPolicy::Always, CompressionPolicy::WhileLinkIsBusy] {
            let packed = pack(codec, when, None, &steps);
            let unpacked: Vec<Vec<u8>> = packed.iter().map(|step| unpack(codec, step)).collect();
            assert!(unpacked == steps, "{codec:?}, {when:?}");
        }
    }
}

#[test]
fn compression_makes_what_can_be_smaller_smaller_and_nothing_bigger() {
    for codec in [Codec::Zstd, Codec::Gzip] {
        let packed = pack(codec, CompressionPolicy::Always, None, &[text(4 << 20), noise(4 << 20)]);
        assert!(packed[0].len() < 1 << 20, "{codec:?}: {}", packed[0].len());
        assert!(packed[1].len() < (4 << 20) + (4 << 10), "{codec:?}: {}", packed[1].len());
    }
}

#[test]
fn a_busy_link_gets_compressed_blocks() {
    let (go_on, busy): (Sender<()>, _) = channel();
    let content = text(16 << 20);
    let written = content.clone();
    let sender = std::thread::spawn(move || {
        pack(Codec::Zstd, CompressionPolicy::WhileLinkIsBusy, Some(busy), &[written])
    });
    // Each block is let through only when those after it have long been packed.
    while go_on.send(()).is_ok() && !sender.is_finished() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let packed = sender.join().unwrap();
    assert!(packed[0].len() < content.len() / 2, "{}", packed[0].len());
    assert!(unpack(Codec::Zstd, &packed[0]) == content);
}

#[test]
fn a_link_that_breaks_ends_the_writing_and_is_told() {
    struct Broken;
    impl BlockSink for Broken {
        fn write_block(&mut self, _: Vec<u8>) -> io::Result<()> {
            Err(io::Error::other("the cable was pulled"))
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
    assert_eq!(error.to_string(), "the cable was pulled");
}
