//! The commands: one module each, with its arguments (`Args`) and what it does (`run`).
//!
//! A binary names the `run` function of its own module only, so the linker leaves the other commands out.

pub mod build_image;
pub mod check_dock;
pub mod clean_image;
#[cfg_attr(not(feature = "ec2"), allow(dead_code, unused_imports, reason = "dock-ec2 uses the rest"))]
pub mod create_dock;
pub mod debug_image;
pub mod destroy_dock;
pub mod dock_ec2;
pub mod dock_session;
pub mod exec_image;
pub mod gc_docks;
pub mod genversion;
pub mod ls_dock;
pub mod ls_image;
pub mod nb_dock;
pub mod publish_image;
pub mod register_dock;
pub mod run_image;
pub mod run_notebook;
pub mod ssh_dock;
pub mod start_dock;
pub mod stop_dock;
pub mod stop_image;
pub mod sync_down;
pub mod sync_status;
pub mod sync_up;
pub mod transfer_image;
pub mod unregister_dock;

use clap::CommandFactory;

/// A command's name and its arguments as clap knows them.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The name of the binary.
    pub name: &'static str,
    /// Builds clap's tree of the command: arguments, help texts, subcommands.
    pub tree: fn() -> clap::Command,
}

/// Every command, in alphabetical order; help tests, completions, man pages and the README table iterate over it.
pub const ALL: &[Entry] = &[
    entry::<build_image::Args>("build-image"),
    entry::<check_dock::Args>("check-dock"),
    entry::<clean_image::Args>("clean-image"),
    entry::<create_dock::Args>("create-dock"),
    entry::<debug_image::Args>("debug-image"),
    entry::<destroy_dock::Args>("destroy-dock"),
    entry::<dock_ec2::Args>("dock-ec2"),
    entry::<dock_session::Args>("dock-session"),
    entry::<exec_image::Args>("exec-image"),
    entry::<gc_docks::Args>("gc-docks"),
    entry::<genversion::Args>("genversion"),
    entry::<ls_dock::Args>("ls-dock"),
    entry::<ls_image::Args>("ls-image"),
    entry::<nb_dock::Args>("nb-dock"),
    entry::<publish_image::Args>("publish-image"),
    entry::<register_dock::Args>("register-dock"),
    entry::<run_image::Args>("run-image"),
    entry::<run_notebook::Args>("run-notebook"),
    entry::<ssh_dock::Args>("ssh-dock"),
    entry::<start_dock::Args>("start-dock"),
    entry::<stop_dock::Args>("stop-dock"),
    entry::<stop_image::Args>("stop-image"),
    entry::<sync_down::Args>("sync-down"),
    entry::<sync_status::Args>("sync-status"),
    entry::<sync_up::Args>("sync-up"),
    entry::<transfer_image::Args>("transfer-image"),
    entry::<unregister_dock::Args>("unregister-dock"),
];

const fn entry<A: CommandFactory>(name: &'static str) -> Entry {
    Entry { name, tree: A::command }
}
