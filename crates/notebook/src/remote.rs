//! Jupyter servers on another machine that belong to a user there, and not to a container.
//!
//! A POSIX shell script does the work on that machine, in one round trip. It finds Jupyter, or the server that runs, and
//! prints one line of JSON.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Token, save_copies};

/// The script. Its first line of input is the token.
pub const REMOTE_SCRIPT: &str = include_str!("remote/server.sh");

/// What the script does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteAction {
    /// Finds the server of a folder, or starts it.
    Start,
    /// Ends servers.
    Stop,
    /// Lists servers.
    List,
}

/// The arguments of the script.
#[derive(Debug, Clone)]
pub struct RemoteRequest {
    /// What it does.
    pub action: RemoteAction,
    /// The user on this machine: several of them may log in as one user of the other machine.
    pub owner: String,
    /// The root folder; `None` for the project's copy or the home folder, and for all servers of the owner.
    pub folder: Option<String>,
    /// The project's copy, which may not exist.
    pub copy: Option<String>,
    /// Whether the server listens on a port of its loopback instead of a socket.
    pub tcp: bool,
    /// Jupyter, or the folder that has it; `None` to search for it.
    pub program: Option<String>,
    /// After how many seconds an idle server ends.
    pub idle: Option<u64>,
    /// Whether a server that is started makes copies of saved notebooks.
    pub copies: bool,
    /// Further flags for Jupyter.
    pub flags: Vec<String>,
}

impl RemoteRequest {
    /// Returns the arguments of the script.
    pub fn arguments(&self) -> Vec<String> {
        let action = match self.action {
            RemoteAction::Start => "start",
            RemoteAction::Stop => "stop",
            RemoteAction::List => "list",
        };
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let idle = self.idle.map(|seconds| seconds.to_string()).unwrap_or_default();
        let transport = if self.tcp { "tcp" } else { "socket" };
        let first =
            [action, &self.owner, &text(&self.folder), &text(&self.copy), transport].map(str::to_owned);
        let copies = if self.copies { save_copies::script() } else { String::new() };
        let second = [text(&self.program), idle, copies];
        first.into_iter().chain(second).chain(self.flags.iter().cloned()).collect()
    }
}

/// A server that runs, or was ended.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteServer {
    /// The name of its folder of state, by which it is recognized.
    pub name: String,
    /// Whether this call has started it.
    pub is_new: bool,
    /// Its root folder.
    pub folder: String,
    /// The program that was started.
    pub program: String,
    /// Whether it makes copies of saved notebooks.
    pub copies: bool,
    info: Option<Info>,
}

/// What a server writes about itself: jupyter_server 1 and 2, and notebook 6. Other fields do not matter.
#[derive(Debug, Clone, Deserialize)]
struct Info {
    pid: u32,
    port: u16,
    /// Empty if it listens on a port.
    #[serde(default)]
    sock: String,
    token: String,
    #[serde(default)]
    version: String,
}

/// What the script prints.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Line {
    Servers { servers: Vec<RemoteServer> },
    Failed { failed: Reason, details: Vec<String> },
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Reason {
    NoJupyter,
    NoFolder,
    Ended,
    Late,
}

/// Why no server runs.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// No Jupyter was found.
    #[error("no Jupyter was found: neither jupyter-lab nor jupyter-notebook is in {}", .0.join(", "))]
    NoJupyter(Vec<String>),
    /// The folder does not exist.
    #[error("there is no folder {0}")]
    NoFolder(String),
    /// The server has ended. These are the last lines of its log.
    #[error("Jupyter has ended: {}", .0.join("; "))]
    Ended(Vec<String>),
    /// The server has not started in time. These are the last lines of its log.
    #[error("Jupyter has not started within a minute: {}", .0.join("; "))]
    Late(Vec<String>),
    /// What the script has printed is not valid.
    #[error("the response is not valid: {0}")]
    Invalid(#[source] serde_json::Error),
    /// The script has printed nothing.
    #[error(
        "there is no response: the login shell runs no commands, or the home folder cannot be written to"
    )]
    NoResponse,
}

