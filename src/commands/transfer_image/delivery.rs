//! Bringing images to other machines: what is read here, what each of them lacks, and the proof that it has arrived.

use std::io;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use dockerutils_command::{Command, Runner};
use dockerutils_docker::engine;
use dockerutils_project::{Error as ProjectError, Project};
use dockerutils_transfer::Packer;
use dockerutils_transfer::source::{self, Source};
use dockerutils_transfer::target::Receiver;

use super::host::{self, Host};
use super::layers;
use super::progress;
use super::reached::{Reached, Search};
use super::report::Report;
use super::sending::{self, Sent};
use crate::dock_context::docks;
use crate::{Error, Result, ui};

/// Which images go where.
pub(super) struct Errand {
    /// Folders under docker/, synthetic images, or what docker knows.
    pub(super) images: Vec<String>,
    /// Monikers or addresses of docks, or what ssh takes.
    pub(super) hosts: Vec<String>,
    /// How.
    pub(super) options: Options,
}

/// How images are brought.
pub(super) struct Options {
    /// The key to log in with.
    pub(super) identity: Option<PathBuf>,
    /// Whether what is there is sent all the same.
    pub(super) full: bool,
    /// How it is packed.
    pub(super) compress: Compress,
    /// Whether JSON is wanted.
    pub(super) json: bool,
    /// Whether only the plan is told.
    pub(super) dry_run: bool,
}

/// How what is sent is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Compress {
    /// As the line deserves.
    Auto,
    /// By zstd, always.
    Zstd,
    /// By gzip, always.
    Gzip,
    /// Not at all.
    None,
}

/// Brings the images to the hosts.
///
/// # Errors
/// They cannot be read, or have not arrived at one of the hosts; the others have them all the same.
pub(super) fn transfer(errand: &Errand) -> Result {
    let options = &errand.options;
    // A dry run asks both engines too: what would be sent depends on them.
    let runner = Runner::new(false);
    let source = open(&errand.images, &runner)?;
    let docks = docks()?;
    let find = |name: &String| host::find(&docks, name, options.identity.as_deref(), &runner);
    let hosts = errand.hosts.iter().map(find).collect::<Result<Vec<Host>>>()?;
    for host in &hosts {
        runner.echo_pipeline(&by_hand(&source, host, "docker"));
    }
    let search = Search { source: &source, full: options.full, sends: !options.dry_run };
    if options.dry_run {
        let (reached, failed) = reach(hosts, search, &runner);
        let plans: Vec<_> = reached.iter().map(Reached::plan).collect();
        layers::tell(&source, &plans, options.json, &runner)?;
        return told(failed);
    }
    let delivery =
        Delivery { source: &source, compress: options.compress, begin: Instant::now(), runner: &runner };
    let delivered = delivery.to_all(hosts, search);
    // What ends with us when we are told to stop has words of its own; they do not matter then.
    if let Err(stopped) = runner.check_interrupted() {
        ui::note("stopped; what has arrived stays, and the next transfer goes on from it");
        return Err(stopped.into());
    }
    let (reports, failed) = delivered?;
    if options.json {
        ui::print_json(&reports)?;
    }
    told(failed)
}

/// Images on their way.
pub(super) struct Delivery<'a> {
    pub(super) source: &'a Source,
    pub(super) compress: Compress,
    pub(super) begin: Instant,
    pub(super) runner: &'a Runner,
}

