//! The references in ECR: AWS is queried about all of them at once, and the equivalent `aws` commands are echoed.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dockerutils_command::{Command, Runner};
use dockerutils_docker::login;
use dockerutils_ecr::{
    Latch, Login, RegionQuery, RegionState, Repository, Settings, TagMutability, TagState, query_mutability,
    query_regions,
};
use dockerutils_oci::{Digest, Registry};
use secrecy::SecretString;

use super::destination::Destination;
use super::error::PublishError;
use super::placeholders::Caller;
use crate::{Result, ui};

/// The user name of every login to ECR, for a dry run.
const USER: &str = "AWS";

/// The queries to AWS, one for each region.
pub(super) struct EcrQueries {
    queries: Vec<RegionQuery>,
    /// The tags in the order in which [`RegionState::tags`] lists them.
    tags: Vec<QueriedTag>,
}

/// The positions of a tag's query, of its repository in that query, and of its destination. The order of the fields is
/// the order of the results.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct QueriedTag {
    query: usize,
    repository: usize,
    destination: usize,
}

impl EcrQueries {
    /// Collects the queries of the destinations in ECR.
    pub(super) fn new(destinations: &[Destination]) -> Result<Self> {
        let (mut queries, mut tags) = (Vec::<RegionQuery>::new(), Vec::new());
        for (index, destination) in destinations.iter().enumerate() {
            let Some((account, region)) = known_account_and_region(destination) else { continue };
            // One query for each region, because a login is valid in one region.
            let query = position_or_push(
                &mut queries,
                |query| query.region == region,
                || Ok(RegionQuery { region: region.clone(), repositories: Vec::new() }),
            )?;
            let repositories = &mut queries[query].repositories;
            let name = destination.provisional.repository();
            let repository = position_or_push(
                repositories,
                |repository| repository.account == account && repository.name == name,
                || {
                    let (account, name) = (account.clone(), name.to_owned());
                    Ok(Repository { account, name, tags: Vec::new(), settings: settings(destination)? })
                },
            )?;
            // docker pushes a reference without a tag as this one.
            let tag = destination.provisional.tag().unwrap_or("latest");
            repositories[repository].tags.push(tag.to_owned());
            tags.push(QueriedTag { query, repository, destination: index });
        }
        // The results come region by region, while the destinations may alternate between regions.
        tags.sort_unstable();
        Ok(EcrQueries { queries, tags })
    }

