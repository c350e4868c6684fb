//! Requests for spot instances.

use aws_sdk_ec2::operation::cancel_spot_instance_requests::CancelSpotInstanceRequestsError;
use aws_sdk_ec2::operation::describe_spot_instance_requests::DescribeSpotInstanceRequestsError;
use aws_sdk_ec2::types::{SpotInstanceRequest, SpotInstanceState, SpotInstanceType};

use super::Tagged;
use super::tagged::{filter, filter_word};
use crate::resource::{Kind, Resource};
use crate::{Call, Clients, SdkResult, Words};

/// Which spot requests are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DescribeSpotRequests {
    /// Those with our tags.
    Tagged(Tagged),
    /// The one with this ID.
    WithId(String),
}

/// A spot request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpotRequest {
    /// The request; its region is empty.
    pub resource: Resource,
    /// Whether EC2 ends its instance for good, so that it cannot be stopped.
    pub is_one_time: bool,
    /// Its state.
    pub state: SpotInstanceState,
    /// The code of its status: `instance-stopped-no-capacity`.
    pub status: String,
}

impl SpotRequest {
    fn new(request: &SpotInstanceRequest) -> Self {
        let instance = request.instance_id().filter(|id| !id.is_empty()).map(str::to_owned);
        let kind = Kind::SpotRequest { instance };
        let resource =
            Resource::new(request.spot_instance_request_id(), request.tags(), request.create_time(), kind);
        let status = request.status().and_then(|status| status.code()).unwrap_or_default().to_owned();
        SpotRequest {
            resource,
            is_one_time: request.r#type() != Some(&SpotInstanceType::Persistent),
            state: request.state().cloned().unwrap_or(SpotInstanceState::Active),
            status,
        }
    }

    /// Returns whether the request can still launch or start an instance.
    pub fn is_open(&self) -> bool {
        use SpotInstanceState::{Active, Disabled, Open};
        matches!(self.state, Open | Active | Disabled)
    }
}

impl Call for DescribeSpotRequests {
    type Output = Vec<SpotRequest>;
    type Error = DescribeSpotInstanceRequestsError;
    const ACTION: &'static str = "ec2:DescribeSpotInstanceRequests";
    const READS: bool = true;

    fn resource(&self) -> String {
        "spot requests".to_owned()
    }

    fn words(&self) -> Words {
        match self {
            DescribeSpotRequests::Tagged(tagged) => tagged.words(),
            DescribeSpotRequests::WithId(id) => {
                Words::new().with("--filters", filter_word("spot-instance-request-id", [id.as_str()]))
            }
        }
    }

    async fn send(
        &self,
        clients: &Clients,
    ) -> SdkResult<Vec<SpotRequest>, DescribeSpotInstanceRequestsError> {
        let filter = match self {
            DescribeSpotRequests::Tagged(tagged) => tagged.filter(),
            DescribeSpotRequests::WithId(id) => filter("spot-instance-request-id", [id.as_str()]),
        };
        let pages = clients.ec2.describe_spot_instance_requests().filters(filter).into_paginator();
        let requests = pages.items().send().collect::<Result<Vec<_>, _>>().await?;
        Ok(requests.iter().map(SpotRequest::new).collect())
    }
}

/// Cancels spot requests, so that they launch no further instance. Their instances go on to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CancelSpotRequests<'a>(pub &'a [String]);

impl Call for CancelSpotRequests<'_> {
    type Output = ();
    type Error = CancelSpotInstanceRequestsError;
    const ACTION: &'static str = "ec2:CancelSpotInstanceRequests";

    fn resource(&self) -> String {
        format!("spot request {}", self.0.join(", "))
    }

    fn words(&self) -> Words {
        Words::new().with_all("--spot-instance-request-ids", self.0)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), CancelSpotInstanceRequestsError> {
        let call = clients.ec2.cancel_spot_instance_requests();
        call.set_spot_instance_request_ids(Some(self.0.to_vec())).send().await.map(drop)
    }
}
