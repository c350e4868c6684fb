//! JupyterLab in the browser, used as people use it: a cell is typed, run and saved.

use std::io;
use std::path::Path;

use serde_json::json;

use super::{Browser, Page};

/// A notebook with an empty cell, for Python. Without its kernel JupyterLab would show a dialog first.
pub const EMPTY_NOTEBOOK: &str = r#"{"cells": [{"cell_type": "code", "execution_count": null, "id": "a", "metadata": {},
"outputs": [], "source": []}], "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python",
"name": "python3"}}, "nbformat": 4, "nbformat_minor": 5}"#;

const NOTEBOOK: &str = ".jp-NotebookPanel:not(.lm-mod-hidden)";

/// Whether the kernel listens, found out every tenth of a second. The page's own indicator is idle earlier, and a cell that is run too early is not run.
const KERNEL_LISTENS: &str = "new Promise(done => setTimeout(done, 100)).then(() => fetch(JSON.parse(document.getElementById('jupyter-config-data').textContent).baseUrl \
    + 'api/kernels')).then(r => r.json()).then(all => all.some(k => k.execution_state == 'idle' && k.connections > 0))";

/// A notebook that is open in JupyterLab.
#[derive(Debug)]
pub struct Lab<'b> {
    page: Page<'b>,
}

impl<'b> Lab<'b> {
    /// Opens the URL of a notebook and waits until its kernel listens.
    ///
    /// # Errors
    /// Fails if nothing responds at the URL.
    ///
    /// # Panics
    /// Panics if it is not the URL of a notebook in JupyterLab.
    pub fn open(browser: &'b mut Browser, url: &str) -> io::Result<Self> {
        let mut page = browser.page()?;
        page.go(url)?;
        page.wait(&format!("!!document.querySelector('{NOTEBOOK} .jp-Cell .cm-content')"));
        page.wait(KERNEL_LISTENS);
        Ok(Lab { page })
    }

    /// Types code into the first cell, runs it, and returns its output.
    ///
    /// # Errors
    /// Fails if the browser has ended.
    pub fn run(&mut self, code: &str) -> io::Result<String> {
        self.start(code)?;
        let page = &mut self.page;
        // The number in front of a cell comes after its output.
        page.wait(&format!(
            "!!document.querySelector('{NOTEBOOK} .jp-InputPrompt').innerText.match(/\\[\\d+\\]/)"
        ));
        let outputs = page.value(&format!(
            "[...document.querySelectorAll('{NOTEBOOK} .jp-OutputArea-child:not([data-old]) .jp-OutputArea-output')] \
             .map(e => e.innerText).join('\\n')"
        ))?;
        Ok(outputs.as_str().unwrap_or_default().to_owned())
    }

    /// Types code into the first cell and runs it, without waiting for its output.
    ///
    /// # Errors
    /// Fails if the browser has ended.
    pub fn start(&mut self, code: &str) -> io::Result<()> {
        let (page, cell) = (&mut self.page, format!("{NOTEBOOK} .jp-Cell .cm-content"));
        // A notebook that has just been loaded may take the focus away once more, into its command mode.
        while page.value("document.activeElement.classList.contains('cm-content')")? != true {
            page.click(&cell)?;
            page.value("new Promise(done => setTimeout(done, 200))")?;
        }
        page.press("a", "KeyA", 65, 2)?;
        page.types(code)?;
        page.wait(&format!("document.querySelector('{cell}').innerText.trim() == {}", json!(code.trim())));
        // Output and number that were saved with the notebook must not be taken for new ones.
        page.value(&format!(
            "document.querySelectorAll('{NOTEBOOK} .jp-OutputArea-child').forEach(e => e.dataset.old = 1); \
             document.querySelector('{NOTEBOOK} .jp-InputPrompt').textContent = ''"
        ))?;
        page.press("Enter", "Enter", 13, 8)
    }

    /// Saves the notebook and waits until it is saved.
    ///
    /// # Errors
    /// Fails if the browser has ended.
    pub fn save(&mut self) -> io::Result<()> {
        self.page.press("s", "KeyS", 83, 2)?;
        self.page.wait(
            "!document.querySelector('.lm-TabBar-tab.lm-mod-current.jp-mod-dirty') && !document.title.startsWith('*')",
        );
        Ok(())
    }

    /// Writes a picture of it into a PNG file.
    ///
    /// # Errors
    /// Fails if the file cannot be written.
    pub fn screenshot(&mut self, file: &Path) -> io::Result<()> {
        self.page.screenshot(file)
    }
}
