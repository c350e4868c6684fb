//! What a refusal for want of a permission means: EC2 encodes the reason, and STS decodes it for those who may read it.

use serde_json::Value;

use crate::Clients;

/// What precedes the encoded reason in a message of EC2.
const ENCODED: &str = "Encoded authorization failure message:";

/// Returns the action that a refusal denies, which may be another one than the call's: RunInstances also needs CreateTags and
/// PassRole. `None` if the message has no encoded reason, or if the caller may not decode it.
pub(crate) async fn denied_action(clients: &Clients, message: &str) -> Option<String> {
    let (_, encoded) = message.split_once(ENCODED)?;
    let encoded = encoded.split_whitespace().next()?;
    let decoded = clients.sts.decode_authorization_message().encoded_message(encoded).send().await.ok()?;
    let reason: Value = serde_json::from_str(decoded.decoded_message()?).ok()?;
    reason.pointer("/context/action")?.as_str().map(str::to_owned)
}
