//! Docks as targets, and small images for them.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use dockerutils_command::{Command, Runner};
use dockerutils_oci::{Descriptor, Digest};
use dockerutils_testbed::Dock;
use dockerutils_transfer::remote::{Error, Receiver, Remote, Target, Wanted};
use dockerutils_transfer::{ArchiveImage, ArchiveLayer, LoadArchive};

/// How this user reaches the dock.
pub(crate) fn remote(dock: &Dock, user: &str) -> Remote {
    let ssh = dock.ssh(user);
    let mut words: Vec<_> = ssh.get_args().map(ToOwned::to_owned).collect();
    let destination = words.pop().expect("a destination").into_string().expect("text");
    Remote { name: "far".to_owned(), ssh: Command::new("ssh").args(words), destination, control: None }
}

/// How `ubuntu` reaches it by another way.
pub(crate) fn remote_by(dock: &Dock, way: SocketAddr) -> Remote {
    let remote = remote(dock, "ubuntu");
    let alias = format!("HostKeyAlias={}", dock.address());
    let ssh = remote.ssh.args(["-p", &way.port().to_string(), "-o", &alias]);
    Remote { ssh, destination: format!("ubuntu@{}", way.ip()), ..remote }
}

/// Connects, and learns what is there.
pub(crate) fn survey(remote: Remote, images: &[Vec<Digest>]) -> Result<Target, Error> {
    Target::connect(remote, Wanted { images, on_missing: None }, &Runner::new(false))
}

/// Connects, and wants nothing.
pub(crate) fn connect(remote: Remote) -> Target {
    survey(remote, &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// An image of small layers, each a file with a content of its own.
pub(crate) struct Image {
    pub(crate) loaded: ArchiveImage,
    layers: Vec<Vec<u8>>,
}

impl Image {
    /// One with a layer for each of these names, of about so many bytes; `note` makes its configuration its own.
    pub(crate) fn new(note: &str, names: &[&str], size: usize) -> Self {
        let layers: Vec<Vec<u8>> = names.iter().map(|name| layer(name, size)).collect();
        let diff_ids: Vec<String> = layers.iter().map(|layer| Digest::of(layer).to_string()).collect();
        let config = format!(
            r#"{{"architecture":"amd64","os":"linux","config":{{"Labels":{{"note":"{note}"}}}},"rootfs":{{"type":"layers","diff_ids":{diff_ids:?}}}}}"#
        );
        let (references, told) = (Vec::new(), layers.iter().map(|bytes| told(bytes)).collect());
        let loaded = ArchiveImage { references, config: config.into_bytes(), layers: told };
        Image { loaded, layers }
    }

    pub(crate) fn config(&self) -> Digest {
        Digest::of(&self.loaded.config)
    }

    pub(crate) fn manifest(&self) -> Digest {
        Digest::of(self.loaded.manifest().expect("a manifest"))
    }

    pub(crate) fn diff_ids(&self) -> Vec<Digest> {
        self.loaded.layers.iter().map(|layer| layer.diff_id).collect()
    }

    /// What docker loads of it, without the first layers.
    pub(crate) fn archive_from(&self, first: usize) -> Vec<u8> {
        let mut archive = LoadArchive::new(Vec::new());
        for bytes in &self.layers[first..] {
            archive.begin_layer(Digest::of(bytes), bytes.len() as u64).unwrap();
            archive.write(bytes).unwrap();
            archive.end_layer().unwrap();
        }
        archive.finish(std::slice::from_ref(&self.loaded)).unwrap();
        archive.into_inner()
    }

    pub(crate) fn archive(&self) -> Vec<u8> {
        self.archive_from(0)
    }
}

fn told(layer: &[u8]) -> ArchiveLayer {
    let digest = Digest::of(layer);
    let media_type = "application/vnd.oci.image.layer.v1.tar".to_owned();
    ArchiveLayer { diff_id: digest, blob: Some(Descriptor { media_type, digest, size: layer.len() as u64 }) }
}

/// A layer with one file, whose content cannot be compressed.
fn layer(name: &str, size: usize) -> Vec<u8> {
    let mut state =
        name.bytes().fold(0x9e37_79b9_7f4a_7c15_u64, |state, byte| state.rotate_left(8) ^ u64::from(byte));
    let mut content = Vec::with_capacity(size);
    while content.len() < size {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        content.extend_from_slice(&state.to_le_bytes());
    }
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, name, content.as_slice()).unwrap();
    tar.into_inner().unwrap()
}

/// Sends an archive as one step.
pub(crate) fn send(
    receiver: &mut Receiver,
    archive: &[u8],
) -> Result<(), dockerutils_transfer::remote::Error> {
    for block in archive.chunks(1 << 20) {
        receiver.write_block(block.to_vec())?;
    }
    receiver.end_step()
}

/// The names of the dock's images, sorted.
pub(crate) fn images(dock: &Dock) -> Vec<String> {
    let names = dock.exec(&["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
    let mut names: Vec<String> = names.lines().map(str::to_owned).collect();
    names.sort_unstable();
    names
}

/// What a transfer could leave on a dock: folders and files of docker's and of ours, and images.
pub(crate) fn left(dock: &Dock) -> Vec<String> {
    let names = |folder: &str| {
        dock.exec(&["find", folder, "-mindepth", "1"]).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut left = names("/tmp");
    left.extend(names("/var/lib/docker/tmp"));
    left.extend(dock.exec(&["docker", "image", "ls", "-aq"]).lines().map(str::to_owned));
    left
}

/// The processes here whose arguments hold this text.
pub(crate) fn processes_with(text: &str) -> Vec<String> {
    let arguments = |pid: &Path| fs::read(pid.join("cmdline")).unwrap_or_default();
    let all = fs::read_dir("/proc").expect("processes").flatten().map(|entry| arguments(&entry.path()));
    let texts = all.map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "));
    texts.filter(|line| line.contains(text)).collect()
}
