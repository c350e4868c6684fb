//! The archive that `docker load` accepts on every engine, with the layers to send and no others.
//!
//! The archive is an OCI [image layout](https://github.com/opencontainers/image-spec/blob/main/image-layout.md) and also
//! has docker's `manifest.json`: the classic store of 20.10 reads the latter, containerd's store the former. A layer can be
//! left out if the engine has it: the classic store looks for the layer before it opens the file, and containerd's looks
//! for the blob.

use std::io::{self, Write};

use dockerutils_oci::{Descriptor, Digest, Index, media_type};
use tar::{EntryType, Header};

use crate::archive_image::{ArchiveImage, blob_path, json};

/// Tar archives consist of records of this size.
const RECORD: u64 = 512;

/// Writes an archive for `docker load`: first the layers, one after the other, then the images.
#[derive(Debug)]
pub struct LoadArchive<W> {
    out: W,
    /// The bytes of the current file that are still to be written.
    left: u64,
    padding: u64,
}

impl<W: Write> LoadArchive<W> {
    /// Creates an archive without entries.
    pub fn new(out: W) -> Self {
        LoadArchive { out, left: 0, padding: 0 }
    }

    /// Begins a layer, of which exactly `size` bytes must then be written.
    ///
    /// # Errors
    /// Fails if the archive cannot be written.
    pub fn begin_layer(&mut self, blob: Digest, size: u64) -> io::Result<()> {
        self.begin(&blob_path(blob), size)
    }

