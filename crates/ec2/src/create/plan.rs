//! What will be made, decided from the request and from what AWS has, before anything is made.

use chrono::{DateTime, SecondsFormat, Utc};
use dockerutils_dock::{Account as AccountNumber, Attempt, Network, Price, PublicKey};
use sha2::{Digest, Sha256};

use super::candidates::{Candidate, candidates};
use super::image::{ChosenImage, choose_image};
use super::price::price;
use super::survey::Survey;
use super::{CreateError, Request};
use crate::calls::{Disk, Market, RunInstances, UserDataFile};
use crate::{Id, Tags};

/// What will be made.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) attempt: Attempt,
    pub(super) created: DateTime<Utc>,
    pub(super) account: AccountNumber,
    pub(super) arn: String,
    pub(super) image: ChosenImage,
    pub(super) vpc: String,
    /// The places and types to try, in this order; at least one.
    pub(super) candidates: Vec<Candidate>,
    pub(super) key: PlannedKey,
    pub(super) group: PlannedGroup,
    pub(super) disk_size: u32,
    pub(super) price: Option<Price>,
    pub(super) tags: Tags,
}

/// The key pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PlannedKey {
    /// One that the account has.
    Existing(String),
    /// One that is imported under this name.
    Import { name: String, key: PublicKey },
}

/// The security groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PlannedGroup {
    /// A group that is made for the dock.
    Own { name: String, sources: Vec<Network> },
    /// Groups of the user's.
    Given(Vec<String>),
}

impl Plan {
    /// Decides what will be made.
    pub(super) fn decide(
        request: &Request,
        survey: &Survey,
        region: &str,
        attempt: Attempt,
    ) -> Result<Self, CreateError> {
        let settings = &request.settings;
        check_name(request, survey, region)?;
        let image = choose_image(request, survey, region)?;
        let (vpc, candidates) = candidates(request, survey, region)?;
        let group = plan_group(request, survey, &vpc, &attempt);
        let disk_size = settings.volume_size.get().max(image.smallest_disk);
        let created = Utc::now();
        let own: Vec<(String, String)> =
            settings.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
        let stamp = created.to_rfc3339_opts(SecondsFormat::Secs, true);
        Ok(Plan {
            account: survey.caller.account.parse().map_err(|_| CreateError::NoCaller)?,
            arn: survey.caller.arn.clone(),
            vpc,
            candidates,
            key: plan_key(request, survey, region)?,
            group,
            disk_size,
            image,
            price: price(survey.price, survey.disk_price, disk_size, created),
            tags: Tags::of_attempt(
                request.name.as_str(),
                request.owner.as_str(),
                attempt.as_str(),
                &stamp,
                &own,
            ),
            attempt,
            created,
        })
    }

    /// Returns the call that starts the machine; one for a dry run has no token, no key and no group that is yet to be made.
    pub(super) fn run_call(
        &self,
        request: &Request,
        candidate: &Candidate,
        groups: Vec<Id>,
        user_data: UserDataFile,
    ) -> RunInstances {
        let settings = &request.settings;
        RunInstances {
            is_dry_run: false,
            token: Some(token(&self.attempt, candidate)),
            image: self.image.id.clone(),
            instance_type: candidate.instance_type.clone(),
            key: Some(self.key.name().to_owned()),
            subnet: candidate.subnet.clone(),
            groups,
            has_public_address: !settings.is_private,
            disk: Disk { device: self.image.device.clone(), size: self.disk_size },
            instance_profile: settings.iam_instance_profile.clone(),
            market: market(request),
            user_data,
            tags: self.tags.clone(),
        }
    }
}

impl PlannedGroup {
    /// Returns the groups that exist before the creation.
    pub(super) fn existing(&self) -> Vec<Id> {
        match self {
            PlannedGroup::Own { .. } => Vec::new(),
            PlannedGroup::Given(groups) => groups.iter().cloned().map(Id::Known).collect(),
        }
    }
}

