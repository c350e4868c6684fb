//! Whose workspace a folder on a dock is, for a command that needs no rsync.

use dockerutils_command::printable;

use crate::remote_rsync::RECORD;

/// The beginning of the answer if the workspace is the copy of another folder.
const OTHER: &str = "other ";

/// Returns the beginning of a script for [`dockerutils_ssh::portable_script`]. Its first two arguments, which it removes,
/// are the path of a workspace and the key of our folder. What it prints ends with a NUL character; see [`other_owner`].
pub fn owner_script() -> String {
    format!(
        "p=$(printf %b \"$1\"); k=$(printf %b \"$2\"); r=$p/{RECORD}; shift 2; \
         test -s \"$r\" && {{ {{ IFS= read -r l; IFS= read -r s; }} <\"$r\"; \
         test \"$l\" = \"$k\" || printf \"{OTHER}%s\" \"$s\"; }}; printf \"\\0\""
    )
}

/// Returns the folder that the workspace is a copy of, for messages; `None` if it is ours, or nobody's.
pub fn other_owner(answer: &[u8]) -> Option<String> {
    let owner = answer.strip_prefix(OTHER.as_bytes())?;
    Some(printable(&String::from_utf8_lossy(owner)).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_owner_is_reported_only_if_it_is_another_folder() {
        let temp = tempfile::tempdir().unwrap();
        let owner = |record: Option<&str>| {
            let file = temp.path().join(RECORD);
            record.map_or_else(|| drop(fs::remove_file(&file)), |text| fs::write(&file, text).unwrap());
            let script = format!("{}; printf \"$1\"", owner_script());
            let path = temp.path().to_str().unwrap();
            let line = dockerutils_ssh::portable_script(&script, [path, "id /our folder", "rest"]).unwrap();
            #[expect(clippy::disallowed_types, reason = "a test without an echo")]
            let output = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
            let (answer, rest) = output.stdout.split_at(output.stdout.len() - 5);
            assert_eq!(rest, b"\0rest");
            other_owner(answer)
        };
        assert_eq!(owner(None), None);
        assert_eq!(owner(Some("")), None);
        assert_eq!(owner(Some("id /our folder\nlaptop:/our folder\n")), None);
        assert_eq!(owner(Some("id /other\nlaptop:/o\x1bther\n")).as_deref(), Some("laptop:/o\\x1bther"));
        assert_eq!(owner(Some("id /other")).as_deref(), Some(""));
    }
}
