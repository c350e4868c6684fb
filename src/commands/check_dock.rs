//! `check-dock`: finds out what is wrong with docker, its engine, a dock and the project, and how to fix it.

mod aws;
mod dock;
pub(crate) mod error;
mod local;
mod machine;
mod owners;
mod queries;
mod report;

use std::thread;

use dockerutils_check::{Finding, judge_project};
use dockerutils_command::Runner;
use dockerutils_dock::Docks;
use dockerutils_project::{Error as ProjectError, Project};

use self::dock::CheckedDock;
use self::error::CheckError;
use crate::dock_context::DockContext;
use crate::{Error, Result, ui};

/// Find out what is wrong with an engine, a dock or the project, and how to fix it
#[derive(clap::Parser)]
#[command(name = "check-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address (default: the dock of this terminal, or else the local engine)
    name: Option<String>,
    /// Apply the fixes that lose nothing, and check again
    #[arg(long)]
    fix: bool,
    /// Check the credentials of AWS, too
    #[arg(long)]
    aws: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print what a shell on the checked machine reads
    #[arg(long, hide = true)]
    script: bool,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
}

const EXAMPLES: &str = "\
Examples:
  check-dock                   docker on this machine, its engine, and the project
  check-dock gpu               the same for a dock, and what ssh permits and finds there
  check-dock --fix             gives files of root in the project back to you, and the like
  check-dock --json --aws      for programs; status 1 if there is a problem";

/// Runs the command.
///
/// # Errors
/// Fails if a problem was found, if there is no such dock, or if a signal interrupted us.
pub fn run(args: &Args) -> Result {
    let runner = args.echo.runner(args.dry_run);
    let context = DockContext::of_terminal()?;
    let is_docked = context.is_docked();
    let dock = checked_dock(args, context)?;
    // What images mount on a dock is configured with keys of their own.
    let project = Project::find(is_docked || dock.is_some());
    if args.script {
        return Ok(ui::print_line(machine::script(dock.as_ref(), project.as_ref().ok())?.trim_end())?);
    }
    let mut findings = check(args, dock.as_ref(), &project, &runner)?;
    if args.dry_run {
        return Ok(());
    }
    if args.fix && report::apply(&findings, &runner)? {
        findings = check(args, dock.as_ref(), &project, &runner)?;
    }
    report::print(&findings, args.json)?;
    CheckError::of(&findings).map_or(Ok(()), |error| Err(error.into()))
}

/// Returns the dock to check: the named one, or else that of the terminal; `None` for the engine that docker uses here.
fn checked_dock(args: &Args, context: DockContext) -> Result<Option<CheckedDock>> {
    let docks = || Ok::<_, Error>(Docks::of_current_user()?);
    match &args.name {
        Some(name) => {
            let docks = docks()?;
            Ok(Some(CheckedDock { dock: docks.find(name)?, docks }))
        }
        // A terminal may be docked by hand to an engine of which no record exists.
        None => match context.into_named_dock().ok().flatten() {
            Some(dock) => Ok(Some(CheckedDock { docks: docks()?, dock })),
            None => Ok(None),
        },
    }
}

/// Gathers the facts about everything side by side, and judges them.
fn check(
    args: &Args,
    dock: Option<&CheckedDock>,
    project: &std::result::Result<Project, ProjectError>,
    runner: &Runner,
) -> Result<Vec<Finding>> {
    thread::scope(|scope| {
        let of_project = scope.spawn(|| judge_project(project));
        let of_aws = scope.spawn(|| if args.aws { aws::check(runner) } else { Vec::new() });
        let project = project.as_ref().ok();
        let mut findings = match dock {
            Some(dock) => dock.check(project, runner)?,
            None => local::check(project, runner)?,
        };
        findings.extend(of_project.join().unwrap_or_default());
        findings.extend(of_aws.join().unwrap_or_default());
        Ok(findings)
    })
}
