//! Listing, starting, stopping and terminating instances.

use aws_sdk_ec2::operation::describe_instances::{DescribeInstancesError, DescribeInstancesOutput};
use aws_sdk_ec2::operation::start_instances::StartInstancesError;
use aws_sdk_ec2::operation::stop_instances::StopInstancesError;
use aws_sdk_ec2::operation::terminate_instances::TerminateInstancesError;

use super::Tagged;
use super::once::once;
use super::tagged::{filter, filter_word};
use crate::{Call, Clients, Instance, SdkResult, Words};

/// Lists instances. The list is empty if no instance fits the filter, for example because it is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DescribeInstances {
    /// Those with these IDs.
    WithIds(Vec<String>),
    /// Those with our tags.
    Tagged(Tagged),
    /// Those that these spot requests have launched.
    OfSpotRequests(Vec<String>),
    /// Those with this key pair.
    WithKey(String),
}

impl DescribeInstances {
    /// Lists one instance.
    pub fn with_id(id: &str) -> Self {
        DescribeInstances::WithIds(vec![id.to_owned()])
    }

    fn filter_parts(&self) -> (&'static str, Vec<&str>) {
        match self {
            DescribeInstances::WithIds(ids) => ("instance-id", ids.iter().map(String::as_str).collect()),
            DescribeInstances::OfSpotRequests(ids) => {
                ("spot-instance-request-id", ids.iter().map(String::as_str).collect())
            }
            DescribeInstances::WithKey(name) => ("key-name", vec![name]),
            DescribeInstances::Tagged(_) => ("", Vec::new()),
        }
    }
}

impl Call for DescribeInstances {
    type Output = Vec<Instance>;
    type Error = DescribeInstancesError;
    const ACTION: &'static str = "ec2:DescribeInstances";
    const READS: bool = true;

    fn resource(&self) -> String {
        match self {
            DescribeInstances::WithIds(ids) => format!("instance {}", ids.join(", ")),
            _ => "instances".to_owned(),
        }
    }

    fn words(&self) -> Words {
        match self {
            DescribeInstances::Tagged(tagged) => tagged.words(),
            _ => {
                let (name, values) = self.filter_parts();
                Words::new().with("--filters", filter_word(name, values))
            }
        }
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Vec<Instance>, DescribeInstancesError> {
        let filter = match self {
            DescribeInstances::Tagged(tagged) => tagged.filter(),
            _ => {
                let (name, values) = self.filter_parts();
                filter(name, values)
            }
        };
        let pages = clients.ec2.describe_instances().filters(filter).into_paginator().send();
        let pages = pages.collect::<Result<Vec<_>, _>>().await?;
        let reservations = pages.iter().flat_map(DescribeInstancesOutput::reservations);
        let instances = reservations.flat_map(|reservation| {
            let account = reservation.owner_id().unwrap_or_default();
            reservation.instances().iter().map(move |instance| Instance::new(account, instance))
        });
        Ok(instances.collect())
    }
}

/// Starts an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartInstances<'a>(pub &'a str);

impl Call for StartInstances<'_> {
    type Output = ();
    type Error = StartInstancesError;
    const ACTION: &'static str = "ec2:StartInstances";

    fn resource(&self) -> String {
        format!("instance {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with("--instance-ids", self.0)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), StartInstancesError> {
        let call = clients.ec2.start_instances().instance_ids(self.0).customize();
        call.config_override(once()).send().await.map(drop)
    }
}

/// Stops an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopInstances<'a>(pub &'a str);

impl Call for StopInstances<'_> {
    type Output = ();
    type Error = StopInstancesError;
    const ACTION: &'static str = "ec2:StopInstances";

    fn resource(&self) -> String {
        format!("instance {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with("--instance-ids", self.0)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), StopInstancesError> {
        clients.ec2.stop_instances().instance_ids(self.0).send().await.map(drop)
    }
}

/// Terminates instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminateInstances<'a>(pub &'a [String]);

impl Call for TerminateInstances<'_> {
    type Output = ();
    type Error = TerminateInstancesError;
    const ACTION: &'static str = "ec2:TerminateInstances";

    fn resource(&self) -> String {
        format!("instance {}", self.0.join(", "))
    }

    fn words(&self) -> Words {
        Words::new().with_all("--instance-ids", self.0)
    }

    async fn send(&self, clients: &Clients) -> SdkResult<(), TerminateInstancesError> {
        let call = clients.ec2.terminate_instances().set_instance_ids(Some(self.0.to_vec()));
        call.send().await.map(drop)
    }
}
