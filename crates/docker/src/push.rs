//! `docker push`, what it says of the digest, and the remedy where it or `docker login` fails.

use std::fmt;

use dockerutils_command::Command;
use dockerutils_oci::{Digest, Reference, Registry};

/// Pushes an image under the name that leads there.
pub fn push(reference: &Reference) -> Command {
    Command::new("docker").args(["push".to_owned(), reference.to_string()])
}

/// The digest in what `docker push` has said: `TAG: digest: sha256:… size: …`.
pub fn pushed_digest(said: &str) -> Option<Digest> {
    let words = said.lines().rev().find_map(|line| line.split_once(": digest: "))?.1;
    words.split_whitespace().next()?.parse().ok()
}

/// Why a registry did not take an image, told from docker's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Somewhere no room is left.
    DiskFull,
    /// The tag is there, and stays as it is.
    Immutable,
    /// The certificate is not trusted, or there is none.
    Certificate,
    /// Nobody answers.
    Unreachable,
    /// There is no such repository.
    NoRepository,
    /// There is no login, or it is over, or not taken.
    Login,
    /// It may not be done, or not by whoever is logged in.
    Denied,
}

/// What docker says, in lower case, where it is its own engine that does not let it in or does not answer.
const ENGINE: &[&str] = &["docker daemon", "docker api", "dial unix"];

/// Words of docker's, of the engine's and of registries', in lower case; the first that is found counts.
const SIGNS: &[(&str, Trouble)] = &[
    ("no space left on device", Trouble::DiskFull),
    ("cannot be overwritten because", Trouble::Immutable),
    ("x509:", Trouble::Certificate),
    ("server gave http response to https client", Trouble::Certificate),
    ("connection refused", Trouble::Unreachable),
    ("connection reset", Trouble::Unreachable),
    ("no such host", Trouble::Unreachable),
    ("no route to host", Trouble::Unreachable),
    ("network is unreachable", Trouble::Unreachable),
    ("timeout", Trouble::Unreachable),
    ("context deadline exceeded", Trouble::Unreachable),
    ("server misbehaving", Trouble::Unreachable),
    ("name unknown", Trouble::NoRepository),
    ("authorization token has expired", Trouble::Login),
    ("no basic auth credentials", Trouble::Login),
    ("login attempt to", Trouble::Login),
    ("unauthorized", Trouble::Denied),
    ("authentication required", Trouble::Denied),
    ("denied", Trouble::Denied),
];

impl Trouble {
    /// Reads it from what docker wrote to standard error about this reference, whose own words are no signs.
    pub fn of(said: &str, reference: &Reference) -> Option<Self> {
        let said = without_names(&said.to_lowercase(), reference);
        if ENGINE.iter().any(|sign| said.contains(sign)) {
            return None;
        }
        SIGNS.iter().find(|(sign, _)| said.contains(sign)).map(|(_, trouble)| *trouble)
    }

    /// What to do about it.
    pub fn sentence(self, reference: &Reference) -> String {
        let registry = reference.registry();
        match self {
            Trouble::DiskFull => {
                format!("no room is left, here or at {registry}: `docker system df` shows what could go here")
            }
            Trouble::Immutable => format!(
                "{registry} has `{reference}` already, and its tags stay as they are: publish under another tag, with -t TAG"
            ),
            Trouble::Certificate => format!(
                "the engine does not trust the certificate of {registry}: its machine wants the CA as /etc/docker/certs.d/{registry}/ca.crt"
            ),
            Trouble::Unreachable => {
                format!(
                    "the engine cannot reach {registry}: look at its network, and at the host in `{reference}`"
                )
            }
            Trouble::NoRepository => {
                format!("{registry} has no repository `{}`: make it there first", reference.repository())
            }
            Trouble::Login => no_login(&registry),
            Trouble::Denied => Denied(&registry, reference).to_string(),
        }
    }
}

/// Takes out the names as docker writes them: with the host before it, as a part of an address, or in quotes.
fn without_names(said: &str, reference: &Reference) -> String {
    let (repository, host) = (reference.repository(), reference.host().unwrap_or_default().to_lowercase());
    let tagged = reference.tag().map(|tag| format!("/{repository}:{}", tag.to_lowercase()));
    let forms = [tagged, Some(format!("/{repository}")), Some(format!("'{repository}'")), Some(host)];
    let forms = forms.into_iter().flatten().filter(|form| !form.is_empty());
    forms.fold(said.to_owned(), |said, form| said.replace(&form, ""))
}

