//! The creation as a bash script.

use std::fmt::Write as _;
use std::path::PathBuf;

use dockerutils_command::quote;
use dockerutils_dock::{Attempt, Network};

use super::Request;
use super::attempt::new_attempt;
use super::candidates::Candidate;
use super::image::ChosenImage;
use super::plan::{Plan, PlannedGroup, PlannedKey};
use super::survey::Survey;
use crate::call::whole_words;
use crate::calls::{AuthorizeSsh, CreateSecurityGroup, ImportKeyPair, SetProtection, UserDataFile};
use crate::{Account, Call, Id, Result, Tags};

/// The variables of the script.
const GROUP: &str = "SG";
const INSTANCE: &str = "INSTANCE";

/// Returns the script, after the reads and the check of the permission.
///
/// # Errors
/// Fails as [`create`](super::create) does before anything is made.
pub async fn script(account: &Account<'_>, request: &Request) -> Result<String> {
    let survey = Survey::take(account, request).await?;
    let plan = Plan::decide(request, &survey, account.region(), new_attempt())?;
    super::facts::report(account, &survey, &plan, request);
    super::check::permission(account, request, &plan).await?;
    Ok(render(request, &plan, account.region(), account.profile()))
}

/// Returns the script with placeholders for what AWS would return.
///
/// # Errors
/// Fails if the request needs what only AWS knows.
pub fn offline_script(request: &Request) -> Result<String> {
    let attempt: Attempt = "aaaaaaaaaa".parse().map_err(crate::Error::word)?;
    let account = "000000000000".parse().map_err(crate::Error::word)?;
    let settings = &request.settings;
    let groups: Vec<String> = settings.security_group_ids.iter().map(ToString::to_string).collect();
    let sources: Vec<Network> = if settings.allow.is_empty() {
        "192.0.2.1".parse().into_iter().collect()
    } else {
        settings.allow.clone()
    };
    let group = match groups.is_empty() {
        true => PlannedGroup::Own { name: format!("dockerutils-{}-{attempt}", request.name), sources },
        false => PlannedGroup::Given(groups),
    };
    let key = match (&settings.key_name, &request.key) {
        (Some(name), _) => PlannedKey::Existing(name.to_string()),
        (None, Some(key)) => {
            PlannedKey::Import { name: format!("dockerutils-{}", request.owner), key: key.clone() }
        }
        (None, None) => return Err(super::CreateError::NoKey.into()),
    };
    let own: Vec<(String, String)> =
        settings.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    let created = chrono::Utc::now();
    let stamp = created.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let zone = request.zone.as_ref().map_or("ZONE".to_owned(), ToString::to_string);
    let subnet = settings.subnet_id.as_ref().map_or("SUBNET".to_owned(), ToString::to_string);
    let candidate = Candidate { instance_type: request.types().swap_remove(0), subnet, zone, cpus: 0 };
    let plan = Plan {
        tags: Tags::of_attempt(request.name.as_str(), request.owner.as_str(), attempt.as_str(), &stamp, &own),
        attempt,
        created,
        account,
        arn: String::new(),
        image: ChosenImage {
            id: "AMI".to_owned(),
            name: String::new(),
            device: "/dev/sda1".to_owned(),
            smallest_disk: 0,
        },
        vpc: settings.vpc_id.as_ref().map_or("VPC".to_owned(), ToString::to_string),
        candidates: vec![candidate],
        key,
        group,
        disk_size: settings.volume_size.get(),
        price: None,
    };
    let region = settings.region.as_ref().map_or("REGION".to_owned(), ToString::to_string);
    let profile = settings.profile.as_ref().map(|profile| profile.as_str().to_owned());
    Ok(render(request, &plan, &region, profile.as_deref()))
}

