//! Limits the size of responses, because they are kept in memory.

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;

/// The largest answer, in bytes. Amazon's longest, lists of images, have some hundred kilobytes.
const MAX_ANSWER: usize = 8 << 20;

/// A connector that fails while it reads an answer that is too large.
#[derive(Debug)]
pub(crate) struct BoundedConnector(pub(crate) SharedHttpConnector);

impl HttpConnector for BoundedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let response = self.0.call(request);
        HttpConnectorFuture::new(async move {
            Ok(response.await?.map(|body| SdkBody::from_body_1_x(Limited::new(body, MAX_ANSWER))))
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use http_body_util::BodyExt;

    use super::*;

    /// Responds with this number of bytes.
    #[derive(Debug)]
    struct Answering(usize);

    impl HttpConnector for Answering {
        fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
            let status = 200.try_into().unwrap();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(vec![b' '; self.0]))))
        }
    }

    fn read(size: usize) -> Result<usize, String> {
        let connector = BoundedConnector(SharedHttpConnector::new(Answering(size)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let response = connector.call(HttpRequest::empty()).await.unwrap();
            let body = response.map(|body| body).into_body().collect().await;
            body.map(|body| body.to_bytes().len()).map_err(|error| error.to_string())
        })
    }

    #[test]
    fn an_answer_that_is_too_large_is_an_error() {
        assert_eq!(read(MAX_ANSWER), Ok(MAX_ANSWER));
        assert_eq!(read(MAX_ANSWER + 1), Err("length limit exceeded".to_owned()));
    }
}
