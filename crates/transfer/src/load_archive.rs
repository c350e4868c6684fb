//! The archive that `docker load` takes on every engine, with the layers that are to be sent and no others.
//!
//! It is an OCI image layout (OCI image specification, "Image Layout") and has docker's `manifest.json` besides: the
//! classic store of 20.10 reads the one, containerd's store the other. A layer that is left out is one that the engine
//! asks its store for before it would open the file (classic), or whose blob is there (containerd's).

use std::io::{self, Write};

use serde::Serialize;
use tar::{EntryType, Header};

use dockerutils_oci::{Descriptor, Digest, Reference};

/// Tar archives are padded to this.
const RECORD: u64 = 512;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// An image as the archive tells of it.
#[derive(Debug, Clone)]
pub struct ArchiveImage {
    /// What it is to be called; nothing where it is named only when it has arrived whole.
    pub references: Vec<String>,
    /// The configuration's bytes.
    pub config: Vec<u8>,
    /// Its layers, the lowest first.
    pub layers: Vec<ArchiveLayer>,
}

/// A layer as the archive tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveLayer {
    /// The digest of its uncompressed content.
    pub diff_id: Digest,
    /// What stands for it in the archive, or in containerd's store there; none for one that a classic store has.
    pub blob: Option<Descriptor>,
}

/// Writes such an archive: layers first, one after the other, the images last.
#[derive(Debug)]
pub struct LoadArchive<W> {
    out: W,
    left: u64,
    padding: u64,
}

impl ArchiveImage {
    /// Its manifest, where every layer's blob is known.
    pub fn manifest(&self) -> Option<Vec<u8>> {
        let layers: Option<Vec<Descriptor>> = self.layers.iter().map(|layer| layer.blob.clone()).collect();
        let config = Descriptor {
            media_type: CONFIG.to_owned(),
            digest: Digest::of(&self.config),
            size: self.config.len() as u64,
        };
        let layers = layers?.into_iter().map(Descriptor::with_oci_media_type).collect();
        Some(json(&Manifest { schema_version: 2, media_type: MANIFEST, config, layers }))
    }
}

impl<W: Write> LoadArchive<W> {
    /// An archive without entries.
    pub fn new(out: W) -> Self {
        LoadArchive { out, left: 0, padding: 0 }
    }

    /// Begins a layer; exactly `size` bytes are to be written then.
    ///
    /// # Errors
    /// The archive cannot be written.
    pub fn begin_layer(&mut self, blob: Digest, size: u64) -> io::Result<()> {
        self.begin(&path(blob), size)
    }

