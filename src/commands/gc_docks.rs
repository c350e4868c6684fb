//! `gc-docks`: finds what create-dock has made and no record explains, and deletes it.

use dockerutils_dock::{Docks, Invalid, Minutes, Profile, Region};

use super::dock_ec2::hand_over;
use crate::{Result, ui};

/// List what create-dock has made on EC2 and no record explains; --yes deletes it
///
/// It searches the regions of your docks, of unfinished creations and of ~/.docker/dock.cfg. The exit status is 1 if
/// something is left that costs money or stands in the way.
#[derive(clap::Parser)]
#[command(name = "gc-docks", version, after_help = EXAMPLES)]
pub struct Args {
    /// Delete what is yours, not protected and older than --older-than; nothing of a dock with a record
    #[arg(short, long)]
    pub(super) yes: bool,
    /// Search this region too; may be repeated
    #[arg(long, value_name = "REGION")]
    pub(super) region: Vec<Region>,
    /// Search all regions of the account
    #[arg(long, conflicts_with = "region")]
    pub(super) all_regions: bool,
    /// Use this profile of your AWS configuration
    #[arg(long, value_name = "PROFILE")]
    pub(super) profile: Option<Profile>,
    /// Delete only what is older, because a create-dock may still run on another machine
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = age)]
    pub(super) older_than: u32,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
    /// With --yes: print the commands that delete, and run none of them
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) echo: ui::VerboseEchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  gc-docks                 list what is left of docks, and why
  gc-docks --all-regions   search everywhere
  gc-docks --yes           delete what is yours and older than an hour
  gc-docks --json          for programs";

/// Parses an age, in minutes.
fn age(text: &str) -> std::result::Result<u32, Invalid> {
    if text == "0" { Ok(0) } else { text.parse().map(Minutes::get) }
}

/// Runs the command.
///
/// # Errors
/// Fails if EC2 cannot be queried, or if something is left.
pub fn run(_: &Args) -> Result {
    // Fails early if the home folder, where the records are, is not known.
    Docks::of_current_user()?;
    hand_over("gc")
}
