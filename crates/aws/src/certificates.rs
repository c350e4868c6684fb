//! Whom we trust: the system's certificates.
//!
//! On Linux they lie in one file, and many systems have each in a file of its own besides. The SDK reads all of them, which
//! takes longer than everything else before its first call; here the one file is enough.

use std::path::Path;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use rustls::RootCertStore;

/// What connections are opened with. Where SSL_CERT_FILE or SSL_CERT_DIR says something else, that is for the SDK.
pub(crate) fn tls_context() -> TlsContext {
    let is_one_file = cfg!(target_os = "linux") && !openssl_probe::has_ssl_cert_env_vars();
    let bundle =
        is_one_file.then(|| openssl_probe::probe().cert_file).flatten().and_then(|file| bundle(&file));
    let trusted =
        bundle.map_or_else(TrustStore::default, |pem| TrustStore::empty().with_pem_certificate(pem));
    // A set of trusted certificates is all that it is built of, which leaves nothing to fail.
    TlsContext::builder().with_trust_store(trusted).build().unwrap_or_default()
}

/// The certificates of a file that TLS can use, as text; none where it has none. The SDK takes them without a look, and
/// a file may hold others.
fn bundle(file: &Path) -> Option<String> {
    let certificates = rustls_native_certs::load_certs_from_paths(Some(file), None).certs;
    let mut usable = RootCertStore::empty();
    let pem =
        certificates.into_iter().filter(|certificate| usable.add(certificate.clone()).is_ok()).map(|der| {
            format!(
                "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
                BASE64_STANDARD.encode(der)
            )
        });
    Some(pem.collect::<String>()).filter(|pem| !pem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tls_cannot_use_is_left_out() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let odd = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            BASE64_STANDARD.encode("odd")
        );
        std::fs::write(file.path(), &odd).unwrap();
        assert_eq!(bundle(file.path()), None);
        let good = rcgen::generate_simple_self_signed(["example.com".to_owned()]).unwrap().cert.pem();
        std::fs::write(file.path(), odd + &good).unwrap();
        let usable = bundle(file.path()).unwrap();
        assert_eq!(usable.matches("BEGIN").count(), 1);
        assert_eq!(
            usable.split_whitespace().collect::<String>(),
            good.split_whitespace().collect::<String>()
        );
        assert_eq!(bundle(Path::new("/nowhere")), None);
    }
}
