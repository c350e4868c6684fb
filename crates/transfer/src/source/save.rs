//! Images of an engine, read from what `docker save` writes.

use std::io::Read;
use std::sync::{Mutex, OnceLock};

use dockerutils_command::{Command, Pipes, Runner, Streaming};
use dockerutils_oci::{Descriptor, Digest, Platform};

use super::archive_reader::ArchiveReader;
use super::blobs;
use super::bundle::Listing;
use super::error::Error;
use super::interruptible::Interruptible;
use super::invalid_content::InvalidContent;
use super::ordering::OrderedSink;
use super::platform;
use super::sink::{ReadImage, Sink};
use crate::image::Image;

/// Images of an engine, which `docker save` writes.
#[derive(Debug)]
pub struct SaveSource {
    docker: Command,
    pub(super) images: Vec<Image>,
    /// The IDs that docker knows: an image may be one platform of what these lead to.
    ids: Vec<Digest>,
    /// Whether these may be digests of indexes.
    has_indexes: bool,
    /// A `docker save` that was started early.
    started: OnceLock<Mutex<Option<Streaming>>>,
}

impl SaveSource {
    pub(super) fn new(docker: Command, images: Vec<Image>, has_indexes: bool) -> Self {
        let ids = images.iter().map(|image| image.id).collect();
        SaveSource { docker, images, ids, has_indexes, started: OnceLock::new() }
    }

    /// Leaves only this platform of every image.
    pub(super) fn select_platform(&mut self, platform: &Platform, runner: &Runner) -> Result<(), Error> {
        if !self.has_indexes {
            return platform::check_all(&self.images, platform);
        }
        let read = |output: &mut dyn Read| Listing::read(output);
        let listing = read_output(self.start(runner)?, runner, read)?;
        self.select_platform_from(platform, |digest| listing.document(digest).cloned())
    }

    /// Leaves only this platform of every image, by documents that `fetch` returns.
    pub(super) fn select_platform_from(
        &mut self,
        platform: &Platform,
        mut fetch: impl FnMut(&Digest) -> Option<Vec<u8>>,
    ) -> Result<(), Error> {
        let selected = self.images.iter().map(|image| platform::select(image, platform, &mut fetch));
        self.images = selected.collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Starts `docker save` before its output is needed: the classic store writes the whole image to disk before it
    /// prints the first byte.
    pub(super) fn start_early(&self, runner: &Runner) {
        // A failure is ignored here: reading starts the command again then, and returns the error.
        self.started.get_or_init(|| Mutex::new(self.start(runner).ok()));
    }

    /// Reads the archive that docker writes.
    pub(super) fn read<'a>(
        &'a self,
        sink: OrderedSink<'a>,
        runner: &Runner,
    ) -> Result<Vec<ReadImage>, Error> {
        let started = self.started.get().and_then(|started| started.lock().ok()?.take());
        let docker = started.map_or_else(|| self.start(runner), Ok)?;
        read_output(docker, runner, |output| ArchiveReader::new(&self.images, sink).read(output))
    }

    /// Reads the archive for these blobs alone.
    pub(super) fn read_blobs(
        &self,
        blobs: &[Descriptor],
        runner: &Runner,
        sink: &mut dyn Sink,
    ) -> Result<(), Error> {
        read_output(self.start(runner)?, runner, |output| blobs::read_archive(output, blobs, sink))
    }

    /// Starts `docker save`, which gets IDs: a name may belong to another image by now.
    fn start(&self, runner: &Runner) -> Result<Streaming, Error> {
        let ids = self.ids.iter().map(ToString::to_string);
        Ok(runner.start(&self.docker.clone().args(["image", "save"]).args(ids), Pipes::Output)?)
    }
}

/// Reads the output of `docker save`, and reports why it has failed.
fn read_output<T>(
    mut docker: Streaming,
    runner: &Runner,
    read: impl FnOnce(&mut dyn Read) -> Result<T, Error>,
) -> Result<T, Error> {
    let Some(output) = docker.take_output() else {
        return Err(InvalidContent::Missing("the whole archive".to_owned()).into());
    };
    let mut output = Interruptible::new(output, runner);
    let read = read(&mut output);
    if let Some(interrupted) = output.take_interrupted() {
        return Err(interrupted.into());
    }
    match read {
        // Docker has ended by itself. If it has failed, its message explains more than a truncated archive.
        Err(Error::Archive(_)) | Ok(_) if output.is_at_end() => {
            let ended = docker.wait()?;
            if ended.status.success() {
                return read;
            }
            let message = ended.last_stderr_line();
            // The words of the classic store; its engine has no other code for this.
            if message.contains("empty export") {
                return Err(Error::NoLayers);
            }
            Err(Error::Docker { command: "docker image save", message })
        }
        read => read,
    }
}
