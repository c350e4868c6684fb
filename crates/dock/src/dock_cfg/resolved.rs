//! The settings that count: a flag comes before the environment, that before `dock.cfg`, and that before the default.

use std::path::PathBuf;

use super::DockSettings;
use super::values::{DiskSize, DockerPackages, ImageChoice, InstanceProfile, Network, Tag};
use crate::{
    AwsName, Dollars, IdleLimit, InstanceType, Jump, Minutes, Profile, Region, ResourceId, UserName,
};

/// The settings for the creation of a dock. What they leave open depends on the account: its key pairs, its default VPC, the
/// newest image.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "DockSettings has the same fields")]
pub struct ResolvedSettings {
    pub key_name: Option<AwsName>,
    /// Empty if a group is made for the dock.
    pub security_group_ids: Vec<ResourceId>,
    pub iam_instance_profile: Option<InstanceProfile>,
    pub subnet_id: Option<ResourceId>,
    pub tags: Vec<Tag>,
    pub instance_type: InstanceType,
    pub volume_size: DiskSize,
    pub image: Option<ImageChoice>,
    /// `None` leaves it to the AWS configuration.
    pub region: Option<Region>,
    pub profile: Option<Profile>,
    pub vpc_id: Option<ResourceId>,
    pub gpu_instance_type: InstanceType,
    pub fallback_types: Vec<InstanceType>,
    pub user: UserName,
    /// Empty for the present address of this machine.
    pub allow: Vec<Network>,
    pub is_private: bool,
    /// `None` for a dock with a public address.
    pub jump: Option<Jump>,
    pub is_spot: bool,
    pub max_price: Option<Dollars>,
    pub idle: IdleLimit,
    pub ttl: Option<Minutes>,
    pub is_protected: bool,
    pub docker: DockerPackages,
    pub user_data: Option<PathBuf>,
}

impl ResolvedSettings {
    /// Resolves the settings of a dock from those of the flags, of the environment and of `dock.cfg`.
    pub fn resolve(flags: DockSettings, environment: DockSettings, file: DockSettings) -> Self {
        let rest = environment.or(file).without_excluded_by(&flags);
        let given = flags.or(rest);
        ResolvedSettings {
            key_name: given.key_name,
            security_group_ids: given.security_group_ids.unwrap_or_default(),
            iam_instance_profile: given.iam_instance_profile,
            subnet_id: given.subnet_id,
            tags: given.tags.unwrap_or_default(),
            instance_type: given.instance_type.unwrap_or_else(InstanceType::usual),
            volume_size: given.volume_size.unwrap_or_default(),
            image: given.image,
            region: given.region,
            profile: given.profile,
            vpc_id: given.vpc_id,
            gpu_instance_type: given.gpu_instance_type.unwrap_or_else(InstanceType::usual_gpu),
            fallback_types: given.fallback_types.unwrap_or_default(),
            user: given.user.unwrap_or_else(UserName::ubuntu),
            allow: given.allow.unwrap_or_default(),
            is_private: given.is_private.unwrap_or_default(),
            jump: given.jump.filter(|_| given.is_private == Some(true)),
            is_spot: given.is_spot.unwrap_or_default(),
            max_price: given.max_price,
            idle: given.idle.unwrap_or_default(),
            ttl: given.ttl,
            is_protected: given.is_protected.unwrap_or_default(),
            docker: given.docker.unwrap_or_default(),
            user_data: given.user_data,
        }
    }
}
