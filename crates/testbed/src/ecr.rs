//! A stand-in for Amazon's registries (ECR): moto serves the API, and Debian's docker-registry serves the registries, with
//! TLS and a password, under their real names.
//!
//! Only private engines resolve the names, to a loopback address of this test process. The stand-in ends with the process:
//! `ecr/supervisor.sh` stops both servers and removes their folder. It needs root, for port 443.

mod api;
mod endpoint;
mod registry;

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use dockerutils_testkit::{Service, find_program, poll_until};

use crate::limited;
use crate::unavailable::Unavailable;
use crate::version::testbed;

pub use endpoint::{ApiFault, Endpoint};
pub(crate) use registry::{address, prepare_engine};

/// The account of moto.
pub const ACCOUNT: &str = "123456789012";

/// The registry of moto's account in the region that commands get.
pub const HOST: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

/// The same account's registry in another region.
pub const OTHER_REGION: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/// The registry of another account.
pub const OTHER_ACCOUNT: &str = "210987654321.dkr.ecr.us-east-1.amazonaws.com";

/// A registry that is not Amazon's, with the same password.
pub const PLAIN: &str = "registry.example.com";

/// A registry to which no connection is possible.
pub const DEAD: &str = "999999999999.dkr.ecr.us-east-1.amazonaws.com";

/// The password that moto returns.
pub const PASSWORD: &str = "123456789012-auth-token";

/// The stand-in.
#[derive(Debug)]
pub struct Ecr {
    state: PathBuf,
    moto: SocketAddr,
    supervisor: Child,
    pipe: Option<ChildStdin>,
}

impl Ecr {
    /// Starts both servers and waits until they accept connections.
    ///
    /// A process may have one at a time, because its engines resolve the names to one address.
    ///
    /// # Errors
    /// Returns [`Unavailable`] if this machine cannot have it.
    pub fn start() -> Result<Self, Unavailable> {
        if !nix::unistd::geteuid().is_root() {
            return Err(Unavailable::NotRoot);
        }
        let server = testbed().join("moto/bin/moto_server");
        let registry = find_program("docker-registry").unwrap_or_else(|| "/usr/bin/docker-registry".into());
        for program in [&server, &registry] {
            if !program.is_file() {
                return Err(Unavailable::Missing(program.clone()));
            }
        }
        let state = tempfile::Builder::new().prefix("dockerutils-ecr-").tempdir()?.keep();
        registry::prepare(&state)?;
        let moto = free_port()?;
        let log = fs::File::create(state.join("log"))?;
        let mut supervisor = Command::new("setsid")
            .arg("bash")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/src/ecr/supervisor.sh"))
            .args([&state, &registry, &server])
            .arg(moto.port().to_string())
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let pipe = supervisor.stdin.take();
        let mut ecr = Ecr { state, moto, supervisor, pipe };
        ecr.wait_until_ready().map(|()| ecr)
    }

    /// Returns the value of AWS_ENDPOINT_URL that leads to moto.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.moto)
    }

    /// Returns the address of moto.
    pub fn address(&self) -> SocketAddr {
        self.moto
    }

    /// Returns its state folder, which is removed when it ends.
    pub fn folder(&self) -> &Path {
        &self.state
    }

    /// Returns the file of Amazon's own `aws`.
    pub fn aws_cli(&self) -> PathBuf {
        testbed().join("moto/bin/aws")
    }

    /// Records a pushed image in moto, as ECR does by itself.
    ///
    /// # Panics
    /// Panics if the registry does not have the tag.
    #[track_caller]
    pub fn record_push(&self, repository: &str, tag: &str) {
        let (digest, manifest) =
            registry::manifest(&self.state, repository, tag).expect("a tag that was pushed");
        let body = format!(
            "{{\"repositoryName\":{repository:?},\"imageTag\":{tag:?},\"imageDigest\":{digest:?},\"imageManifest\":{manifest:?}}}"
        );
        let response = self.call("us-east-1", "PutImage", &body);
        assert!(response.contains("imageDigest"), "{response}");
    }

    /// Returns the digest of a tag in the registry; `None` if it does not have the tag.
    pub fn digest(&self, repository: &str, tag: &str) -> Option<String> {
        registry::manifest(&self.state, repository, tag).map(|(digest, _)| digest)
    }

    /// Calls an action of moto in a region, without the SDK, and returns the JSON of the response.
    pub fn call(&self, region: &str, action: &str, body: &str) -> String {
        api::call(self.moto, region, action, body)
    }

    fn wait_until_ready(&mut self) -> Result<(), Unavailable> {
        let mut ended = false;
        let is_ready = poll_until(|| {
            ended = self.supervisor.try_wait().is_ok_and(|status| status.is_some());
            let servers = [self.moto, SocketAddr::from((address(), 443))];
            (ended || servers.iter().all(|server| TcpStream::connect(server).is_ok())).then_some(())
        });
        let log = || fs::read_to_string(self.state.join("log")).unwrap_or_default();
        if ended || is_ready.is_none() { Err(Unavailable::Failed(log())) } else { Ok(()) }
    }
}

impl Service for Ecr {
    fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint().into()),
            ("AWS_ACCESS_KEY_ID", "testing".into()),
            ("AWS_SECRET_ACCESS_KEY", "testing".into()),
            ("AWS_REGION", "us-east-1".into()),
            // Otherwise the SDK waits for the metadata service of an EC2 instance.
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ]
    }
}

impl Drop for Ecr {
    fn drop(&mut self) {
        self.pipe = None;
        // It fails if the supervisor never ran, and then nothing is left to remove.
        limited::wait_for_removal(&mut self.supervisor);
    }
}

/// Returns the stand-in that the tests of one process share.
///
/// # Panics
/// Panics if this machine cannot have it.
#[track_caller]
pub fn ecr() -> &'static Ecr {
    static ECR: OnceLock<Ecr> = OnceLock::new();
    ECR.get_or_init(|| Ecr::start().unwrap_or_else(|reason| panic!("no stand-in for ECR: {reason}")))
}

fn free_port() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}