/// Renders the script: it creates the same as the command, in the first zone, and registers the dock.
fn render(request: &Request, plan: &Plan, region: &str, profile: Option<&str>) -> String {
    let mut script = "#!/usr/bin/env bash\nset -euo pipefail\n".to_owned();
    let mut line = |text: String| {
        let _ = writeln!(script, "{text}");
    };
    let assign =
        |name: &str, call: String, query: &str| format!("{name}=$({call} --query {query} --output text)");
    if let PlannedKey::Import { name, key } = &plan.key {
        let (name, public_key, tags) = (name.clone(), key.line(), plan.tags.clone());
        line("KEY=$(mktemp)".to_owned());
        line(format!("printf %s {} >\"$KEY\"", quote(public_key.as_ref())));
        let call = ImportKeyPair { name, public_key, file: PathBuf::from("$KEY"), tags };
        line(text(&call, region, profile).replace("'fileb://$KEY'", "\"fileb://$KEY\""));
        line("rm \"$KEY\"".to_owned());
    }
    let groups = match &plan.group {
        PlannedGroup::Given(groups) => groups.iter().cloned().map(Id::Known).collect(),
        PlannedGroup::Own { name, sources } => {
            let create = CreateSecurityGroup {
                name: name.clone(),
                description: format!("ssh to the dock {}", request.name),
                vpc: plan.vpc.clone(),
                tags: plan.tags.clone(),
            };
            line(assign(GROUP, text(&create, region, profile), "GroupId"));
            let authorize = AuthorizeSsh {
                group: Id::Variable(GROUP),
                sources: sources.clone(),
                description: request.rule_description(),
            };
            line(text(&authorize, region, profile));
            vec![Id::Variable(GROUP)]
        }
    };
    line("USER_DATA=$(mktemp)".to_owned());
    line(format!("printf %s {} | base64 -d >\"$USER_DATA\"", quote(base64(&request.user_data).as_ref())));
    let file = UserDataFile { path: PathBuf::from("$USER_DATA"), contents: request.user_data.clone() };
    let run = plan.run_call(request, &plan.candidates[0], groups, file);
    let run = text(&run, region, profile)
        .replace("'file://$USER_DATA'", "\"file://$USER_DATA\"")
        .replace("'fileb://$USER_DATA'", "\"fileb://$USER_DATA\"");
    line(assign(INSTANCE, run, "'Instances[0].InstanceId'"));
    line("rm \"$USER_DATA\"".to_owned());
    let flags = profile.map(|profile| format!(" --profile {}", quote(profile.as_ref()))).unwrap_or_default();
    let flags = format!("--region {}{flags}", quote(region.as_ref()));
    line(format!("aws ec2 wait instance-running {flags} --instance-ids \"${INSTANCE}\""));
    if request.settings.is_protected {
        let call = SetProtection { instance: Id::Variable(INSTANCE), is_on: true };
        line(text(&call, region, profile));
    }
    let address = if request.settings.is_private { "PrivateIpAddress" } else { "PublicIpAddress" };
    line(format!(
        "ADDRESS=$(aws ec2 describe-instances {flags} --instance-ids \"${INSTANCE}\" --query \
         'Reservations[0].Instances[0].{address}' --output text)"
    ));
    line(format!("ACCOUNT=$(aws sts get-caller-identity {flags} --query Account --output text)"));
    if request.settings.jump.is_none() {
        // With a jump host the address cannot be reached from here, and `ssh-dock` waits anyway.
        line("until ssh-keyscan -T 5 \"$ADDRESS\" 2>/dev/null | grep -q .; do sleep 2; done".to_owned());
    }
    line(registration(request, region));
    line(format!("until ssh-dock {} -- cloud-init status --wait; do sleep 2; done", request.name));
    script
}

/// Returns the command line that writes the record which create-dock would write.
fn registration(request: &Request, region: &str) -> String {
    let settings = &request.settings;
    let identity = request.key.as_ref().and_then(|key| key.identity.as_ref());
    let options = [
        ("--user", Some(settings.user.to_string())),
        ("--identity", identity.map(ToString::to_string)),
        ("--jump", settings.jump.as_ref().map(ToString::to_string)),
        ("--region", Some(region.to_owned())),
        ("--profile", settings.profile.as_ref().map(ToString::to_string)),
    ];
    let mut line = format!("register-dock --no-check --instance-id \"${INSTANCE}\" --account \"$ACCOUNT\"");
    for (option, value) in options {
        if let Some(value) = value {
            let _ = write!(line, " {option} {}", quote(value.as_ref()));
        }
    }
    let _ = write!(line, " \"$ADDRESS\" {}", request.name);
    line
}

fn text<C: Call>(call: &C, region: &str, profile: Option<&str>) -> String {
    whole_words(call, region, profile).script_line()
}

fn base64(bytes: &[u8]) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    BASE64_STANDARD.encode(bytes)
}
