//! The registries: names, certificate, password and content.

use std::fs;
use std::io::{Error, Result};
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::OnceLock;

use rcgen::{CertifiedKey, generate_simple_self_signed};

use super::{DEAD, HOST, OTHER_ACCOUNT, OTHER_REGION, PASSWORD, PLAIN};

const NAMES: [&str; 4] = [HOST, OTHER_REGION, OTHER_ACCOUNT, PLAIN];

/// The lowest cost that bcrypt allows, because the registry checks the password at every request.
const COST: u32 = 4;

/// Returns the loopback address of this process's registries, which no other process uses.
pub(crate) fn address() -> Ipv4Addr {
    of_process(64)
}

/// Returns a loopback address without any server.
fn dead_address() -> Ipv4Addr {
    of_process(128)
}

fn of_process(block: u8) -> Ipv4Addr {
    // Process ids have at most 22 bits on Linux, which the three lower bytes hold.
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, block | (high & 63), middle, low)
}

/// Returns the certificate of all registries, made once for a process.
fn certificate() -> Result<&'static CertifiedKey<rcgen::KeyPair>> {
    static CERTIFICATE: OnceLock<CertifiedKey<rcgen::KeyPair>> = OnceLock::new();
    if CERTIFICATE.get().is_none() {
        let made = generate_simple_self_signed(NAMES.map(str::to_owned)).map_err(Error::other)?;
        let _ = CERTIFICATE.set(made);
    }
    CERTIFICATE.get().ok_or_else(|| Error::other("no certificate"))
}

/// Writes the files that an engine's supervisor mounts over /etc/hosts and /etc/docker.
pub(crate) fn prepare_engine(state: &Path) -> Result<()> {
    let mut hosts = fs::read_to_string("/etc/hosts").unwrap_or_default();
    for name in NAMES {
        hosts += &format!("\n{} {name}", address());
        let folder = state.join("certs.d").join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("ca.crt"), certificate()?.cert.pem())?;
    }
    hosts += &format!("\n{} {DEAD}\n", dead_address());
    fs::write(state.join("hosts"), hosts)
}

/// Writes the files that docker-registry is started with.
pub(super) fn prepare(state: &Path) -> Result<()> {
    let certificate = certificate()?;
    fs::write(state.join("server.crt"), certificate.cert.pem())?;
    fs::write(state.join("server.key"), certificate.signing_key.serialize_pem())?;
    let password = bcrypt::hash(PASSWORD, COST).map_err(Error::other)?;
    fs::write(state.join("htpasswd"), format!("AWS:{password}\n"))?;
    let state_text = state.display();
    let config = format!(
        "version: 0.1\n\
         log: {{level: warn, accesslog: {{disabled: true}}}}\n\
         storage: {{filesystem: {{rootdirectory: {state_text}/data}}}}\n\
         http:\n  addr: {}:443\n  secret: stand-in\n  \
         tls: {{certificate: {state_text}/server.crt, key: {state_text}/server.key}}\n\
         auth: {{htpasswd: {{realm: stand-in, path: {state_text}/htpasswd}}}}\n",
        address()
    );
    fs::write(state.join("registry.yml"), config)
}

/// Returns the digest and the manifest of a tag, read from the registry's own files.
pub(super) fn manifest(state: &Path, repository: &str, tag: &str) -> Option<(String, String)> {
    // From the files, because the HTTP interface would need a client for TLS and passwords.
    let data = state.join("data/docker/registry/v2");
    let link = format!("repositories/{repository}/_manifests/tags/{tag}/current/link");
    let digest = fs::read_to_string(data.join(link)).ok()?;
    let hex = digest.strip_prefix("sha256:")?;
    let manifest = fs::read_to_string(data.join(format!("blobs/sha256/{}/{hex}/data", &hex[..2]))).ok()?;
    Some((digest, manifest))
}
