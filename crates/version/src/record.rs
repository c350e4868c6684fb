//! The version record, and the Python module that returns it.

use serde::{Deserialize, Serialize};
use serde_json::json;

/// A version record, with the fields of the dictionary that versioneer's `get_versions()` returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The version, in the project's style.
    pub version: String,
    /// The commit's full hash, if git was used.
    #[serde(rename = "full-revisionid")]
    pub full_revisionid: Option<String>,
    /// Whether tracked files differ from the commit; `None` if that is unknown.
    pub dirty: Option<bool>,
    /// Why the version could not be determined.
    pub error: Option<String>,
    /// The date of the commit, in ISO 8601.
    pub date: Option<String>,
}

impl Record {
    /// Returns the record of a project without a determinable version, with versioneer's own texts.
    pub(crate) fn unknown() -> Self {
        Record {
            version: "0+unknown".to_owned(),
            full_revisionid: None,
            dirty: None,
            error: Some("unable to compute version".to_owned()),
            date: None,
        }
    }

    /// Returns the source of a module for Python 2.7 and 3 whose `get_versions()` returns the record.
    ///
    /// It has the form of the short `_version.py` in a source archive, so that versioneer in an image, where there is no
    /// git, reads the version from it.
    pub fn to_python(&self) -> String {
        let json = json!(self);
        // versioneer's `versions_from_file` finds the JSON with a regular expression and does not decode Python's escapes.
        // So there are none, unless a value contains a quote, a backslash, a control character or `'''`; such a value is
        // correct only through `get_versions()`.
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
