//! `nb-dock`: runs Jupyter on a dock itself, without a container, and opens it in the browser.

pub(crate) mod error;
mod list;
mod remote;
mod tunnel;

use std::thread;
use std::time::Duration;

use dockerutils_command::Runner;
use dockerutils_dock::Docks;
use dockerutils_notebook::{RemoteAction, RemoteRequest, RemoteServer, refused_flag, save_copies};
use dockerutils_project::{Error as ProjectError, Project, User};

use self::remote::RemoteJupyter;
use self::tunnel::Tunnel;
use crate::commands::run_notebook::{open_browser, print_url};
use crate::dock_context::{DockedEngine, warn_of_unfinished_creations};
use crate::{Error, Result, ui};

/// How often a command that waits looks for a signal.
const POLL: Duration = Duration::from_millis(50);

/// Run Jupyter on a dock, without a container, and open it in the browser
#[derive(clap::Parser)]
#[command(name = "nb-dock", version, after_help = EXAMPLES)]
pub struct Args {
    /// The dock's moniker or address (default: the dock of this terminal)
    #[arg(value_name = "DOCK")]
    dock: Option<String>,
    /// The folder on the dock that Jupyter shows [default: the project's copy, else the home folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<String>,
    /// The Jupyter to use: a program, an environment, or its bin
    #[arg(long, value_name = "PATH")]
    jupyter: Option<String>,
    /// Install JupyterLab there with uv or pipx, if there is none
    #[arg(long)]
    install: bool,
    /// The port on this machine [default: 8888, or the next free one]
    #[arg(short, long, value_name = "PORT", value_parser = ui::parse_port)]
    port: Option<u16>,
    /// End kernels that no browser uses, and the server, after so many idle hours
    #[arg(long, value_name = "HOURS", value_parser = parse_hours)]
    idle: Option<u64>,
    /// Send the project first; with --stop: fetch what has changed afterwards
    #[arg(long)]
    sync: bool,
    /// Stay, and close the port on this machine with Ctrl-C; Jupyter goes on
    #[arg(long, conflicts_with_all = ["list", "stop"])]
    wait: bool,
    /// List your servers on the dock
    #[arg(short, long, conflicts_with = "stop")]
    list: bool,
    /// With --list: print URLs with their tokens
    #[arg(long, requires = "list")]
    token: bool,
    /// With --list: print JSON, with the tokens
    #[arg(long, requires = "list")]
    json: bool,
    /// End your servers on the dock; with --dir, that of one folder
    #[arg(long)]
    stop: bool,
    /// Use a port of the dock's loopback instead of a private socket
    #[arg(long)]
    tcp: bool,
    /// Do not open the browser
    #[arg(long)]
    no_browser: bool,
    /// Print what the dock's shell reads, with a token, and run nothing
    #[arg(long)]
    script: bool,
    /// Print the commands and run none
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    echo: ui::EchoArgs,
    /// Flags for Jupyter
    #[arg(last = true, value_name = "JUPYTER FLAGS")]
    flags: Vec<String>,
}

const EXAMPLES: &str = "\
Examples:
  nb-dock gpu                      Jupyter of the dock gpu, over the project's copy there
  nb-dock gpu --sync               sends the project first
  nb-dock gpu --dir /data/sets     another folder
  nb-dock gpu --jupyter ~/env      that of an environment
  nb-dock gpu --list               what runs; `nb-dock gpu` opens it again
  nb-dock gpu --stop               ends it
  nb-dock gpu -- --debug           a flag for Jupyter";

/// Runs the command.
///
/// # Errors
/// Fails if the dock cannot be reached, or if Jupyter is not found there or does not start.
pub fn run(args: &Args) -> Result {
    if let Some(flag) = refused_flag(&args.flags) {
        return Err(Error::Usage(format!(
            "`{flag}` decides who reaches the server: nb-dock sets that itself"
        )));
    }
    let runner = args.echo.runner(args.dry_run);
    let engine = DockedEngine::named(args.dock.as_deref())?;
    if !args.script {
        warn_of_unfinished_creations(&Docks::of_current_user()?);
    }
    let project = find_project()?;
    if args.sync && project.is_none() {
        return Err(error::NbDockError::NoProject.into());
    }
    let request = request(args, &engine, project.as_ref())?;
    if args.script {
        return remote::input(&request)?.print();
    }
    let control = engine.open_connection(&runner)?;
    let jupyter = RemoteJupyter { engine: &engine, control, runner: &runner };
    let ran = if args.list {
        list::list(args, &jupyter, &request)
    } else if args.stop {
        list::stop(args, &jupyter, &request, project.as_ref())
    } else {
        start(args, &jupyter, request, project.as_ref())
    };
    // Otherwise the watcher would do it, a second later.
    let left = if args.dry_run { Ok(()) } else { leave_unused_session(&engine, &runner) };
    ran.and(left)
}

fn leave_unused_session(engine: &DockedEngine, runner: &Runner) -> Result {
    if engine.has_session()? { Ok(()) } else { Ok(engine.leave_session(runner)?) }
}

