//! The calls to ECR before a push: login, creation of repositories and look-up of tags, in parallel.

use aws_sdk_ecr::Client;
use dockerutils_aws::{Callbacks, Connection, Error, Refusal, Retries, Scope, connect, with_deadline};
use futures_util::future::try_join_all;

use crate::create::create;
use crate::login::log_in;
use crate::tag_lookup::{TagLookup, look_up};
use crate::{Latch, Login, RegionQuery, Repository};

/// The state of a region, as a [`RegionQuery`] found or made it.
#[derive(Debug)]
pub struct RegionState {
    /// The login for docker.
    pub login: Login,
    /// The state of each tag, in the order of the query's repositories and their tags.
    pub tags: Vec<TagState>,
}

/// The state of a tag.
#[derive(Debug)]
pub struct TagState {
    /// The digest that the tag has now; `None` if there is no such tag, or if it could not be looked up.
    pub digest: Option<String>,
    /// Why the repository could not be created, if it is not known either whether it exists.
    pub create_refusal: Option<Refusal>,
}

/// Logs in to ECR, looks up the tags, and creates missing repositories once the latch is released.
///
/// `should_stop` returns whether to stop, and `on_retry` receives a sentence each time a call is tried again.
///
/// Not errors: failing to create a repository that exists or may exist (no permission to create *and* none to look), or
/// failing to look up a tag.
///
/// # Errors
/// Fails without a region or credentials, if ECR refuses any other call, if it does not respond in time, or if the caller
/// stops.
pub fn query_regions(
    queries: &[RegionQuery],
    latch: &Latch,
    should_stop: &dyn Fn() -> bool,
    on_retry: &dyn Fn(&str),
) -> Result<Vec<RegionState>, Error> {
    if queries.is_empty() {
        return Ok(Vec::new());
    }
    // Before the release it is the engine that is slow, not AWS.
    let is_paused = || !latch.is_released();
    let callbacks = Callbacks { should_stop, on_retry, is_paused: &is_paused };
    block_on(&callbacks, |retries| {
        try_join_all(queries.iter().map(move |query| query_region(query, retries.clone(), latch)))
    })
}

/// Runs calls to AWS until they end, or until the callbacks or the time limit stop them.
pub(crate) fn block_on<T, F: Future<Output = Result<T, Error>>>(
    callbacks: &Callbacks<'_>,
    calls: impl FnOnce(Retries) -> F,
) -> Result<T, Error> {
    // One thread is enough for a handful of calls that all wait for the network.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (retries, receiver) = Retries::new();
    let result = runtime.block_on(with_deadline(callbacks, &receiver, calls(retries)));
    // Dropping the runtime would wait for its blocking threads, and a DNS look-up or a `credential_process` can take
    // longer than the deadline.
    runtime.shutdown_background();
    result
}

/// Returns a client for the region of a query, and the name of the region.
pub(crate) async fn connect_to(query: &RegionQuery, retries: Retries) -> Result<(Client, String), Error> {
    let scope = Scope { region: query.region.as_deref(), profile: None };
    let Connection { config, region, .. } = connect(scope).await?;
    let config = aws_sdk_ecr::config::Builder::from(&config).interceptor(retries).build();
    Ok((Client::from_conf(config), region))
}

async fn query_region(query: &RegionQuery, retries: Retries, latch: &Latch) -> Result<RegionState, Error> {
    let (client, region) = connect_to(query, retries).await?;
    let prepare = |repository| prepare(&client, &region, repository, latch);
    let each = try_join_all(query.repositories.iter().map(prepare));
    let (login, tags) = tokio::try_join!(log_in(&client, &region), each)?;
    Ok(RegionState { login, tags: tags.into_iter().flatten().collect() })
}

/// Creates a repository and looks up its tags.
async fn prepare(
    client: &Client,
    region: &str,
    repository: &Repository,
    latch: &Latch,
) -> Result<Vec<TagState>, Error> {
    let create = async {
        latch.wait().await;
        create(client, region, repository).await
    };
    let look_ups = repository.tags.iter().map(|tag| look_up(client, region, repository, tag));
    // Both at once, because a round trip to AWS costs more than a call that turns out to be unnecessary. The look-ups may
    // therefore find the repository before or after its creation. `join!` rather than `try_join!`: whether a failed
    // creation counts depends on what the look-ups find.
    let (created, lookups) = tokio::join!(create, try_join_all(look_ups));
    let lookups = lookups?;
    let exists = lookups.iter().any(|lookup| matches!(lookup, TagLookup::Found(_) | TagLookup::NoSuchTag));
    let create_refusal = match created {
        Ok(()) => None,
        Err(error) if exists && error.is_from_service() => None,
        // Without permission to look either, the push decides. docker needs neither of the two permissions.
        Err(Error::Denied(refusal)) if !lookups.contains(&TagLookup::NoRepository) => Some(refusal),
        Err(error) => return Err(error),
    };
    let state =
        |lookup: TagLookup| TagState { digest: lookup.digest(), create_refusal: create_refusal.clone() };
    Ok(lookups.into_iter().map(state).collect())
}
