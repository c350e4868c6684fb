//! Taking what is sent, step by step: each step goes to a `docker load` of its own.
//!
//! A step's `docker load` unpacks while the next step is on its way already; the last part of that one waits until the
//! one before is loaded. What is cut off has no last part, and an archive without its end is loaded nowhere.

use std::io;

use super::single::Direct;
use super::stream::Part;
use super::striped::Dealt;
use super::{Error, Result};
use crate::BlockSink;
use dockerutils_oci::Digest;

/// The bytes that are sent at a time, two blocks with what packing may add to them: there is a small cost for each, and
/// some wait in memory for each lane.
const PART: usize = (2 << 20) + (4 << 10);

/// What unpacks there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpack {
    /// Docker itself, or nobody: it is not packed.
    ByDocker,
    /// zstd.
    Zstd,
    /// gzip.
    Gzip,
}

/// What has been received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// The bytes that ssh was given.
    pub sent: u64,
    /// The IDs of the images that were loaded, as docker there says, in the order of the steps.
    pub images: Vec<Digest>,
}

/// Takes blocks for a target. Where it is dropped before it has finished, the present step is not loaded.
#[derive(Debug)]
pub struct Receiver {
    way: Way,
    /// The end of the step so far.
    held: Part,
}

#[derive(Debug)]
enum Way {
    Direct(Direct),
    Dealt(Dealt),
}

impl Receiver {
    pub(super) fn direct(direct: Direct) -> Self {
        Receiver { way: Way::Direct(direct), held: Vec::new() }
    }

    pub(super) fn dealt(dealt: Dealt) -> Self {
        Receiver { way: Way::Dealt(dealt), held: Vec::new() }
    }

    /// Takes a block of the present step; waits while the link is busy.
    ///
    /// # Errors
    /// The connection is lost, a step was not loaded, or we were told to stop.
    pub fn write_block(&mut self, block: Vec<u8>) -> Result<()> {
        let held: usize = self.held.iter().map(Vec::len).sum();
        if held > 0 && held + block.len() > PART {
            let part = std::mem::take(&mut self.held);
            self.give(part, false)?;
        }
        self.held.push(block);
        Ok(())
    }

    /// Ends a step: what was written since the one before is an archive, to be loaded.
    ///
    /// # Errors
    /// As [`write_block`](Self::write_block), of this step or one before.
    pub fn end_step(&mut self) -> Result<()> {
        let part = std::mem::take(&mut self.held);
        if part.is_empty() { Ok(()) } else { self.give(part, true) }
    }

    /// Waits until all steps are loaded.
    ///
    /// # Errors
    /// As [`write_block`](Self::write_block).
    pub fn finish(mut self) -> Result<Received> {
        self.end_step()?;
        match self.way {
            Way::Direct(direct) => direct.finish(),
            Way::Dealt(dealt) => dealt.finish(),
        }
    }

    /// The bytes that ssh has taken until now.
    pub fn sent(&self) -> u64 {
        match &self.way {
            Way::Direct(direct) => direct.link().sent(),
            Way::Dealt(dealt) => dealt.link().sent(),
        }
    }

    /// How many lanes are open.
    pub fn lanes(&self) -> usize {
        match &self.way {
            Way::Direct(_) => 1,
            Way::Dealt(dealt) => dealt.lanes(),
        }
    }

    fn give(&mut self, part: Part, is_last: bool) -> Result<()> {
        match &mut self.way {
            Way::Direct(direct) => direct.give(part, is_last),
            Way::Dealt(dealt) => dealt.give(part, is_last),
        }
    }
}

/// The IDs of the images that docker says it has loaded.
pub(super) fn images_of(target: &str, success: bool, said: &str) -> Result<Vec<Digest>> {
    // Containerd's store may say this and report success.
    if !success || said.contains("Error unpacking image") {
        return Err(Error::of_load(target, said));
    }
    let id = |line: &str| line.strip_prefix("Loaded image ID: ")?.trim().parse().ok();
    Ok(said.lines().filter_map(id).collect())
}

impl BlockSink for Receiver {
    fn write_block(&mut self, block: Vec<u8>) -> io::Result<()> {
        self.write_block(block).map_err(io::Error::other)
    }

    fn end_step(&mut self) -> io::Result<()> {
        Receiver::end_step(self).map_err(io::Error::other)
    }
}
