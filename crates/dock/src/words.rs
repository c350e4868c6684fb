//! The values of a record: an address, a user, a moniker and so on.
//!
//! Each value is checked when it is parsed, so that it cannot be taken for a path, an option, a pattern or shell syntax
//! in any place that it is used in: a folder's name, an ssh configuration, an argument. AWS's are in `aws_words.rs`.

use std::fmt;
use std::net::Ipv6Addr;
use std::num::NonZeroU16;
use std::str::FromStr;

use dockerutils_command::printable;
use serde::Serialize;

use crate::InstanceId;

/// A text that does not have the required form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a valid {what}: {form}", printable(value))]
pub struct Invalid {
    pub(crate) value: String,
    pub(crate) what: &'static str,
    pub(crate) form: &'static str,
}

/// Declares a text of one form. Only `parse()` creates it, and it refuses every other text.
macro_rules! word {
    ($(#[$doc:meta])* $name:ident, $is:path, $what:literal, $form:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(String);

        impl $name {
            /// Returns the text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::Invalid;

            fn from_str(text: &str) -> Result<Self, $crate::Invalid> {
                if $is(text) {
                    Ok($name(text.to_owned()))
                } else {
                    Err($crate::Invalid { value: text.to_owned(), what: $what, form: $form })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::Invalid;

            fn try_from(text: String) -> Result<Self, $crate::Invalid> {
                text.parse()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                formatter.pad(&self.0)
            }
        }
    };
}
pub(crate) use word;

word!(
    /// A host name or an IP address.
    Address, is_host, "address",
    "write a host name or an IP address, as in `user@host:port` or `[fd00::5]:22`"
);
word!(
    /// The short name of a dock.
    Moniker, is_moniker, "moniker",
    "use letters, digits, `.`, `_` and `-`, a letter or digit first; `none` means no moniker"
);
word!(
    /// The name of a user on a dock.
    UserName, is_user, "user name",
    "use letters, digits, `.`, `_` and `-`, a letter, digit or `_` first"
);
word!(
    /// The file of a private key: an absolute path, or one that begins with `~/`.
    Identity, is_identity, "identity file",
    "write an absolute path, or one that begins with ~/, without quotes, backslashes, `%` and `$`"
);
word!(
    /// Jump hosts: `[user@]host[:port]`, separated by commas.
    Jump, is_jump, "jump host", "write [user@]host[:port], separated by commas"
);
word!(
    /// The path of the engine's socket on a dock.
    SocketPath, is_socket_path, "socket", "write an absolute path of letters, digits, `/`, `.`, `_`, `@`, `+` and `-`"
);
word!(
    /// The path of Jupyter on a dock, of its environment or of that environment's bin.
    JupyterPath, is_jupyter_path, "path of Jupyter", "write an absolute path, or one that begins with ~/"
);

/// The port of a dock's sshd.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Port(NonZeroU16);

impl FromStr for Port {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let number = text.parse().ok().filter(|_| text.chars().all(|c| c.is_ascii_digit()));
        let form = "write a number from 1 to 65535";
        number.map(Port).ok_or_else(|| Invalid { value: text.to_owned(), what: "port", form })
    }
}

impl fmt::Display for Port {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Address {
    /// Returns the address as URLs and rsync write it: an IPv6 address in brackets.
    pub fn in_url(&self) -> String {
        if self.0.contains(':') { format!("[{}]", self.0) } else { self.0.clone() }
    }
}

impl From<&InstanceId> for Address {
    /// Returns an instance ID as the address of a dock that has none. An ID has the form of a host name.
    fn from(id: &InstanceId) -> Self {
        Address(id.as_str().to_owned())
    }
}

impl From<&Address> for Moniker {
    /// Returns the address as a moniker, for a dock without one.
    fn from(address: &Address) -> Self {
        Moniker(address.0.clone())
    }
}

impl UserName {
    /// Returns the default user: that of Ubuntu's cloud images.
    pub fn ubuntu() -> Self {
        UserName("ubuntu".to_owned())
    }
}

fn is_host(text: &str) -> bool {
    is_name(text, |first| first.is_ascii_alphanumeric()) || text.parse::<Ipv6Addr>().is_ok()
}

fn is_moniker(text: &str) -> bool {
    is_host(text) && text != "none"
}

fn is_user(text: &str) -> bool {
    is_name(text, |first| first.is_ascii_alphanumeric() || first == '_')
}

fn is_name(text: &str, is_first: impl Fn(char) -> bool) -> bool {
    // 253 characters is the longest name that DNS allows.
    text.len() <= 253
        && text.starts_with(is_first)
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

fn is_identity(text: &str) -> bool {
    // The path is written in double quotes into an ssh_config, where these characters have a meaning.
    is_jupyter_path(text) && !text.contains(['"', '\'', '\\', '%', '$'])
}

fn is_jupyter_path(text: &str) -> bool {
    (text.starts_with('/') || text.starts_with("~/"))
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

fn is_socket_path(text: &str) -> bool {
    // ssh splits `-L` at colons, and shells and ssh give other characters a meaning. A socket's address has 108 bytes.
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_' | '@' | '+' | '-');
    text.starts_with('/') && !text.ends_with('/') && text.len() <= 108 && text.chars().all(is_plain)
}

fn is_jump(text: &str) -> bool {
    text.split(',').all(is_hop)
}

fn is_hop(text: &str) -> bool {
    let (user, place) = text.split_once('@').map_or((None, text), |(user, place)| (Some(user), place));
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) if !host.contains(':') => return false,
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').unwrap_or_default())),
        None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    user.is_none_or(is_user) && is_host(host) && port.is_none_or(|port| port.parse::<Port>().is_ok())
}
