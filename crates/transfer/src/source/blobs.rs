//! Blobs that are delivered under their own digests, because the source does not know what they hold.

use std::collections::HashMap;
use std::io::Read;

use dockerutils_oci::{Descriptor, Digest};

use super::archive::{self, Held};
use super::checked::CheckedReader;
use super::error::Error;
use super::invalid_content::InvalidContent;
use super::member::Member;
use super::sink::{LayerBlob, Sink};

/// Reads an archive to its end, and passes each of these blobs to `sink`.
pub(super) fn read_archive(
    input: &mut dyn Read,
    blobs: &[Descriptor],
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let mut missing: HashMap<Digest, &Descriptor> = blobs.iter().map(|blob| (blob.digest, blob)).collect();
    archive::visit_members(input, |member, held| match (member, held) {
        (Member::Blob(digest), Held::File(content, _)) => {
            missing.remove(&digest).map_or(Ok(()), |blob| deliver_blob(blob, content, sink))
        }
        _ => Ok(()),
    })?;
    match missing.keys().next() {
        None => Ok(()),
        Some(digest) => Err(InvalidContent::Missing(format!("blob {digest}")).into()),
    }
}

/// Passes a blob to `sink`, and checks it.
pub(super) fn deliver_blob(
    blob: &Descriptor,
    content: &mut dyn Read,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    let layer = LayerBlob { diff_id: blob.digest, blob: blob.clone() };
    deliver(sink, &layer, &mut CheckedReader::with_digest(content, blob.size, blob.digest))
}

/// Passes a layer to `sink`, and checks what the sink leaves unread, too.
pub(super) fn deliver(
    sink: &mut dyn Sink,
    layer: &LayerBlob,
    content: &mut CheckedReader<'_>,
) -> Result<(), Error> {
    match sink.layer(layer, content) {
        Ok(()) => Ok(content.finish().map(|_| ())?),
        // A sink that could not read returns an error of its own; the content's failure is the cause.
        Err(error) => Err(content.take_failure().map_or(Error::Sink(error), Error::Archive)),
    }
}