impl Delivery<'_> {
    /// Brings the images to these hosts; answers with the reports, and with what went wrong.
    fn to_all(&self, hosts: Vec<Host>, search: Search) -> Result<(Vec<Report>, Vec<Error>)> {
        let (reached, mut failed) = reach(hosts, search, self.runner);
        let (reports, failures) = self.to(reached)?;
        failed.extend(failures);
        Ok((reports, failed))
    }

    /// The same for hosts that were reached. Those that lack nothing wait for nobody, and one that fails stops no other.
    pub(super) fn to(&self, reached: Vec<Reached>) -> Result<(Vec<Report>, Vec<Error>)> {
        let (lacking, whole): (Vec<_>, Vec<_>) = reached.into_iter().partition(Reached::lacks_something);
        let mut outcome = Outcome::default();
        for reached in whole {
            self.conclude(reached, None, &mut outcome);
        }
        let (mut ready, mut packers) = (Vec::new(), Vec::new());
        for mut reached in lacking {
            match reached.receive(self.compress, self.runner) {
                Ok(packer) => {
                    packers.push(packer);
                    ready.push(reached);
                }
                Err(error) => outcome.failed.push(error),
            }
        }
        let sent = if ready.is_empty() { Vec::new() } else { self.send(&ready, packers)? };
        for (reached, sent) in ready.into_iter().zip(sent) {
            self.conclude(reached, Some(sent), &mut outcome);
        }
        let Outcome { mut reports, mut failed, again } = outcome;
        if !again.is_empty() {
            let search = Search { source: self.source, full: true, sends: true };
            let (more, failures) = self.to_all(again, search)?;
            reports.extend(more);
            failed.extend(failures);
        }
        Ok((reports, failed))
    }

    fn conclude(&self, mut reached: Reached, sent: Option<Sent<Receiver>>, outcome: &mut Outcome) {
        match reached.conclude(self.source, sent, self.begin, self.runner) {
            Ok(report) => {
                ui::note(&report);
                outcome.reports.push(report);
            }
            Err(error) if reached.may_lack_what_it_had(&error) => {
                ui::note(format_args!(
                    "{error}; a layer may have vanished there meanwhile: all are sent now"
                ));
                outcome.again.push(reached.host);
            }
            Err(error) => outcome.failed.push(reached.host.explain(error)),
        }
    }

    fn send(&self, ready: &[Reached], packers: Vec<Packer<Receiver>>) -> Result<Vec<Sent<Receiver>>> {
        let plans: Vec<_> = ready.iter().map(Reached::plan).collect();
        let progress = progress::begin(self.source, &plans);
        let shipments =
            ready.iter().zip(packers).map(|(reached, packer)| reached.shipment(self.source, packer));
        sending::send(self.source, shipments.collect(), &progress, self.runner)
    }
}

/// What has come of hosts.
#[derive(Default)]
struct Outcome {
    reports: Vec<Report>,
    failed: Vec<Error>,
    /// Those that all is to be sent to, since something has vanished there.
    again: Vec<Host>,
}

/// The images that these words mean: folders and synthetic images of the project, or what docker knows.
///
/// # Errors
/// There is no such image.
pub(super) fn open(words: &[String], runner: &Runner) -> Result<Source> {
    let project = match Project::find() {
        Ok(project) => Some(project),
        Err(ProjectError::NoProject { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let references = words.iter().map(|word| match project.as_ref().map(|project| project.image(word)) {
        Some(Ok(image)) => Ok(image.reference()?.to_string()),
        None | Some(Err(ProjectError::NoImage { .. })) => Ok(word.clone()),
        Some(Err(error)) => Err(error.into()),
    });
    let references = references.collect::<Result<Vec<String>>>()?;
    Source::open(&references, &engine::root(), runner).map_err(|error| match error {
        source::Error::NoImage(name) => {
            let index = references.iter().position(|reference| *reference == name);
            let word = index.map(|index| words[index].clone()).filter(|word| *word != name);
            Error::NotBuilt { name, remedy: word.map(|image| format!("`build-image {image}` makes it")) }
        }
        error => error.into(),
    })
}

/// What does the same by hand, but sends all; docker is called so there.
pub(super) fn by_hand(source: &Source, host: &Host, docker: &str) -> [Command; 2] {
    let images = source.images().iter().flat_map(|image| match image.references.as_slice() {
        [] => vec![image.id.to_string()],
        references => references.to_vec(),
    });
    [Command::new("docker").arg("save").args(images), host.load(docker)]
}

/// Says all errors but the last, which is the command's own.
pub(super) fn told(mut errors: Vec<Error>) -> Result {
    let Some(last) = errors.pop() else { return Ok(()) };
    errors.iter().filter_map(Error::message).for_each(ui::note);
    Err(last)
}

/// Connects to all hosts at once; answers with those that were reached, and what keeps the others.
pub(super) fn reach(hosts: Vec<Host>, search: Search, runner: &Runner) -> (Vec<Reached>, Vec<Error>) {
    let reached: Vec<Result<Reached>> = thread::scope(|scope| {
        let threads: Vec<_> =
            hosts.into_iter().map(|host| scope.spawn(move || Reached::new(host, search, runner))).collect();
        threads
            .into_iter()
            .map(|thread| {
                thread.join().unwrap_or_else(|_| Err(Error::Threads(io::Error::other("it has died"))))
            })
            .collect()
    });
    let (mut all, mut failed) = (Vec::new(), Vec::new());
    for result in reached {
        match result {
            Ok(reached) => all.push(reached),
            Err(error) => failed.push(error),
        }
    }
    (all, failed)
}
