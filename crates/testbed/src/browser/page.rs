//! A page of the browser: where it is, what it contains, and what is typed and clicked.

use std::io::{self, Error};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dockerutils_testkit::poll_until;
use serde_json::{Value, json};

use super::Browser;

/// A page of the browser.
#[derive(Debug)]
pub struct Page<'b> {
    browser: &'b mut Browser,
    session: String,
}

impl<'b> Page<'b> {
    pub(super) fn new(browser: &'b mut Browser, session: String) -> Self {
        Page { browser, session }
    }

    fn call(&mut self, method: &str, params: &Value) -> io::Result<Value> {
        self.browser.call(method, params, Some(&self.session))
    }

    /// Opens a URL.
    ///
    /// # Errors
    /// Fails if nothing responds there.
    pub fn go(&mut self, url: &str) -> io::Result<()> {
        let response = self.call("Page.navigate", &json!({"url": url}))?;
        match response["errorText"].as_str() {
            Some(error) => Err(Error::other(error.to_owned())),
            None => Ok(()),
        }
    }

    /// Returns the value of a JavaScript expression; a promise is awaited.
    ///
    /// # Errors
    /// Fails if the expression throws, or if the page is being replaced.
    pub fn value(&mut self, expression: &str) -> io::Result<Value> {
        let params = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let response = self.call("Runtime.evaluate", &params)?;
        match response.get("exceptionDetails") {
            Some(details) => Err(Error::other(details.to_string())),
            None => Ok(response["result"]["value"].clone()),
        }
    }

    /// Waits until an expression is neither `null` nor `false`, and returns its value.
    ///
    /// # Panics
    /// Panics if that does not happen.
    #[track_caller]
    pub fn wait(&mut self, expression: &str) -> Value {
        // An expression fails while one page replaces another.
        let wanted = |value: &Value| !matches!(value, Value::Null | Value::Bool(false));
        let found = poll_until(|| self.value(expression).ok().filter(wanted));
        found.unwrap_or_else(|| panic!("the page never has {expression}"))
    }

    /// Clicks into the first element that a CSS selector finds.
    ///
    /// # Errors
    /// Fails if the browser has ended.
    pub fn click(&mut self, selector: &str) -> io::Result<()> {
        let place = self.wait(&format!(
            "(() => {{ const e = document.querySelector({}); if (!e) return null; e.scrollIntoViewIfNeeded(); \
             const r = e.getBoundingClientRect(); \
             return r.width ? [r.x + Math.min(60, r.width / 2), r.y + Math.min(12, r.height / 2)] : null }})()",
            json!(selector)
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", &event)?;
        }
        Ok(())
    }

    /// Types a text.
    ///
    /// # Errors
    /// Fails if the browser has ended.
    pub fn types(&mut self, text: &str) -> io::Result<()> {
        self.call("Input.insertText", &json!({"text": text})).map(|_| ())
    }

    /// Presses a key with modifiers (2 is Ctrl, 8 is Shift), by its name, its code and the number of that code.
    ///
    /// # Errors
    /// Fails if the browser has ended.
    pub fn press(&mut self, key: &str, code: &str, number: u32, modifiers: u32) -> io::Result<()> {
        for kind in ["rawKeyDown", "keyUp"] {
            let event = json!({
                "type": kind, "key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": modifiers,
            });
            self.call("Input.dispatchKeyEvent", &event)?;
        }
        Ok(())
    }

    /// Writes a picture of the page into a PNG file.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn screenshot(&mut self, file: &Path) -> io::Result<()> {
        let shot = self.call("Page.captureScreenshot", &json!({"format": "png"}))?;
        let data = STANDARD.decode(shot["data"].as_str().unwrap_or_default()).map_err(Error::other)?;
        std::fs::write(file, data)
    }
}
