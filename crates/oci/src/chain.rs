//! Chain IDs, which name a layer together with all layers below it.
//!
//! <https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid>

use crate::Digest;

/// Returns the chain ID of a layer on top of the layers with the chain ID `below`; `None` for the lowest layer.
pub fn chain_id(below: Option<Digest>, diff_id: Digest) -> Digest {
    // The specification hashes the two digests as text.
    below.map_or(diff_id, |below| Digest::of(format!("{below} {diff_id}")))
}

/// Returns the chain IDs of an image's layers, the lowest first.
pub fn chain_ids(diff_ids: impl IntoIterator<Item = Digest>) -> impl Iterator<Item = Digest> {
    diff_ids.into_iter().scan(None, |below, diff_id| {
        let chain = chain_id(*below, diff_id);
        *below = Some(chain);
        Some(chain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_id_is_the_digest_of_the_chain_below_and_the_layer() {
        let [lower, upper] = ["lower", "upper"].map(Digest::of);
        let chain = Digest::of(format!("{lower} {upper}"));
        assert_eq!(chain_ids([lower, upper]).collect::<Vec<_>>(), [lower, chain]);
    }
}
