//! A real browser without a screen: headless Chromium, driven through a pipe.
//!
//! Chromium reads commands from its file descriptor 3 and writes to 4, JSON documents that end with NUL; no port is open
//! and no driver is needed. <https://chromedevtools.github.io/devtools-protocol/>

mod lab;
mod page;

use std::io::{self, BufRead, BufReader, Error, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};

use dockerutils_testkit::TIMEOUT;
use serde_json::{Value, json};
use tempfile::TempDir;

pub use self::lab::{EMPTY_NOTEBOOK, Lab};
pub use self::page::Page;

/// Moves the pipes from standard input and output to where Chromium expects them.
const MOVE_PIPES: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>"$HOME/stderr""#;

/// Two browsers at a time are too slow on a machine with two cores.
static ALONE: Mutex<()> = Mutex::new(());

/// A running Chromium with a profile of its own, the only one of this process. It ends when it is dropped.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    sent: u64,
    profile: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Browser {
    /// Starts it, once the one of another thread has ended.
    ///
    /// # Errors
    /// Fails if it cannot be started; `scripts/setup.sh test` installs it.
    pub fn start() -> io::Result<Self> {
        // A test that has failed with its browser does not keep the next one from starting.
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let profile = tempfile::Builder::new().prefix("dockerutils-browser-").tempdir()?;
        let mut child = Command::new("setsid")
            .args(["sh", "-c", MOVE_PIPES, "sh", "chromium", "--headless=new", "--remote-debugging-pipe"])
            // Without it, Chromium refuses to run as root, which these tests need.
            .arg("--no-sandbox")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--disable-sync"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--window-size=1280,900", "about:blank"])
            .env("HOME", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = child.stdin.take().expect("a pipe");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while output.read_until(0, &mut message).is_ok_and(|count| count > 0) {
                let parsed = serde_json::from_slice(message.strip_suffix(b"\0").unwrap_or(&message));
                if !parsed.is_ok_and(|value: Value| sender.send(value).is_ok()) {
                    break;
                }
                message.clear();
            }
        });
        Ok(Browser { child, input, messages, sent: 0, profile, _alone: alone })
    }

    /// Opens an empty page.
    ///
    /// # Errors
    /// Fails if the browser has ended.
    pub fn page(&mut self) -> io::Result<Page<'_>> {
        let target = self.call("Target.createTarget", &json!({"url": "about:blank"}), None)?;
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call("Target.attachToTarget", &attach, None)?;
        let session = session["sessionId"].as_str().unwrap_or_default().to_owned();
        Ok(Page::new(self, session))
    }

    /// Calls a method of the protocol and returns its result.
    fn call(&mut self, method: &str, params: &Value, session: Option<&str>) -> io::Result<Value> {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        self.input.write_all(format!("{message}\0").as_bytes())?;
        loop {
            // Events come in between, which nothing here needs.
            let received =
                self.messages.recv_timeout(TIMEOUT).map_err(|error| self.failed(method, &error))?;
            if received["id"] == self.sent {
                return match &received["error"]["message"] {
                    Value::String(error) => Err(Error::other(format!("{method}: {error}"))),
                    _ => Ok(received["result"].clone()),
                };
            }
        }
    }

    fn failed(&self, method: &str, error: &dyn std::error::Error) -> Error {
        let log = std::fs::read_to_string(self.profile.path().join("stderr")).unwrap_or_default();
        Error::other(format!("{method}: {error}\n{log}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The session's first process is the browser itself: its children end with it.
        let _ = self.input.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let ended = dockerutils_testkit::poll_until(|| self.child.try_wait().ok().flatten());
        if ended.is_none() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
