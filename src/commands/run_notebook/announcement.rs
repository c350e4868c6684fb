//! Where a notebook is: the URL is printed, and the browser is opened.

use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use dockerutils_command::{Command, Runner};
use dockerutils_notebook::{Desktop, JupyterServer, OneShotRedirect, browser_commands};
use dockerutils_project::Project;

use crate::{Result, ui};

/// How long a command that opens the browser may take; one that runs longer is the browser itself.
const LAUNCH: Duration = Duration::from_secs(2);

/// Prints the URL of a server: on standard output if it is the command's result, else on standard error, where it has the
/// token only on a terminal.
///
/// # Errors
/// Fails if standard output cannot be written to.
pub(super) fn print_url(
    server: &JupyterServer,
    notebook: Option<&str>,
    before: &str,
    after: &str,
    is_result: bool,
) -> Result {
    if is_result {
        return Ok(ui::print_line(server.url(notebook))?);
    }
    if stderr().is_terminal() {
        ui::note(format_args!("{before}: {}  ({after})", server.url(notebook)));
    } else {
        ui::note(format_args!(
            "{before}: {}  (`run-notebook --list --token` shows it with its token; {after})",
            server.url_without_token(notebook)
        ));
    }
    Ok(())
}

/// Opens a URL in the browser, and returns when it is there, when none can be started, or when `is_over` returns `true`.
pub(super) fn open_browser(url: String, runner: &Runner, is_over: &(dyn Fn() -> bool + Sync)) {
    let desktop = Desktop::of(|name| std::env::var(name).ok());
    // Windows' browser connects through a program of the system.
    let Ok(redirect) = OneShotRedirect::to(url, !desktop.is_wsl) else { return };
    let commands = browser_commands(&desktop, &redirect.address());
    if commands.is_empty() {
        return;
    }
    let has_failed = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| redirect.serve(|| has_failed.load(Ordering::Relaxed) || is_over()));
        if !commands.iter().any(|command| starts(command, runner)) {
            has_failed.store(true, Ordering::Relaxed);
            ui::note("no browser could be started: open the URL yourself, or name one with BROWSER");
        }
    });
}

/// Returns whether a command has opened the browser, or is the browser.
fn starts(command: &Command, runner: &Runner) -> bool {
    ui::note(format_args!("opening the browser: {}", command.to_shell()));
    runner.launch(command, LAUNCH).is_ok_and(|status| status.is_none_or(|status| status.success()))
}

/// Finds a notebook of this machine on the server, whose root folder may be any folder above it. Reports one that is not
/// there.
pub(super) fn find_notebook(server: &JupyterServer, notebook: &Path, project: &Project) -> Option<String> {
    let path = notebook.canonicalize().ok()?;
    let root = project.root().canonicalize().ok()?;
    let below = path.strip_prefix(root).unwrap_or(&path);
    let names: Vec<String> = below.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let found = (0..names.len()).map(|first| names[first..].join("/")).find(|path| server.has_file(path));
    if found.is_none() {
        ui::note(format_args!("{} is not in the folder that Jupyter shows", notebook.display()));
    }
    found
}
