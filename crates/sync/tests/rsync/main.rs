//! Syncs with a real rsync; a shell on this machine stands in for the dock.

#[path = "../context/cases.rs"]
mod cases;
mod concurrency;
mod dock;
mod down;
mod dry_run;
mod left_alone;
mod login_shell;
mod owner;
mod progress;
mod safe;
mod same_second;
mod up;
mod version;
