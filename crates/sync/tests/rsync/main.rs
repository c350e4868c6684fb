//! rsync sends and brings what we mean it to: a real one, with a shell on this machine for a dock.

mod at_once;
#[path = "../context/cases.rs"]
mod cases;
mod dock;
mod down;
mod dry_run;
mod up;
mod version;
