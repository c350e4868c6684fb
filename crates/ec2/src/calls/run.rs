//! RunInstances: one machine.

use std::path::PathBuf;

use aws_sdk_ec2::operation::run_instances::RunInstancesError;
use aws_sdk_ec2::types::{
    BlockDeviceMapping, EbsBlockDevice, HttpTokensState, IamInstanceProfileSpecification, Instance,
    InstanceInterruptionBehavior, InstanceMarketOptionsRequest, InstanceMetadataOptionsRequest,
    InstanceMetadataTagsState, InstanceNetworkInterfaceSpecification, InstanceType, MarketType, ResourceType,
    ShutdownBehavior, SpotInstanceType, SpotMarketOptions, VolumeType,
};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use dockerutils_dock::InstanceProfile;

use super::once::once;
use crate::{Call, Clients, Id, SdkResult, Tags, Words};

/// Starts one machine. With the same token and the same values it is safe to repeat: EC2 returns the same machine.
#[derive(Debug, Clone)]
pub struct RunInstances {
    /// EC2 only checks the permission and the values, and fails with `DryRunOperation` if they are in order.
    pub is_dry_run: bool,
    /// The token; `None` in a dry run.
    pub token: Option<String>,
    /// The image.
    pub image: String,
    /// The type.
    pub instance_type: String,
    /// The name of the key pair; `None` in a dry run, which is made before there is one.
    pub key: Option<String>,
    /// The subnet.
    pub subnet: String,
    /// The security groups.
    pub groups: Vec<Id>,
    /// Whether it gets a public address.
    pub has_public_address: bool,
    /// Its disk.
    pub disk: Disk,
    /// The profile of its role.
    pub instance_profile: Option<InstanceProfile>,
    /// Whether it is an on-demand or a spot instance.
    pub market: Market,
    /// What runs when it starts for the first time.
    pub user_data: UserDataFile,
    /// The tags of everything that is made with it.
    pub tags: Tags,
}

/// The disk of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// The device that the image names.
    pub device: String,
    /// The size in GiB.
    pub size: u32,
}

/// How a machine is paid for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Market {
    /// By the hour.
    OnDemand,
    /// With capacity that EC2 may take back. It can be stopped, and EC2 stops it when it takes the capacity back.
    Spot {
        /// The highest price per hour, in dollars; `None` for that of an on-demand instance.
        max_price: Option<String>,
    },
}

/// The user-data, and the file that has it, which the echoed command line names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDataFile {
    /// The file.
    pub path: PathBuf,
    /// The contents.
    pub contents: Vec<u8>,
}

impl RunInstances {
    fn kinds(&self) -> Vec<ResourceType> {
        let mut kinds = vec![ResourceType::Instance, ResourceType::Volume, ResourceType::NetworkInterface];
        if self.market != Market::OnDemand {
            kinds.push(ResourceType::SpotInstancesRequest);
        }
        kinds
    }

    /// Returns through how many networks the metadata may pass: containers of a machine without a role need none of it.
    fn hop_limit(&self) -> i32 {
        if self.instance_profile.is_some() { 2 } else { 1 }
    }

    fn network_word(&self) -> String {
        let groups: Vec<String> = self.groups.iter().map(Id::to_string).collect();
        let groups = match groups.as_slice() {
            [] => String::new(),
            [one] => format!(",Groups={one}"),
            _ => format!(",Groups=[{}]", groups.join(",")),
        };
        format!(
            "DeviceIndex=0,SubnetId={}{groups},AssociatePublicIpAddress={}",
            self.subnet, self.has_public_address
        )
    }
}

impl Call for RunInstances {
    type Output = Option<Instance>;
    type Error = RunInstancesError;
    const ACTION: &'static str = "ec2:RunInstances";

    fn resource(&self) -> String {
        format!("a {} in {}", self.instance_type, self.subnet)
    }

