//! `docker push`.

use dockerutils_command::Command;
use dockerutils_oci::{Digest, Reference};

/// Returns the command that pushes an image to the registry of its reference.
pub fn push(reference: &Reference) -> Command {
    Command::new("docker").args(["push".to_owned(), reference.to_string()])
}

/// Returns the digest in the output of `docker push`: `TAG: digest: sha256:… size: …`.
pub fn pushed_digest(output: &str) -> Option<Digest> {
    let words = output.lines().rev().find_map(|line| line.split_once(": digest: "))?.1;
    words.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_found_in_the_output_of_push() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let output =
            format!("The push refers to repository [h/x]\nabc: Pushed\n1.0: digest: {digest} size: 527\n");
        assert_eq!(pushed_digest(&output), digest.parse().ok());
        assert_eq!(pushed_digest("abc: Pushed\n"), None);
    }
}
