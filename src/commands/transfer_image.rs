//! `transfer-image`: brings images to another machine's engine, and no more bytes than it lacks.

mod by_file;
mod delivery;
mod host;
mod lanes;
mod layers;
mod progress;
mod reached;
mod report;
mod sending;

use std::ffi::OsString;
use std::path::PathBuf;

use self::by_file::{apply, bundle, print_inventory};
use self::delivery::{Compress, Errand, Options, transfer};
use crate::dock_context::reopen;
use crate::{Error, Result};
use clap::ArgGroup;
use dockerutils_command::Runner;

/// Bring images to the engine of another machine over ssh, and only the layers that it lacks
#[derive(clap::Parser)]
#[command(name = "transfer-image", version, after_help = EXAMPLES)]
#[command(group = ArgGroup::new("by-file").args(["bundle", "apply", "inventory"]))]
pub struct Args {
    /// Images: folders under docker/, synthetic images, or whatever docker knows; the last word is the host, if no
    /// --to says it: a dock's moniker or address, or what ssh takes
    #[arg(value_name = "IMAGE… HOST", required_unless_present_any = ["apply", "inventory"])]
    words: Vec<String>,
    /// A host; may be given several times: the images are read once for all
    #[arg(long, value_name = "HOST", conflicts_with = "by-file")]
    to: Vec<String>,
    /// The private key to log in with; as SSH_KEY
    #[arg(short, long, value_name = "KEY", env = "SSH_KEY", hide_env = true)]
    identity: Option<OsString>,
    /// Send all layers, whatever is there
    #[arg(long, conflicts_with = "by-file")]
    full: bool,
    /// How to pack what is sent: auto (as the line deserves, block by block), zstd, gzip or none
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Compress::Auto, hide_possible_values = true)]
    compress: Compress,
    /// Print what was sent as JSON
    #[arg(long, conflicts_with = "by-file")]
    json: bool,
    /// Write the images to a file instead, for a site that no ssh reaches; plain `docker load` takes it too (by zstd from
    /// docker 23.0 on)
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// With --bundle: leave out what this list says the site has; --inventory makes it there
    #[arg(long, value_name = "LIST", requires = "bundle")]
    base: Option<PathBuf>,
    /// Load such a file into the engine here
    #[arg(long, value_name = "FILE", conflicts_with = "words")]
    apply: Option<PathBuf>,
    /// Print what the engine here has, for --base
    #[arg(long, conflicts_with = "words")]
    inventory: bool,
    /// Tell each layer, its size, and whether it would be sent, and send nothing; both engines are asked
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  transfer-image dev gpu                     the project's image dev to the dock gpu
  transfer-image nginx:1.27 ada@10.0.0.7     any image, to any machine that ssh reaches
  transfer-image dev prod --to gpu1 --to gpu2
  transfer-image dev gpu --dry-run           which layers would be sent
  transfer-image --inventory > site.json     there; then here, and there again:
  transfer-image --bundle dev.tar dev --base site.json
  transfer-image --apply dev.tar";

/// Runs the command.
///
/// # Errors
/// Returns what stops the command: see [`crate::Error`].
pub fn run(args: &Args) -> Result {
    // The engine is asked under a dry run, too.
    reopen(&Runner::new(false))?;
    match args {
        Args { inventory: true, .. } => print_inventory(),
        Args { apply: Some(file), dry_run, .. } => apply(file, *dry_run),
        Args { bundle: Some(file), words, base, compress, dry_run, .. } => {
            bundle(file, words, base.as_deref(), *compress, *dry_run)
        }
        _ => transfer(&errand(args)?),
    }
}

/// Which words are images, and which are hosts.
fn errand(args: &Args) -> Result<Errand> {
    let (mut images, mut hosts) = (args.words.clone(), args.to.clone());
    if hosts.is_empty() {
        hosts.extend(images.pop());
    }
    if images.is_empty() {
        let said = hosts.join(" ");
        return Err(Error::Usage(format!(
            "say both image and host: `transfer-image IMAGE {said}`, or `… {said} HOST`"
        )));
    }
    let Args { full, compress, json, dry_run, .. } = *args;
    // SSH_KEY may be there and empty.
    let identity = args.identity.as_ref().filter(|key| !key.is_empty()).map(PathBuf::from);
    let options = Options { identity, full, compress, json, dry_run };
    Ok(Errand { images, hosts, options })
}