impl PlannedKey {
    pub(super) fn name(&self) -> &str {
        match self {
            PlannedKey::Existing(name) | PlannedKey::Import { name, .. } => name,
        }
    }
}

/// Returns a token for one machine: the same attempt, subnet and type have the same token.
pub(super) fn token(attempt: &Attempt, candidate: &Candidate) -> String {
    let subnet = candidate.subnet.trim_start_matches("subnet-");
    let plain: String = candidate.instance_type.chars().filter(char::is_ascii_alphanumeric).collect();
    // EC2 takes 64 characters.
    format!("{attempt}-{subnet}-{plain}").chars().take(64).collect()
}

fn market(request: &Request) -> Market {
    if request.settings.is_spot {
        Market::Spot { max_price: request.settings.max_price.map(|price| price.get().to_string()) }
    } else {
        Market::OnDemand
    }
}

fn check_name(request: &Request, survey: &Survey, region: &str) -> Result<(), CreateError> {
    let name = request.name.as_str();
    if name.len() > 60 || name.contains(':') {
        return Err(CreateError::NameNotForEc2 { name: name.to_owned() });
    }
    match survey.docks.iter().find(|instance| !instance.is_gone() && instance.origin.dock == name) {
        Some(taken) => Err(CreateError::NameTaken {
            name: name.to_owned(),
            instance: taken.id.clone(),
            region: region.to_owned(),
            state: taken.state.to_string(),
        }),
        None => Ok(()),
    }
}

fn plan_key(request: &Request, survey: &Survey, region: &str) -> Result<PlannedKey, CreateError> {
    let named = |name: &str| survey.keys.iter().find(|pair| pair.key_name() == Some(name));
    let key = match (&request.settings.key_name, &request.key) {
        (Some(name), _) if named(name.as_str()).is_some() => {
            return Ok(PlannedKey::Existing(name.to_string()));
        }
        (Some(name), _) => {
            return Err(CreateError::UnknownKeyPair { name: name.to_string(), region: region.to_owned() });
        }
        (None, None) => return Err(CreateError::NoKey),
        (None, Some(key)) => key,
    };
    // By the key and not by its fingerprint, of which EC2 has several kinds.
    let same = survey.keys.iter().find(|pair| pair.public_key().is_some_and(|line| key.is_in(line)));
    if let Some(name) = same.and_then(|pair| pair.key_name()) {
        return Ok(PlannedKey::Existing(name.to_owned()));
    }
    let digest = Sha256::digest(key.line());
    let short: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("dockerutils-{}-{short}", request.owner);
    if named(&name).is_some() {
        return Err(CreateError::KeyNameTaken { name });
    }
    Ok(PlannedKey::Import { name, key: key.clone() })
}

fn plan_group(request: &Request, survey: &Survey, vpc: &str, attempt: &Attempt) -> PlannedGroup {
    let settings = &request.settings;
    if !settings.security_group_ids.is_empty() {
        let groups = settings.security_group_ids.iter().map(ToString::to_string).collect();
        return PlannedGroup::Given(groups);
    }
    let name = format!("dockerutils-{}-{attempt}", request.name);
    let sources = match (&survey.own_address, settings.allow.as_slice()) {
        (_, [_, ..]) => settings.allow.clone(),
        (Some(address), []) => vec![Network::of_one(*address)],
        // A private dock is reached from within its network.
        (None, []) => private_networks(request, survey, vpc),
    };
    PlannedGroup::Own { name, sources }
}

/// Returns the networks of the subnets in the VPC, or of the chosen one.
fn private_networks(request: &Request, survey: &Survey, vpc: &str) -> Vec<Network> {
    let wanted = request.settings.subnet_id.as_ref();
    let is_in = |subnet: &&aws_sdk_ec2::types::Subnet| {
        subnet.vpc_id() == Some(vpc)
            && wanted.is_none_or(|wanted| subnet.subnet_id() == Some(wanted.as_str()))
    };
    let blocks = survey.subnets.iter().filter(is_in).filter_map(|subnet| subnet.cidr_block()?.parse().ok());
    blocks.collect()
}
