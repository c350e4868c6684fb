//! The boundary between the registry's host and the repository in the name of an image.

/// Splits a name into its registry host, if it begins with one, and the repository.
///
/// The first component is a host if it contains a dot or a colon, or is `localhost`. By this rule
/// docker looks for `me/app` on Docker Hub, and not on a host that is called `me`.
/// <https://github.com/distribution/reference/blob/main/normalize.go>
pub(crate) fn split(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((host, repository)) if looks_like_host(host) => (Some(host), repository),
        _ => (None, name),
    }
}

/// Returns whether the component before the first slash is meant as a host.
pub(crate) fn looks_like_host(component: &str) -> bool {
    component == "localhost" || component.contains(['.', ':'])
}

/// Returns whether this is a domain name or an IPv6 address in brackets, with a port or without.
///
/// <https://github.com/distribution/reference/blob/main/regexp.go>
pub(crate) fn is_valid(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        // The last colon of `[::1]` does not separate a port.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    port.is_none_or(is_port) && address.map_or_else(|| host.split('.').all(is_label), is_ipv6)
}

fn is_port(port: &str) -> bool {
    // Docker does not check the range of the number either.
    !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_label(label: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !label.is_empty() && label.bytes().all(is_legal) && !label.starts_with('-') && !label.ends_with('-')
}

fn is_ipv6(address: &str) -> bool {
    !address.is_empty() && address.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':')
}
