//! The places and types to try, in order.

use std::cmp::Reverse;

use aws_sdk_ec2::types::{RouteTable, Subnet};

use super::survey::Survey;
use super::{CreateError, Request, image};

/// A type in a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) instance_type: String,
    pub(super) subnet: String,
    pub(super) zone: String,
    /// How many vCPU a machine of the type has; 0 if EC2 does not list it.
    pub(super) cpus: i32,
}

/// Returns the VPC and the candidates: for each type, the subnets of the zones that offer it; default subnets first, then
/// those with the most free addresses.
pub(super) fn candidates(
    request: &Request,
    survey: &Survey,
    region: &str,
) -> Result<(String, Vec<Candidate>), CreateError> {
    let vpc = vpc(request, survey, region)?;
    let subnets = reachable(request, survey, &vpc)?;
    let mut candidates = Vec::new();
    for instance_type in request.types() {
        let cpus = image::cpus(survey, &instance_type);
        let is_offered = |zone: &str| {
            let here = |offering: &crate::calls::Offering| {
                offering.instance_type == instance_type && offering.location == zone
            };
            survey.offerings.iter().any(here)
        };
        for subnet in &subnets {
            let zone = subnet.availability_zone().unwrap_or_default();
            if is_offered(zone) {
                candidates.push(Candidate {
                    instance_type: instance_type.clone(),
                    subnet: subnet.subnet_id().unwrap_or_default().to_owned(),
                    zone: zone.to_owned(),
                    cpus,
                });
            }
        }
    }
    if candidates.is_empty() {
        let zones: Vec<&str> = subnets.iter().filter_map(|subnet| subnet.availability_zone()).collect();
        return Err(CreateError::NotOffered { types: request.types().join(", "), zones: zones.join(", ") });
    }
    Ok((vpc, candidates))
}

fn vpc(request: &Request, survey: &Survey, region: &str) -> Result<String, CreateError> {
    if let Some(id) = &request.settings.subnet_id {
        let found = survey.subnets.iter().find(|subnet| subnet.subnet_id() == Some(id.as_str()));
        let vpc = found.and_then(|subnet| subnet.vpc_id());
        let vpc = vpc.ok_or_else(|| CreateError::UnknownSubnet {
            subnet: id.to_string(),
            region: region.to_owned(),
        })?;
        return match &request.settings.vpc_id {
            Some(wanted) if wanted.as_str() != vpc => {
                Err(CreateError::NotInVpc { subnet: id.to_string(), vpc: wanted.to_string() })
            }
            _ => Ok(vpc.to_owned()),
        };
    }
    if let Some(vpc) = &request.settings.vpc_id {
        return Ok(vpc.to_string());
    }
    let default = survey.vpcs.iter().find_map(|vpc| vpc.vpc_id());
    default.map(str::to_owned).ok_or_else(|| CreateError::NoDefaultVpc { region: region.to_owned() })
}

/// Returns the subnets of the VPC that the user allows and that lead to the internet, in the order in which they are tried.
fn reachable<'a>(request: &Request, survey: &'a Survey, vpc: &str) -> Result<Vec<&'a Subnet>, CreateError> {
    let settings = &request.settings;
    let is_wanted = |subnet: &&Subnet| {
        subnet.vpc_id() == Some(vpc)
            && settings.subnet_id.as_ref().is_none_or(|id| subnet.subnet_id() == Some(id.as_str()))
            && request.zone.as_ref().is_none_or(|zone| subnet.availability_zone() == Some(zone.as_str()))
    };
    let mut subnets: Vec<&Subnet> = survey.subnets.iter().filter(is_wanted).collect();
    if subnets.is_empty() {
        let zone = request.zone.as_ref().map(ToString::to_string);
        return Err(CreateError::NoSubnet { vpc: vpc.to_owned(), zone });
    }
    if !settings.is_private {
        let names: Vec<&str> = subnets.iter().filter_map(|subnet| subnet.subnet_id()).collect();
        subnets.retain(|subnet| leads_to_internet(subnet, &survey.route_tables));
        if subnets.is_empty() {
            return Err(CreateError::NoRoute { subnets: names.join(", ") });
        }
    }
    subnets.sort_by_key(|subnet| {
        (
            Reverse(subnet.default_for_az().unwrap_or_default()),
            Reverse(subnet.available_ip_address_count().unwrap_or_default()),
            subnet.availability_zone().map(str::to_owned),
        )
    });
    Ok(subnets)
}

/// Returns whether the subnet's route table, or else the main one of its VPC, has a route to an internet gateway.
fn leads_to_internet(subnet: &Subnet, tables: &[RouteTable]) -> bool {
    let of_subnet = |table: &&RouteTable| {
        table.associations().iter().any(|association| association.subnet_id() == subnet.subnet_id())
    };
    let is_main = |table: &&RouteTable| {
        table.vpc_id() == subnet.vpc_id()
            && table.associations().iter().any(|association| association.main() == Some(true))
    };
    let own = tables.iter().find(of_subnet);
    let table = own.or_else(|| tables.iter().find(is_main));
    table.is_some_and(|table| {
        table
            .routes()
            .iter()
            .any(|route| route.gateway_id().is_some_and(|gateway| gateway.starts_with("igw-")))
    })
}