/// Finds the project; outside of one there is none.
fn find_project() -> Result<Option<Project>> {
    match Project::find(true) {
        Err(ProjectError::NoProject { .. }) => Ok(None),
        found => Ok(Some(found?)),
    }
}

fn request(args: &Args, engine: &DockedEngine, project: Option<&Project>) -> Result<RemoteRequest> {
    let action = match (args.list, args.stop) {
        (true, _) => RemoteAction::List,
        (_, true) => RemoteAction::Stop,
        _ => RemoteAction::Start,
    };
    let copy = project.map(|project| engine.workspace(project)).transpose()?;
    Ok(RemoteRequest {
        action,
        owner: User::current().tag(),
        folder: args.dir.clone(),
        copy: copy.map(|workspace| workspace.path),
        tcp: args.tcp,
        program: args.jupyter.clone().or_else(|| engine.jupyter()),
        idle: args.idle,
        copies: save_copies::are_requested(|name| std::env::var(name).ok()),
        flags: args.flags.clone(),
    })
}

/// Starts Jupyter, or finds the one that runs, opens its port on this machine, and opens the browser.
fn start(args: &Args, jupyter: &RemoteJupyter, request: RemoteRequest, project: Option<&Project>) -> Result {
    if let Some(project) = project.filter(|_| args.sync) {
        jupyter.engine.sync_up(project, jupyter.control.as_ref(), jupyter.runner)?;
    }
    let Some(server) = jupyter.start(&request, args.install)? else {
        ui::note("then the port is opened on this machine, and the browser");
        return Ok(());
    };
    let (is_kept, wants_copies) = (!args.wait, request.copies);
    let (server, tunnel) = match Tunnel::open(jupyter, &server, args.port, is_kept)? {
        Some(tunnel) => (server, tunnel),
        None => start_with_port(args, jupyter, request, server)?,
    };
    announce(args, jupyter, &server, &tunnel).or_else(|error| {
        // Without --wait the port is listed, and stays.
        tunnel.close(jupyter)?;
        Err(error)
    })?;
    if wants_copies && !server.copies {
        ui::note(format_args!(
            "copies for diffs are made by a server that is started with {}: `nb-dock {1} --stop`, then `nb-dock {1}`, starts \
             one",
            save_copies::REQUEST,
            jupyter.engine.moniker()
        ));
    }
    if args.wait {
        let waited = wait_for_signal(jupyter.runner);
        tunnel.close(jupyter)?;
        ui::note(format_args!("Jupyter goes on; `nb-dock {} --stop` ends it", jupyter.engine.moniker()));
        return waited;
    }
    Ok(())
}

/// Starts the server again on a port, where sshd forwards no sockets.
fn start_with_port(
    args: &Args,
    jupyter: &RemoteJupyter,
    request: RemoteRequest,
    server: RemoteServer,
) -> Result<(RemoteServer, Tunnel)> {
    let dock = jupyter.engine.moniker().to_string();
    if !server.is_new {
        return Err(error::NbDockError::NoSocketForward { dock }.into());
    }
    ui::note(format_args!(
        "sshd on {dock} does not forward sockets, so Jupyter listens on a port of 127.0.0.1 there"
    ));
    let folder = Some(server.folder);
    jupyter.call(&RemoteRequest { action: RemoteAction::Stop, folder: folder.clone(), ..request.clone() })?;
    let request = RemoteRequest { tcp: true, folder, ..request };
    let no_target = || error::NbDockError::NoTarget { dock: dock.clone() };
    let server = jupyter.start(&request, false)?.ok_or_else(no_target)?;
    match Tunnel::open(jupyter, &server, args.port, !args.wait)? {
        Some(tunnel) => Ok((server, tunnel)),
        None => Err(error::NbDockError::NoForward { dock }.into()),
    }
}

fn announce(args: &Args, jupyter: &RemoteJupyter, server: &RemoteServer, tunnel: &Tunnel) -> Result {
    let moniker = jupyter.engine.moniker();
    let (folder, program) = server.program.rsplit_once('/').unwrap_or(("", &server.program));
    let before = format!("{program} of {folder} on {moniker}, in {}", server.folder);
    let after = if args.wait {
        "Ctrl-C closes the port here, and Jupyter goes on".to_owned()
    } else {
        format!("goes on when you leave; `nb-dock {moniker} --stop` ends it")
    };
    print_url(&tunnel.server, None, &before, &after, &format!("nb-dock {moniker}"), false)?;
    if !args.no_browser {
        open_browser(tunnel.server.url(None), jupyter.runner, &|| {
            jupyter.runner.check_interrupted().is_err()
        });
    }
    Ok(())
}

fn wait_for_signal(runner: &Runner) -> Result {
    runner.watch_signals()?;
    loop {
        runner.check_interrupted()?;
        thread::sleep(POLL);
    }
}

/// Parses hours, as in 8 or 0.5, to seconds.
fn parse_hours(text: &str) -> std::result::Result<u64, String> {
    let hours: f64 = text.parse().map_err(|_| "expected a number of hours".to_owned())?;
    // A minute to a year.
    if (1.0 / 60.0..=8784.0).contains(&hours) {
        Ok((hours * 3600.0).round() as u64)
    } else {
        Err("expected 0.02 to 8784 hours".to_owned())
    }
}
