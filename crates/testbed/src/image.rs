//! Images of any size, generated: nothing is built, pulled or kept on disk.

mod layer;

use std::io::{self, BufWriter, Error, Write};
use std::process::{Command, Stdio};

use serde_json::json;
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use self::layer::{Content, Layer};

/// An image, made anew whenever it is loaded; the same on every engine of this machine.
///
/// Its layers hold a file each, and are made at some 400 MB a second. A seed tells it from others: with another one, all layers but [`Image::busybox`]'s are
/// other ones.
#[derive(Debug, Clone)]
#[must_use = "no engine has it until it is loaded"]
pub struct Image {
    seed: u64,
    architecture: String,
    layers: Vec<Layer>,
}

impl Image {
    /// An image without a layer.
    pub fn new(seed: u64) -> Self {
        // docker's names of what it is that this machine has.
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        Image { seed, architecture: architecture.to_owned(), layers: Vec::new() }
    }

    /// Adds a layer with this machine's static busybox and a shell: the image can run.
    pub fn busybox(self) -> Self {
        self.layer(Content::Busybox, 0)
    }

    /// Adds a layer of so many bytes that cannot be compressed.
    pub fn random(self, bytes: u64) -> Self {
        self.layer(Content::Random, bytes)
    }

    /// Adds a layer of so many bytes that can be compressed as real ones can: this machine's shared libraries.
    pub fn libraries(self, bytes: u64) -> Self {
        self.layer(Content::Libraries, bytes)
    }

    /// Says that it is for this architecture, in docker's word for it.
    pub fn architecture(mut self, architecture: &str) -> Self {
        architecture.clone_into(&mut self.architecture);
        self
    }

    /// The same image with another last layer, as large and of the same kind.
    pub fn with_last_layer_changed(mut self) -> Self {
        if let Some(last) = self.layers.last_mut() {
            // A prime: no other layer of these images has this seed, and no number of libraries divides it.
            last.seed = last.seed.wrapping_add(1_000_000_007);
        }
        self
    }

    /// Writes the archive that `docker load` takes, with these names for the image.
    ///
    /// # Errors
    /// When it cannot be written, or a program or library that it holds cannot be read.
    pub fn write(&self, to: impl Write, references: &[&str]) -> io::Result<()> {
        let mut archive = Builder::new(to);
        let mut files = Vec::new();
        let mut diff_ids = Vec::new();
        for (number, layer) in self.layers.iter().enumerate() {
            let file = format!("{number}/layer.tar");
            let mut content = layer.read()?;
            archive.append_data(&mut header(content.size()), &file, &mut content)?;
            diff_ids.push(format!("sha256:{}", content.digest()));
            files.push(file);
        }
        let config = json!({
            "architecture": self.architecture,
            "os": "linux",
            "created": "2020-01-01T00:00:00Z",
            "config": {"Cmd": ["sh"], "Env": ["PATH=/bin"], "Labels": {"seed": self.seed.to_string()}},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = config.to_string();
        let name = format!("{:x}.json", Sha256::digest(&config));
        let manifest = json!([{"Config": name, "RepoTags": references, "Layers": files}]).to_string();
        for (name, text) in [(name.as_str(), config), ("manifest.json", manifest)] {
            archive.append_data(&mut header(text.len() as u64), name, text.as_bytes())?;
        }
        archive.into_inner()?.flush()
    }

    pub(crate) fn load(&self, mut docker: Command, references: &[&str]) -> io::Result<()> {
        let docker = docker.args(["load", "--quiet"]).stdin(Stdio::piped());
        let mut docker = docker.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let input = docker.stdin.take().expect("a pipe");
        let written = self.write(BufWriter::with_capacity(1 << 20, input), references);
        let output = docker.wait_with_output()?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.success() { written } else { Err(Error::other(format!("docker load: {stderr}"))) }
    }

    fn layer(mut self, content: Content, size: u64) -> Self {
        // Seeds of one image are neighbours; those of another are far away.
        let seed = self.seed.wrapping_mul(1 << 16).wrapping_add(self.layers.len() as u64);
        self.layers.push(Layer { content, size, seed });
        self
    }
}

/// That of a file that root owns; its name is set when it is appended.
fn header(size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(1_577_836_800);
    header.set_size(size);
    header
}
