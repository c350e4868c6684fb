//! What create-dock finds out and checks without a network.

use std::env;
use std::path::Path;

use dockerutils_command::{EchoLevel, Runner, check_installed};
use dockerutils_dock::{AwsName, DockSettings, Docks, Moniker, PublicKey, ResolvedSettings, UnknownCfgKey};
use dockerutils_project::User;

use super::{Args, public_key};
use crate::dock_context::warn_of_unfinished_creations;
use crate::{Result, aws_environment};

/// The largest file of --user-data, in bytes. EC2 takes 16 KiB in all, compressed.
const MAX_USER_DATA: u64 = 1 << 20;

/// Why a dock cannot be created, as far as this machine knows it.
#[derive(Debug, thiserror::Error)]
pub(in crate::commands) enum PreparationError {
    /// An earlier attempt was killed.
    #[error(
        "an unfinished create-dock of `{0}` has left a journal: `create-dock {0} --resume` finishes or undoes it"
    )]
    Unfinished(Moniker),
    /// A dock has the name.
    #[error("`{name}` is the dock at {address}: choose another name, or `{removal} {name}` first")]
    Taken { name: Moniker, address: String, removal: &'static str },
    /// A value of the environment is not valid.
    #[error("a variable of your environment is not valid: {0}")]
    Environment(dockerutils_dock::Invalid),
    /// The file of --user-data cannot be read.
    #[error("the user-data `{path}` cannot be read: {source}")]
    UserData { path: String, source: std::io::Error },
    /// The file of --user-data cannot be carried out.
    #[error("the user-data `{path}`: {reason}")]
    WrongUserData { path: String, reason: String },
    /// There is no key to log in with.
    #[error("there is no key to log in with: create one with `ssh-keygen -t ed25519`, or use --key FILE.pub")]
    NoKey,
    /// The file of --key cannot be read.
    #[error("the key `{path}` cannot be read: {source}")]
    KeyFile { path: String, source: std::io::Error },
    /// The file of --key is not a public key.
    #[error("`{path}`: {reason}")]
    NotAPublicKey { path: String, reason: dockerutils_dock::Invalid },
    /// Nothing was interrupted.
    #[error("no create-dock of `{0}` was interrupted, so there is nothing to resume")]
    NothingToResume(Moniker),
    /// A flag needs another one.
    #[error("--max-price is the price of a spot instance: use --spot too")]
    MaxPriceWithoutSpot,
}

/// What a creation starts from.
pub(in crate::commands) struct Preparation {
    pub(in crate::commands) docks: Docks,
    pub(in crate::commands) settings: ResolvedSettings,
    /// The profile that the user has chosen by a flag or in `dock.cfg`; that of AWS_PROFILE is left to the SDK.
    pub(in crate::commands) chosen_profile: Option<String>,
    pub(in crate::commands) key: Option<PublicKey>,
    pub(in crate::commands) owner: AwsName,
    /// The contents of the file of --user-data.
    pub(in crate::commands) user_data: Option<Vec<u8>>,
    pub(in crate::commands) unknown_keys: Vec<UnknownCfgKey>,
}

impl Preparation {
    /// Checks everything that needs no other program, names other creations that were interrupted, and forgets what was found.
    pub(super) fn check(args: &Args, name: &Moniker) -> Result {
        let prepared = Preparation::without_key(args, name)?;
        if prepared.needs_key() {
            public_key::check(args.key.as_deref())?;
        }
        warn_of_unfinished_creations(&prepared.docks);
        Ok(())
    }

    /// Finds out everything that needs no network.
    pub(in crate::commands) fn new(args: &Args, name: &Moniker) -> Result<Self> {
        let mut prepared = Preparation::without_key(args, name)?;
        if prepared.needs_key() {
            let runner = Runner::new(false).with_echo_level(EchoLevel::Docker);
            prepared.key = Some(public_key::find(args.key.as_deref(), &runner)?);
        }
        Ok(prepared)
    }

    /// Returns whether a key is imported. With a key pair of the account, ssh finds the private key as it always does.
    fn needs_key(&self) -> bool {
        self.settings.key_name.is_none()
    }

    fn without_key(args: &Args, name: &Moniker) -> Result<Self> {
        let docks = Docks::of_current_user()?;
        check_name(&docks, name)?;
        // Before anything costs money: without ssh the machine could not be reached.
        check_installed("ssh")?;
        let file = docks.dock_cfg(name)?;
        let (flags, mut of_file) = (args.settings(), file.settings);
        let environment = DockSettings::of_environment(|name| env::var(name).ok());
        let mut environment = environment.map_err(PreparationError::Environment)?;
        if aws_environment::chooses_credentials() {
            of_file.profile = None;
        }
        if aws_environment::has_keys() {
            environment.profile = None;
        }
        let chosen = flags.profile.clone().or_else(|| of_file.profile.clone());
        let mut settings = ResolvedSettings::resolve(flags, environment, of_file);
        if args.max_price.is_some() && !settings.is_spot {
            return Err(PreparationError::MaxPriceWithoutSpot.into());
        }
        if args.key.is_some() {
            settings.key_name = None;
        }
        Ok(Preparation {
            user_data: settings.user_data.as_deref().map(read_user_data).transpose()?,
            docks,
            settings,
            chosen_profile: chosen.map(|profile| profile.as_str().to_owned()),
            key: None,
            owner: AwsName::of_user(&User::current().name),
            unknown_keys: file.unknown_keys,
        })
    }
}

/// Checks that no dock and no unfinished attempt has the name.
fn check_name(docks: &Docks, name: &Moniker) -> Result {
    if let Some(attempt) = docks.unfinished_attempts()?.into_iter().find(|attempt| attempt.moniker == *name) {
        if attempt.is_live {
            return Err(dockerutils_dock::Error::LiveAttempt { moniker: attempt.moniker }.into());
        }
        return Err(PreparationError::Unfinished(attempt.moniker).into());
    }
    let is_taken =
        |dock: &dockerutils_dock::Dock| dock.moniker == *name || dock.address.as_str() == name.as_str();
    match docks.all()?.into_iter().find(is_taken) {
        Some(dock) => {
            let removal = if dock.instance_id.is_some() { "destroy-dock" } else { "unregister-dock" };
            let (name, address) = (name.clone(), dock.address.to_string());
            Err(PreparationError::Taken { name, address, removal }.into())
        }
        None => Ok(()),
    }
}

fn read_user_data(path: &Path) -> Result<Vec<u8>> {
    let read = dockerutils_file::read_at_most(path, MAX_USER_DATA);
    let failed = |source| PreparationError::UserData { path: path.display().to_string(), source };
    Ok(read.map_err(failed)?)
}