impl RemoteServer {
    /// Parses what the script has printed.
    ///
    /// # Errors
    /// Returns why no server runs, or why the output is not valid.
    pub fn parse_list(output: &[u8]) -> Result<Vec<Self>, RemoteError> {
        if output.trim_ascii().is_empty() {
            return Err(RemoteError::NoResponse);
        }
        // Folders and lines of a log may have any bytes.
        let output = String::from_utf8_lossy(output);
        match serde_json::from_str(&output) {
            Ok(Line::Servers { servers }) => Ok(servers),
            Ok(Line::Failed { failed, details }) => Err(match failed {
                Reason::NoJupyter => RemoteError::NoJupyter(details),
                Reason::NoFolder => RemoteError::NoFolder(details.join("")),
                Reason::Ended => RemoteError::Ended(details),
                Reason::Late => RemoteError::Late(details),
            }),
            // An untagged enumeration has no good message: whether it is JSON at all is more useful.
            Err(error) => {
                Err(RemoteError::Invalid(serde_json::from_str::<IgnoredAny>(&output).err().unwrap_or(error)))
            }
        }
    }

    /// Returns the process ID of the server on its machine.
    pub fn pid(&self) -> Option<u32> {
        self.info.as_ref().map(|info| info.pid)
    }

    /// Returns the version of the server; empty if it is unknown.
    pub fn version(&self) -> &str {
        self.info.as_ref().map_or("", |info| &info.version)
    }

    /// Returns the token that it accepts.
    pub fn token(&self) -> Option<Token> {
        self.info.as_ref().map(|info| Token::new(&*info.token))
    }

    /// Returns whether it listens on a socket, which only its user can connect to.
    pub fn has_socket(&self) -> bool {
        self.info.as_ref().is_some_and(|info| !info.sock.is_empty())
    }

    /// Returns where it listens, as ssh takes it: the path of a socket, or a port of the loopback. `None` if that is unknown,
    /// or if ssh cannot forward it.
    pub fn target(&self) -> Option<String> {
        let info = self.info.as_ref()?;
        if info.sock.is_empty() {
            return (info.port > 0).then(|| format!("127.0.0.1:{}", info.port));
        }
        // ssh splits its argument at colons, and takes a path only if it has a slash first.
        let is_plain = |c: char| !c.is_control() && c != ':' && c != '\\';
        (info.sock.starts_with('/') && info.sock.chars().all(is_plain)).then(|| info.sock.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<RemoteServer>, String> {
        RemoteServer::parse_list(text.as_bytes()).map_err(|error| error.to_string())
    }

    fn server(info: &str) -> RemoteServer {
        let text = format!(
            "{{\"servers\":[{{\"name\":\"ada@1-2\",\"is_new\":true,\"folder\":\"/w\",\"program\":\"/p\",\"copies\":false,\"info\":{info}}}]}}"
        );
        parse(&text).unwrap().remove(0)
    }

    #[test]
    fn where_a_server_listens_is_what_it_has_written() {
        let with = |more: &str| format!("{{\"pid\": 7, \"token\": \"t\", \"url\": \"x\", {more}}}");
        let target = |info: &str| server(info).target();
        assert_eq!(target(&with("\"port\": 0, \"sock\": \"/h/s\"")).as_deref(), Some("/h/s"));
        assert_eq!(target(&with("\"port\": 8889, \"sock\": \"\"")).as_deref(), Some("127.0.0.1:8889"));
        // notebook 6 before 6.1 has no socket.
        assert_eq!(target(&with("\"port\": 8889")).as_deref(), Some("127.0.0.1:8889"));
        assert_eq!(target(&with("\"port\": 0, \"sock\": \"s:1\"")), None);
        assert_eq!(target("null"), None);
    }

    #[test]
    fn what_is_not_a_response_is_an_error() {
        assert!(parse("").unwrap_err().starts_with("there is no response"));
        assert!(parse("{\"servers\":[").unwrap_err().starts_with("the response is not valid: EOF"));
        assert!(parse("{\"servers\":[], \"more\": 1}").is_err());
        assert!(parse("{\"failed\":\"other\",\"details\":[]}").is_err());
        assert_eq!(
            parse("{\"failed\":\"no-folder\",\"details\":[\"/none\"]}").unwrap_err(),
            "there is no folder /none"
        );
        let latin = b"{\"failed\":\"no-folder\",\"details\":[\"/d\xe9\"]}";
        let error = RemoteServer::parse_list(latin).unwrap_err().to_string();
        assert_eq!(error, "there is no folder /d\u{fffd}");
        assert_eq!(
            parse("{\"failed\":\"ended\",\"details\":[\"a\",\"b\"]}").unwrap_err(),
            "Jupyter has ended: a; b"
        );
    }

    #[test]
    fn debug_output_does_not_contain_the_token() {
        let debug = format!("{:?}", server("{\"pid\": 7, \"port\": 1, \"token\": \"hush\"}").token());
        assert!(!debug.contains("hush"));
    }
}