    /// Writes more of the current layer.
    ///
    /// # Errors
    /// Fails if the layer is longer than its announced size, or if the archive cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or_else(|| io::Error::other("a layer is longer than its size"))?;
        self.out.write_all(bytes)
    }

    /// Ends the current layer.
    ///
    /// # Errors
    /// Fails if the layer is shorter than its announced size, or if the archive cannot be written.
    pub fn end_layer(&mut self) -> io::Result<()> {
        if self.left > 0 {
            return Err(io::Error::other("a layer is shorter than its size"));
        }
        let zeros = [0; RECORD as usize];
        self.out.write_all(&zeros[..self.padding as usize])
    }

    /// Ends the archive with its images. A layer that is begun afterwards belongs to the next archive.
    ///
    /// # Errors
    /// Fails if the archive cannot be written.
    pub fn finish(&mut self, images: &[ArchiveImage]) -> io::Result<()> {
        let mut manifests = Vec::new();
        for image in images {
            if let Some(tree) = &image.tree {
                for document in &tree.documents {
                    self.file(&blob_path(Digest::of(document)), document)?;
                }
                manifests.extend(image.index_entries(&tree.index()));
                continue;
            }
            self.file(&blob_path(Digest::of(&image.config)), &image.config)?;
            if let Some(bytes) = image.manifest() {
                let manifest = Descriptor::of(media_type::MANIFEST, &bytes);
                self.file(&blob_path(manifest.digest), &bytes)?;
                manifests.extend(image.index_entries(&manifest));
            }
        }
        // An image with an unknown blob has no OCI manifest, so an index would be incomplete.
        if images.iter().all(ArchiveImage::has_all_blobs) {
            self.file("index.json", &json(&Index::new(manifests)))?;
            self.file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        }
        let entries: Vec<_> = images.iter().map(ArchiveImage::manifest_json_entry).collect();
        self.file("manifest.json", &json(&entries))?;
        // An archive ends with two records of zeros.
        self.out.write_all(&[0; 2 * RECORD as usize])?;
        self.out.flush()
    }

    /// Returns the writer of the archive.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Consumes the archive and returns its writer.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn file(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        self.begin(path, content.len() as u64)?;
        self.write(content)?;
        self.end_layer()
    }

    fn begin(&mut self, path: &str, size: u64) -> io::Result<()> {
        // The older format has no room for sizes of more than 8 GiB.
        let mut header = Header::new_gnu();
        header.set_path(path)?;
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_mtime(0);
        header.set_size(size);
        header.set_cksum();
        (self.left, self.padding) = (size, size.next_multiple_of(RECORD) - size);
        self.out.write_all(header.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io::Read;

    use super::*;
    use crate::archive_image::ArchiveLayer;

    #[test]
    fn an_archive_holds_the_written_layers_and_lists_those_left_out() {
        let content = b"content of a layer";
        let sent = Descriptor::of_layer(Digest::of(content), content.len() as u64);
        let kept = Digest::of("kept");
        let layers = vec![
            ArchiveLayer { diff_id: kept, blob: None },
            ArchiveLayer { diff_id: sent.digest, blob: Some(sent.clone()) },
        ];
        let image =
            ArchiveImage { references: vec!["a/b:c".to_owned()], config: b"{}".to_vec(), layers, tree: None };
        let mut archive = LoadArchive::new(Vec::new());
        archive.begin_layer(sent.digest, sent.size).unwrap();
        archive.write(content).unwrap();
        archive.end_layer().unwrap();
        archive.finish(&[image]).unwrap();
        let bytes = archive.into_inner();
        assert_eq!(bytes.len() % 512, 0);
        let files = files(&bytes);
        let config = format!("blobs/sha256/{}", Digest::of("{}").hex());
        let (kept, blob) =
            (format!("blobs/sha256/{}", kept.hex()), format!("blobs/sha256/{}", sent.digest.hex()));
        assert_eq!(files[&config], b"{}");
        assert_eq!(files[&blob], content);
        let manifest =
            format!(r#"[{{"Config":"{config}","RepoTags":["a/b:c"],"Layers":["{kept}","{blob}"]}}]"#);
        assert_eq!(String::from_utf8_lossy(&files["manifest.json"]), manifest);
        assert!(!files.contains_key("index.json"), "an OCI manifest cannot list a blob that is not known");
    }

    #[test]
    fn an_image_whose_blobs_are_known_has_an_oci_manifest_with_oci_media_types() {
        let gzip = Descriptor {
            media_type: "application/vnd.docker.image.rootfs.diff.tar.gzip".to_owned(),
            digest: Digest::of("gzip"),
            size: 7,
        };
        let layers = vec![ArchiveLayer { diff_id: Digest::of("diff"), blob: Some(gzip) }];
        let references = vec!["a:b".to_owned(), "r.io/a:b".to_owned()];
        let image = ArchiveImage { references, config: b"{}".to_vec(), layers, tree: None };
        let manifest = image.manifest().unwrap();
        let mut archive = LoadArchive::new(Vec::new());
        archive.finish(&[image]).unwrap();
        let files = files(&archive.into_inner());
        assert!(
            String::from_utf8_lossy(&manifest).contains(r#""application/vnd.oci.image.layer.v1.tar+gzip""#)
        );
        assert_eq!(files[&format!("blobs/sha256/{}", Digest::of(&manifest).hex())], manifest);
        let index = String::from_utf8_lossy(&files["index.json"]);
        assert!(index.contains(&Digest::of(&manifest).to_string()));
        assert!(index.contains(r#""docker.io/library/a:b""#) && index.contains(r#""r.io/a:b""#));
    }

    #[test]
    fn a_layer_of_another_size_than_announced_is_refused() {
        let mut archive = LoadArchive::new(Vec::new());
        archive.begin_layer(Digest::of(""), 3).unwrap();
        archive.write(b"ab").unwrap();
        assert!(archive.end_layer().is_err());
        assert!(archive.write(b"cd").is_err());
    }

    fn files(bytes: &[u8]) -> HashMap<String, Vec<u8>> {
        let mut archive = tar::Archive::new(bytes);
        let read = |entry: io::Result<tar::Entry<'_, &[u8]>>| {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            (entry.path().unwrap().to_string_lossy().into_owned(), content)
        };
        archive.entries().unwrap().map(read).collect()
    }
}
