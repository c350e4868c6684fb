//! The errors of the commands for docks on EC2 that no crate raises.

/// Why a dock on EC2 cannot be changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ec2Error {
    /// The credentials are those of another account.
    #[error(
        "{dock} is in account {of_record}, and your credentials are for {of_caller}: {}",
        remedy(profile.as_deref())
    )]
    OtherAccount {
        dock: String,
        of_record: String,
        of_caller: String,
        /// The profile of the record.
        profile: Option<String>,
    },
    /// The user has not confirmed.
    #[error("{0} was not changed, because you did not confirm")]
    NotConfirmed(String),
    /// The dock does not respond after its start.
    #[error("{0} (it runs and costs money; `start-dock` tries again, `stop-dock` stops it)")]
    NotReady(String),
    /// Resources are left.
    #[error("{0}")]
    Left(String),
}

fn remedy(profile: Option<&str>) -> String {
    match profile {
        Some(profile) => {
            format!(
                "use those of its profile, with `export AWS_PROFILE={profile}`, and without AWS_ACCESS_KEY_ID"
            )
        }
        None => "use those of its account, for example with AWS_PROFILE".to_owned(),
    }
}
