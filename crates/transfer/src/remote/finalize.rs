//! The last step of a transfer: verifying and tagging the images, and removing obsolete ones, with `finalize.sh`.

use std::io::Write;

use dockerutils_command::{Runner, Streaming};
use dockerutils_oci::Digest;
use dockerutils_ssh::last_line;

use super::connection::{Connection, Output};
use super::error::{Error, Result};
use super::frame::Frame;
use super::scripts::FINALIZE;

/// An image as it should exist on a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedImage {
    /// Its ID on the host: the digest of its configuration in the classic store, that of its manifest in containerd's.
    pub id: Digest,
    /// Its layers, lowest first.
    pub layers: Vec<Digest>,
    /// The tags that it gets.
    pub references: Vec<String>,
}

/// The images to verify, to tag and to remove.
#[derive(Debug, Clone, Copy)]
pub struct Finalize<'a> {
    /// The images that should exist.
    pub images: &'a [ExpectedImage],
    /// Images that the others are built on.
    pub bases: &'a [Digest],
    /// Temporary tags, which are removed after the images are tagged.
    pub holds: &'a [String],
    /// Labels, such as `LABEL=VALUE`, of images that are obsolete.
    pub obsolete: &'a [String],
}

impl Finalize<'_> {
    /// Runs the script, in the prepared session if there is one. Returns docker's message if obsolete images could not be
    /// removed; `docker` is the command for docker on the host.
    pub(super) fn run(
        &self,
        connection: &Connection,
        docker: &str,
        prepared: Option<Streaming>,
        runner: &Runner,
    ) -> Result<Option<String>> {
        if let Some(session) = prepared
            && let Output::Frames(frames) = self.run_in(connection, docker, session, runner)?
        {
            return parse(connection.name(), &frames);
        }
        // A prepared session may have ended meanwhile: the script can be repeated, so another session is tried.
        let session = connection.start(FINALIZE, &[], runner)?;
        match self.run_in(connection, docker, session, runner)? {
            Output::Frames(frames) => parse(connection.name(), &frames),
            Output::Failed(ended) => Err(Error::of_ssh(connection.name(), &ended)),
        }
    }

    fn run_in(
        &self,
        connection: &Connection,
        docker: &str,
        mut session: Streaming,
        runner: &Runner,
    ) -> Result<Output> {
        if let Some(mut input) = session.take_input() {
            // If writing fails, the session has ended, and its exit status is the error to report.
            let _ = input.write_all(self.input(docker).as_bytes());
        }
        connection.read_output(session, runner)
    }

    /// Returns the input of the script.
    fn input(&self, docker: &str) -> String {
        // The order matters: the script reads line by line, and must have verified all images before it sets a tag.
        let mut lines = vec![docker.to_owned(), self.obsolete.join(" ")];
        lines.extend(self.bases.iter().map(|base| format!("base {base}")));
        for image in self.images {
            let layers: String = image.layers.iter().map(|layer| format!(" {layer}")).collect();
            lines.push(format!("image {}{layers}", image.id));
        }
        for image in self.images {
            lines.extend(image.references.iter().map(|tag| format!("tag {} {tag}", image.id)));
        }
        lines.extend(self.holds.iter().map(|tag| format!("untag {tag}")));
        lines.join("\n") + "\n"
    }
}

/// Parses the frames of the script; returns docker's message if obsolete images could not be removed.
fn parse(host: &str, frames: &[Frame]) -> Result<Option<String>> {
    let mut kept = None;
    for frame in frames {
        match frame.name.as_str() {
            "end" => return Ok(kept),
            "remove" => kept = Some(frame.text.clone()),
            "tag" => {
                let reason = last_line(frame.text.as_bytes());
                return Err(Error::TagFailed { host: host.to_owned(), reason });
            }
            "bad" => {
                let image =
                    frame.text.parse().map_err(|_| Error::unreadable(host, "the ID of an unknown image"))?;
                return Err(Error::VerificationFailed { host: host.to_owned(), image });
            }
            name => return Err(Error::unreadable(host, format!("an unknown frame {name:?}"))),
        }
    }
    // The script exits with 0 even if it stops early: only the frame `end` shows that it is complete.
    Err(Error::unreadable(host, "it ended too early"))
}
