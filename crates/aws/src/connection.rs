//! The SDK's configuration: its own ways to find a region and credentials, a limited number of attempts, and TLS by ring.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::shared::IntoShared;

use crate::Error;
use crate::bounded::BoundedConnector;
use crate::certificates::tls_context;
use crate::profile::{check_credentials, check_environment, check_files, check_profile};
use crate::retries::{ATTEMPT_TIMEOUT, ATTEMPTS};

/// The maximum time to open a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the caller has chosen; what is `None` is left to the SDK.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scope<'a> {
    /// The region.
    pub region: Option<&'a str>,
    /// The profile whose credentials and region are used, whatever the environment has.
    pub profile: Option<&'a str>,
}

/// The configuration that clients of AWS's services are created from.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The SDK's configuration, with the credentials.
    pub config: SdkConfig,
    /// The region: the chosen one, or the one that the SDK has found.
    pub region: String,
    /// Until when the credentials are valid; `None` if they do not end, or if it is not known.
    pub expires: Option<SystemTime>,
}

/// Finds a region and loads the credentials.
///
/// The SDK reads files with calls that block, and a `credential_process` can print without end. Both happen on a thread of
/// their own, so that a caller's time limit and signals work meanwhile. The thread of a caller that has given up ends with
/// the process.
///
/// # Errors
/// Fails if there is no region, no profile of that name, or no usable credentials.
pub async fn connect(scope: Scope<'_>) -> Result<Connection, Error> {
    let (region, profile) = (scope.region.map(str::to_owned), scope.profile.map(str::to_owned));
    let connecting = tokio::task::spawn_blocking(move || {
        let scope = Scope { region: region.as_deref(), profile: profile.as_deref() };
        // A runtime of its own: the caller's may end while this thread still waits.
        tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(connect_here(scope))
    });
    connecting.await.unwrap_or_else(|error| resume_unwind(error.into_panic()))
}

/// Does what [`connect`] does, on this thread.
async fn connect_here(scope: Scope<'_>) -> Result<Connection, Error> {
    if scope.profile.is_none() {
        check_environment()?;
    }
    check_files()?;
    let profile = check_profile(scope.profile).await;
    if let Err(error @ Error::NoProfile { .. }) = profile {
        return Err(error);
    }
    let config = load(scope).await;
    // The SDK takes an empty AWS_REGION for a region of that name.
    let region = config.region().map(Region::to_string).filter(|region| !region.is_empty());
    // A broken file counts only if something is missing that could be in it.
    let unless_broken = |error| profile.err().unwrap_or(error);
    let Some(region) = region else { return Err(unless_broken(Error::NoRegion)) };
    let credentials = credentials(&config).await.map_err(unless_broken)?;
    check_credentials(&credentials)?;
    let expires = credentials.expiry();
    let provider = SharedCredentialsProvider::new(credentials);
    let config = config.into_builder().credentials_provider(provider).build();
    Ok(Connection { config, region, expires })
}

/// Loads the configuration.
async fn load(scope: Scope<'_>) -> SdkConfig {
    let http_client = http_client();
    // A fixed behaviour version: a newer SDK must not change where it looks for credentials or how it retries.
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http_client.clone())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .build(),
        );
    if let Some(region) = scope.region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    if let Some(profile) = scope.profile {
        // By the name alone the SDK would still prefer keys of the environment, unlike `aws --profile`.
        let environment = ProviderConfig::default().with_http_client(http_client);
        let provider =
            ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&environment).build();
        loader = loader.profile_name(profile).credentials_provider(provider);
    }
    loader.load().await
}

/// Loads the credentials.
async fn credentials(config: &SdkConfig) -> Result<Credentials, Error> {
    // Before any call: within the error of a call the SDK reports a failure of the credentials as one of the connection.
    let provider = config.credentials_provider().ok_or(Error::NoCredentials)?;
    provider.provide_credentials().await.map_err(|error| match &error {
        CredentialsError::CredentialsNotLoaded(_) => Error::NoCredentials,
        _ => Error::from_credentials(&error),
    })
}

/// Creates a connector. Only timeouts in the settings need the components.
pub(crate) fn connector(
    settings: &HttpConnectorSettings,
    components: Option<&RuntimeComponents>,
) -> SharedHttpConnector {
    let mut builder: ConnectorBuilder<_> = Connector::builder()
        // ring builds in a fraction of the time that aws-lc, the SDK's default, needs.
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls_context())
        .proxy_config(ProxyConfig::from_env())
        .connector_settings(settings.clone());
    builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
    SharedHttpConnector::new(BoundedConnector(builder.build().into_shared()))
}

/// Returns an HTTP client that keeps its connectors.
fn http_client() -> SharedHttpClient {
    type Timeouts = (Option<Duration>, Option<Duration>);
    // The SDK requests a connector for every call and leaves it to the client to keep them. Creating one reads the
    // system's certificates.
    let connectors = Mutex::new(Vec::<(Timeouts, SharedHttpConnector)>::new());
    http_client_fn(move |settings, components| {
        let timeouts = (settings.connect_timeout(), settings.read_timeout());
        let mut connectors = connectors.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connector)) = connectors.iter().find(|(known, _)| *known == timeouts) {
            return connector.clone();
        }
        let connector = connector(settings, Some(components));
        connectors.push((timeouts, connector.clone()));
        connector
    })
}
