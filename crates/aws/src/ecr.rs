//! The conversation with ECR before a push: the login, the repositories and what their tags are now, all at once.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::error::SdkError;
use aws_sdk_ecr::types::{ImageIdentifier, ImageScanningConfiguration, ImageTagMutability, Tag};
use base64::prelude::{BASE64_STANDARD as STANDARD, Engine as _};
use futures_util::future::try_join_all;
use secrecy::SecretString;

use crate::error::Call;
use crate::patience::{Retries, patiently};
use crate::{Error, Refusal, Target, Watch, client};

/// What came of it.
#[derive(Debug)]
pub struct Answer {
    /// How docker logs in.
    pub login: Login,
    /// What there is of each target, in their order.
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

/// What is known of a target.
#[derive(Debug)]
pub struct Found {
    /// The digest that its tag has now, if there is such a tag and the caller may know.
    pub digest: Option<String>,
    /// Why the repository was not made, where it may be there all the same.
    pub not_made: Option<Refusal>,
}

/// Logs in to ECR, makes what repositories are missing, and looks up what the tags are.
///
/// Without a `region` it is that of the SDK's chain.
///
/// # Errors
/// No region, no credentials, or what ECR refuses. A repository that the caller may not make is none where it is seen to
/// be there, or where that may not be seen either.
pub fn ask(region: Option<&str>, targets: &[Target], watch: &Watch) -> Result<Answer, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (retries, told) = Retries::new();
    let answer = runtime.block_on(patiently(watch, &told, conversation(region, targets, retries)));
    // A look-up of a name, or a program that prints credentials, is not waited for.
    runtime.shutdown_background();
    answer
}

async fn conversation(region: Option<&str>, targets: &[Target], retries: Retries) -> Result<Answer, Error> {
    let (client, region) = client::connect(region, retries).await?;
    let each = try_join_all(targets.iter().map(|target| prepare(&client, &region, target)));
    let (login, found) = tokio::try_join!(log_in(&client, &region), each)?;
    Ok(Answer { login, found })
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

/// Makes the repository and looks up the tag, at the same time; either may come first.
async fn prepare(client: &Client, region: &str, target: &Target) -> Result<Found, Error> {
    let (created, there) = tokio::join!(create(client, region, target), look_up(client, region, target));
    let there = there?;
    match created {
        Ok(()) => Ok(Found { digest: there.digest(), not_made: None }),
        Err(Error::Denied(refusal)) if there.may_be_there() => {
            Ok(Found { digest: there.digest(), not_made: Some(refusal).filter(|_| there == There::Unknown) })
        }
        Err(error) => Err(error),
    }
}

async fn create(client: &Client, region: &str, target: &Target) -> Result<(), Error> {
    let call = Call { action: "ecr:CreateRepository", on: target.to_string(), region };
    let settings = &target.settings;
    let mut tags = Vec::new();
    for (key, value) in &settings.tags {
        let tag = Tag::builder().key(key).value(value).build();
        tags.push(tag.map_err(|error| Error::Refused(call.refusal(error.to_string())))?);
    }
    let scan =
        settings.scan_on_push.then(|| ImageScanningConfiguration::builder().scan_on_push(true).build());
    let answer = client
        .create_repository()
        .set_registry_id(target.account.clone())
        .repository_name(&target.repository)
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
    /// The caller may not look.
    Unknown,
}

impl There {
    fn digest(&self) -> Option<String> {
        match self {
            There::Tag(digest) => Some(digest.clone()),
            _ => None,
        }
    }

    fn may_be_there(&self) -> bool {
        *self != There::Nothing
    }
}

async fn look_up(client: &Client, region: &str, target: &Target) -> Result<There, Error> {
    let call = Call { action: "ecr:DescribeImages", on: target.to_string(), region };
    let answer = client
        .describe_images()
        .set_registry_id(target.account.clone())
        .repository_name(&target.repository)
        .image_ids(ImageIdentifier::builder().image_tag(&target.tag).build())
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
        Err(Error::Denied(_)) => Ok(There::Unknown),
        answer => {
            let digest =
                answer?.image_details().first().and_then(|image| image.image_digest().map(str::to_owned));
            Ok(digest.map_or(There::Repository, There::Tag))
        }
    }
}
