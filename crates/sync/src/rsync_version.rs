//! The version of an rsync, from the first line of `rsync --version`.

use dockerutils_command::{Command, Error as Failure, Runner, printable};

use crate::Error;

/// The first version that has the options that we use on a dock.
const REQUIRED: (u32, u32, u32) = (3, 1, 0);
/// The first version that can compare nanoseconds, which the rsync of this machine does.
const COMPARES_NANOSECONDS: (u32, u32, u32) = (3, 1, 3);
/// The first version that checks what a host sends: an older one may write other files than it has asked for.
/// <https://nvd.nist.gov/vuln/detail/CVE-2022-29154>
const SAFE: (u32, u32, u32) = (3, 2, 5);

/// The version of an rsync.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RsyncVersion {
    /// `None` if it is another program, such as openrsync.
    number: Option<(u32, u32, u32)>,
    /// The program and its version, for messages.
    pub(crate) shown: String,
}

impl RsyncVersion {
    /// Parses `rsync  version 3.2.7  protocol version 31`.
    pub(crate) fn parse(line: &str) -> Self {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = match words.as_slice() {
            ["rsync", "version", number, ..] => parse_number(number),
            _ => None,
        };
        let shown = words.split(|word| *word == "protocol").next().unwrap_or_default().join(" ");
        let shown = printable(shown.trim_end_matches(':')).into_owned();
        RsyncVersion { number, shown }
    }

    /// Returns whether it understands our options on a dock. A version that could not be determined is given a chance.
    pub(crate) fn is_usable_on_dock(&self) -> bool {
        self.is_at_least(REQUIRED)
    }

    /// Returns whether it understands our options on this machine.
    pub(crate) fn is_usable_here(&self) -> bool {
        self.is_at_least(COMPARES_NANOSECONDS)
    }

    fn is_at_least(&self, required: (u32, u32, u32)) -> bool {
        self.shown.is_empty() || self.number.is_some_and(|number| number >= required)
    }

    fn is_safe(&self) -> bool {
        self.number.is_none_or(|number| number >= SAFE)
    }
}

/// Parses `3.2.7`, also with a `v` before it and letters after it.
fn parse_number(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.trim_start_matches('v').split(|c: char| !c.is_ascii_digit()).map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?, parts.next().and_then(Result::ok).unwrap_or(0)))
}

/// Returns the version of the rsync on this machine.
fn local_rsync(runner: &Runner) -> Result<RsyncVersion, Error> {
    let output = runner.capture(&Command::new("rsync").arg("--version"))?;
    Ok(RsyncVersion::parse(String::from_utf8_lossy(&output).lines().next().unwrap_or_default()))
}

/// Checks that the rsync of this machine understands our options.
///
/// # Errors
/// Fails if it does not. An rsync that does not run at all is left to the command that needs it.
pub(crate) fn check_local_rsync(runner: &Runner) -> Result<(), Error> {
    match local_rsync(runner) {
        Ok(version) if !version.is_usable_here() => Err(Error::ForeignRsync { found: version.shown }),
        // `env`, through which rsync runs, exits for it as a shell on the dock does without rsync.
        Err(Error::Command(missing @ Failure::NotFound { .. })) => Err(missing.into()),
        _ => Ok(()),
    }
}

/// Returns a warning if the rsync of this machine lets a dock write other files than those that are fetched.
///
/// # Errors
/// Fails if rsync cannot be run.
pub fn rsync_warning(runner: &Runner) -> Result<Option<String>, Error> {
    let version = local_rsync(runner)?;
    Ok((!version.is_safe()).then(|| {
        format!(
            "{} lets a dock that was taken over write other files here than those that are fetched (CVE-2022-29154): \
             install rsync 3.2.5 or later, unless your distribution has mended its version",
            version.shown
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_or_foreign_rsync_is_recognized() {
        for (line, on_dock, here, is_safe, shown) in [
            ("rsync  version 3.2.7  protocol version 31", true, true, true, "rsync version 3.2.7"),
            ("rsync  version 3.2.5  protocol version 31", true, true, true, "rsync version 3.2.5"),
            ("rsync  version 3.10.0pre1  protocol version 32", true, true, true, "rsync version 3.10.0pre1"),
            ("rsync  version v3.2.4  protocol version 31", true, true, false, "rsync version v3.2.4"),
            ("rsync  version 3.1.3  protocol version 31", true, true, false, "rsync version 3.1.3"),
            ("rsync  version 3.1.2  protocol version 31", true, false, false, "rsync version 3.1.2"),
            ("rsync  version 3.0.9  protocol version 30", false, false, false, "rsync version 3.0.9"),
            ("rsync  version 2.6.9  protocol version 29", false, false, false, "rsync version 2.6.9"),
            ("openrsync: protocol version 29", false, false, true, "openrsync"),
            ("", true, true, true, ""),
        ] {
            let version = RsyncVersion::parse(line);
            let usable = (version.is_usable_on_dock(), version.is_usable_here());
            let found = (usable, version.is_safe(), version.shown.as_str());
            assert_eq!(found, ((on_dock, here), is_safe, shown), "{line}");
        }
    }
}
