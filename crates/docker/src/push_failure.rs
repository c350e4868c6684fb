//! Recognizes why a registry refused an image, and names the remedy.
//!
//! Docker has no error codes for this, so the failure is recognized by words in its messages.

use dockerutils_oci::{Reference, Registry};

/// Why a push or a login failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushFailure {
    /// The credential helper that docker's configuration names is not installed.
    NoHelper,
    /// The credential helper failed.
    Helper,
    /// Docker could not write its configuration.
    ConfigNotWritten,
    /// The disk of the engine or of the registry is full.
    DiskFull,
    /// The tag exists and cannot be overwritten.
    Immutable,
    /// The engine does not trust the registry's certificate, or the registry has none.
    Certificate,
    /// The engine cannot connect to the registry.
    Unreachable,
    /// The repository does not exist.
    NoRepository,
    /// There is no login, or it has expired or been refused.
    Login,
    /// Forbidden, for anyone or for this login.
    Denied,
}

/// Signs, in lower case, that docker could not reach its own engine. The other signs then have another meaning.
const ENGINE: &[&str] = &["docker daemon", "docker api", "dial unix"];

/// Signs of a failure in lower case, as docker, the engine and registries write them; the first match counts.
const SIGNS: &[(&str, PushFailure)] = &[
    // First, because the reasons in these messages contain words of the others.
    ("executable file not found in $path", PushFailure::NoHelper),
    ("error storing credentials", PushFailure::Helper),
    ("error getting credentials", PushFailure::Helper),
    ("error saving credentials", PushFailure::ConfigNotWritten),
    ("no space left on device", PushFailure::DiskFull),
    ("cannot be overwritten because", PushFailure::Immutable),
    ("x509:", PushFailure::Certificate),
    ("server gave http response to https client", PushFailure::Certificate),
    ("connection refused", PushFailure::Unreachable),
    ("connection reset", PushFailure::Unreachable),
    ("no such host", PushFailure::Unreachable),
    ("no route to host", PushFailure::Unreachable),
    ("network is unreachable", PushFailure::Unreachable),
    ("timeout", PushFailure::Unreachable),
    ("context deadline exceeded", PushFailure::Unreachable),
    ("server misbehaving", PushFailure::Unreachable),
    ("name unknown", PushFailure::NoRepository),
    ("authorization token has expired", PushFailure::Login),
    ("no basic auth credentials", PushFailure::Login),
    ("login attempt to", PushFailure::Login),
    // Last, because the messages above may contain these words too.
    ("unauthorized", PushFailure::Denied),
    ("authentication required", PushFailure::Denied),
    ("denied", PushFailure::Denied),
];

impl PushFailure {
    /// Diagnoses the failure from what docker wrote to standard error about this reference.
    pub fn diagnose(stderr: &str, reference: &Reference) -> Option<Self> {
        let stderr = without_names(&stderr.to_lowercase(), reference);
        if ENGINE.iter().any(|sign| stderr.contains(sign)) {
            return None;
        }
        SIGNS.iter().find(|(sign, _)| stderr.contains(sign)).map(|(_, failure)| *failure)
    }

    /// Returns a sentence with the cause and the remedy. `helper` is the credential helper that logs in to the registry by
    /// itself, if docker's configuration names one.
    pub fn remedy(self, reference: &Reference, helper: Option<&str>) -> String {
        let registry = reference.registry();
        match self {
            PushFailure::NoHelper => {
                "docker's configuration names a credential helper that is not on PATH: install it, or remove it from \
                 credsStore or credHelpers in docker's config.json"
                    .to_owned()
            }
            PushFailure::Helper => format!(
                "the credential helper that docker's configuration names for {registry} has failed: correct that, or \
                 remove it from credsStore or credHelpers in docker's config.json"
            ),
            PushFailure::ConfigNotWritten => {
                "docker cannot write the login to its config.json: make the file and its folder writable, or set \
                 DOCKER_CONFIG to a folder that is"
                    .to_owned()
            }
            PushFailure::DiskFull => {
                format!(
                    "the disk of the engine or of {registry} is full: `docker system df` shows what can be removed from the engine"
                )
            }
            PushFailure::Immutable => format!(
                "{registry} has `{reference}` already and does not overwrite tags: publish under another tag, with -t TAG"
            ),
            PushFailure::Certificate => format!(
                "the engine does not trust the certificate of {registry}: on its machine, install the CA as /etc/docker/certs.d/{registry}/ca.crt"
            ),
            PushFailure::Unreachable => {
                format!(
                    "the engine cannot reach {registry}: check its network, and the host in `{reference}`"
                )
            }
            PushFailure::NoRepository => {
                format!("{registry} has no repository `{}`: create it there first", reference.repository())
            }
            PushFailure::Login => login_remedy(&registry, helper),
            PushFailure::Denied => permission_remedy(&registry, reference.repository()),
        }
    }
}

/// Removes the names as docker writes them: after the host, as part of a URL, or in quotes.
///
/// A repository named `timeout`, for example, must not look like a sign.
fn without_names(stderr: &str, reference: &Reference) -> String {
    let (repository, host) = (reference.repository(), reference.host().unwrap_or_default().to_lowercase());
    let tagged = reference.tag().map(|tag| format!("/{repository}:{}", tag.to_lowercase()));
    let forms = [tagged, Some(format!("/{repository}")), Some(format!("'{repository}'")), Some(host)];
    let forms = forms.into_iter().flatten().filter(|form| !form.is_empty());
    forms.fold(stderr.to_owned(), |stderr, form| stderr.replace(&form, ""))
}

