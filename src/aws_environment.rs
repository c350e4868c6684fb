//! What the environment decides about credentials of AWS.

use std::env;

/// Returns whether the environment has keys, which come before the profiles of every file.
pub(crate) fn has_keys() -> bool {
    is_set("AWS_ACCESS_KEY_ID")
}

/// Returns whether the user has chosen credentials in the environment. They come before the profile of a file.
pub(crate) fn chooses_credentials() -> bool {
    is_set("AWS_PROFILE") || has_keys()
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}
