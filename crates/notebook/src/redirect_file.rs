//! A file that leads a browser to a URL with a secret.
//!
//! For systems that do not show whose a connection is, such as macOS: only the calling user can read the file. Elsewhere
//! [`OneShotRedirect`](crate::OneShotRedirect) is used, because a browser that is installed as a snap cannot read it either.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::server::encode;
use crate::token::random_hex;

/// The folder below that of the user's caches.
const FOLDER: &str = "dockerutils/browser";

/// A file with a redirect. It is removed when it is dropped.
#[derive(Debug)]
pub struct RedirectFile {
    path: PathBuf,
}

impl RedirectFile {
    /// Creates a file for a URL, in a private folder below `caches`.
    ///
    /// # Errors
    /// Fails if the file cannot be created.
    pub fn create(caches: &Path, url: &str) -> io::Result<Self> {
        let folder = caches.join(FOLDER);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        // A folder of an earlier call may have been opened to others.
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        let path = folder.join(format!("{}.html", random_hex(16)?));
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(&path)?;
        let redirect = RedirectFile { path };
        writeln!(
            file,
            "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
             <meta http-equiv=\"refresh\" content=\"0;url={url}\"><title>Jupyter</title>"
        )?;
        Ok(redirect)
    }

    /// Returns the address for a browser, which is not a secret.
    pub fn address(&self) -> String {
        format!("file://{}", encode(&self.path.to_string_lossy()))
    }
}

impl Drop for RedirectFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_the_user_can_read_it_and_it_is_removed() {
        let caches = tempfile::tempdir().unwrap();
        let file = RedirectFile::create(caches.path(), "http://127.0.0.1:8888/?token=hush").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&caches.path().join(FOLDER)), mode(&file.path)), (0o700, 0o600));
        assert!(
            fs::read_to_string(&file.path).unwrap().contains("0;url=http://127.0.0.1:8888/?token=hush\"")
        );
        let address = file.address();
        assert!(address.starts_with("file:///") && !address.contains("hush"), "{address}");
        let path = file.path.clone();
        drop(file);
        assert!(!path.exists());
    }
}
