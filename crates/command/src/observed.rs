//! Commands whose standard output reports their progress.

use std::io::{self, PipeReader, Read};
use std::thread;

use crate::{Command, Error, Runner};

impl Runner {
    /// Echoes and runs a command, and calls `on_output` with each piece of its standard output as it comes.
    ///
    /// # Errors
    /// Fails as [`run`](Self::run) does.
    pub fn run_observed(&self, command: &Command, on_output: impl FnMut(&[u8]) + Send) -> Result<(), Error> {
        let failed = |source| command.start_error(source);
        let (reader, writer) = io::pipe().map_err(failed)?;
        thread::scope(|scope| {
            let reading = thread::Builder::new().spawn_scoped(scope, || read_pieces(reader, on_output));
            // Without the thread, a full pipe would block the command for ever.
            reading.map_err(failed)?;
            self.wait(command, |expression| expression.stdout_file(writer))
        })
    }
}

fn read_pieces(mut reader: PipeReader, mut on_output: impl FnMut(&[u8])) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = reader.read(&mut buffer) {
        on_output(&buffer[..count]);
    }
}
