//! What a target is told at the end, and what it answers: `finalize.sh`.

use std::io::{self, Write};

use dockerutils_command::{Ended, Pipes, Runner, Streaming};

use super::connection::{Connection, script};
use super::error::last_words;
use super::frame::Frame;
use super::{CONCLUDE, Error, Expected, Result, garbled};
use dockerutils_oci::Digest;

/// What is to be proved, named and removed.
pub(super) struct Conclusion<'a> {
    /// How docker is called there.
    pub(super) docker: &'a str,
    pub(super) images: &'a [Expected],
    pub(super) bases: &'a [Digest],
    pub(super) served: &'a [String],
}

impl Conclusion<'_> {
    /// Has the script do it, in the session that was prepared, if that is there; answers with what docker says of the
    /// images that it keeps.
    pub(super) fn draw(
        &self,
        connection: &Connection,
        prepared: Option<Streaming>,
        runner: &Runner,
    ) -> Result<Option<String>> {
        if let Some(session) = prepared
            && let Ok(answers) = self.say(connection, session, runner)?
        {
            return read(connection.name(), &answers);
        }
        let session = runner.start(&connection.session(&script(CONCLUDE, &[])?), Pipes::Both)?;
        let answers = self.say(connection, session, runner)?;
        read(connection.name(), &answers.map_err(|ended| Error::of_ssh(connection.name(), &ended))?)
    }

    /// What the script answers, or how its session ended before it could.
    fn say(
        &self,
        connection: &Connection,
        mut session: Streaming,
        runner: &Runner,
    ) -> Result<std::result::Result<Vec<Frame>, Ended>> {
        if let Some(mut input) = session.take_input() {
            // Where it cannot be written, the session has ended, and how is what counts.
            let _ = input.write_all(self.lines().as_bytes());
        }
        connection.answers(session, runner)
    }

    /// The script's input.
    fn lines(&self) -> String {
        let mut lines = vec![self.docker.to_owned(), self.served.join(" ")];
        lines.extend(self.bases.iter().map(|base| format!("base {base}")));
        for image in self.images {
            let layers: String = image.layers.iter().map(|layer| format!(" {layer}")).collect();
            lines.push(format!("image {}{layers}", image.id));
        }
        for image in self.images {
            lines.extend(image.references.iter().map(|name| format!("tag {} {name}", image.id)));
        }
        lines.join("\n") + "\n"
    }
}

/// What the script has said; what docker says of the images that it keeps is the answer.
fn read(target: &str, frames: &[Frame]) -> Result<Option<String>> {
    let nonsense = |what| garbled(target, io::Error::new(io::ErrorKind::InvalidData, what));
    let mut kept = None;
    for frame in frames {
        match frame.name.as_str() {
            "end" => return Ok(kept),
            "remove" => kept = Some(frame.text.clone()),
            "tag" => {
                let words = last_words(frame.text.as_bytes());
                return Err(Error::NotNamed { target: target.to_owned(), words });
            }
            "bad" => {
                let image = frame.text.parse().map_err(|_| nonsense("a proof of something else"))?;
                return Err(Error::NotProved { target: target.to_owned(), image });
            }
            _ => return Err(nonsense("something else")),
        }
    }
    Err(nonsense("it did not come to an end"))
}
