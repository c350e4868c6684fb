//! The ports of containers on a dock that stay open on this machine after the command that has opened them.

use dockerutils_dock::session::KeptPort;
use dockerutils_ssh::Forward;

use super::DockedEngine;
use crate::Result;

/// What the name of a notebook's port begins with in the session's list; its container follows.
pub(crate) const NOTEBOOK: &str = "container:";

/// What the name of another container's port begins with; the container and the port on the dock follow.
const PUBLISHED: &str = "published:";

/// Returns the port of this machine that leads to a port of a container.
pub(crate) fn find_kept_port(kept: &[KeptPort], container: &str, port: u16) -> Option<u16> {
    let (notebook, published) = (format!("{NOTEBOOK}{container}"), published_name(container, port));
    let is_target = |kept: &KeptPort| kept.target.ends_with(&format!(":{port}"));
    let found = kept.iter().find(|kept| kept.name == published || (kept.name == notebook && is_target(kept)));
    found.map(|kept| kept.local)
}

fn published_name(container: &str, port: u16) -> String {
    format!("{PUBLISHED}{container}:{port}")
}

impl DockedEngine {
    /// Remembers the open ports of a detached container, so that they are found again, and opened again with a lost
    /// connection.
    ///
    /// # Errors
    /// Fails if the session's folder cannot be written.
    pub(super) fn keep_ports(&self, container: &str, forwards: &[Forward]) -> Result {
        let Some(session) = self.session()? else { return Ok(()) };
        for forward in forwards {
            let name = published_name(container, forward.port);
            // The terminal holds the session.
            session.keep_port(&KeptPort {
                name,
                local: forward.local,
                target: forward.target(),
                holds: false,
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_found_by_its_container_and_number() {
        let kept = |name: &str, local, target: &str| KeptPort {
            name: name.to_owned(),
            local,
            target: target.to_owned(),
            holds: false,
        };
        let ports = [
            kept("container:ada_notebook_x", 8888, "127.0.0.1:49153"),
            kept("published:ada_web_x:80", 8080, "localhost:80"),
        ];
        assert_eq!(find_kept_port(&ports, "ada_notebook_x", 49153), Some(8888));
        assert_eq!(find_kept_port(&ports, "ada_notebook_x", 80), None);
        assert_eq!(find_kept_port(&ports, "ada_web_x", 80), Some(8080));
        assert_eq!(find_kept_port(&ports, "ada_web_y", 80), None);
    }
}
