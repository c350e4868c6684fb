//! The references that lead to ECR: AWS is asked about all of a region at once, and shown as the aws commands that do
//! the same.

use dockerutils_aws::{Answer, Found, Login, Settings, Target, Watch, ask};
use dockerutils_command::{Command, Runner};
use dockerutils_docker::login;
use dockerutils_project::Registry;
use secrecy::SecretString;

use super::destination::{Caller, Destination};
use crate::{Error, Result, say};

/// The name that ECR's logins have, for a dry run.
const USER: &str = "AWS";

/// What is to be asked, a conversation for each region.
pub(super) struct Questions {
    regions: Vec<Region>,
}

struct Region {
    /// None for the region of the SDK's chain.
    name: Option<String>,
    targets: Vec<Target>,
    /// The destination that each target belongs to.
    destinations: Vec<usize>,
}

impl Questions {
    /// Those about the destinations that lead to ECR.
    pub(super) fn about(destinations: &[Destination]) -> Result<Self> {
        let mut regions: Vec<Region> = Vec::new();
        for (index, destination) in destinations.iter().enumerate() {
            let Some((account, name)) = destination.named() else { continue };
            let target = target(destination, account)?;
            let position = regions.iter().position(|region| region.name == name);
            let position = position.unwrap_or_else(|| {
                regions.push(Region { name, targets: Vec::new(), destinations: Vec::new() });
                regions.len() - 1
            });
            regions[position].targets.push(target);
            regions[position].destinations.push(index);
        }
        Ok(Questions { regions })
    }

    /// The aws commands that ask the same.
    pub(super) fn commands(&self) -> Vec<Command> {
        let aws = |words| Command::new("aws").args::<Vec<String>>(words);
        let of = |region: &Region| {
            let name = region.name.as_deref();
            let each = |target: &Target| [aws(target.create_words(name)), aws(target.describe_words(name))];
            region.targets.iter().flat_map(each).collect::<Vec<_>>()
        };
        self.regions.iter().flat_map(of).collect()
    }

    /// Asks; `give_up` ends it early.
    pub(super) fn ask(&self, runner: &Runner, give_up: &dyn Fn() -> bool) -> Result<Answers> {
        let stop = || give_up() || runner.check_interrupted().is_err();
        let watch = Watch { stop: &stop, tell: &|sentence| say(sentence) };
        let mut answers = Answers { logins: Vec::new(), found: Vec::new() };
        for region in &self.regions {
            let answer = ask(region.name.as_deref(), &region.targets, &watch);
            runner.check_interrupted()?;
            let Answer { login, found } = answer.map_err(Error::Aws)?;
            answers.logins.push(login);
            answers.found.extend(region.destinations.iter().copied().zip(found));
        }
        Ok(answers)
    }
}

fn target(destination: &Destination, account: Option<String>) -> Result<Target> {
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
    Ok(Target {
        account,
        repository: destination.shape.repository().to_owned(),
        tag: destination.shape.tag().unwrap_or("latest").to_owned(),
        settings: Settings {
            scan_on_push: section.ecr_scan_on_push,
            immutable_tags: section.ecr_immutable_tags,
            tags,
        },
    })
}

/// What AWS has said; nothing under a dry run.
#[derive(Default)]
pub(super) struct Answers {
    logins: Vec<Login>,
    found: Vec<(usize, Found)>,
}

impl Answers {
    /// Whose credentials these are; the region is that of the SDK's chain, where that one was asked.
    pub(super) fn caller(&self, questions: &Questions) -> Option<Caller> {
        let account = self.logins.first()?.account.clone();
        let asked = questions.regions.iter().position(|region| region.name.is_none());
        let region = asked.and_then(|position| Some(self.logins.get(position)?.region.clone()));
        Some(Caller { account, region: region.unwrap_or_else(|| Caller::known().region) })
    }

    /// The digest that a destination's tag has now.
    pub(super) fn digest(&self, destination: usize) -> Option<&str> {
        self.found(destination)?.digest.as_deref()
    }

    /// Says what could not be made sure of.
    pub(super) fn say_doubt(&self, destination: usize) {
        if let Some(refusal) = self.found(destination).and_then(|found| found.not_made.as_ref()) {
            say(format_args!("AWS does not let you do {refusal}: the push fails unless it is there"));
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

    fn found(&self, destination: usize) -> Option<&Found> {
        self.found.iter().find(|(index, _)| *index == destination).map(|(_, found)| found)
    }
}