/// How to log in.
fn no_login(registry: &Registry) -> String {
    match registry {
        Registry::Ecr(ecr) => format!(
            "docker has no login at {} that it takes: publish again, which logs in anew, and look at the credential helper \
             that docker's own configuration may name",
            ecr.host
        ),
        Registry::Hub => "docker has no login at Docker Hub that it takes: `docker login`".to_owned(),
        Registry::Host(host) => format!("docker has no login at {host} that it takes: `docker login {host}`"),
    }
}

/// How to be let in.
struct Denied<'a>(&'a Registry, &'a Reference);

impl fmt::Display for Denied<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Denied(registry, reference) = self;
        let repository = reference.repository();
        match registry {
            Registry::Ecr(ecr) => write!(
                f,
                "{} does not let you push to `{repository}`: ask whoever looks after account {} for ecr:PutImage and \
                 what else a push needs there",
                ecr.host, ecr.account
            ),
            Registry::Hub => write!(
                f,
                "Docker Hub does not let you push to `{repository}`: `docker login`, and begin the name with your own or \
                 your organisation's"
            ),
            Registry::Host(host) => {
                write!(
                    f,
                    "{host} does not let you push to `{repository}`: `docker login {host}` with who may"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_found_in_what_docker_says() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let said =
            format!("The push refers to repository [h/x]\nabc: Pushed\n1.0: digest: {digest} size: 527\n");
        assert_eq!(pushed_digest(&said), digest.parse().ok());
        assert_eq!(pushed_digest("abc: Pushed\n"), None);
    }

    /// What engines 20.10 and 26.1, and ECR, say.
    #[test]
    fn troubles_are_known_by_dockers_words() {
        for (said, trouble) in [
            ("write /var/lib/docker/tmp/x: no space left on device", Some(Trouble::DiskFull)),
            (
                "tag invalid: The image tag '1.0' already exists in the 'x' repository and cannot be overwritten because the repository is immutable.",
                Some(Trouble::Immutable),
            ),
            (
                "Get \"https://h/v2/\": dial tcp 127.0.0.1:443: connect: connection refused",
                Some(Trouble::Unreachable),
            ),
            (
                "Get \"https://h/v2/\": dial tcp: lookup h on 127.0.0.53:53: no such host",
                Some(Trouble::Unreachable),
            ),
            ("Get \"https://h/v2/\": net/http: TLS handshake timeout", Some(Trouble::Unreachable)),
            (
                "Get \"https://h/v2/\": x509: certificate signed by unknown authority",
                Some(Trouble::Certificate),
            ),
            (
                "name unknown: The repository with name 'x' does not exist in the registry",
                Some(Trouble::NoRepository),
            ),
            ("denied: requested access to the resource is denied", Some(Trouble::Denied)),
            ("login attempt to https://h/v2/ failed with status: 401 Unauthorized", Some(Trouble::Login)),
            (
                "denied: Your authorization token has expired. Reauthenticate and try again.",
                Some(Trouble::Login),
            ),
            ("no basic auth credentials", Some(Trouble::Login)),
            ("Get \"https://h/v2/\": context deadline exceeded", Some(Trouble::Unreachable)),
            (
                "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied",
                None,
            ),
            ("something else", None),
        ] {
            let reference = Reference::parse("h.example.com/x").unwrap();
            assert_eq!(Trouble::of(said, &reference), trouble, "{said}");
        }
    }

    #[test]
    fn names_are_no_troubles() {
        for (name, said) in [
            (
                "h.example.com/timeout:1",
                "An image does not exist locally with the tag: h.example.com/timeout",
            ),
            ("h.example.com/denied:timeout", "errors in h.example.com/denied:timeout"),
            ("h.example.com/a/denied", "Put \"https://h.example.com/v2/a/denied/blobs/x\": EOF"),
            ("denied.example.com/x", "Get \"https://denied.example.com/v2/\": EOF"),
            ("me/timeout", "docker.io/me/timeout: odd"),
            ("h.example.com/denied", "The repository with name 'denied' is odd"),
        ] {
            assert_eq!(Trouble::of(said, &Reference::parse(name).unwrap()), None, "{said}");
        }
        let reference = Reference::parse("h.example.com/x").unwrap();
        assert_eq!(Trouble::of("tls: x509: odd", &reference), Some(Trouble::Certificate));
    }
}