    /// Runs the queries while `engine` runs. Repositories are created once it has succeeded.
    ///
    /// # Errors
    /// Fails if `engine` or AWS fails, or if a signal arrives.
    pub(super) fn run_during<T>(
        &self,
        runner: &Runner,
        engine: impl FnOnce() -> Result<T>,
    ) -> Result<(T, EcrState)> {
        self.echo(runner, RegionQuery::query_commands);
        if runner.is_dry_run() {
            let local = engine()?;
            self.echo(runner, RegionQuery::create_commands);
            return Ok((local, EcrState::default()));
        }
        // The thread below waits without a child process, so signals have to be watched for before it starts.
        runner.watch_signals()?;
        let (latch, engine_failed) = (Latch::new(), AtomicBool::new(false));
        let (local, states) = thread::scope(|scope| {
            let aws = scope.spawn(|| {
                let should_stop =
                    || engine_failed.load(Ordering::Relaxed) || runner.check_interrupted().is_err();
                let on_retry = |sentence: &str| ui::note(sentence);
                query_regions(&self.queries, &latch, &should_stop, &on_retry)
            });
            let local = engine();
            engine_failed.store(local.is_err(), Ordering::Relaxed);
            // If AWS has ended by now it has failed, and creates nothing that could be echoed.
            if local.is_ok() && !aws.is_finished() {
                self.echo(runner, RegionQuery::create_commands);
                latch.release();
            }
            (local, aws.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        // The engine's failure first: it is what has stopped AWS. Then the signal, for the same reason.
        let local = local?;
        runner.check_interrupted()?;
        Ok((local, self.state(states.map_err(PublishError::from)?)))
    }

    /// Looks up whether the tag of a destination can be moved, and echoes the equivalent `aws` command. `None` if that is
    /// not known.
    ///
    /// # Errors
    /// Fails if AWS fails, or if a signal arrives.
    pub(super) fn is_immutable(&self, destination: usize, runner: &Runner) -> Result<Option<bool>> {
        let Some(tag) = self.tags.iter().find(|tag| tag.destination == destination) else { return Ok(None) };
        let query = &self.queries[tag.query];
        let repository = &query.repositories[tag.repository];
        runner.echo(&[Command::new("aws").args(query.mutability_command(repository))]);
        let should_stop = || runner.check_interrupted().is_err();
        let mutability = query_mutability(query, repository, &should_stop, &|sentence| ui::note(sentence));
        runner.check_interrupted()?;
        Ok(match mutability.map_err(PublishError::from)? {
            TagMutability::Mutable => Some(false),
            TagMutability::Immutable => Some(true),
            TagMutability::Unknown => None,
        })
    }

    /// Echoes the equivalent `aws` commands.
    fn echo(&self, runner: &Runner, commands: impl Fn(&RegionQuery) -> Vec<Vec<String>>) {
        let words = self.queries.iter().flat_map(commands);
        runner.echo(&words.map(|words| Command::new("aws").args(words)).collect::<Vec<_>>());
    }

    fn state(&self, states: Vec<RegionState>) -> EcrState {
        let (logins, tags): (Vec<_>, Vec<_>) =
            states.into_iter().map(|RegionState { login, tags }| (login, tags)).unzip();
        let destinations = self.tags.iter().map(|tag| tag.destination);
        EcrState { logins, tags: destinations.zip(tags.into_iter().flatten()).collect() }
    }
}

/// Returns the account and the region of a destination in ECR, each `None` if it depends on AWS.
fn known_account_and_region(destination: &Destination) -> Option<(Option<String>, Option<String>)> {
    let registries = (destination.registry(), destination.alternative.registry());
    let (Registry::Ecr(provisional), Registry::Ecr(alternative)) = registries else { return None };
    let if_equal = |one: String, other: String| (one == other).then_some(one);
    Some((
        if_equal(provisional.account, alternative.account),
        if_equal(provisional.region, alternative.region),
    ))
}

/// Returns the index of the first match; pushes a new element if nothing matches.
fn position_or_push<T>(
    list: &mut Vec<T>,
    matches: impl FnMut(&T) -> bool,
    new: impl FnOnce() -> Result<T>,
) -> Result<usize> {
    if let Some(position) = list.iter().position(matches) {
        return Ok(position);
    }
    list.push(new()?);
    Ok(list.len() - 1)
}

/// Returns the settings of a destination's repository, for the case that it has to be created.
fn settings(destination: &Destination) -> Result<Settings> {
    let section = &destination.image.section;
    let mut tags = Vec::new();
    if let Some(value) = &section.ecr_tags {
        let words = value.words(&destination.image.scope()?).map_err(dockerutils_project::Error::from)?;
        for word in words {
            value.check_public(&word, &section.not_secret).map_err(dockerutils_project::Error::from)?;
            let word = word.text();
            let Some((key, tag)) = word.split_once('=') else {
                let error = value.error(format!("`{word}` is not a KEY=VALUE pair"));
                return Err(dockerutils_project::Error::from(error).into());
            };
            tags.push((key.to_owned(), tag.to_owned()));
        }
    }
    Ok(Settings { scan_on_push: section.ecr_scan_on_push, immutable_tags: section.ecr_immutable_tags, tags })
}

/// The responses of AWS; empty under a dry run.
#[derive(Default)]
pub(super) struct EcrState {
    logins: Vec<Login>,
    /// The position of each destination and the state of its tag.
    tags: Vec<(usize, TagState)>,
}

impl EcrState {
    /// Returns the account of the credentials, and the region that the SDK found if a query left it open.
    pub(super) fn caller(&self, queries: &EcrQueries) -> Option<Caller> {
        let account = self.logins.first()?.account.clone();
        let open = queries.queries.iter().position(|query| query.region.is_none());
        let region = open.and_then(|position| Some(self.logins.get(position)?.region.clone()));
        Some(Caller { account, region: region.unwrap_or_else(|| Caller::provisional().region) })
    }

    /// Returns the digest that a destination's tag has now.
    pub(super) fn digest(&self, destination: usize) -> Option<Digest> {
        self.tag(destination)?.digest.as_deref()?.parse().ok()
    }

    /// Prints a note if it is not known whether a destination's repository exists.
    pub(super) fn warn_unverified(&self, destination: usize) {
        if let Some(refusal) = self.tag(destination).and_then(|tag| tag.create_refusal.as_ref()) {
            ui::note(format_args!("AWS denies {refusal}: the push fails unless the repository exists"));
        }
    }

    /// Returns the `docker login` command for a registry of ECR.
    pub(super) fn login(&self, registry: &Registry) -> Option<Command> {
        let Registry::Ecr(ecr) = registry else { return None };
        let printed_by = Command::new("aws").args(["ecr", "get-login-password", "--region", &ecr.region]);
        Some(match self.logins.iter().find(|login| login.region == ecr.region) {
            Some(known) => login(&ecr.host, &known.user, known.password.clone(), printed_by),
            // Under a dry run, which needs no password to echo the command.
            None => login(&ecr.host, USER, SecretString::default(), printed_by),
        })
    }

    fn tag(&self, destination: usize) -> Option<&TagState> {
        self.tags.iter().find(|(index, _)| *index == destination).map(|(_, tag)| tag)
    }
}
