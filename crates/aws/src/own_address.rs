//! The address that this machine's connections come from.

use std::env;
use std::net::IpAddr;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::BodyExt;

use crate::Error;
use crate::connection::connector;

/// AWS's own service for this question.
const CHECK_IP: &str = "https://checkip.amazonaws.com/";

/// The variable that names another service, which has to respond with an address and nothing else.
const VARIABLE: &str = "DOCKERUTILS_CHECK_IP";

/// How long the service may take.
const TIMEOUT: Duration = Duration::from_secs(8);

/// Returns the address from which this machine reaches the internet.
///
/// # Errors
/// Returns [`Error::NoOwnAddress`] if the service does not respond with an address.
pub async fn own_address() -> Result<IpAddr, Error> {
    let url = env::var(VARIABLE).ok().filter(|url| !url.is_empty()).unwrap_or_else(|| CHECK_IP.to_owned());
    let failed = |reason: String| Error::NoOwnAddress { url: url.clone(), reason };
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_uri(url.as_str()).map_err(|error| failed(error.to_string()))?;
    let text = async {
        let connector = connector(&HttpConnectorSettings::default(), None);
        let response = connector.call(request).await.map_err(|error| failed(error.to_string()))?;
        if !response.status().is_success() {
            return Err(failed(format!("HTTP status {}", response.status().as_u16())));
        }
        let body = response.into_body().collect().await.map_err(|error| failed(error.to_string()))?;
        Ok(String::from_utf8_lossy(&body.to_bytes()).into_owned())
    };
    let text = tokio::time::timeout(TIMEOUT, text).await;
    let text = text.map_err(|_| failed("it does not respond".to_owned()))??;
    text.trim().parse().map_err(|_| failed("the response is not an address".to_owned()))
}
