//! The lines of a journal: each a JSON object with the time `at`, and `is`, which names the kind of entry.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Begun, Entry, RecordedAttempt};

/// The version of the format.
const VERSION: u64 = 1;

/// The largest number of lines that is read.
const MAX_LINES: usize = 10_000;

/// Why a journal is not valid.
#[derive(Debug, thiserror::Error)]
pub enum JournalFault {
    /// A line is not an entry.
    #[error("line {line} is not an entry of a journal: {source}")]
    Line {
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The first line does not begin an attempt in this version's format.
    #[error("its first line does not begin an attempt in the format of this version")]
    NotBegun,
    /// It is the journal of another attempt than its name has.
    #[error("it describes another attempt than its name")]
    OtherAttempt,
    /// A value could not be an ID, an ARN or a code.
    #[error("a value has characters that no ID of AWS has")]
    NoFact,
    /// There are too many lines.
    #[error("it has more than {MAX_LINES} lines")]
    TooLong,
}

/// Returns the first line.
pub(super) fn first(begun: &Begun, at: DateTime<Utc>) -> String {
    let mut line = object(begun);
    line.insert("v".to_owned(), VERSION.into());
    line.insert("is".to_owned(), "begun".into());
    finish(line, at)
}

/// Returns the line of an entry.
pub(super) fn format(entry: &Entry, at: DateTime<Utc>) -> String {
    finish(object(entry), at)
}

fn object(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(object)) => object,
        _ => Map::new(),
    }
}

fn finish(mut line: Map<String, Value>, at: DateTime<Utc>) -> String {
    line.insert("at".to_owned(), at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true).into());
    Value::Object(line).to_string() + "\n"
}

/// Parses a journal. A last line without a line feed is ignored: the process was killed while it wrote the line.
pub(super) fn parse(bytes: &[u8]) -> Result<RecordedAttempt, JournalFault> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(&[][..], |last| &bytes[..last]);
    let mut lines = (1..).zip(whole.split(|byte| *byte == b'\n'));
    let (_, line) = lines.next().ok_or(JournalFault::NotBegun)?;
    let begun = parse_first(line)?;
    let mut entries = Vec::new();
    for (line, bytes) in lines {
        if line > MAX_LINES {
            return Err(JournalFault::TooLong);
        }
        entries.push(parse_line(line, bytes)?);
    }
    Ok(RecordedAttempt { begun, entries })
}

fn parse_first(bytes: &[u8]) -> Result<Begun, JournalFault> {
    let mut line = parse_object(1, bytes)?;
    let version = line.remove("v").and_then(|version| version.as_u64());
    let kind = line.remove("is");
    if version != Some(VERSION) || kind.as_ref().and_then(Value::as_str) != Some("begun") {
        return Err(JournalFault::NotBegun);
    }
    convert(1, line)
}

fn parse_line(line: usize, bytes: &[u8]) -> Result<Entry, JournalFault> {
    convert(line, parse_object(line, bytes)?)
}

/// Returns a line without its time.
fn parse_object(line: usize, bytes: &[u8]) -> Result<Map<String, Value>, JournalFault> {
    let invalid = |source| JournalFault::Line { line, source };
    let mut object: Map<String, Value> = serde_json::from_slice(bytes).map_err(invalid)?;
    let at = object.remove("at").unwrap_or_default();
    serde_json::from_value::<DateTime<Utc>>(at).map_err(invalid)?;
    Ok(object)
}

fn convert<T: DeserializeOwned>(line: usize, object: Map<String, Value>) -> Result<T, JournalFault> {
    serde_json::from_value(Value::Object(object)).map_err(|source| JournalFault::Line { line, source })
}
