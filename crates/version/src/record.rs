//! The version record, and the Python module that holds it.

use serde::Deserialize;
use serde_json::json;

/// What versioneer's `get_versions()` returns.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Record {
    /// The version, in the project's style.
    pub version: String,
    /// The commit's full hash.
    #[serde(rename = "full-revisionid")]
    pub full_revisionid: Option<String>,
    /// Whether tracked files differ from the commit.
    pub dirty: Option<bool>,
    /// Why the version could not be told.
    pub error: Option<String>,
    /// When the commit was made, in ISO 8601.
    pub date: Option<String>,
}

impl Record {
    /// The record of a project whose version cannot be told, in versioneer's words.
    pub(crate) fn unknown() -> Self {
        Record {
            version: "0+unknown".to_owned(),
            full_revisionid: None,
            dirty: None,
            error: Some("unable to compute version".to_owned()),
            date: None,
        }
    }

    /// The source of a Python module, for 2.7 and 3, whose `get_versions()` returns the record.
    ///
    /// It has the form of the short `_version.py` in a source archive, so that a versioneer which finds it in an image,
    /// where there is no git, takes the version from it. versioneer looks for the JSON as plain text and knows nothing
    /// of Python's escapes, so none stands there unless a value holds a `"`, a backslash, a control character or `'''`:
    /// those only `get_versions()` gives back.
    pub fn to_python(&self) -> String {
        let json = json!({
            "version": self.version,
            "full-revisionid": self.full_revisionid,
            "dirty": self.dirty,
            "error": self.error,
            "date": self.date,
        });
        let literal = format!("{json:#}").replace('\\', r"\\").replace("'''", r"\\u0027\\u0027\\u0027");
        format!(
            "\
# -*- coding: utf-8 -*-
# The version record of this project, written before a build of its image.
# versioneer reads it as it reads the _version.py of a source archive.

import json

version_json = '''
{literal}
'''  # END VERSION_JSON


def get_versions():
    return json.loads(version_json)
"
        )
    }
}
