//! Registries, which references lead to.

use std::fmt;

use crate::{EcrHost, registry_host};

/// A registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registry {
    /// A registry of Amazon's.
    Ecr(EcrHost),
    /// Docker Hub, which docker uses if no host is named.
    Hub,
    /// Any other registry, by its host and port.
    Host(String),
}

impl Registry {
    /// Parses a registry's host, for example `localhost:5000`. `None` if docker would not take the text for a host.
    pub fn parse(host: &str) -> Option<Self> {
        (registry_host::looks_like_host(host) && registry_host::is_valid(host))
            .then(|| Registry::of_host(Some(host)))
    }

    /// Returns the registry at a host that has been checked.
    pub(crate) fn of_host(host: Option<&str>) -> Self {
        match host {
            // The second is the address under which docker 1.0 knew Docker Hub, which it still accepts.
            None | Some("docker.io" | "index.docker.io") => Registry::Hub,
            Some(host) => EcrHost::parse(host).map_or_else(|| Registry::Host(host.to_owned()), Registry::Ecr),
        }
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Registry::Ecr(ecr) => f.write_str(&ecr.host),
            Registry::Hub => f.write_str("Docker Hub"),
            Registry::Host(host) => f.write_str(host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_without_a_dot_or_a_port_is_a_part_of_a_name() {
        assert_eq!(Registry::parse("registry"), None);
        assert_eq!(Registry::parse("a.b/c"), None);
        assert_eq!(Registry::parse("registry:5000"), Some(Registry::Host("registry:5000".to_owned())));
        assert_eq!(Registry::parse("docker.io"), Some(Registry::Hub));
    }
}
