//! The certificates that connections trust: the system's.
//!
//! On Linux they are in one file, and many systems also keep each in a file of its own. The SDK reads all of them, which
//! takes longer than everything else before its first call. Reading only the one file is enough.

use std::path::Path;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use rustls::RootCertStore;

/// Returns the TLS settings of connections.
pub(crate) fn tls_context() -> TlsContext {
    // If SSL_CERT_FILE or SSL_CERT_DIR is set, the SDK reads what it names. Other systems than Linux keep certificates in
    // a store of their own.
    let is_one_file = cfg!(target_os = "linux") && !openssl_probe::has_ssl_cert_env_vars();
    let bundle =
        is_one_file.then(|| openssl_probe::probe().cert_file).flatten().and_then(|file| bundle(&file));
    let trusted =
        bundle.map_or_else(TrustStore::default, |pem| TrustStore::empty().with_pem_certificate(pem));
    // `build` only stores the trust store, so its error cannot occur.
    TlsContext::builder().with_trust_store(trusted).build().unwrap_or_default()
}

/// Returns the usable certificates of a file in PEM format; `None` if there are none.
fn bundle(file: &Path) -> Option<String> {
    let certificates = rustls_native_certs::load_certs_from_paths(Some(file), None).certs;
    let mut usable = RootCertStore::empty();
    // The SDK panics on a certificate that rustls rejects, and a file may hold some.
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
    fn certificates_that_tls_cannot_use_are_left_out() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let broken = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            BASE64_STANDARD.encode("broken")
        );
        std::fs::write(file.path(), &broken).unwrap();
        assert_eq!(bundle(file.path()), None);
        let good = rcgen::generate_simple_self_signed(["example.com".to_owned()]).unwrap().cert.pem();
        std::fs::write(file.path(), broken + &good).unwrap();
        let usable = bundle(file.path()).unwrap();
        assert_eq!(usable.matches("BEGIN").count(), 1);
        assert_eq!(
            usable.split_whitespace().collect::<String>(),
            good.split_whitespace().collect::<String>()
        );
        assert_eq!(bundle(Path::new("/nowhere")), None);
    }
}
