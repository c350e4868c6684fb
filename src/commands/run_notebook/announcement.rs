//! Where a notebook is: the URL is printed, and the browser is opened.

use std::io::{IsTerminal, stderr};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use dockerutils_command::{Command, Runner};
use dockerutils_notebook::{Desktop, JupyterServer, OneShotRedirect, RedirectFile, browser_commands};
use dockerutils_project::Project;

use crate::{Result, ui};

/// How long a command that opens the browser may take; one that runs longer is the browser itself.
const LAUNCH: Duration = Duration::from_secs(2);

/// How long a file with the URL exists. Whether the browser has read it is not known, and `run-notebook -d` waits for it.
const READING: Duration = Duration::from_secs(10);

/// Prints the URL of a server: on standard output if it is the command's result, else on standard error, where it has the
/// token only on a terminal. `page` is that of a notebook, and `list` the command that prints the URL with its token.
///
/// # Errors
/// Fails if standard output cannot be written to.
pub(in crate::commands) fn print_url(
    server: &JupyterServer,
    page: Option<&str>,
    before: &str,
    after: &str,
    list: &str,
    is_result: bool,
) -> Result {
    if is_result {
        return Ok(ui::print_line(server.url(page))?);
    }
    if stderr().is_terminal() {
        ui::note(format_args!("{before}: {}  ({after})", server.url(page)));
    } else {
        ui::note(format_args!(
            "{before}: {}  (`{list} --list --token` shows it with its token; {after})",
            server.url_without_token(page)
        ));
    }
    Ok(())
}

/// Opens a URL in the browser, and returns when it is there, when none can be started, or when `is_over` returns `true`.
pub(in crate::commands) fn open_browser(url: String, runner: &Runner, is_over: &(dyn Fn() -> bool + Sync)) {
    let desktop = Desktop::of(|name| std::env::var(name).ok());
    if desktop.is_macos {
        return open_by_file(&url, &desktop, runner, is_over);
    }
    // Windows' browser connects through a program of the system.
    let Ok(redirect) = OneShotRedirect::to(url, !desktop.is_wsl) else { return };
    let commands = browser_commands(&desktop, &redirect.address());
    if commands.is_empty() {
        return;
    }
    let has_failed = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| redirect.serve(|| has_failed.load(Ordering::Relaxed) || is_over()));
        if !start_first(&commands, runner) {
            has_failed.store(true, Ordering::Relaxed);
        }
    });
}

/// Opens a URL through a file that is removed when the browser has had the time to read it.
fn open_by_file(url: &str, desktop: &Desktop, runner: &Runner, is_over: &dyn Fn() -> bool) {
    let Some(home) = std::env::home_dir() else { return };
    let Ok(file) = RedirectFile::create(&home.join("Library/Caches"), url) else { return };
    let commands = browser_commands(desktop, &file.address());
    if start_first(&commands, runner) {
        let deadline = Instant::now() + READING;
        while Instant::now() < deadline && !is_over() {
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Starts the first browser that can be started. Returns whether there is one, and reports it otherwise.
fn start_first(commands: &[Command], runner: &Runner) -> bool {
    let is_started = commands.iter().any(|command| starts(command, runner));
    if !is_started && !commands.is_empty() {
        ui::note("no browser could be started: open the URL yourself, or name one with BROWSER");
    }
    is_started
}

/// Returns whether a command has opened the browser, or is the browser.
fn starts(command: &Command, runner: &Runner) -> bool {
    ui::note(format_args!("opening the browser: {}", command.to_shell()));
    runner.launch(command, LAUNCH).is_ok_and(|status| status.is_none_or(|status| status.success()))
}

/// Finds the page of a notebook of this machine on the server, whose root folder may be any folder above it. Reports one that
/// is not there.
pub(super) fn find_page(server: &JupyterServer, notebook: &Path, project: &Project) -> Option<String> {
    let path = notebook.canonicalize().ok()?;
    let root = project.root().canonicalize().ok()?;
    let below = path.strip_prefix(root).unwrap_or(&path);
    let names: Vec<String> = below.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let found = (0..names.len()).map(|first| names[first..].join("/")).find(|path| server.has_file(path));
    if found.is_none() {
        ui::note(format_args!("{} is not in the folder that Jupyter shows", notebook.display()));
    }
    found.map(|path| server.page_of(&path))
}
