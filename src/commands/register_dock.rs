//! `register-dock`: registers a machine with docker that ssh reaches.

use std::path::{Path, PathBuf};
use std::slice;
use std::time::Duration;

use dockerutils_command::Runner;
use dockerutils_dock::{Address, Changes, Dock, Docks, Identity, Jump, Moniker, Port, UserName, probe};

use crate::dock_context::{DockContextError, announce_host_key};
use crate::{Error, Result, ui};

/// How long the dock may take to respond.
const PROBE_TIMEOUT: Duration = Duration::from_secs(20);

/// Register a dock after checking that docker responds there, or change a registered one
#[derive(clap::Parser)]
#[command(name = "register-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's host name or IP address
    address: Address,
    /// Its short name (default: the address)
    moniker: Option<Moniker>,
    /// The user to log in as (default: $DOCK_USER, or ubuntu)
    #[arg(short, long)]
    user: Option<UserName>,
    /// The port of its sshd
    #[arg(short, long)]
    port: Option<Port>,
    /// The private key to use, and no other
    #[arg(short, long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// The jump hosts: [user@]host[:port], separated by commas
    #[arg(short = 'J', long)]
    jump: Option<Jump>,
    /// Do not connect to the dock, and register it even if it cannot be reached
    #[arg(long)]
    no_check: bool,
    /// Do not change ~/.ssh/config; `ssh MONIKER` does not work then
    #[arg(long)]
    no_ssh_config: bool,
    /// Print the commands and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  register-dock 10.92.128.33 gpu             ubuntu@10.92.128.33, called gpu
  register-dock -u admin -p 2222 build.lan   another user and port, without a moniker
  register-dock -i ~/.ssh/lab -J gate 10.0.0.7 lab
                                             with this key only, through the jump host gate";

/// Runs the command.
///
/// # Errors
/// Fails if an argument is not valid, if the moniker is taken, if the check finds a fault, or if the record cannot be
/// written.
pub fn run(args: &Args) -> Result {
    let docks = Docks::of_current_user()?;
    let changes = changes(args, &docks)?;
    let known = docks.at(&args.address)?;
    let is_known = known.is_some();
    let dock = changes.apply(&args.address, known);
    // Before the check, which may take long, although the moniker is checked again when the record is written.
    docks.check_moniker(&dock)?;
    let runner = args.echo.runner(args.dry_run);
    let tentative = if args.dry_run { None } else { Some(docks.prepare_tentative(&dock)?) };
    let version = if args.no_check { None } else { check(&docks, &dock, is_known, &runner)? };
    if tentative.is_none() {
        return Ok(());
    }
    // The changes are applied again to the record under the lock, which another command may have changed since.
    let dock = docks.update(&args.address, |known| changes.apply(&args.address, known))?;
    let version = version.map(|version| format!(" with docker {version}")).unwrap_or_default();
    ui::note(format_args!("`{}` is {}{version}: source dock {0}", dock.moniker, dock.destination()));
    if !args.no_ssh_config && docks.include_in_ssh_config()? {
        ui::note(format_args!("~/.ssh/config includes your docks now, so `ssh {}` works", dock.moniker));
    }
    Ok(())
}

/// Returns the version of docker on the dock; `None` in a dry run.
fn check(docks: &Docks, dock: &Dock, is_known: bool, runner: &Runner) -> Result<Option<String>> {
    let Some(probe) = probe(docks, slice::from_ref(dock), PROBE_TIMEOUT, runner)?.pop() else {
        return Ok(None);
    };
    // The key of a dock that will not be registered is removed again, so its fingerprint is not printed.
    if is_known || probe.state.is_ok() {
        announce_host_key(dock, probe.new_key.as_deref());
    }
    probe.state.map(Some).map_err(|fault| DockContextError::NotRegistered(fault.sentence(dock)).into())
}

fn changes(args: &Args, docks: &Docks) -> Result<Changes> {
    let user = match (&args.user, variable("DOCK_USER")) {
        (None, Some(user)) => {
            Some(user.parse().map_err(|invalid| Error::Usage(format!("DOCK_USER: {invalid}")))?)
        }
        (user, _) => user.clone(),
    };
    Ok(Changes {
        moniker: args.moniker.clone(),
        user,
        port: args.port,
        identity: args.identity.as_ref().map(|file| identity(file, docks)).transpose()?,
        jump: args.jump.clone(),
    })
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Returns the key's absolute path, because the record is used in other working folders too.
fn identity(file: &Path, docks: &Docks) -> Result<Identity> {
    let file = if file.starts_with("~") {
        file.to_owned()
    } else {
        std::path::absolute(file).unwrap_or(file.to_owned())
    };
    let identity: Identity =
        file.to_string_lossy().parse().map_err(|invalid| Error::Usage(format!("-i: {invalid}")))?;
    if docks.identity_path(&identity).is_file() {
        Ok(identity)
    } else {
        Err(Error::Usage(format!("-i: there is no file {identity}")))
    }
}
