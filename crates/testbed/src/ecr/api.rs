//! Calls of AWS's JSON protocol.

use std::net::SocketAddr;

use crate::http::{Request, header};

/// Returns the action of a request, for example `CreateRepository`.
pub(super) fn action(request: &Request) -> &str {
    header(&request.head, "x-amz-target").and_then(|target| target.rsplit('.').next()).unwrap_or_default()
}

/// Calls an action of ECR, and returns the body of the response.
pub(super) fn call(to: SocketAddr, region: &str, action: &str, body: &str) -> String {
    // moto does not check signatures, but takes the region from the credential.
    let credential = format!("AWS4-HMAC-SHA256 Credential=testing/20260101/{region}/ecr/aws4_request");
    let head = format!(
        "POST / HTTP/1.1\r\nHost: api.ecr.{region}.amazonaws.com\r\nAuthorization: {credential}\r\n\
         X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.{action}\r\nContent-Type: application/x-amz-json-1.1\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    let response = Request { head, body: body.into() }.forward(to).expect("a response");
    let response = String::from_utf8_lossy(&response).into_owned();
    response.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or(response)
}
