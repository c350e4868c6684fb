//! The record of the dock, which is written as soon as the machine has an address.

use dockerutils_dock::journal::Begun;
use dockerutils_dock::{
    Address, AwsName, Dock, IdleLimit, Instance as InstanceFile, InstanceId, KeyPair, Price, SecurityGroup,
    SpotKind, SpotRequest,
};

use super::attempt::Finish;
use super::{price, wait};
use crate::{Error, Instance, Result};

/// Writes the record and what is known about the instance. A machine without an address is recorded under its
/// instance ID.
pub(super) async fn register(
    finish: &Finish<'_, '_>,
    begun: &Begun,
    instance: &Instance,
    made_key: bool,
) -> Result<Dock> {
    let price = price::of_machine(finish.account, begun, &instance.instance_type).await?;
    let id: InstanceId = instance.id.parse().map_err(Error::word)?;
    let address = match wait::address(instance, begun.private) {
        Some(address) => address.parse().map_err(Error::word)?,
        None => Address::from(&id),
    };
    let dock = Dock {
        moniker: begun.dock.clone(),
        user: finish.user.clone(),
        instance_id: Some(id),
        identity: finish.identity.clone().or_else(|| begun.identity.clone()),
        jump: begun.jump.clone(),
        region: Some(begun.region.clone()),
        account: Some(begun.account.clone()),
        profile: begun.profile.clone(),
        ..Dock::new(address)
    };
    finish.docks.register_instance(&dock)?;
    finish.docks.set_instance(&dock, &instance_file(begun, instance, made_key, price)?)?;
    Ok(dock)
}

/// Returns what stands beside the record.
fn instance_file(
    begun: &Begun,
    instance: &Instance,
    made_key: bool,
    price: Option<Price>,
) -> Result<InstanceFile> {
    let group = |id: &String| {
        Ok(SecurityGroup { id: id.parse().map_err(Error::word)?, made_by_us: begun.group.is_some() })
    };
    let spot = |id: &String| {
        Ok::<_, Error>(SpotRequest { id: id.parse().map_err(Error::word)?, kind: SpotKind::Persistent })
    };
    Ok(InstanceFile {
        attempt: begun.attempt.clone(),
        created: begun.created,
        instance_type: instance.instance_type.parse().map_err(Error::word)?,
        zone: instance.zone.parse().map_err(Error::word)?,
        image: begun.ami.clone(),
        groups: instance.groups.iter().map(group).collect::<Result<_>>()?,
        key: KeyPair { name: key_name(begun.key.as_str())?, made_by_us: made_key },
        disk_size: begun.disk_size,
        price,
        idle: begun.idle,
        ttl: begun.ttl,
        spot: instance.spot_request.as_ref().map(spot).transpose()?,
    })
}

/// Returns the name of a key pair. One that was not imported by us may have any characters, and is only named in messages.
fn key_name(name: &str) -> Result<AwsName> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "+=,.@_-".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    name.parse().or_else(|_| format!("_{name}").parse()).map_err(Error::word)
}

/// Returns when the machine stops itself, as the middle of a sentence.
pub(super) fn limits(begun: &Begun) -> String {
    let idle = match begun.idle {
        IdleLimit::Never => "it will not stop when it is idle".to_owned(),
        IdleLimit::After(minutes) => format!("it will stop after {} idle minutes", minutes.get()),
    };
    match begun.ttl {
        Some(ttl) => format!("{idle}, and after {ttl} in any case"),
        None => idle,
    }
}
