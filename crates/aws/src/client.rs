//! The SDK's configuration: its own chains for region and credentials, bounded attempts, and TLS by ring, which builds in
//! a fraction of the time that the SDK's own choice needs.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::{Credentials, ProvideCredentials, SharedHttpClient};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::shared::IntoShared;

use crate::Error;
use crate::certificates::tls_context;
use crate::patience::{ATTEMPT, ATTEMPTS, Retries};

/// The longest that a connection may take to open.
const CONNECT: Duration = Duration::from_secs(5);

/// A client of ECR, and its region: the one that is asked for, or the chain's.
pub(crate) async fn connect(region: Option<&str>, retries: Retries) -> Result<(Client, String), Error> {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http_client())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder().connect_timeout(CONNECT).operation_attempt_timeout(ATTEMPT).build(),
        );
    if let Some(region) = region {
        loader = loader.region(Region::new(region.to_owned()));
    }
    let config = loader.load().await;
    // A variable that is set and empty is a region to the SDK.
    let region = config.region().map(Region::to_string).filter(|region| !region.is_empty());
    let region = region.ok_or(Error::NoRegion)?;
    let credentials = credentials(&config).await?;
    let config = aws_sdk_ecr::config::Builder::from(&config)
        .credentials_provider(credentials)
        .interceptor(retries)
        .build();
    Ok((Client::from_conf(config), region))
}

/// They are asked for once, before any call: what is wrong with them is not lost in the failure of a call.
async fn credentials(config: &SdkConfig) -> Result<Credentials, Error> {
    let provider = config.credentials_provider().ok_or(Error::NoCredentials)?;
    provider.provide_credentials().await.map_err(|error| match &error {
        CredentialsError::CredentialsNotLoaded(_) => Error::NoCredentials,
        _ => Error::of_credentials(&error),
    })
}

/// The SDK asks for a connector for each pair of timeouts; making one reads the system's certificates, so it is kept.
fn http_client() -> SharedHttpClient {
    type Timeouts = (Option<Duration>, Option<Duration>);
    let made = Mutex::new(Vec::<(Timeouts, SharedHttpConnector)>::new());
    http_client_fn(move |settings, components| {
        let timeouts = (settings.connect_timeout(), settings.read_timeout());
        let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, connector)) = made.iter().find(|(known, _)| *known == timeouts) {
            return connector.clone();
        }
        let mut builder: ConnectorBuilder<_> = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(tls_context())
            .proxy_config(ProxyConfig::from_env())
            .connector_settings(settings.clone());
        builder.set_sleep_impl(components.sleep_impl());
        let connector: SharedHttpConnector = builder.build().into_shared();
        made.push((timeouts, connector.clone()));
        connector
    })
}
