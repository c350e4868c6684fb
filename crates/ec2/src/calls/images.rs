//! Images (AMIs).

use aws_sdk_ec2::operation::describe_images::DescribeImagesError;
use aws_sdk_ec2::types::{Filter as SdkFilter, Image};

use crate::{Call, Clients, SdkResult, Words};

/// Returns images: one by its ID, or those of an owner by patterns of their names.
#[derive(Debug, Clone)]
pub enum DescribeImages {
    /// The image with this ID.
    Id(String),
    /// The available images of an owner that have one of these names.
    Named {
        /// The account, or an alias such as `amazon`.
        owner: &'static str,
        /// The patterns, in which `*` stands for anything.
        names: Vec<&'static str>,
    },
}

impl Call for DescribeImages {
    type Output = Vec<Image>;
    type Error = DescribeImagesError;
    const ACTION: &'static str = "ec2:DescribeImages";
    const READS: bool = true;

    fn resource(&self) -> String {
        match self {
            Self::Id(id) => format!("image {id}"),
            Self::Named { owner, .. } => format!("images of {owner}"),
        }
    }

    fn words(&self) -> Words {
        match self {
            Self::Id(id) => Words::new().with("--image-ids", id),
            Self::Named { owner, names } => Words::new().with("--owners", *owner).with_all(
                "--filters",
                [
                    format!("Name=name,Values={}", names.join(",")),
                    "Name=state,Values=available".to_owned(),
                    "Name=root-device-type,Values=ebs".to_owned(),
                ],
            ),
        }
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Self::Output, Self::Error> {
        let filter = |name: &str, values: Vec<String>| {
            SdkFilter::builder().name(name).set_values(Some(values)).build()
        };
        let request = clients.ec2.describe_images();
        let request = match self {
            Self::Id(id) => request.image_ids(id),
            Self::Named { owner, names } => request
                .owners(*owner)
                .filters(filter("name", names.iter().map(|name| (*name).to_owned()).collect()))
                .filters(filter("state", vec!["available".to_owned()]))
                .filters(filter("root-device-type", vec!["ebs".to_owned()])),
        };
        Ok(request.send().await?.images.unwrap_or_default())
    }
}
