//! What cloud-init does with a dock at its first start: a `#cloud-config` that installs docker, and prepares the machine for
//! its user.
//!
//! It contains no secret: everyone who may describe the instance can read it, and so can every program on it. It is JSON,
//! which is YAML, so nothing is quoted by hand.

use std::io::{self, Write};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use dockerutils_dock::{DockerPackages, IdleLimit, Minutes, UserName};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

/// The largest user-data that EC2 accepts, in bytes.
const MAX_SIZE: usize = 16 << 10;

/// The timer that stops an idle dock, if the dock has one.
pub const IDLE_TIMER: &str = "dockerutils-idle.timer";

/// Separates the parts of a message. It contains characters that base64 and our JSON do not.
const BOUNDARY: &str = "==dockerutils==";

/// What the user-data of a dock depends on.
#[derive(Debug, Clone)]
pub struct UserDataOptions<'a> {
    /// The user to log in as, whom the image must have.
    pub user: &'a UserName,
    /// The packages of docker; `None` if the image has docker, as images for GPUs do.
    pub docker: Option<DockerPackages>,
    /// Whether the dock has a GPU, whose driver must not be replaced while it runs.
    pub has_gpu: bool,
    /// After which idle time it stops itself.
    pub idle: IdleLimit,
    /// After which time it stops itself in any case.
    pub ttl: Option<Minutes>,
    /// The contents of a file of the user's that cloud-init carries out too.
    pub more: Option<&'a [u8]>,
}

/// Why there is no user-data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserDataError {
    /// The kind of the user's part cannot be recognized.
    #[error(
        "its first line must be #cloud-config, #cloud-boothook, #include, or #! and an interpreter, by which cloud-init \
         recognizes it"
    )]
    UnknownKind,
    /// It is too large for EC2.
    #[error(
        "it is too large: compressed, and with create-dock's own part, it has {0} bytes, and EC2 accepts {MAX_SIZE}; put it on a web server or \
         in S3, and write #include and its URL into the file"
    )]
    TooLarge(usize),
}

/// Returns the user-data of a dock, as EC2 takes it before base64. What is too large for EC2 is compressed, and cloud-init
/// unpacks it.
///
/// # Errors
/// Fails if cloud-init could not recognize the user's part, or if it is too large.
pub fn user_data(options: &UserDataOptions) -> Result<Vec<u8>, UserDataError> {
    let config = format!("#cloud-config\n{:#}\n", cloud_config(options));
    let text = match options.more {
        Some(more) => message(&config, more)?,
        None => config,
    };
    if text.len() <= MAX_SIZE {
        return Ok(text.into_bytes());
    }
    // Writing to memory does not fail.
    let compressed = gzip(text.as_bytes()).map_err(|_| UserDataError::TooLarge(text.len()))?;
    if compressed.len() <= MAX_SIZE { Ok(compressed) } else { Err(UserDataError::TooLarge(compressed.len())) }
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn cloud_config(options: &UserDataOptions) -> Value {
    let mut config = json!({
        "ssh_pwauth": false,
        "write_files": files(options),
        "runcmd": [["sh", "/var/lib/dockerutils/setup", options.user.as_str()]],
    });
    if let Some(docker) = options.docker {
        config["package_update"] = true.into();
        config["packages"] = packages(docker).into();
    }
    if options.docker == Some(DockerPackages::Ce) {
        // cloud-init replaces the names in capitals.
        config["apt"] = json!({ "sources": { "docker.list": {
            "source": "deb [signed-by=$KEY_FILE] https://download.docker.com/linux/ubuntu $RELEASE stable",
            "keyid": "9DC858229FC7DD38854AE2D88D81803C0EBFCD88",
        } } });
    }
    config
}

fn packages(docker: DockerPackages) -> Vec<&'static str> {
    // rsync for sync-up, zstd for transfer-image.
    let mut packages = vec!["rsync", "zstd"];
    packages.extend(match docker {
        DockerPackages::Ubuntu => &["docker.io", "docker-buildx", "docker-compose-v2"][..],
        DockerPackages::Ce => {
            &["docker-ce", "docker-ce-cli", "containerd.io", "docker-buildx-plugin", "docker-compose-plugin"]
        }
    });
    packages
}

fn files(options: &UserDataOptions) -> Vec<Value> {
    let mut files = vec![
        file("/var/lib/dockerutils/setup", "0700", include_str!("user_data/setup.sh")),
        file("/var/lib/dockerutils/daemon.json", "0644", include_str!("user_data/daemon.json")),
        file(
            "/etc/systemd/system/docker.service.d/50-dockerutils.conf",
            "0644",
            include_str!("user_data/docker.conf"),
        ),
        file("/etc/ssh/sshd_config.d/50-dockerutils.conf", "0644", include_str!("user_data/sshd.conf")),
    ];
    if options.has_gpu {
        let text = include_str!("user_data/unattended-upgrades.conf");
        files.push(file("/etc/apt/apt.conf.d/60dockerutils", "0644", text));
    }
    if options.idle != IdleLimit::Never || options.ttl.is_some() {
        files.extend(idle_files(options));
    }
    files
}

/// Returns the timer that stops the dock, and its limits: two words, minutes or `never`.
fn idle_files(options: &UserDataOptions) -> [Value; 4] {
    let word = |limit: Option<Minutes>| limit.map_or("never".to_owned(), |minutes| minutes.get().to_string());
    let limits = format!("{} {}\n", word(options.idle.into()), word(options.ttl));
    let unit = |name: &str, text: &str| file(&format!("/etc/systemd/system/{name}"), "0644", text);
    [
        file("/etc/dockerutils/idle", "0644", &limits),
        file("/usr/local/sbin/dockerutils-idle", "0755", include_str!("user_data/dockerutils-idle.sh")),
        unit("dockerutils-idle.service", include_str!("user_data/dockerutils-idle.service")),
        unit(IDLE_TIMER, include_str!("user_data/dockerutils-idle.timer")),
    ]
}

fn file(path: &str, mode: &str, content: &str) -> Value {
    json!({ "path": path, "permissions": mode, "content": content })
}

/// Returns a message of two parts: ours and the user's.
fn message(config: &str, more: &[u8]) -> Result<String, UserDataError> {
    let kind = kind(more).ok_or(UserDataError::UnknownKind)?;
    // cloud-init joins parts of one kind. Without this header, the lists of the user's part would replace ours.
    let merge = "Merge-Type: list(append)+dict(no_replace,recurse_list)+str()";
    let encoded = BASE64_STANDARD.encode(more);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(76).filter_map(|line| str::from_utf8(line).ok()).collect();
    Ok(format!(
        "Content-Type: multipart/mixed; boundary=\"{BOUNDARY}\"\nMIME-Version: 1.0\n\n\
         --{BOUNDARY}\nContent-Type: text/cloud-config; charset=\"utf-8\"\n\n{config}\n\
         --{BOUNDARY}\nContent-Type: {kind}; charset=\"utf-8\"\n{merge}\nContent-Transfer-Encoding: base64\n\n{}\n\
         --{BOUNDARY}--\n",
        lines.join("\n")
    ))
}

/// Returns the type of a part by its first line, as cloud-init does.
fn kind(part: &[u8]) -> Option<&'static str> {
    match part.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end() {
        b"#cloud-config" => Some("text/cloud-config"),
        b"#cloud-boothook" => Some("text/cloud-boothook"),
        b"#include" => Some("text/x-include-url"),
        line if line.starts_with(b"#!") => Some("text/x-shellscript"),
        _ => None,
    }
}

#[cfg(test)]
mod idle_tests;
#[cfg(test)]
mod tests;
