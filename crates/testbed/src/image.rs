//! Generated images of any size: nothing is built, pulled or kept on disk.

mod header;
mod layer;

use std::io::{self, BufWriter, Error, Write};
use std::process::{Command, Stdio};

use serde_json::json;
use sha2::{Digest, Sha256};
use tar::Builder;

use self::header::header;
use self::layer::{Content, Layer};

/// An image that is generated whenever it is loaded, with the same layers on every engine of this machine.
///
/// Each layer holds one file; some 400 MB are generated in a second. With another seed all layers but that of
/// [`Image::busybox`] differ.
#[derive(Debug, Clone)]
#[must_use = "an engine has it only after it was loaded"]
pub struct Image {
    seed: u64,
    architecture: String,
    layers: Vec<Layer>,
}

impl Image {
    /// Creates an image without layers.
    pub fn new(seed: u64) -> Self {
        // Docker uses Go's names of architectures.
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        Image { seed, architecture: architecture.to_owned(), layers: Vec::new() }
    }

    /// Adds a layer with this machine's static busybox and a shell, so that the image can run.
    pub fn busybox(self) -> Self {
        self.layer(Content::Busybox, 0)
    }

    /// Adds a layer of random bytes, which cannot be compressed.
    pub fn random(self, bytes: u64) -> Self {
        self.layer(Content::Random, bytes)
    }

    /// Adds a layer of this machine's shared libraries, which can be compressed as well as real layers.
    pub fn libraries(self, bytes: u64) -> Self {
        self.layer(Content::Libraries, bytes)
    }

    /// Sets the architecture in its configuration, by docker's name for it.
    pub fn architecture(mut self, architecture: &str) -> Self {
        architecture.clone_into(&mut self.architecture);
        self
    }

    /// Returns the image with another last layer of the same size and kind.
    pub fn with_last_layer_changed(mut self) -> Self {
        if let Some(last) = self.layers.last_mut() {
            // A large prime: no other layer has this seed, and libraries begin with another file, because no number of
            // libraries divides it.
            last.seed = last.seed.wrapping_add(1_000_000_007);
        }
        self
    }

    /// Writes the archive that `docker load` reads, with these references to the image.
    ///
    /// # Errors
    /// Fails if it cannot be written, or if a program or library of it cannot be read.
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
            // A fixed time: the ID of an image is the digest of this document.
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
        // The layers of one image have consecutive seeds; 2^16 keeps those of another image apart.
        let seed = self.seed.wrapping_mul(1 << 16).wrapping_add(self.layers.len() as u64);
        self.layers.push(Layer { content, size, seed });
        self
    }
}