    fn words(&self) -> Words {
        let mut words = Words::new();
        if self.is_dry_run {
            words = words.flag("--dry-run");
        }
        if let Some(token) = &self.token {
            words = words.with("--client-token", token);
        }
        words = words
            .with("--image-id", &self.image)
            .with("--instance-type", &self.instance_type)
            .with("--count", "1");
        if let Some(key) = &self.key {
            words = words.with("--key-name", key);
        }
        words = words
            .with_ids("--network-interfaces", self.network_word(), &self.groups.iter().collect::<Vec<_>>())
            .with(
                "--block-device-mappings",
                format!(
                    "DeviceName={},Ebs={{VolumeSize={},VolumeType=gp3,Encrypted=true,DeleteOnTermination=true}}",
                    self.disk.device, self.disk.size
                ),
            )
            .with(
                "--metadata-options",
                format!(
                    "HttpTokens=required,HttpPutResponseHopLimit={},InstanceMetadataTags=enabled",
                    self.hop_limit()
                ),
            )
            .with("--instance-initiated-shutdown-behavior", "stop");
        if let Some(profile) = &self.instance_profile {
            words = words.with(
                "--iam-instance-profile",
                match profile {
                    InstanceProfile::Name(name) => format!("Name={name}"),
                    InstanceProfile::Arn(arn) => format!("Arn={arn}"),
                },
            );
        }
        if let Market::Spot { max_price } = &self.market {
            let price = max_price.iter().map(|price| format!("MaxPrice={price},")).collect::<String>();
            words = words.with(
                "--instance-market-options",
                format!(
                    "MarketType=spot,SpotOptions={{{price}SpotInstanceType=persistent,InstanceInterruptionBehavior=stop}}"
                ),
            );
        }
        // `aws` reads what is compressed, and not a text, as bytes.
        let is_text = str::from_utf8(&self.user_data.contents).is_ok();
        let scheme = if is_text { "file" } else { "fileb" };
        let file = format!("{scheme}://{}", self.user_data.path.display());
        self.tags.words(words.with("--user-data", file), &self.kinds())
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Self::Output, Self::Error> {
        let network = InstanceNetworkInterfaceSpecification::builder()
            .device_index(0)
            .subnet_id(&self.subnet)
            .set_groups(
                Some(self.groups.iter().filter_map(Id::known).collect())
                    .filter(|groups: &Vec<_>| !groups.is_empty()),
            )
            .associate_public_ip_address(self.has_public_address)
            .build();
        let ebs = EbsBlockDevice::builder()
            .volume_size(i32::try_from(self.disk.size).unwrap_or(i32::MAX))
            .volume_type(VolumeType::Gp3)
            .encrypted(true)
            .delete_on_termination(true)
            .build();
        let metadata = InstanceMetadataOptionsRequest::builder()
            .http_tokens(HttpTokensState::Required)
            .http_put_response_hop_limit(self.hop_limit())
            .instance_metadata_tags(InstanceMetadataTagsState::Enabled)
            .build();
        let profile = self.instance_profile.as_ref();
        let tags = self.kinds().into_iter().map(|kind| self.tags.specification(kind)).collect();
        let request = clients
            .ec2
            .run_instances()
            .set_dry_run(self.is_dry_run.then_some(true))
            .set_client_token(self.token.clone())
            .image_id(&self.image)
            .instance_type(InstanceType::from(self.instance_type.as_str()))
            .min_count(1)
            .max_count(1)
            .set_key_name(self.key.clone())
            .network_interfaces(network)
            .block_device_mappings(
                BlockDeviceMapping::builder().device_name(&self.disk.device).ebs(ebs).build(),
            )
            .metadata_options(metadata)
            .instance_initiated_shutdown_behavior(ShutdownBehavior::Stop)
            .set_iam_instance_profile(profile.map(profile_specification))
            .set_instance_market_options(market_options(&self.market))
            .user_data(BASE64_STANDARD.encode(&self.user_data.contents))
            .set_tag_specifications(Some(tags));
        // A zone without capacity responds with status 500: the SDK would send the call three times before the next zone is tried.
        let response = request.customize().config_override(once()).send().await?;
        Ok(response.instances.unwrap_or_default().into_iter().next())
    }
}

fn profile_specification(profile: &InstanceProfile) -> IamInstanceProfileSpecification {
    let builder = IamInstanceProfileSpecification::builder();
    match profile {
        InstanceProfile::Name(name) => builder.name(name.as_str()).build(),
        InstanceProfile::Arn(arn) => builder.arn(arn).build(),
    }
}

fn market_options(market: &Market) -> Option<InstanceMarketOptionsRequest> {
    let Market::Spot { max_price } = market else { return None };
    let spot = SpotMarketOptions::builder()
        .set_max_price(max_price.clone())
        .spot_instance_type(SpotInstanceType::Persistent)
        .instance_interruption_behavior(InstanceInterruptionBehavior::Stop)
        .build();
    Some(InstanceMarketOptionsRequest::builder().market_type(MarketType::Spot).spot_options(spot).build())
}
