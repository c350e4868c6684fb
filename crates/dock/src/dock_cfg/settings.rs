//! Settings for the creation of a dock, each of which may be absent: those of the flags, of the environment, or of a file.

use std::path::PathBuf;

use super::values::{DiskSize, DockerPackages, ImageChoice, InstanceProfile, Network, Tag};
use crate::{
    AwsName, Dollars, IdleLimit, InstanceType, Invalid, Jump, Minutes, Profile, Region, ResourceId, UserName,
};

/// What one source sets; `None` for what it leaves to the next one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DockSettings {
    /// The name of a key pair in the account; `None` for the public key of this machine.
    pub key_name: Option<AwsName>,
    /// The security groups, instead of one that is made for the dock.
    pub security_group_ids: Option<Vec<ResourceId>>,
    /// The instance profile, whose role programs on the dock have.
    pub iam_instance_profile: Option<InstanceProfile>,
    /// The subnet.
    pub subnet_id: Option<ResourceId>,
    /// Further tags.
    pub tags: Option<Vec<Tag>>,
    /// The instance type of a dock without a GPU.
    pub instance_type: Option<InstanceType>,
    /// The size of the disk.
    pub volume_size: Option<DiskSize>,
    /// The image.
    pub image: Option<ImageChoice>,
    /// The AWS region.
    pub region: Option<Region>,
    /// The profile of the AWS configuration.
    pub profile: Option<Profile>,
    /// The VPC.
    pub vpc_id: Option<ResourceId>,
    /// The instance type of a dock with a GPU.
    pub gpu_instance_type: Option<InstanceType>,
    /// The instance types to try after the first, in this order.
    pub fallback_types: Option<Vec<InstanceType>>,
    /// The user to log in as.
    pub user: Option<UserName>,
    /// The networks that may reach the dock's sshd, instead of the present address of this machine.
    pub allow: Option<Vec<Network>>,
    /// Whether the dock has no public address.
    pub is_private: Option<bool>,
    /// The jump hosts through which a dock without a public address is reached.
    pub jump: Option<Jump>,
    /// Whether it is a spot instance.
    pub is_spot: Option<bool>,
    /// The highest price of a spot instance in dollars an hour.
    pub max_price: Option<Dollars>,
    /// After which idle time it stops itself.
    pub idle: Option<IdleLimit>,
    /// After which time it stops itself in any case.
    pub ttl: Option<Minutes>,
    /// Whether it is protected against termination.
    pub is_protected: Option<bool>,
    /// Which packages of docker are installed.
    pub docker: Option<DockerPackages>,
    /// A file with further user-data.
    pub user_data: Option<PathBuf>,
}

impl DockSettings {
    /// Returns these settings, and those of `next` for what they leave open.
    #[must_use]
    pub fn or(self, next: Self) -> Self {
        DockSettings {
            key_name: self.key_name.or(next.key_name),
            security_group_ids: self.security_group_ids.or(next.security_group_ids),
            iam_instance_profile: self.iam_instance_profile.or(next.iam_instance_profile),
            subnet_id: self.subnet_id.or(next.subnet_id),
            tags: self.tags.or(next.tags),
            instance_type: self.instance_type.or(next.instance_type),
            volume_size: self.volume_size.or(next.volume_size),
            image: self.image.or(next.image),
            region: self.region.or(next.region),
            profile: self.profile.or(next.profile),
            vpc_id: self.vpc_id.or(next.vpc_id),
            gpu_instance_type: self.gpu_instance_type.or(next.gpu_instance_type),
            fallback_types: self.fallback_types.or(next.fallback_types),
            user: self.user.or(next.user),
            allow: self.allow.or(next.allow),
            is_private: self.is_private.or(next.is_private),
            jump: self.jump.or(next.jump),
            is_spot: self.is_spot.or(next.is_spot),
            max_price: self.max_price.or(next.max_price),
            idle: self.idle.or(next.idle),
            ttl: self.ttl.or(next.ttl),
            is_protected: self.is_protected.or(next.is_protected),
            docker: self.docker.or(next.docker),
            user_data: self.user_data.or(next.user_data),
        }
    }

    /// Returns these settings of one dock, completed by those of all docks, if these do not decide the same in another way.
    pub(super) fn over(self, all: Self) -> Self {
        let all = all.without_excluded_by(&self);
        self.or(all)
    }

    /// Returns these settings without those that a flag excludes, because it decides the same in another way: a VPC and a
    /// subnet, networks and security groups.
    #[must_use]
    pub(super) fn without_excluded_by(self, flags: &Self) -> Self {
        DockSettings {
            vpc_id: self.vpc_id.filter(|_| flags.subnet_id.is_none()),
            subnet_id: self.subnet_id.filter(|_| flags.vpc_id.is_none()),
            allow: self.allow.filter(|_| flags.security_group_ids.is_none()),
            security_group_ids: self.security_group_ids.filter(|_| flags.allow.is_none()),
            ..self
        }
    }

    /// Returns what the environment sets: AWS_PROFILE, AWS_REGION or AWS_DEFAULT_REGION, DOCK_USER and DOCK_JUMP. `variable`
    /// returns a variable's value; an empty one counts as absent.
    ///
    /// # Errors
    /// Fails if a value does not have its form.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Invalid> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        Ok(DockSettings {
            region: region.map(|region| region.parse()).transpose()?,
            profile: variable("AWS_PROFILE").map(|profile| profile.parse()).transpose()?,
            user: variable("DOCK_USER").map(|user| user.parse()).transpose()?,
            jump: variable("DOCK_JUMP").map(|jump| jump.parse()).transpose()?,
            ..DockSettings::default()
        })
    }
}
