//! A stand-in for Amazon's registries: moto answers for the API, Debian's docker-registry for the registries, with TLS
//! and a password, under their real names.
//!
//! The names are known to private engines alone (see `engine`), and lead to a loopback address of this test process. It
//! ends with the process: `ecr/supervisor.sh` stops both servers and removes their folder. It needs root, for port 443.

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

use crate::unavailable::Unavailable;
use crate::version::testbed;

pub use endpoint::{ApiFault, Endpoint};
pub(crate) use registry::{address, prepare_engine};

/// moto's account.
pub const ACCOUNT: &str = "123456789012";

/// The registry of moto's account, in the region that commands get.
pub const HOST: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

/// The same account's registry in another region.
pub const OTHER_REGION: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/// The registry of another account.
pub const OTHER_ACCOUNT: &str = "210987654321.dkr.ecr.us-east-1.amazonaws.com";

/// A registry that is none of Amazon's, with the same password.
pub const PLAIN: &str = "registry.example.com";

/// A registry that does not answer.
pub const DEAD: &str = "999999999999.dkr.ecr.us-east-1.amazonaws.com";

/// The password that moto hands out.
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
    /// Starts both servers and waits until they answer; a process has one at a time, for its engines know one address.
    ///
    /// # Errors
    /// When this machine cannot have it; see [`Unavailable`].
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
        ecr.wait_until_it_answers().map(|()| ecr)
    }

    /// Where moto listens, as AWS_ENDPOINT_URL has it.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.moto)
    }

    /// Where moto listens.
    pub fn address(&self) -> SocketAddr {
        self.moto
    }

    /// Its folder, which is gone with it.
    pub fn folder(&self) -> &Path {
        &self.state
    }

    /// The `aws` that Amazon makes.
    pub fn aws_cli(&self) -> PathBuf {
        testbed().join("moto/bin/aws")
    }

    /// Lets moto know of what was pushed, as ECR would by itself.
    ///
    /// # Panics
    /// When the registry has no such tag.
    #[track_caller]
    pub fn record_push(&self, repository: &str, tag: &str) {
        let (digest, manifest) =
            registry::manifest(&self.state, repository, tag).expect("a tag that was pushed");
        let body = format!(
            "{{\"repositoryName\":{repository:?},\"imageTag\":{tag:?},\"imageDigest\":{digest:?},\"imageManifest\":{manifest:?}}}"
        );
        let answer = self.call("us-east-1", "PutImage", &body);
        assert!(answer.contains("imageDigest"), "{answer}");
    }

    /// The digest of what the registry has under a tag, if there is such a tag.
    pub fn digest(&self, repository: &str, tag: &str) -> Option<String> {
        registry::manifest(&self.state, repository, tag).map(|(digest, _)| digest)
    }

    /// Asks moto for something in a region, without the SDK, and answers with its JSON.
    pub fn call(&self, region: &str, action: &str, body: &str) -> String {
        api::call(self.moto, region, action, body)
    }

    fn wait_until_it_answers(&mut self) -> Result<(), Unavailable> {
        let mut ended = false;
        poll_until(|| {
            ended = self.supervisor.try_wait().is_ok_and(|status| status.is_some());
            let servers = [self.moto, SocketAddr::from((address(), 443))];
            (ended || servers.iter().all(|server| TcpStream::connect(server).is_ok())).then_some(())
        });
        let log = || fs::read_to_string(self.state.join("log")).unwrap_or_default();
        if ended { Err(Unavailable::Failed(log())) } else { Ok(()) }
    }
}

impl Service for Ecr {
    fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("AWS_ENDPOINT_URL", self.endpoint().into()),
            ("AWS_ACCESS_KEY_ID", "testing".into()),
            ("AWS_SECRET_ACCESS_KEY", "testing".into()),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ]
    }
}

impl Drop for Ecr {
    fn drop(&mut self) {
        self.pipe = None;
        // It fails when the supervisor never ran, and then there is nothing left of it.
        let _ = self.supervisor.wait();
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
