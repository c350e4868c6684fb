//! Checks of the places of credentials that the SDK does not make, or reports without naming the place.

use std::env;
use std::io::ErrorKind;
use std::path::PathBuf;

use aws_credential_types::Credentials;

use crate::Error;
use crate::error::root;

const ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";

/// Checks that the environment has a whole key pair or none, and that its values can be keys.
///
/// The SDK passes over half a pair, and would use other credentials than the user expects.
pub(crate) fn check_environment() -> Result<(), Error> {
    let value = |name| env::var(name).ok().filter(|value| !value.trim().is_empty());
    match (value(ID).is_some(), value(SECRET).or_else(|| value("SECRET_ACCESS_KEY")).is_some()) {
        (true, false) => return Err(Error::HalfKeyPair { present: ID, missing: SECRET }),
        (false, true) => return Err(Error::HalfKeyPair { present: SECRET, missing: ID }),
        _ => {}
    }
    for name in [ID, SECRET] {
        check_key(name, &value(name).unwrap_or_default())?;
    }
    Ok(())
}

/// Checks that loaded credentials can be keys.
pub(crate) fn check_credentials(credentials: &Credentials) -> Result<(), Error> {
    check_key("the access key ID of your AWS credentials", credentials.access_key_id())?;
    check_key("the secret access key of your AWS credentials", credentials.secret_access_key())?;
    check_key("the session token of your AWS credentials", credentials.session_token().unwrap_or_default())
}

fn check_key(name: &'static str, key: &str) -> Result<(), Error> {
    if key.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(Error::BlankInKey(name));
    }
    Ok(())
}

/// Checks that the files of profiles are regular files of a sensible size: the SDK would wait for a FIFO for ever, and read
/// a device without end.
pub(crate) fn check_files() -> Result<(), Error> {
    let files = [("AWS_CONFIG_FILE", ".aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")];
    for path in files.iter().filter_map(|(variable, default)| profile_file(variable, default)) {
        match dockerutils_file::read(&path) {
            // What the system refuses to read is the SDK's to judge.
            Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::FileTooLarge) => {
                return Err(Error::ProfileFile(format!("{}: {error}", path.display())));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Returns the path of a file of profiles: that of the variable, or else the default in the home folder.
fn profile_file(variable: &str, default: &str) -> Option<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from);
    match env::var(variable).ok().filter(|value| !value.is_empty()) {
        Some(value) => match value.strip_prefix("~/") {
            Some(below_home) => Some(home?.join(below_home)),
            None => Some(value.into()),
        },
        None => Some(home?.join(default)),
    }
}

/// Checks that the profile files can be read, and that they have the chosen profile, or else the one of AWS_PROFILE.
pub(crate) async fn check_profile(chosen: Option<&str>) -> Result<(), Error> {
    let (system, files) = (Default::default(), Default::default());
    let profiles = aws_config::profile::load(&system, &Default::default(), &files, None).await;
    let profiles = profiles.map_err(|error| Error::ProfileFile(root(&error)))?;
    let name = chosen.map_or_else(|| env::var("AWS_PROFILE").unwrap_or_default(), str::to_owned);
    // The SDK does without a profile of this name.
    if name.is_empty() || name == "default" || profiles.get_profile(&name).is_some() {
        return Ok(());
    }
    let mut known: Vec<String> = profiles.profiles().map(str::to_owned).collect();
    known.sort();
    let chosen_by = if chosen.is_some() { "the profile" } else { "AWS_PROFILE" };
    Err(Error::NoProfile { chosen_by, name, known })
}
