//! The reads before anything is made, all at the same time.

use std::net::IpAddr;

use aws_sdk_ec2::types::{Image, InstanceTypeInfo, KeyPairInfo, RouteTable, Subnet, Vpc};
use dockerutils_dock::ImageChoice;
use tokio::try_join;

use super::{CreateError, Request, price};
use crate::calls::{
    Caller, DescribeImages, DescribeInstanceTypeOfferings, DescribeInstanceTypes, DescribeInstances,
    DescribePublicKeys, DescribeRouteTables, DescribeSubnets, DescribeVpcs, GetCallerIdentity, Offering,
    Tagged,
};
use crate::{Account, Instance, Result};

/// The owner of Ubuntu's images: Canonical.
const CANONICAL: &str = "099720109477";

/// The names of Ubuntu's images.
const UBUNTU: [&str; 2] = [
    "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*",
    "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-*",
];

/// The names of Amazon's images with NVIDIA's driver and docker.
const WITH_GPU: [&str; 2] = [
    "Deep Learning Base OSS Nvidia Driver GPU AMI (Ubuntu 24.04)*",
    "Deep Learning ARM64 Base OSS Nvidia Driver GPU AMI (Ubuntu 24.04)*",
];

/// What AWS has.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) caller: Caller,
    pub(super) types: Vec<InstanceTypeInfo>,
    pub(super) offerings: Vec<Offering>,
    pub(super) images: Vec<Image>,
    pub(super) vpcs: Vec<Vpc>,
    pub(super) subnets: Vec<Subnet>,
    pub(super) route_tables: Vec<RouteTable>,
    pub(super) keys: Vec<KeyPairInfo>,
    pub(super) docks: Vec<Instance>,
    /// The caller's own address, if it is needed.
    pub(super) own_address: Option<IpAddr>,
    /// The price per hour, if it is known.
    pub(super) price: Option<f64>,
    /// The price of a GB of disk per month, if it is known.
    pub(super) disk_price: Option<f64>,
}

impl Survey {
    /// Makes the reads.
    pub(super) async fn take(account: &Account<'_>, request: &Request) -> Result<Self> {
        let types = request.types();
        let first = types[0].clone();
        let zones = DescribeInstanceTypeOfferings::ZonesOf(types.clone());
        let own_tags = DescribeInstances::Tagged(Tagged::All);
        let images = images(request)?;
        let (
            caller,
            types,
            offerings,
            images,
            vpcs,
            subnets,
            route_tables,
            keys,
            docks,
            own_address,
            price,
            disk_price,
        ) = try_join!(
            account.call(&GetCallerIdentity),
            describe_types(account, types),
            account.call(&zones),
            async { describe_images(account, &images).await },
            account.call(&DescribeVpcs),
            account.call(&DescribeSubnets),
            account.call(&DescribeRouteTables),
            account.call(&DescribePublicKeys),
            account.call(&own_tags),
            own_address(request),
            price::per_hour(account, &first, request.settings.is_spot),
            price::of_disk(account),
        )?;
        Ok(Survey {
            caller,
            types,
            offerings,
            images,
            vpcs,
            subnets,
            route_tables,
            keys,
            docks,
            own_address,
            price,
            disk_price,
        })
    }
}

fn images(request: &Request) -> Result<DescribeImages> {
    Ok(match &request.settings.image {
        Some(ImageChoice::Id(id)) => DescribeImages::Id(id.to_string()),
        Some(ImageChoice::Parameter(name)) => {
            return Err(CreateError::ImageParameter { name: name.clone() }.into());
        }
        None if request.has_gpu => DescribeImages::Named { owner: "amazon", names: WITH_GPU.to_vec() },
        None => DescribeImages::Named { owner: CANONICAL, names: UBUNTU.to_vec() },
    })
}

async fn describe_images(account: &Account<'_>, call: &DescribeImages) -> Result<Vec<Image>> {
    match account.call(call).await {
        // An unknown image is reported by the plan, in the same way as one that is not visible.
        Err(error) if error.is(&["InvalidAMIID.*"]) => Ok(Vec::new()),
        images => images,
    }
}

/// Returns what the types have; an unknown one is an error that names those with similar names.
async fn describe_types(account: &Account<'_>, types: Vec<String>) -> Result<Vec<InstanceTypeInfo>> {
    let call = DescribeInstanceTypes(types);
    let error = match account.call(&call).await {
        Err(error) if error.is(&["InvalidInstanceType", "InvalidParameterValue"]) => error,
        found => return found,
    };
    let offered = account.call(&DescribeInstanceTypeOfferings::AllOfRegion).await?;
    let names: Vec<String> = offered.into_iter().map(|offering| offering.instance_type).collect();
    let Some(name) = call.0.iter().find(|name| !names.contains(name)) else { return Err(error) };
    let (name, region) = (name.clone(), account.region().to_owned());
    Err(CreateError::UnknownType { nearest: super::nearest::types(&name, &names), name, region }.into())
}

async fn own_address(request: &Request) -> Result<Option<IpAddr>> {
    let settings = &request.settings;
    let is_needed =
        settings.allow.is_empty() && !settings.is_private && settings.security_group_ids.is_empty();
    if !is_needed {
        return Ok(None);
    }
    let found = dockerutils_aws::own_address().await;
    Ok(Some(found.map_err(|error| CreateError::OwnAddress { reason: error.to_string() })?))
}