fn login_remedy(registry: &Registry, helper: Option<&str>) -> String {
    match (registry, helper) {
        // publish-image does not log in.
        (_, Some(helper)) => format!(
            "docker has no valid login for {registry}, which the credential helper `{helper}` of docker's configuration should \
             return: `echo {registry} | docker-credential-{helper} get` shows why it does not"
        ),
        (Registry::Ecr(ecr), None) => format!(
            "docker has no valid login for {}: publish again, which logs in anew, and check the credential helper in \
             docker's own configuration, if there is one",
            ecr.host
        ),
        (Registry::Hub, None) => "docker has no valid login for Docker Hub: `docker login`".to_owned(),
        (Registry::Host(host), None) => {
            format!("docker has no valid login for {host}: `docker login {host}`")
        }
    }
}

fn permission_remedy(registry: &Registry, repository: &str) -> String {
    match registry {
        Registry::Ecr(ecr) => format!(
            "{} does not let you push to `{repository}`: request ecr:PutImage, and the other permissions that a push \
             needs, from the administrator of account {}",
            ecr.host, ecr.account
        ),
        Registry::Hub => format!(
            "Docker Hub does not let you push to `{repository}`: `docker login`, and begin the name with your user or \
             your organisation"
        ),
        Registry::Host(host) => format!(
            "{host} does not let you push to `{repository}`: `docker login {host}` as a user who may push"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The messages are those of engines 20.10 and 26.1, and of ECR.
    #[test]
    fn failures_are_recognized_by_dockers_messages() {
        for (stderr, failure) in [
            ("write /var/lib/docker/tmp/x: no space left on device", Some(PushFailure::DiskFull)),
            (
                "tag invalid: The image tag '1.0' already exists in the 'x' repository and cannot be overwritten because the repository is immutable.",
                Some(PushFailure::Immutable),
            ),
            (
                "Get \"https://h/v2/\": dial tcp 127.0.0.1:443: connect: connection refused",
                Some(PushFailure::Unreachable),
            ),
            (
                "Get \"https://h/v2/\": dial tcp: lookup h on 127.0.0.53:53: no such host",
                Some(PushFailure::Unreachable),
            ),
            ("Get \"https://h/v2/\": net/http: TLS handshake timeout", Some(PushFailure::Unreachable)),
            (
                "Get \"https://h/v2/\": x509: certificate signed by unknown authority",
                Some(PushFailure::Certificate),
            ),
            (
                "name unknown: The repository with name 'x' does not exist in the registry",
                Some(PushFailure::NoRepository),
            ),
            ("denied: requested access to the resource is denied", Some(PushFailure::Denied)),
            ("login attempt to https://h/v2/ failed with status: 401 Unauthorized", Some(PushFailure::Login)),
            (
                "denied: Your authorization token has expired. Reauthenticate and try again.",
                Some(PushFailure::Login),
            ),
            ("no basic auth credentials", Some(PushFailure::Login)),
            ("Get \"https://h/v2/\": context deadline exceeded", Some(PushFailure::Unreachable)),
            (
                "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied",
                None,
            ),
            ("something else", None),
        ] {
            let reference = Reference::parse("h.example.com/x").unwrap();
            assert_eq!(PushFailure::diagnose(stderr, &reference), failure, "{stderr}");
        }
    }

    /// The messages are those of docker 20.10 and 26.1.
    #[test]
    fn a_login_that_cannot_be_stored_is_recognized() {
        let reference = Reference::parse("h.example.com/x").unwrap();
        for (stderr, failure) in [
            (
                "Error saving credentials: error storing credentials - err: exec: \"docker-credential-desktop\": executable file not found in $PATH, out: ``",
                PushFailure::NoHelper,
            ),
            (
                "Error saving credentials: error storing credentials - err: exit status 1, out: `permission denied`",
                PushFailure::Helper,
            ),
            (
                "Error saving credentials: open /home/ada/.docker/config.json123: permission denied",
                PushFailure::ConfigNotWritten,
            ),
            (
                "Error saving credentials: open /home/ada/.docker/config.json123: no space left on device",
                PushFailure::ConfigNotWritten,
            ),
            (
                "Error saving credentials: rename /c/config.json1 /c/config.json: device or resource busy",
                PushFailure::ConfigNotWritten,
            ),
        ] {
            assert_eq!(PushFailure::diagnose(stderr, &reference), Some(failure), "{stderr}");
        }
    }

    #[test]
    fn publish_image_is_no_remedy_if_it_does_not_log_in() {
        let reference = Reference::parse("123456789012.dkr.ecr.us-east-1.amazonaws.com/x").unwrap();
        assert!(PushFailure::Login.remedy(&reference, None).contains("publish again, which logs in anew"));
        let remedy = PushFailure::Login.remedy(&reference, Some("ecr-login"));
        assert!(remedy.contains("docker-credential-ecr-login get") && !remedy.contains("publish again"));
    }

    #[test]
    fn words_in_a_name_are_not_signs_of_a_failure() {
        for (name, stderr) in [
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
            assert_eq!(PushFailure::diagnose(stderr, &Reference::parse(name).unwrap()), None, "{stderr}");
        }
        let reference = Reference::parse("h.example.com/x").unwrap();
        assert_eq!(PushFailure::diagnose("tls: x509: odd", &reference), Some(PushFailure::Certificate));
    }
}