    /// Writes more of the layer that was begun.
    ///
    /// # Errors
    /// It is longer than was said, or the archive cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let left = self.left.checked_sub(bytes.len() as u64);
        self.left = left.ok_or_else(|| io::Error::other("a layer is longer than was said"))?;
        self.out.write_all(bytes)
    }

    /// Ends the layer.
    ///
    /// # Errors
    /// It is shorter than was said, or the archive cannot be written.
    pub fn end_layer(&mut self) -> io::Result<()> {
        if self.left > 0 {
            return Err(io::Error::other("a layer is shorter than was said"));
        }
        let zeros = [0; RECORD as usize];
        self.out.write_all(&zeros[..self.padding as usize])
    }

    /// Ends the archive with its images. What is written after that is another archive.
    ///
    /// # Errors
    /// The archive cannot be written.
    pub fn finish(&mut self, images: &[ArchiveImage]) -> io::Result<()> {
        let mut manifests = Vec::new();
        let mut listed = Vec::new();
        for image in images {
            let config = path(Digest::of(&image.config));
            self.file(&config, &image.config)?;
            if let Some(manifest) = image.manifest() {
                let digest = Digest::of(&manifest);
                self.file(&path(digest), &manifest)?;
                let size = manifest.len() as u64;
                let descriptor = Descriptor { media_type: MANIFEST.to_owned(), digest, size };
                manifests.extend(Named::all(&descriptor, &image.references));
            }
            let layers = image.layers.iter().map(ArchiveLayer::path).collect();
            let repo_tags = (!image.references.is_empty()).then_some(&image.references);
            listed.push(Listed { config, repo_tags, layers });
        }
        if images.iter().all(|image| image.layers.iter().all(|layer| layer.blob.is_some())) {
            self.file("index.json", &json(&Index { schema_version: 2, media_type: INDEX, manifests }))?;
            self.file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        }
        self.file("manifest.json", &json(&listed))?;
        self.out.write_all(&[0; 2 * RECORD as usize])?;
        self.out.flush()
    }

    /// What archives are written to.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Gives back what archives were written to.
    pub fn into_inner(self) -> W {
        self.out
    }

    fn file(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        self.begin(path, content.len() as u64)?;
        self.write(content)?;
        self.end_layer()
    }

    fn begin(&mut self, path: &str, size: u64) -> io::Result<()> {
        // The GNU form: it has room for more than 8 GiB.
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

impl ArchiveLayer {
    /// The file that a classic engine opens if it lacks the layer.
    fn path(&self) -> String {
        path(self.blob.as_ref().map_or(self.diff_id, |blob| blob.digest))
    }
}

fn path(blob: Digest) -> String {
    format!("blobs/sha256/{}", blob.hex())
}

fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u8,
    media_type: &'static str,
    config: Descriptor,
    layers: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u8,
    media_type: &'static str,
    manifests: Vec<Named>,
}

/// A manifest in the index, under one of its names.
#[derive(Serialize)]
struct Named {
    #[serde(flatten)]
    manifest: Descriptor,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Annotations>,
}

/// What containerd reads an image's name from.
#[derive(Serialize)]
struct Annotations {
    #[serde(rename = "io.containerd.image.name")]
    name: String,
}

impl Named {
    /// The manifest once for each name; once without any if there is none.
    fn all(manifest: &Descriptor, references: &[String]) -> Vec<Named> {
        let named = |annotations| Named { manifest: manifest.clone(), annotations };
        if references.is_empty() {
            return vec![named(None)];
        }
        references.iter().map(|reference| named(Some(Annotations { name: whole_name(reference) }))).collect()
    }
}

/// The name with the registry that docker leaves out.
fn whole_name(reference: &str) -> String {
    Reference::parse(reference).map_or_else(|_| reference.to_owned(), |parsed| parsed.canonical().to_string())
}

/// An image in docker's own manifest.json.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed<'a> {
    config: String,
    repo_tags: Option<&'a Vec<String>>,
    layers: Vec<String>,
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io::Read;

    use super::*;

    #[test]
    fn an_archive_holds_what_was_written_and_lists_what_was_left_out() {
        let content = b"content of a layer";
        let sent = Descriptor::of_layer(Digest::of(content), content.len() as u64);
        let kept = Digest::of("kept");
        let layers = vec![
            ArchiveLayer { diff_id: kept, blob: None },
            ArchiveLayer { diff_id: sent.digest, blob: Some(sent.clone()) },
        ];
        let image = ArchiveImage { references: vec!["a/b:c".to_owned()], config: b"{}".to_vec(), layers };
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
        assert!(
            !files.contains_key("index.json"),
            "a blob that is not known cannot stand in an OCI manifest"
        );
    }

    #[test]
    fn an_image_whose_blobs_are_known_has_an_oci_manifest_in_oci_words() {
        let gzip = Descriptor {
            media_type: "application/vnd.docker.image.rootfs.diff.tar.gzip".to_owned(),
            digest: Digest::of("gzip"),
            size: 7,
        };
        let layers = vec![ArchiveLayer { diff_id: Digest::of("diff"), blob: Some(gzip) }];
        let references = vec!["a:b".to_owned(), "r.io/a:b".to_owned()];
        let image = ArchiveImage { references, config: b"{}".to_vec(), layers };
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
    fn a_layer_that_is_not_as_long_as_was_said_is_refused() {
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
