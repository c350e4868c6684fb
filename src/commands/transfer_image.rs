//! `transfer-image`: transfers images to the engines of other machines, and sends only the layers that they lack.

mod by_file;
pub(crate) mod error;
mod hosts;
mod images;
mod observer;
mod report;
mod to_hosts;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ArgGroup;
use dockerutils_oci::Platform;
use dockerutils_transfer::Compression;

use crate::Result;
use crate::dock_context::DockContext;
use crate::ui::EchoArgs;

/// Transfer images to the engine of another machine over ssh, and only the layers that it lacks
#[derive(clap::Parser)]
#[command(name = "transfer-image", version, after_help = EXAMPLES)]
#[command(group = ArgGroup::new("by-file").args(["bundle", "apply", "inventory"]))]
pub struct Args {
    /// Images: folders under docker/, synthetic images, or any image that docker has; without --to the last word is the
    /// host: a dock's moniker or address, or a destination for ssh
    #[arg(value_name = "IMAGE… HOST", required_unless_present_any = ["apply", "inventory"])]
    words: Vec<String>,
    /// A host; can be repeated: the images are read once for all hosts
    #[arg(long, value_name = "HOST", conflicts_with = "by-file")]
    to: Vec<String>,
    /// The private key to log in with (default: $SSH_KEY)
    #[arg(short, long, value_name = "KEY", env = "SSH_KEY", hide_env = true)]
    identity: Option<OsString>,
    /// Send all layers, even those that the host has
    #[arg(long, conflicts_with = "by-file")]
    full: bool,
    /// How to compress what is sent: auto (block by block, while the line is busy), zstd, gzip or none
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Compress::Auto, hide_possible_values = true)]
    compress: Compress,
    /// Print an entry for each host as JSON: what was sent, or the error
    #[arg(long, conflicts_with = "by-file")]
    json: bool,
    /// Write the images to a file instead, or to standard output (-), for a site that ssh does not reach; plain `docker
    /// load` accepts it too (with zstd from docker 23.0 on)
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// With --bundle: leave out the layers that the site has; LIST is the output of --inventory there
    #[arg(long, value_name = "LIST", requires = "bundle")]
    base: Option<PathBuf>,
    /// Load a file that --bundle wrote, or standard input (-), into the local engine
    #[arg(long, value_name = "FILE", conflicts_with = "words")]
    apply: Option<PathBuf>,
    /// With --apply: take over names that other images of the local engine have
    #[arg(long, requires = "apply")]
    move_tags: bool,
    /// The name that the image gets, in place of its own; for an image that is sent by its ID
    #[arg(long = "as", value_name = "NAME:TAG", conflicts_with_all = ["apply", "inventory"])]
    reference: Option<String>,
    /// Only this platform of an image that has several, for example linux/arm64
    #[arg(long, value_name = "OS/ARCH[/VARIANT]", conflicts_with_all = ["apply", "inventory"])]
    platform: Option<Platform>,
    /// Print the layers of the local engine, for --base
    #[arg(long, conflicts_with = "words")]
    inventory: bool,
    /// Print each layer, its size, and whether it would be sent, and send nothing; both engines are inspected
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: EchoArgs,
}

/// How the bytes on the line are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Compress {
    /// Block by block, while the line is busy.
    Auto,
    /// Compress everything with zstd.
    Zstd,
    /// Compress everything with gzip.
    Gzip,
    /// Compress nothing.
    None,
}

const EXAMPLES: &str = "\
Examples:
  transfer-image dev gpu                     the project's image dev to the dock gpu
  transfer-image nginx:1.27 ada@10.0.0.7     any image, to any machine that ssh reaches
  transfer-image dev prod --to gpu1 --to gpu2
  transfer-image dev pi --platform linux/arm64
  transfer-image dev gpu --dry-run           which layers would be sent
  transfer-image --inventory > site.json     at the site; then here, and at the site again:
  transfer-image --bundle dev.tar dev --base site.json
  transfer-image --apply dev.tar";

/// Runs the command.
///
/// # Errors
/// Fails if an image or a host does not exist, if a transfer fails, or if standard output cannot be written to.
pub fn run(args: &Args) -> Result {
    // A dry run inspects both engines, too: what would be sent depends on them.
    let runner = args.echo.runner(false);
    let context = DockContext::of_terminal()?;
    let is_docked = context.is_docked();
    context.ensure_session(&runner)?;
    match args {
        Args { inventory: true, .. } => by_file::print_inventory(&runner),
        Args { apply: Some(file), .. } => by_file::apply(file, args, &runner),
        Args { bundle: Some(file), .. } => by_file::bundle(file, args, is_docked, &runner),
        _ => to_hosts::transfer(args, is_docked, &runner),
    }
}

impl From<Compress> for Compression {
    fn from(compress: Compress) -> Self {
        match compress {
            Compress::Auto => Compression::Auto,
            Compress::Zstd => Compression::Zstd,
            Compress::Gzip => Compression::Gzip,
            Compress::None => Compression::None,
        }
    }
}
