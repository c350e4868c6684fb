//! Commands with a time limit: an engine that hangs must fail a test, and not stop the whole run.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};
use std::process::{Child, Command, ExitStatus, Output};
use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything that a test runs takes on a busy machine.
const LIMIT: Duration = Duration::from_secs(300);

/// How long the supervisor of an engine or a machine may take to remove everything.
const REMOVAL: Duration = Duration::from_secs(60);

/// Runs a command and returns its status and output, as [`Command::output`] does.
///
/// # Errors
/// Fails if the command cannot be started, or if it still runs after five minutes; then it is killed.
pub(crate) fn output(command: &mut Command) -> io::Result<Output> {
    // Files, because what outlives the command would keep a pipe open, and reading from it would never end.
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    let mut child = command.stdout(stdout.try_clone()?).stderr(stderr.try_clone()?).spawn()?;
    let Some(status) = wait(&mut child, LIMIT)? else {
        child.kill()?;
        child.wait()?;
        return Err(io::Error::new(ErrorKind::TimedOut, format!("{command:?} still runs after {LIMIT:?}")));
    };
    Ok(Output { status, stdout: contents(&mut stdout)?, stderr: contents(&mut stderr)? })
}

/// Waits until a supervisor, whose standard input is closed, has removed what belongs to it. One that does not end is left
/// behind, because a process that the kernel cannot end would otherwise stop the whole run.
pub(crate) fn wait_for_removal(supervisor: &mut Child) {
    if !matches!(wait(supervisor, REMOVAL), Ok(Some(_))) {
        eprintln!("the supervisor {} has not ended within {REMOVAL:?}", supervisor.id());
    }
}

fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(None)
}

fn contents(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
