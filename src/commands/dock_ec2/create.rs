//! The work of `create-dock`.

use dockerutils_dock::journal::Journal;
use dockerutils_dock::{Docks, Moniker, Profile};
use dockerutils_ec2::create::{self, Created, Request, ResumeOptions};
use dockerutils_ec2::{Account, Scope, UserDataOptions, block_on, user_data};

use super::connection::profile_of_file;
use super::notes::Notes;
use crate::commands::create_dock::{Args, Preparation, PreparationError, identity};
use crate::{Result, ui};

/// Creates a dock, prints how it would be created, or finishes an attempt that was killed.
pub(super) fn run(args: &Args) -> Result {
    if args.print_iam_policy {
        return Ok(ui::print_json(&create::iam_policy())?);
    }
    // clap requires the name unless the policy is printed.
    let Some(name) = &args.name else { return Ok(()) };
    if args.resume {
        return resume(args, name);
    }
    let prepared = Preparation::new(args, name)?;
    prepared.unknown_keys.iter().for_each(ui::warn);
    let docks = prepared.docks.clone();
    let region = prepared.settings.region.as_ref().map(|region| region.as_str().to_owned());
    let profile = prepared.chosen_profile.clone();
    let request = request(args, name, prepared)?;
    if args.offline {
        return Ok(ui::print_line(create::offline_script(&request)?.trim_end())?);
    }
    let scope = Scope { region: region.as_deref(), profile: profile.as_deref() };
    let runner = args.echo.runner(false);
    let notes = Notes;
    let verbose = args.echo.is_verbose();
    if args.dry_run {
        let script = block_on(async {
            let account = Account::open(scope, &runner, &notes, verbose).await?;
            create::script(&account, &request).await
        })?;
        return Ok(ui::print_line(script.trim_end())?);
    }
    let created = block_on(async {
        let account = Account::open(scope, &runner, &notes, verbose).await?;
        create::create(&account, &docks, &request).await
    })?;
    print(args, &created)
}

fn request(args: &Args, name: &Moniker, prepared: Preparation) -> Result<Request> {
    let settings = &prepared.settings;
    // The default image with a GPU driver has docker already, in a version that fits the driver's tools.
    let has_docker = args.gpu && settings.image.is_none();
    let options = UserDataOptions {
        user: &settings.user,
        docker: (!has_docker).then_some(settings.docker),
        has_gpu: args.gpu,
        idle: settings.idle,
        ttl: settings.ttl,
        more: prepared.user_data.as_deref(),
    };
    let failed = |reason| PreparationError::WrongUserData {
        path: settings.user_data.as_deref().unwrap_or("".as_ref()).display().to_string(),
        reason: ToString::to_string(&reason),
    };
    let user_data = user_data(&options).map_err(failed)?;
    Ok(Request {
        name: name.clone(),
        has_gpu: args.gpu,
        zone: args.az.clone(),
        key: prepared.key,
        owner: prepared.owner,
        user_data,
        timeout: args.timeout,
        requires_console_key: args.require_console_key,
        settings: prepared.settings,
    })
}

/// Finishes or undoes an attempt that was killed.
fn resume(args: &Args, name: &Moniker) -> Result {
    let docks = Docks::of_current_user()?;
    let journal = interrupted(&docks, name)?;
    let begun = journal.attempt().begun.clone();
    let flag = args.profile.as_ref().map(Profile::as_str);
    let profile = flag.or_else(|| profile_of_file(begun.profile.as_ref()));
    let scope = Scope { region: Some(begun.region.as_str()), profile };
    let runner = args.echo.runner(false);
    let options = ResumeOptions {
        timeout: args.timeout,
        // Without --key, that of the first run.
        identity: args.key.as_deref().and_then(identity),
        requires_console_key: args.require_console_key,
    };
    let notes = Notes;
    let created = block_on(async {
        let account = Account::open(scope, &runner, &notes, args.echo.is_verbose()).await?;
        create::resume(&account, &docks, journal, options).await
    })?;
    created.map_or(Ok(()), |created| print(args, &created))
}

/// Opens the journal of the attempt that was killed.
fn interrupted(docks: &Docks, name: &Moniker) -> Result<Journal> {
    let attempts = docks.unfinished_attempts()?;
    let attempt = attempts.into_iter().find(|attempt| attempt.moniker == *name);
    let attempt = attempt.ok_or_else(|| PreparationError::NothingToResume(name.clone()))?;
    Ok(docks.open_journal(&attempt.moniker, &attempt.attempt)?)
}

fn print(args: &Args, created: &Created) -> Result {
    if args.json {
        ui::print_json(created)?;
    }
    Ok(())
}
