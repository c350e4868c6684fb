//! Why a dock cannot be created. Everything up to the first change is one sentence with a remedy.

use std::fmt::Write as _;

/// The reason why a dock was not created.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages name the fields")]
pub enum CreateError {
    #[error(
        "`{name}` exists already: {instance} in {region} ({state}); choose another name, or `destroy-dock {name}` first"
    )]
    NameTaken { name: String, instance: String, region: String, state: String },
    #[error("`{name}` cannot be the name of a dock on EC2: use at most 60 letters, digits, `.`, `_` and `-`")]
    NameNotForEc2 { name: String },
    #[error("there is no instance type `{name}` in {region}{}", did_you_mean(.nearest))]
    UnknownType { name: String, region: String, nearest: Vec<String> },
    #[error("{name} has no GPU: leave out -g, or choose a type with one, such as g6.xlarge")]
    NoGpu { name: String },
    #[error("{name} is not offered as a spot instance: leave out --spot, or choose another type")]
    NotAsSpot { name: String },
    #[error(
        "{first} is a machine of {first_architecture} and {other} is not: types that are tried after another need the same \
         architecture, because they start from the same image"
    )]
    OtherArchitecture { first: String, first_architecture: String, other: String },
    #[error(
        "there is no image for {architecture} here, which {instance_type} needs: choose another type, or --image"
    )]
    NoImage { architecture: String, instance_type: String },
    #[error(
        "image {image} is not for {instance_type}, which needs {architecture}: choose another type or image"
    )]
    ImageArchitecture { image: String, instance_type: String, architecture: String },
    #[error("there is no image {image} in {region} that you may use: check --image and --region")]
    UnknownImage { image: String, region: String },
    #[error(
        "parameters of Systems Manager are not looked up: write the ID that `aws ssm get-parameter --name {name} --query \
         Parameter.Value` prints"
    )]
    ImageParameter { name: String },
    #[error(
        "AWS does not let you use the image {image} ({reason}): accept its terms on AWS's marketplace if it has any, or choose \
         another one with --image"
    )]
    ImageRefused { image: String, reason: String },
    #[error("{subnet} is not a subnet of {vpc}: leave out --vpc, or correct --subnet")]
    NotInVpc { subnet: String, vpc: String },
    #[error("{region} has no default VPC: use --vpc or --subnet, or another --region")]
    NoDefaultVpc { region: String },
    #[error("there is no subnet {subnet} in {region}: check --subnet and --region")]
    UnknownSubnet { subnet: String, region: String },
    #[error("{vpc} has no subnet{}: check --vpc, --subnet and --az", zone.as_ref().map(|zone| format!(" in {zone}")).unwrap_or_default())]
    NoSubnet { vpc: String, zone: Option<String> },
    #[error("{types} {} not offered in {zones}: choose another type, zone or region", if types.contains(',') { "are" } else { "is" })]
    NotOffered { types: String, zones: String },
    #[error(
        "{subnets} {} no route to an internet gateway: choose another --subnet, or use --private if you can reach its \
         private addresses", if subnets.contains(',') { "have" } else { "has" }
    )]
    NoRoute { subnets: String },
    #[error(
        "there is no key pair `{name}` in {region}: correct key_name in dock.cfg, or remove it to use your own key"
    )]
    UnknownKeyPair { name: String, region: String },
    #[error(
        "a key pair `{name}` exists with another key: remove it with `aws ec2 delete-key-pair --key-name {name}` if you do \
         not need it"
    )]
    KeyNameTaken { name: String },
    #[error("{reason}; or use --allow with the network that you connect from")]
    OwnAddress { reason: String },
    #[error("EC2 has no room for {}: try again later, or add --fallback with other types{spot}", places(.tried))]
    NoCapacity { tried: Vec<(String, String)>, spot: &'static str },
    #[error(
        "your quota {quota} allows {} vCPU here, and {instance_type} needs {cpus} more: choose another region, or request \
         more with `aws service-quotas request-service-quota-increase --region {region} --service-code ec2 --quota-code \
         {code} --desired-value {}`", limit.map_or("too few".to_owned(), |limit| limit.to_string()), limit.unwrap_or(0) + cpus
    )]
    Quota {
        quota: &'static str,
        code: &'static str,
        region: String,
        instance_type: String,
        cpus: i32,
        limit: Option<i32>,
    },
    #[error("{instance} ended at once: {reason}{remedy}")]
    Ended { instance: String, reason: String, remedy: &'static str },
    #[error("EC2 does not show {instance} a minute after its start: everything is removed, try again")]
    NotShown { instance: String },
    #[error("{instance} has no address that can be used: check the subnet, or use --private")]
    NoAddress { instance: String },
    #[error("{instance} does not respond within {timeout}: {reason}")]
    NoResponse { instance: String, timeout: String, reason: String },
    #[error(
        "{instance} responds, but {reason}; it is kept: `create-dock {name} --resume` checks it again, `destroy-dock {name}` removes it"
    )]
    NotReady { name: String, instance: String, reason: String },
    #[error(
        "{instance} is stopped: `start-dock {name}` starts it, and then `create-dock {name} --resume` finishes it"
    )]
    Stopped { name: String, instance: String },
    #[error(
        "your credentials are those of account {caller}, and the attempt was made in account {account}: set AWS_PROFILE or --profile"
    )]
    OtherAccount { caller: String, account: String },
    #[error("the interrupted create-dock of `{name}` has no machine")]
    NoMachine { name: String },
    #[error("EC2 returned an instance without an ID")]
    NoInstance,
    #[error("AWS did not return the number of your account, check AWS_ENDPOINT_URL and HTTPS_PROXY")]
    NoCaller,
    #[error("there is no key to log in with: create one with `ssh-keygen -t ed25519`, or use --key FILE.pub")]
    NoKey,
}

impl CreateError {
    /// Returns whether the machine is kept although it is not ready.
    pub fn keeps_machine(&self) -> bool {
        matches!(self, CreateError::NotReady { .. } | CreateError::Stopped { .. })
    }
}

fn did_you_mean(names: &[String]) -> String {
    match names {
        [] => ": `aws ec2 describe-instance-type-offerings` lists them".to_owned(),
        names => format!(", did you mean {}?", names.join(" or ")),
    }
}

/// Returns `g6.xlarge in us-east-1a, us-east-1b and for g5.xlarge in us-east-1a`.
fn places(tried: &[(String, String)]) -> String {
    let mut text = String::new();
    let mut last = "";
    for (instance_type, zone) in tried {
        let _ = match (last == instance_type, last.is_empty()) {
            (true, _) => write!(text, ", {zone}"),
            (false, true) => write!(text, "{instance_type} in {zone}"),
            (false, false) => write!(text, ", nor for {instance_type} in {zone}"),
        };
        last = instance_type;
    }
    text
}
