//! What a dock costs, as far as it is known: a dock can be created all the same.

use chrono::{DateTime, Utc};
use dockerutils_dock::journal::Begun;
use dockerutils_dock::{Dollars, Price};

use crate::calls::{DescribeSpotPriceHistory, GetProducts};
use crate::{Account, Result};

/// Returns the price of an hour of this type.
pub(super) async fn per_hour(
    account: &Account<'_>,
    instance_type: &str,
    is_spot: bool,
) -> Result<Option<f64>> {
    let instance_type = instance_type.to_owned();
    known(if is_spot {
        account.call(&DescribeSpotPriceHistory(instance_type)).await
    } else {
        account.call(&GetProducts::Hour { instance_type, region: account.region().to_owned() }).await
    })
}

/// Returns the price of a GiB of disk in a month.
pub(super) async fn of_disk(account: &Account<'_>) -> Result<Option<f64>> {
    known(account.call(&GetProducts::DiskMonth { region: account.region().to_owned() }).await)
}

fn known(price: Result<Option<f64>>) -> Result<Option<f64>> {
    match price {
        Err(error) if error.is_interrupted() => Err(error),
        price => Ok(price.unwrap_or_default()),
    }
}

/// Returns the prices of a machine with a disk of this size, as its record has them.
pub(super) fn price(
    per_hour: Option<f64>,
    disk: Option<f64>,
    disk_size: u32,
    now: DateTime<Utc>,
) -> Option<Price> {
    let per_month = disk.map(|price| price * f64::from(disk_size));
    Some(Price {
        per_hour: Dollars::try_from(per_hour?).ok()?,
        disk_per_month: per_month.and_then(|price| Dollars::try_from(price).ok()),
        date: now.date_naive(),
    })
}

/// Returns the prices of the machine that was started, which may be of another type than the first that was tried.
pub(super) async fn of_machine(
    account: &Account<'_>,
    begun: &Begun,
    instance_type: &str,
) -> Result<Option<Price>> {
    if begun.instance_type.as_str() == instance_type {
        return Ok(begun.price.clone());
    }
    let per_hour = per_hour(account, instance_type, begun.spot).await?;
    let disk_per_month = begun.price.as_ref().and_then(|price| price.disk_per_month);
    Ok(price(per_hour, None, begun.disk_size, Utc::now()).map(|price| Price { disk_per_month, ..price }))
}
