//! Image references, checked before docker sees them.
//!
//! The grammar is the distribution project's: `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.
//! <https://github.com/distribution/reference/blob/main/reference.go>

use std::fmt;

/// A reference that docker takes: a name, with a tag or a digest where one was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    name: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl Reference {
    /// Reads a reference.
    ///
    /// # Errors
    /// What about it docker would refuse, as a clause.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon before the last slash belongs to the host's port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        check_name(name)
            .and_then(|()| tag.map_or(Ok(()), check_tag))
            .and_then(|()| digest.map_or(Ok(()), check_digest))
            .map_err(|problem| format!("`{text}` is no image reference: {problem}"))?;
        Ok(Reference {
            name: name.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The name without tag and digest: `registry:5000/project-image`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The registry's host, where the name begins with one.
    pub fn host(&self) -> Option<&str> {
        self.name.split_once('/').map(|(host, _)| host).filter(|host| names_host(host))
    }

    /// The tag, if it has one.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, if it has one.
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// Whether a tag or a digest says which of the name's images is meant.
    pub fn is_pinned(&self) -> bool {
        self.tag.is_some() || self.digest.is_some()
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

fn check_name(name: &str) -> Result<(), String> {
    if name.len() > 255 {
        return Err("its name has more than 255 characters".to_owned());
    }
    let path = match name.split_once('/') {
        Some((host, path)) if names_host(host) => {
            if !is_host(host) {
                return Err(format!(
                    "`{host}` is no registry's host: letters and digits, with `.` or `-` between, and a number as its port"
                ));
            }
            path
        }
        _ => name,
    };
    match path.split('/').find(|component| !is_component(component)) {
        None => Ok(()),
        Some("") => Err("a part of its name is empty".to_owned()),
        Some(upper) if is_component(&upper.to_lowercase()) => Err(format!("`{upper}` must be lower-case")),
        Some(odd) => {
            Err(format!("`{odd}` may hold lower-case letters and digits, with `.`, `_` or `-` between"))
        }
    }
}

/// Whether the part before the first slash is meant as a registry's host.
fn names_host(part: &str) -> bool {
    part == "localhost" || part.contains(['.', ':'])
}

/// `domain-name` or `[IPv6address]`, and a port.
fn is_host(part: &str) -> bool {
    let (host, port) = match part.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (part, None),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let is_label = |label: &str| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(legal) && !label.starts_with('-') && !label.ends_with('-')
    };
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_address = |address: &str| {
        !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':')
    };
    port.is_none_or(is_port) && address.map_or_else(|| host.split('.').all(is_label), is_address)
}

fn is_component(component: &str) -> bool {
    !component.is_empty() && crate::name::image_component(component) == component
}

fn check_tag(tag: &str) -> Result<(), String> {
    if !tag.is_empty() && crate::name::tag(tag) == tag {
        return Ok(());
    }
    Err(format!(
        "the tag `{tag}` may hold up to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two"
    ))
}

fn check_digest(digest: &str) -> Result<(), String> {
    let hex = digest.strip_prefix("sha256:").unwrap_or_default();
    if hex.len() == 64 && hex.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')) {
        return Ok(());
    }
    Err(format!("the digest `{digest}` is not sha256: and 64 hexadecimal digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        let reference = Reference::parse("localhost:5000/a/b:c").unwrap();
        assert_eq!((reference.name(), reference.tag()), ("localhost:5000/a/b", Some("c")));
        let reference = Reference::parse("localhost:5000/a").unwrap();
        assert_eq!((reference.name(), reference.tag()), ("localhost:5000/a", None));
        let digest = format!("a@sha256:{}", "0".repeat(64));
        assert_eq!(Reference::parse(&digest).unwrap().to_string(), digest);
    }

    #[test]
    fn what_docker_would_refuse_is_refused() {
        for text in ["", "A", "a b", "a:", "a:b\"", "-a", "a/", "a:.b", "a@sha256:12", "https://a/b", "a:b:c"]
        {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
    }

    /// <https://github.com/distribution/reference/blob/main/regexp.go>
    #[test]
    fn a_host_is_what_docker_takes_for_one() {
        for host in
            ["localhost", "localhost:5000", "a.b-c.D", "127.0.0.1:1", "[::1]:5000", "[fe80::1]", "h:0"]
        {
            assert!(
                Reference::parse(&format!("{host}/x")).is_ok_and(|known| known.host() == Some(host)),
                "{host}"
            );
        }
        let ecr = ".dkr.ecr.us-east-1.amazonaws.com";
        for host in [
            "localhost:",
            "localhost:abc",
            ecr,
            "-h.com",
            "h-.com",
            "a..b",
            "a.",
            "[::1",
            "[]:1",
            "a:1:2",
            "a_b.c",
        ] {
            assert!(Reference::parse(&format!("{host}/x")).is_err(), "{host}");
        }
    }
}
