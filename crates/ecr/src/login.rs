//! Logging in to ECR.

use aws_sdk_ecr::Client;
use aws_sdk_ecr::types::AuthorizationData;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use dockerutils_aws::{Call, Error};
use secrecy::SecretString;

/// A login that docker accepts, for every registry of the region that the caller may use.
#[derive(Debug)]
pub struct Login {
    /// The caller's own account.
    pub account: String,
    /// The region of the registries.
    pub region: String,
    /// The user's name.
    pub user: String,
    /// The password, valid for twelve hours.
    pub password: SecretString,
}

impl Login {
    /// Parses the response; `None` if a part is missing or malformed.
    fn parse(data: &AuthorizationData, region: &str) -> Option<Self> {
        // The host of the caller's own registry begins with the account, which saves a call to STS for it.
        let host = data.proxy_endpoint()?.strip_prefix("https://")?;
        let account =
            host.split('.').next().filter(|account| account.bytes().all(|byte| byte.is_ascii_digit()))?;
        // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_AuthorizationData.html: "user:password" in base64.
        let token = BASE64_STANDARD.decode(data.authorization_token()?).ok()?;
        let (user, password) = std::str::from_utf8(&token).ok()?.split_once(':')?;
        Some(Login {
            account: account.to_owned(),
            region: region.to_owned(),
            user: user.to_owned(),
            password: SecretString::from(password),
        })
    }
}

/// Requests a login.
pub(crate) async fn log_in(client: &Client, region: &str) -> Result<Login, Error> {
    let resource = format!("the registry in {region}");
    let call = Call { service: "ECR", action: "ecr:GetAuthorizationToken", resource, region };
    let response = client.get_authorization_token().send().await.map_err(|error| call.error(&error))?;
    let [data, ..] = response.authorization_data() else {
        return Err(Error::UnexpectedResponse(call.refusal("it holds no login")));
    };
    Login::parse(data, region)
        .ok_or_else(|| Error::UnexpectedResponse(call.refusal("its login is malformed")))
}
