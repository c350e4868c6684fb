//! Holds an engine or a dock until it is killed: tests kill it, and look for what is left.
//!
//! `hold engine` or `hold dock` prints the footprint and then waits. It ends when standard input is closed, so that it
//! does not outlive a test that failed.
#![expect(clippy::print_stdout, reason = "the test reads the footprint from standard output")]

use std::io::{Read, stdin};
use std::{env, io};

use dockerutils_testbed::{Dock, Engine, Footprint, Version};

fn main() -> io::Result<()> {
    match env::args().nth(1).as_deref() {
        Some("engine") => {
            let engine = Engine::start(Version::V20).map_err(io::Error::other)?;
            println!("{}", Footprint::of_engine(&engine));
            wait()
        }
        Some("dock") => {
            let dock = Dock::start("held", Version::V20).map_err(io::Error::other)?;
            println!("{}", Footprint::of_dock(&dock));
            wait()
        }
        _ => Err(io::Error::other("usage: hold engine|dock")),
    }
}

fn wait() -> io::Result<()> {
    stdin().read(&mut [0]).map(|_| ())
}
