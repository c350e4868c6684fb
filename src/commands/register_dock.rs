//! `register-dock`: registers a machine with docker that ssh reaches.

mod target;

use std::ffi::OsString;
use std::slice;
use std::str::FromStr;
use std::time::Duration;

use dockerutils_command::Runner;
use dockerutils_dock::{
    Account, Change, Destination, Dock, Docks, INCLUDE_LINE, Inclusion, InstanceId, Jump, Moniker, Port,
    Profile, Region, UserName, probe, probe_command,
};

use self::target::Target;
use crate::dock_context::{DockContextError, announce_host_key, warn_of_unfinished_creations};
use crate::{Result, ui};

/// How long the dock may take to respond.
const PROBE_TIMEOUT: Duration = Duration::from_secs(20);

/// Register a dock after checking that docker responds there, or change a registered one
#[derive(clap::Parser)]
#[command(name = "register-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// Its host name or IP address, or a Host of your ssh configuration: [user@]host[:port], also as ssh://…
    #[arg(value_name = "ADDRESS")]
    destination: Destination,
    /// Its short name (default: the name that you wrote)
    moniker: Option<Moniker>,
    /// The user to log in as (default: $DOCK_USER, then ssh's configuration, then ubuntu)
    #[arg(short, long)]
    user: Option<UserName>,
    /// The port of its sshd; '' removes it from the record
    #[arg(short, long, value_parser = <Change<Port> as FromStr>::from_str)]
    port: Option<Change<Port>>,
    /// The private key to use, and no other; '' removes it from the record
    #[arg(short, long, value_name = "FILE")]
    identity: Option<OsString>,
    /// The jump hosts: [user@]host[:port], separated by commas; '' removes them from the record
    #[arg(short = 'J', long, value_parser = <Change<Jump> as FromStr>::from_str)]
    jump: Option<Change<Jump>>,
    /// The ID of its EC2 instance, which makes it a dock that stop-dock and destroy-dock know; '' removes it from the record
    #[arg(long, value_name = "ID", value_parser = <Change<InstanceId> as FromStr>::from_str)]
    instance_id: Option<Change<InstanceId>>,
    /// The AWS region of its instance; '' removes it from the record
    #[arg(long, value_parser = <Change<Region> as FromStr>::from_str)]
    region: Option<Change<Region>>,
    /// The AWS account of its instance; '' removes it from the record
    #[arg(long, value_name = "NUMBER", value_parser = <Change<Account> as FromStr>::from_str)]
    account: Option<Change<Account>>,
    /// The profile of the AWS configuration for its instance; '' removes it from the record
    #[arg(long, value_parser = <Change<Profile> as FromStr>::from_str)]
    profile: Option<Change<Profile>>,
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
  register-dock admin@build.lan:2222         another user and port, without a moniker
  register-dock lab                          Host lab of ~/.ssh/config: its user, port and jump hosts
  register-dock -i ~/.ssh/lab -J gate 10.0.0.7 lab
                                             with this key only, through the jump host gate";

/// Runs the command.
///
/// # Errors
/// Fails if an argument is not valid, if the moniker is taken, if the check finds a fault, or if the record cannot be
/// written.
pub fn run(args: &Args) -> Result {
    let docks = Docks::of_current_user()?;
    warn_of_unfinished_creations(&docks);
    let runner = args.echo.runner(args.dry_run);
    let Target { address, known, changes } = Target::find(args, &docks, &runner)?;
    let former = known.as_ref().map(|dock| dock.moniker.clone());
    let is_known = known.is_some();
    let dock = changes.apply(&address, known);
    // Before the check, which may take long, although the moniker is checked again when the record is written.
    docks.check_moniker(&dock)?;
    let tentative = if args.dry_run { None } else { Some(docks.prepare_tentative(&dock)?) };
    let version = if args.no_check { Ok(None) } else { check(&docks, &dock, is_known, &runner) };
    if version.is_err() && !is_known && runner.check_interrupted().is_ok() {
        drop(tentative);
        // The line that was echoed reads a file which is removed now. This one can be pasted.
        runner.echo(&[probe_command(&docks, &dock)]);
        return version.map(|_| ());
    }
    let version = version?;
    if tentative.is_none() {
        return Ok(());
    }
    // The changes are applied again to the record under the lock, which another command may have changed since.
    let dock = docks.update(&address, |known| changes.apply(&address, known))?;
    let version = version.map(|version| format!(" with docker {version}")).unwrap_or_default();
    ui::note(format_args!("`{}` is {}{version}: source dock {0}", dock.moniker, dock.destination()));
    if let Some(former) = former.filter(|former| *former != dock.moniker) {
        ui::note(format_args!("`{former}` is called `{}` now", dock.moniker));
    }
    if !args.no_ssh_config {
        include(&docks, &dock);
    }
    Ok(())
}

/// Makes the user's ssh configuration include the docks. If it cannot be changed, the dock is registered all the same.
fn include(docks: &Docks, dock: &Dock) {
    let moniker = &dock.moniker;
    let is_named = docks.names_in_ssh_config(dock);
    match docks.include_in_ssh_config() {
        Ok(Inclusion::Present) => {}
        Ok(Inclusion::Added) if !is_named => ui::note("~/.ssh/config includes your docks now"),
        Ok(Inclusion::Added) => {
            ui::note(format_args!("~/.ssh/config includes your docks now, so `ssh {moniker}` works"));
        }
        Ok(Inclusion::Replaced) => {
            ui::note("~/.ssh/config includes one file with all docks now, instead of any folder's");
        }
        Err(error) => ui::note(format_args!(
            "{error}: add the line `{INCLUDE_LINE}` at its top, so that `ssh {moniker}` works"
        )),
    }
    if !is_named && !docks.user_names_host(moniker.as_str()) {
        ui::note(format_args!(
            "`ssh {moniker}` does not lead to the dock, because {moniker} could be another host's name"
        ));
    }
}

/// Returns the version of docker on the dock; `None` in a dry run.
fn check(docks: &Docks, dock: &Dock, is_known: bool, runner: &Runner) -> Result<Option<String>> {
    let waiting = ui::waiting_for(&dock.moniker);
    let probed = probe(docks, slice::from_ref(dock), PROBE_TIMEOUT, runner)?.pop();
    drop(waiting);
    let Some(probe) = probed else { return Ok(None) };
    // The key of a dock that will not be registered is removed again, so its fingerprint is not printed.
    if is_known || probe.state.is_ok() {
        announce_host_key(dock, probe.new_key.as_deref());
    }
    probe.state.map(Some).map_err(|fault| DockContextError::NotRegistered(fault.sentence(dock)).into())
}
