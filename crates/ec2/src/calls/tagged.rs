//! Which resources a call lists: filters on our tags and on IDs.

use aws_sdk_ec2::types::Filter;

use crate::Words;
use crate::resource::TAG_ATTEMPT;

/// Which resources a call lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tagged {
    /// All that an attempt at creating a dock has made.
    All,
    /// What this attempt has made.
    Attempt(String),
}

impl Tagged {
    /// Returns the filter as a request contains it.
    pub(super) fn filter(&self) -> Filter {
        let (name, value) = self.name_and_value();
        filter(&name, [value])
    }

    /// Returns the filter as `aws` takes it.
    pub(super) fn words(&self) -> Words {
        let (name, value) = self.name_and_value();
        Words::new().with("--filters", filter_word(&name, [value]))
    }

    fn name_and_value(&self) -> (String, &str) {
        match self {
            Tagged::All => ("tag-key".to_owned(), TAG_ATTEMPT),
            Tagged::Attempt(attempt) => (format!("tag:{TAG_ATTEMPT}"), attempt),
        }
    }
}

/// Returns a filter of a request.
pub(super) fn filter<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> Filter {
    let values = values.into_iter().map(str::to_owned).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}

/// Returns a filter as `aws` takes it.
pub(super) fn filter_word<'a>(name: &str, values: impl IntoIterator<Item = &'a str>) -> String {
    let values = values.into_iter().collect::<Vec<_>>().join(",");
    format!("Name={name},Values={values}")
}
