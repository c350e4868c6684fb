//! The headers of files in a layer and in an archive.

use tar::{EntryType, Header};

/// Returns the header of a file that root owns; its name is set when it is appended.
pub(super) fn header(size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o755);
    header.set_uid(0);
    header.set_gid(0);
    // A fixed time, 2020-01-01: the digest of a layer covers the headers.
    header.set_mtime(1_577_836_800);
    header.set_size(size);
    header
}
