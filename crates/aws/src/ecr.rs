//! The conversation with ECR before a push: the login, the repositories and what their tags are now, all at once.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::error::SdkError;
use aws_sdk_ecr::types::{ImageIdentifier, ImageScanningConfiguration, ImageTagMutability, Tag};
use base64::prelude::{BASE64_STANDARD as STANDARD, Engine as _};
use futures_util::future::try_join_all;
use secrecy::SecretString;

use crate::error::Call;
use crate::patience::{Retries, patiently};
use crate::{Error, Gate, Question, Refusal, Repository, Watch, client};

/// What came of a question.
#[derive(Debug)]
pub struct Answer {
    /// How docker logs in.
    pub login: Login,
    /// What there is of each tag, repository by repository, in their order.
    pub found: Vec<Found>,
}

/// A login that docker takes, for every registry of the region that the caller may use.
#[derive(Debug)]
pub struct Login {
    /// The caller's own account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The user's name.
    pub user: String,
    /// The password, good for twelve hours.
    pub password: SecretString,
}

/// What is known of a tag.
#[derive(Debug)]
pub struct Found {
    /// The digest that it has now, if there is such a tag and that could be seen.
    pub digest: Option<String>,
    /// Why the repository was not made, where it may be there all the same.
    pub not_made: Option<Refusal>,
}

/// Logs in to ECR and looks up what the tags are; makes what repositories are missing once the gate is open.
///
/// # Errors
/// No region, no credentials, or what ECR refuses. A repository that cannot be made is none where it is seen to be there,
/// or where the caller may not make it and it cannot be seen; nor is it one that a tag cannot be looked up.
pub fn ask(questions: &[Question], watch: &Watch) -> Result<Vec<Answer>, Error> {
    if questions.is_empty() {
        return Ok(Vec::new());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (retries, told) = Retries::new();
    let each = questions.iter().map(|question| conversation(question, retries.clone(), watch.gate));
    let answers = runtime.block_on(patiently(watch, &told, try_join_all(each)));
    // A look-up of a name, or a program that prints credentials, is not waited for.
    runtime.shutdown_background();
    answers
}

async fn conversation(question: &Question, retries: Retries, gate: &Gate) -> Result<Answer, Error> {
    let (client, region) = client::connect(question.region.as_deref(), retries).await?;
    let prepare = |repository| prepare(&client, &region, repository, gate);
    let each = try_join_all(question.repositories.iter().map(prepare));
    let (login, found) = tokio::try_join!(log_in(&client, &region), each)?;
    Ok(Answer { login, found: found.into_iter().flatten().collect() })
}

async fn log_in(client: &Client, region: &str) -> Result<Login, Error> {
    let call = Call { action: "ecr:GetAuthorizationToken", on: format!("the registry in {region}"), region };
    let answer = client.get_authorization_token().send().await.map_err(|error| call.error(&error))?;
    let [data, ..] = answer.authorization_data() else {
        return Err(Error::Answer(call.refusal("it holds no login")));
    };
    let login = || {
        let host = data.proxy_endpoint()?.strip_prefix("https://")?;
        let account =
            host.split('.').next().filter(|account| account.bytes().all(|byte| byte.is_ascii_digit()))?;
        let token = STANDARD.decode(data.authorization_token()?).ok()?;
        let (user, password) = std::str::from_utf8(&token).ok()?.split_once(':')?;
        Some(Login {
            account: account.to_owned(),
            region: region.to_owned(),
            user: user.to_owned(),
            password: SecretString::from(password),
        })
    };
    login().ok_or_else(|| Error::Answer(call.refusal("its login is none that docker takes")))
}

/// Makes the repository and looks up its tags; either may come first.
async fn prepare(
    client: &Client,
    region: &str,
    repository: &Repository,
    gate: &Gate,
) -> Result<Vec<Found>, Error> {
    let create = async {
        gate.opened().await;
        create(client, region, repository).await
    };
    let look_ups = repository.tags.iter().map(|tag| look_up(client, region, repository, tag));
    let (created, there) = tokio::join!(create, try_join_all(look_ups));
    let there = there?;
    let is_seen = there.iter().any(|there| matches!(there, There::Tag(_) | There::Repository));
    let not_made = match created {
        Ok(()) => None,
        Err(error) if is_seen && error.is_of_the_service() => None,
        Err(Error::Denied(refusal)) if !there.contains(&There::Nothing) => Some(refusal),
        Err(error) => return Err(error),
    };
    let found = |there: There| Found { digest: there.digest(), not_made: not_made.clone() };
    Ok(there.into_iter().map(found).collect())
}

async fn create(client: &Client, region: &str, repository: &Repository) -> Result<(), Error> {
    let call = Call { action: "ecr:CreateRepository", on: repository.to_string(), region };
    let settings = &repository.settings;
    let mut tags = Vec::new();
    for (key, value) in &settings.tags {
        let tag = Tag::builder().key(key).value(value).build();
        tags.push(tag.map_err(|error| Error::Refused(call.refusal(error.to_string())))?);
    }
    let scan =
        settings.scan_on_push.then(|| ImageScanningConfiguration::builder().scan_on_push(true).build());
    let answer = client
        .create_repository()
        .set_registry_id(repository.account.clone())
        .repository_name(&repository.name)
        .set_tags(Some(tags).filter(|tags| !tags.is_empty()))
        .set_image_scanning_configuration(scan)
        .set_image_tag_mutability(settings.immutable_tags.then_some(ImageTagMutability::Immutable))
        .send()
        .await;
    match answer {
        Err(SdkError::ServiceError(error)) if error.err().is_repository_already_exists_exception() => Ok(()),
        answer => answer.map(|_| ()).map_err(|error| call.error(&error)),
    }
}

/// What a look at the repository has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
enum There {
    /// The tag, and its digest.
    Tag(String),
    /// The repository, without such a tag.
    Repository,
    Nothing,
    /// The caller may not look, or nobody can now.
    Unknown,
}

impl There {
    fn digest(self) -> Option<String> {
        match self {
            There::Tag(digest) => Some(digest),
            _ => None,
        }
    }
}

/// It only saves a push: of its failures those alone count that every call would have.
async fn look_up(client: &Client, region: &str, repository: &Repository, tag: &str) -> Result<There, Error> {
    let call = Call { action: "ecr:DescribeImages", on: repository.to_string(), region };
    let answer = client
        .describe_images()
        .set_registry_id(repository.account.clone())
        .repository_name(&repository.name)
        .image_ids(ImageIdentifier::builder().image_tag(tag).build())
        .send()
        .await;
    let answer = match answer {
        Err(SdkError::ServiceError(error)) if error.err().is_image_not_found_exception() => {
            return Ok(There::Repository);
        }
        Err(SdkError::ServiceError(error)) if error.err().is_repository_not_found_exception() => {
            return Ok(There::Nothing);
        }
        answer => answer.map_err(|error| call.error(&error)),
    };
    match answer {
        Ok(answer) => {
            let digest =
                answer.image_details().first().and_then(|image| image.image_digest().map(str::to_owned));
            Ok(digest.map_or(There::Repository, There::Tag))
        }
        Err(error @ (Error::Expired(_) | Error::Unknown(_))) => Err(error),
        Err(_) => Ok(There::Unknown),
    }
}
