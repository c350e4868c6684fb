//! Docks that images are sent to, and small images for them.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use dockerutils_command::{Command, Runner};
use dockerutils_oci::{Descriptor, Digest};
use dockerutils_testbed::Dock;
use dockerutils_transfer::remote::{Error, Host, Receiver, RemoteEngine, SshHost, WantedImages};
use dockerutils_transfer::{ArchiveImage, ArchiveLayer, LoadArchive};

/// Returns the dock as this user reaches it.
pub(crate) fn ssh_host(dock: &Dock, user: &str) -> SshHost {
    let ssh = dock.ssh(user);
    let mut words: Vec<_> = ssh.get_args().map(ToOwned::to_owned).collect();
    let destination = words.pop().expect("a destination").into_string().expect("text");
    SshHost { name: "far".to_owned(), ssh: Command::new("ssh").args(words), destination, control: None }
}

/// Returns the dock as `ubuntu` reaches it through a proxy.
pub(crate) fn ssh_host_via(dock: &Dock, proxy: SocketAddr) -> SshHost {
    let host = ssh_host(dock, "ubuntu");
    let alias = format!("HostKeyAlias={}", dock.address());
    let ssh = host.ssh.args(["-p", &proxy.port().to_string(), "-o", &alias]);
    SshHost { ssh, destination: format!("ubuntu@{}", proxy.ip()), ..host }
}

/// Connects, and looks for images that have one of these IDs each.
pub(crate) fn connect_for(host: SshHost, ids: &[Vec<Digest>]) -> Result<RemoteEngine, Error> {
    let wanted = WantedImages { ids, on_missing: None };
    RemoteEngine::connect(&Host::Ssh(Box::new(host)), wanted, &Runner::new(false))
}

/// Connects, and looks for no image.
pub(crate) fn connect(host: SshHost) -> RemoteEngine {
    connect_for(host, &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// An image of small layers, each with one file and different content.
pub(crate) struct Image {
    pub(crate) loaded: ArchiveImage,
    layers: Vec<Vec<u8>>,
}

impl Image {
    /// Creates an image with a layer for each name, of about `size` bytes; `note` makes its configuration unique.
    pub(crate) fn new(note: &str, names: &[&str], size: usize) -> Self {
        let layers: Vec<Vec<u8>> = names.iter().map(|name| layer(name, size)).collect();
        let diff_ids: Vec<String> = layers.iter().map(|layer| Digest::of(layer).to_string()).collect();
        let config = format!(
            r#"{{"architecture":"amd64","os":"linux","config":{{"Labels":{{"note":"{note}"}}}},"rootfs":{{"type":"layers","diff_ids":{diff_ids:?}}}}}"#
        );
        let described = layers.iter().map(|bytes| describe(bytes)).collect();
        let loaded = ArchiveImage {
            references: Vec::new(),
            config: config.into_bytes(),
            layers: described,
            tree: None,
        };
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

    /// Returns the archive for docker load, without the first layers.
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

fn describe(layer: &[u8]) -> ArchiveLayer {
    let digest = Digest::of(layer);
    let media_type = "application/vnd.oci.image.layer.v1.tar".to_owned();
    ArchiveLayer { diff_id: digest, blob: Some(Descriptor { media_type, digest, size: layer.len() as u64 }) }
}

/// Returns a layer with one file, whose content cannot be compressed.
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

/// Sends an archive.
pub(crate) fn send(receiver: &mut Receiver, archive: &[u8]) -> Result<(), Error> {
    for block in archive.chunks(1 << 20) {
        receiver.write_block(block.to_vec())?;
    }
    receiver.end_step()
}

/// Returns the names of the dock's images, sorted.
pub(crate) fn images(dock: &Dock) -> Vec<String> {
    let names = dock.exec(&["docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
    let mut names: Vec<String> = names.lines().map(str::to_owned).collect();
    names.sort_unstable();
    names
}

/// Returns what a transfer could leave on a dock: temporary files and folders, and images.
pub(crate) fn leftovers(dock: &Dock) -> Vec<String> {
    let names = |folder: &str| {
        dock.exec(&["find", folder, "-mindepth", "1"]).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let mut leftovers = names("/tmp");
    // Containerd writes such a file if the machine is so busy that docker considers it dead.
    leftovers.retain(|file| !file.ends_with(".stacks.log"));
    leftovers.extend(names("/var/lib/docker/tmp"));
    leftovers.extend(dock.exec(&["docker", "image", "ls", "-aq"]).lines().map(str::to_owned));
    leftovers
}

/// Returns the local processes whose arguments contain this text.
pub(crate) fn processes_with(text: &str) -> Vec<String> {
    let arguments = |pid: &Path| fs::read(pid.join("cmdline")).unwrap_or_default();
    let all = fs::read_dir("/proc").expect("processes").flatten().map(|entry| arguments(&entry.path()));
    let texts = all.map(|bytes| String::from_utf8_lossy(&bytes).replace('\0', " "));
    texts.filter(|line| line.contains(text)).collect()
}
