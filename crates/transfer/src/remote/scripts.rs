//! The shell scripts that run on the host, and the command lines that run them.
//!
//! Nothing is installed on a host: a script is the first line of the input of the ssh session that runs it.

/// Reports the engine and its images.
pub(super) const INSPECT: &str = include_str!("inspect.sh");

/// Prints manifests of a containerd store.
pub(super) const MANIFESTS: &str = include_str!("manifests.sh");

/// Verifies and tags images, and removes obsolete ones.
pub(super) const FINALIZE: &str = include_str!("finalize.sh");

/// Receives archives over several streams and loads them.
pub(super) const RECEIVE: &str = include_str!("receive.sh");

/// Copies its input to the fifo that is its argument; it prints the line that precedes frames when the fifo is open.
// The fifo is opened before the marker is printed, and on 3, so that the marker does not go to the fifo.
pub(super) const RELAY: &str =
    "[ -p \"$1\" ] && exec 3>\"$1\" && printf \"\\ndockerutils-transfer\\n\" && exec cat >&3";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relay_can_stand_between_single_quotes_in_every_login_shell() {
        // fish reads two backslashes as one even between single quotes; csh expands `!` and ends quotes at a line feed.
        assert!(!RELAY.contains(['\'', '!', '\n']) && !RELAY.contains("\\\\"), "{RELAY}");
    }
}
