//! The smallest IAM policy with which the commands for docks on EC2 work.

use serde_json::{Value, json};

use crate::resource::TAG_ATTEMPT;

/// Reads, which EC2 does not restrict to single resources.
const READS: [&str; 15] = [
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceAttribute",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeImages",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeRouteTables",
    "ec2:DescribeKeyPairs",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSpotInstanceRequests",
    "ec2:DescribeSpotPriceHistory",
    "ec2:DescribeVolumes",
    "ec2:DescribeSnapshots",
    "ec2:DescribeAddresses",
];

/// Changes of what create-dock has made.
const CHANGES: [&str; 12] = [
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:RevokeSecurityGroupIngress",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteKeyPair",
    "ec2:StartInstances",
    "ec2:StopInstances",
    "ec2:TerminateInstances",
    "ec2:ModifyInstanceAttribute",
    "ec2:CancelSpotInstanceRequests",
    "ec2:DeleteVolume",
    "ec2:ReleaseAddress",
    "ec2:GetConsoleOutput",
];

/// Returns the policy.
pub fn iam_policy() -> Value {
    let tagged = json!({"Null": {format!("aws:RequestTag/{TAG_ATTEMPT}"): "false"}});
    let ours = json!({"Null": {format!("aws:ResourceTag/{TAG_ATTEMPT}"): "false"}});
    let created = ["ec2:CreateSecurityGroup", "ec2:ImportKeyPair", "ec2:RunInstances", "ec2:CreateSnapshot"];
    let new = ["instance", "volume", "network-interface", "spot-instances-request"];
    let new: Vec<String> = new.iter().map(|kind| format!("arn:aws:ec2:*:*:{kind}/*")).collect();
    let used = ["image", "subnet", "security-group", "key-pair", "snapshot"];
    let used = used.iter().map(|kind| format!("arn:aws:ec2:*:*:{kind}/*"));
    let used: Vec<String> = used.chain(["arn:aws:ec2:*::image/*".to_owned()]).collect();
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": READS.into_iter().chain([
                    "ec2:DescribeRegions", "pricing:GetProducts", "sts:GetCallerIdentity",
                ]).collect::<Vec<_>>(),
                "Resource": "*"
            },
            {
                "Sid": "MakeWithOurTag",
                "Effect": "Allow",
                "Action": ["ec2:ImportKeyPair", "ec2:CreateSecurityGroup", "ec2:CreateSnapshot"],
                "Resource": ["arn:aws:ec2:*:*:key-pair/*", "arn:aws:ec2:*:*:security-group/*", "arn:aws:ec2:*::snapshot/*"],
                "Condition": tagged
            },
            {
                "Sid": "StartWithOurTag",
                "Effect": "Allow",
                "Action": "ec2:RunInstances",
                "Resource": new,
                "Condition": tagged
            },
            {
                "Sid": "UseForThat",
                "Effect": "Allow",
                "Action": ["ec2:RunInstances", "ec2:CreateSecurityGroup", "ec2:CreateSnapshot"],
                "Resource": used.into_iter().chain([
                    "arn:aws:ec2:*:*:vpc/*".to_owned(), "arn:aws:ec2:*:*:volume/*".to_owned(),
                ]).collect::<Vec<_>>()
            },
            {
                "Sid": "TagWhatIsMade",
                "Effect": "Allow",
                "Action": "ec2:CreateTags",
                "Resource": "*",
                "Condition": {"StringEquals": {"ec2:CreateAction": created.map(|action| action.trim_start_matches("ec2:"))}}
            },
            {
                "Sid": "ChangeWhatIsOurs",
                "Effect": "Allow",
                "Action": CHANGES,
                "Resource": "*",
                "Condition": ours
            },
        ]
    })
}
