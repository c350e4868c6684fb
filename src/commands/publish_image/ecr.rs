//! The references that lead to ECR: AWS is asked about all of a region at once, and shown as the aws commands that do
//! the same.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use dockerutils_aws::{
    Callbacks, Latch, Login, RegionQuery, RegionState, Repository, Settings, TagState, query_regions,
};
use dockerutils_command::{Command, Runner};
use dockerutils_docker::login;
use dockerutils_oci::Registry;
use secrecy::SecretString;

use super::destination::{Caller, Destination};
use crate::{Error, Result, ui};

/// The name that ECR's logins have, for a dry run.
const USER: &str = "AWS";

/// What is to be asked, region by region.
pub(super) struct Questions {
    questions: Vec<RegionQuery>,
    /// The region, the repository and the destination of each tag, in the order of the answers.
    tags: Vec<[usize; 3]>,
}

impl Questions {
    /// Those about the destinations that lead to ECR.
    pub(super) fn about(destinations: &[Destination]) -> Result<Self> {
        let (mut questions, mut tags) = (Vec::<RegionQuery>::new(), Vec::new());
        for (index, destination) in destinations.iter().enumerate() {
            let Some((account, region)) = named(destination) else { continue };
            let asked = position_or_push(
                &mut questions,
                |question| question.region == region,
                || Ok(RegionQuery { region: region.clone(), repositories: Vec::new() }),
            )?;
            let repositories = &mut questions[asked].repositories;
            let name = destination.shape.repository();
            let repository = position_or_push(
                repositories,
                |repository| repository.account == account && repository.name == name,
                || {
                    let settings = settings(destination)?;
                    Ok(Repository {
                        account: account.clone(),
                        name: name.to_owned(),
                        tags: Vec::new(),
                        settings,
                    })
                },
            )?;
            let tag = destination.shape.tag().unwrap_or("latest");
            repositories[repository].tags.push(tag.to_owned());
            tags.push([asked, repository, index]);
        }
        tags.sort_unstable();
        Ok(Questions { questions, tags })
    }

    /// Asks while the engine is asked too. Repositories are made once it has answered; its failure ends the rest.
    pub(super) fn ask_during<T>(
        &self,
        runner: &Runner,
        engine: impl FnOnce() -> Result<T>,
    ) -> Result<(T, Answers)> {
        self.show(runner, RegionQuery::query_commands);
        if runner.is_dry_run() {
            let known = engine()?;
            self.show(runner, RegionQuery::create_commands);
            return Ok((known, Answers::default()));
        }
        runner.watch_signals().map_err(Error::Signals)?;
        let (latch, is_over) = (Latch::new(), AtomicBool::new(false));
        let (known, answers) = thread::scope(|scope| {
            let aws = scope.spawn(|| {
                let should_stop = || is_over.load(Ordering::Relaxed) || runner.check_interrupted().is_err();
                query_regions(
                    &self.questions,
                    &Callbacks {
                        latch: &latch,
                        should_stop: &should_stop,
                        on_retry: &|sentence| ui::note(sentence),
                    },
                )
            });
            let known = engine();
            is_over.store(known.is_err(), Ordering::Relaxed);
            if known.is_ok() && !aws.is_finished() {
                self.show(runner, RegionQuery::create_commands);
                latch.release();
            }
            (known, aws.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        let known = known?;
        runner.check_interrupted()?;
        Ok((known, self.sorted(answers.map_err(Error::Aws)?)))
    }

    /// As the aws commands that do the same.
    fn show(&self, runner: &Runner, lines: impl Fn(&RegionQuery) -> Vec<Vec<String>>) {
        let words = self.questions.iter().flat_map(lines);
        runner.echo(&words.map(|words| Command::new("aws").args(words)).collect::<Vec<_>>());
    }

    fn sorted(&self, answers: Vec<RegionState>) -> Answers {
        let (logins, found): (Vec<_>, Vec<_>) =
            answers.into_iter().map(|RegionState { login, tags }| (login, tags)).unzip();
        let destinations = self.tags.iter().map(|[.., destination]| *destination);
        Answers { logins, found: destinations.zip(found.into_iter().flatten()).collect() }
    }
}

/// The account and the region of a registry of ECR; none for what AWS is yet to say.
fn named(destination: &Destination) -> Option<(Option<String>, Option<String>)> {
    let (Registry::Ecr(ecr), Registry::Ecr(other)) = (destination.registry(), destination.other.registry())
    else {
        return None;
    };
    let same = |one: String, other: String| (one == other).then_some(one);
    Some((same(ecr.account, other.account), same(ecr.region, other.region)))
}

/// Where in a list the one is that is meant; where it is not, it is made.
fn position_or_push<T>(
    list: &mut Vec<T>,
    is_meant: impl FnMut(&T) -> bool,
    make: impl FnOnce() -> Result<T>,
) -> Result<usize> {
    if let Some(position) = list.iter().position(is_meant) {
        return Ok(position);
    }
    list.push(make()?);
    Ok(list.len() - 1)
}

/// What the repository is to be when it is made.
fn settings(destination: &Destination) -> Result<Settings> {
    let section = &destination.image.section;
    let tags = match &section.ecr_tags {
        Some(value) => {
            let pair = |word: String| match word.split_once('=') {
                Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
                None => Err(value.error(format!("`{word}` is no KEY=VALUE"))),
            };
            let words = value.words(&destination.image.scope()?);
            let pairs = words.and_then(|words| words.iter().map(|word| pair(word.text())).collect());
            pairs.map_err(|error| Error::Project(error.into()))?
        }
        None => Vec::new(),
    };
    Ok(Settings { scan_on_push: section.ecr_scan_on_push, immutable_tags: section.ecr_immutable_tags, tags })
}

/// What AWS has said; nothing under a dry run.
#[derive(Default)]
pub(super) struct Answers {
    logins: Vec<Login>,
    found: Vec<(usize, TagState)>,
}

impl Answers {
    /// Whose credentials these are; the region is that of the SDK's chain, where that one was asked.
    pub(super) fn caller(&self, questions: &Questions) -> Option<Caller> {
        let account = self.logins.first()?.account.clone();
        let asked = questions.questions.iter().position(|question| question.region.is_none());
        let region = asked.and_then(|position| Some(self.logins.get(position)?.region.clone()));
        Some(Caller { account, region: region.unwrap_or_else(|| Caller::known().region) })
    }

    /// The digest that a destination's tag has now.
    pub(super) fn digest(&self, destination: usize) -> Option<&str> {
        self.found(destination)?.digest.as_deref()
    }

    /// Says what could not be made sure of.
    pub(super) fn say_doubt(&self, destination: usize) {
        if let Some(refusal) = self.found(destination).and_then(|found| found.create_refusal.as_ref()) {
            ui::note(format_args!("AWS denies {refusal}: the push fails unless the repository exists"));
        }
    }

    /// The login at a registry, if it is one of ECR.
    pub(super) fn login(&self, registry: &Registry) -> Option<Command> {
        let Registry::Ecr(ecr) = registry else { return None };
        let printed_by = Command::new("aws").args(["ecr", "get-login-password", "--region", &ecr.region]);
        Some(match self.logins.iter().find(|login| login.region == ecr.region) {
            Some(known) => login(&ecr.host, &known.user, known.password.clone(), printed_by),
            None => login(&ecr.host, USER, SecretString::default(), printed_by),
        })
    }

    fn found(&self, destination: usize) -> Option<&TagState> {
        self.found.iter().find(|(index, _)| *index == destination).map(|(_, found)| found)
    }
}
