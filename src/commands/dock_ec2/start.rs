//! The work of `start-dock`.

use std::env;
use std::slice;
use std::time::{Duration, Instant as Clock};

use dockerutils_command::Runner;
use dockerutils_dock::{Address, AwsName, Dock, DockFault, Docks, probe};
use dockerutils_ec2::life::{
    Patience, Target, let_in, own_ssh_rules, reachable_address, rule_description, start,
};
use dockerutils_ec2::{Account, Instance, block_on, own_address};
use dockerutils_project::User;
use dockerutils_ssh::SshFault;

use super::connection::open_account;
use super::error::Ec2Error;
use super::notes::Notes;
use crate::commands::start_dock::Args;
use crate::dock_context::{Ec2Dock, announce_host_key};
use crate::{Result, ui};

/// How long docker may take to respond after the start.
const READY: Duration = Duration::from_secs(5 * 60);

/// How long one attempt to reach it may take.
const PROBE: Duration = Duration::from_secs(10);

/// The time between these attempts.
const PAUSE: Duration = Duration::from_secs(1);

/// The time between attempts to start an instance for which EC2 has no room.
const MINUTE: Duration = Duration::from_secs(60);

/// The variable that names another time, in seconds.
const INTERVAL: &str = "DOCKERUTILS_START_INTERVAL";

/// Starts a dock, or makes a running one reachable.
pub(super) fn run(args: &Args) -> Result {
    let ec2 = Ec2Dock::find(args.name.as_deref())?;
    let runner = args.echo.runner(args.dry_run);
    let begin = Clock::now();
    block_on(async {
        let account = open_account(&ec2.dock, &runner, args.echo, &Notes).await?;
        let target = Target { dock: ec2.dock.moniker.as_str(), id: ec2.id.as_str() };
        let instance = start(&account, target, patience(args)).await?;
        let dock = if args.dry_run { ec2.dock.clone() } else { follow(&ec2, &instance)? };
        open_firewall(&account, &instance).await?;
        if args.dry_run {
            return Ok(());
        }
        let version = wait_for_docker(&account, &ec2.docks, &dock, &runner).await?;
        let seconds = begin.elapsed().as_secs();
        ui::note(format_args!(
            "{0} is ready at {1} with docker {version} after {seconds} s: source dock {0}",
            dock.moniker, dock.address
        ));
        Ok(())
    })
}

/// Returns for how long and how often further attempts are made if EC2 has no room.
fn patience(args: &Args) -> Patience {
    let seconds = env::var(INTERVAL).ok().and_then(|seconds| seconds.parse().ok());
    Patience {
        total: args.wait.map_or(Duration::ZERO, |time| Duration::from_secs(u64::from(time.get()) * 60)),
        interval: seconds.map_or(MINUTE, Duration::from_secs),
    }
}

/// Moves the record to the instance's address.
fn follow(ec2: &Ec2Dock, instance: &Instance) -> Result<Dock> {
    let Some(address) = address(&ec2.dock, instance) else { return Ok(ec2.dock.clone()) };
    let address: Address = address.parse()?;
    if address == ec2.dock.address {
        return Ok(ec2.dock.clone());
    }
    let moved = ec2.docks.relocate(&ec2.id, &address)?;
    ui::note(format_args!("{} is at {address} now", moved.moniker));
    Ok(moved)
}

/// Returns the address to use: the private one if the dock was reached there before, for example through a jump host.
fn address<'a>(dock: &Dock, instance: &'a Instance) -> Option<&'a str> {
    let private = instance.private_address.as_deref();
    private.filter(|private| *private == dock.address.as_str()).or_else(|| reachable_address(instance))
}

/// Lets this machine's address in. A dock without a public address is reached from within its network.
async fn open_firewall(account: &Account<'_>, instance: &Instance) -> Result {
    if instance.public_address.is_none() && !account.runner().is_dry_run() {
        return Ok(());
    }
    let groups = own_ssh_rules(account, &instance.groups).await?;
    // For groups of the user's, the address need not be found out.
    if groups.is_empty() {
        return Ok(());
    }
    let address = own_address().await.map_err(dockerutils_ec2::Error::from)?;
    let description = rule_description(AwsName::of_user(&User::current().name).as_str());
    for rules in groups {
        if let_in(account, &rules, address, &description).await? && !account.runner().is_dry_run() {
            ui::note(format_args!("its security group lets {address} in now"));
        }
    }
    Ok(())
}

/// Waits until docker responds, and returns its version.
async fn wait_for_docker(
    account: &Account<'_>,
    docks: &Docks,
    dock: &Dock,
    runner: &Runner,
) -> Result<String> {
    let begin = Clock::now();
    let _waiting = ui::waiting_for(&dock.moniker);
    loop {
        let Some(probe) = probe(docks, slice::from_ref(dock), PROBE, runner)?.pop() else {
            return Ok(String::new());
        };
        announce_host_key(dock, probe.new_key.as_deref());
        match probe.state {
            Ok(version) => return Ok(version),
            Err(fault) if is_final(&fault) || begin.elapsed() > READY => {
                return Err(Ec2Error::NotReady(fault.sentence(dock)).into());
            }
            Err(_) => account.pause(PAUSE).await?,
        }
    }
}

/// Returns whether waiting does not help. A machine that starts refuses connections and keys for a while.
fn is_final(fault: &DockFault) -> bool {
    use SshFault::{HostKeyChanged, JumpHostKey, UnknownHost};
    matches!(fault, DockFault::Ssh(HostKeyChanged | JumpHostKey | UnknownHost) | DockFault::HostKeyNotStored)
}
