//! Prices: of on-demand instances from the price list, of spot instances from their history.

use aws_sdk_ec2::operation::describe_spot_price_history::DescribeSpotPriceHistoryError;
use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types::InstanceType;
use aws_sdk_pricing::operation::get_products::GetProductsError;
use aws_sdk_pricing::types::{Filter as PriceFilter, FilterType};
use serde_json::{Value, json};

use crate::{Call, Clients, SdkResult, Words};

/// Returns a price of the price list in dollars; `None` if the list does not have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum GetProducts {
    /// An hour of an on-demand instance with Linux.
    Hour {
        /// The type.
        instance_type: String,
        /// The region.
        region: String,
    },
    /// A month of a GB on a disk.
    DiskMonth {
        /// The region.
        region: String,
    },
    /// A month of a GB in a snapshot.
    SnapshotMonth {
        /// The region.
        region: String,
    },
}

impl GetProducts {
    fn fields(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Hour { instance_type, region } => vec![
                ("instanceType", instance_type),
                ("regionCode", region),
                ("operatingSystem", "Linux"),
                ("preInstalledSw", "NA"),
                ("tenancy", "Shared"),
                ("capacitystatus", "Used"),
            ],
            Self::DiskMonth { region } => {
                vec![("regionCode", region), ("volumeApiName", "gp3"), ("productFamily", "Storage")]
            }
            Self::SnapshotMonth { region } => {
                vec![("regionCode", region), ("productFamily", "Storage Snapshot")]
            }
        }
    }

    fn unit(&self) -> &'static str {
        match self {
            Self::Hour { .. } => "Hrs",
            Self::DiskMonth { .. } | Self::SnapshotMonth { .. } => "GB-Mo",
        }
    }

    /// Returns whether a product is the one in question, as far as the filters do not decide that: the price list has
    /// archived snapshots too. Outside us-east-1, the usage type begins with the region: `EUC1-EBS:SnapshotUsage`.
    fn is_it(&self, product: &Value) -> bool {
        let usage = || product.pointer("/product/attributes/usagetype").and_then(Value::as_str);
        !matches!(self, Self::SnapshotMonth { .. })
            || usage().is_some_and(|usage| usage.ends_with("EBS:SnapshotUsage"))
    }

    /// Returns the price of a unit in a product of the list.
    fn price(&self, product: &str) -> Option<f64> {
        let product: Value = serde_json::from_str(product).ok().filter(|product| self.is_it(product))?;
        let terms = product.pointer("/terms/OnDemand")?.as_object()?;
        let dimensions = terms.values().filter_map(|term| term.get("priceDimensions")?.as_object());
        let all = dimensions.flat_map(|dimensions| dimensions.values());
        all.filter(|price| price["unit"] == self.unit())
            .find_map(|price| price.pointer("/pricePerUnit/USD")?.as_str()?.parse().ok())
            .filter(|price| *price > 0.0)
    }
}

impl Call for GetProducts {
    type Output = Option<f64>;
    type Error = GetProductsError;
    const ACTION: &'static str = "pricing:GetProducts";
    const READS: bool = true;

    fn resource(&self) -> String {
        match self {
            Self::Hour { instance_type, .. } => format!("the price of {instance_type}"),
            Self::DiskMonth { .. } => "the price of disks".to_owned(),
            Self::SnapshotMonth { .. } => "the price of snapshots".to_owned(),
        }
    }

    fn words(&self) -> Words {
        let filter =
            |(field, value): (&str, &str)| json!({"Type": "TERM_MATCH", "Field": field, "Value": value});
        let filters: Value = self.fields().into_iter().map(filter).collect();
        Words::new().with("--service-code", "AmazonEC2").with("--filters", filters.to_string())
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Self::Output, Self::Error> {
        let filter = |(field, value): (&str, &str)| {
            let filter = PriceFilter::builder().r#type(FilterType::TermMatch).field(field).value(value);
            filter.build().ok()
        };
        let filters = self.fields().into_iter().filter_map(filter).collect();
        let request = clients.pricing.get_products().service_code("AmazonEC2").max_results(100);
        let response = request.set_filters(Some(filters)).send().await?;
        Ok(response.price_list().iter().find_map(|product| self.price(product)))
    }
}

/// Returns what an hour of a spot instance costs now, in dollars, in the cheapest zone; `None` if EC2 has no price.
#[derive(Debug, Clone)]
pub struct DescribeSpotPriceHistory(pub String);

impl Call for DescribeSpotPriceHistory {
    type Output = Option<f64>;
    type Error = DescribeSpotPriceHistoryError;
    const ACTION: &'static str = "ec2:DescribeSpotPriceHistory";
    const READS: bool = true;

    fn resource(&self) -> String {
        format!("the price of {}", self.0)
    }

    fn words(&self) -> Words {
        Words::new().with("--instance-types", &self.0).with("--product-descriptions", "Linux/UNIX")
    }

    async fn send(&self, clients: &Clients) -> SdkResult<Self::Output, Self::Error> {
        let response = clients
            .ec2
            .describe_spot_price_history()
            .instance_types(InstanceType::from(self.0.as_str()))
            .product_descriptions("Linux/UNIX")
            // With a start in the present, EC2 returns the current price of each zone.
            .start_time(DateTime::from(std::time::SystemTime::now()))
            .send()
            .await?;
        let prices =
            response.spot_price_history().iter().filter_map(|price| price.spot_price()?.parse().ok());
        Ok(prices.reduce(f64::min))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_of_an_hour_is_found_and_prices_of_nothing_are_not() {
        let product = |unit: &str, price: &str| {
            json!({"terms": {"OnDemand": {"x": {"priceDimensions": {"y": {"unit": unit, "pricePerUnit": {"USD": price}}}}}}})
                .to_string()
        };
        let hour =
            GetProducts::Hour { instance_type: "g6.xlarge".to_owned(), region: "us-east-1".to_owned() };
        assert_eq!(hour.price(&product("Hrs", "0.8048")), Some(0.8048));
        for text in [
            product("Hrs", "0.0"),
            product("Quantity", "1"),
            product("Hrs", "x"),
            "{}".to_owned(),
            "[".to_owned(),
        ] {
            assert_eq!(hour.price(&text), None, "{text}");
        }
    }

    #[test]
    fn the_price_of_a_snapshot_is_not_that_of_an_archived_one() {
        let product = |usage: &str| {
            let terms = json!({"OnDemand": {"x": {"priceDimensions": {"y": {"unit": "GB-Mo", "pricePerUnit": {"USD": "0.05"}}}}}});
            json!({"product": {"attributes": {"usagetype": usage}}, "terms": terms}).to_string()
        };
        let month = GetProducts::SnapshotMonth { region: "eu-central-1".to_owned() };
        assert_eq!(month.price(&product("EUC1-EBS:SnapshotUsage")), Some(0.05));
        assert_eq!(month.price(&product("EUC1-EBS:SnapshotArchiveStorage")), None);
    }
}
