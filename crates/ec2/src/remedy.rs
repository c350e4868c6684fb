//! What the user can do about a call that EC2 refuses.

use dockerutils_aws as aws;

use crate::CallError;

/// Returns one sentence: what failed, and the remedy.
pub(crate) fn sentence(error: &CallError) -> String {
    if let Some(seconds) = error.clock_skew {
        let direction = if seconds > 0 { "behind" } else { "ahead of" };
        return format!(
            "this machine's clock is {} s {direction} that of AWS, which refuses {} for that: set the clock, for example with \
             `sudo timedatectl set-ntp true`",
            seconds.abs(),
            error.action
        );
    }
    let denied = error
        .denied_action
        .iter()
        .map(|action| format!("{action}, which is needed for "))
        .collect::<String>();
    match &error.error {
        aws::Error::Denied(refusal) => format!(
            "AWS denies {denied}{refusal}: request that permission from the administrator of the account; `create-dock \
             --print-iam-policy` prints all that are needed"
        ),
        other => other.to_string(),
    }
}
