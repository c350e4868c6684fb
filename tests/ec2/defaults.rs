//! What create-dock asks EC2 for unless the user decides otherwise: the parameters of the launch, as they are sent.

use dockerutils_testbed::ec2::{User, ec2};

use super::{create_dock, launches};

/// Checks the parameters of a launch; those with an empty value are not sent.
#[track_caller]
fn is_launched_with(words: &str, expected: &[(&str, &str)]) {
    let ec2 = ec2();
    let user = User::new(&ec2);
    // The stand-in has no roles, and the machine itself is not needed.
    ec2.fault("RunInstances#1=DryRunOperation");
    ec2.fault("RunInstances#2=UnauthorizedOperation");
    create_dock(&user, words).run().status(1);
    let launch = launches(&ec2).remove(0);
    for (name, value) in expected {
        let sent = launch.parameters.get(*name).map_or("", String::as_str);
        assert_eq!(sent, *value, "{name} in {:#?}", launch.parameters);
    }
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn the_disk_is_encrypted_and_ends_with_the_machine_and_the_metadata_need_a_token() {
    is_launched_with(
        "box",
        &[
            ("BlockDeviceMapping.1.DeviceName", "/dev/sda1"),
            ("BlockDeviceMapping.1.Ebs.Encrypted", "true"),
            ("BlockDeviceMapping.1.Ebs.VolumeType", "gp3"),
            ("BlockDeviceMapping.1.Ebs.VolumeSize", "100"),
            ("BlockDeviceMapping.1.Ebs.DeleteOnTermination", "true"),
            ("BlockDeviceMapping.2.DeviceName", ""),
            ("MetadataOptions.HttpTokens", "required"),
            ("MetadataOptions.HttpPutResponseHopLimit", "1"),
            ("MetadataOptions.InstanceMetadataTags", "enabled"),
            ("InstanceInitiatedShutdownBehavior", "stop"),
            ("NetworkInterface.1.AssociatePublicIpAddress", "true"),
            ("IamInstanceProfile.Name", ""),
            ("InstanceMarketOptions.MarketType", ""),
            ("MinCount", "1"),
            ("MaxCount", "1"),
        ],
    );
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn containers_reach_the_role_of_a_machine_that_has_one() {
    is_launched_with(
        "box --instance-profile builder",
        &[
            ("IamInstanceProfile.Name", "builder"),
            ("MetadataOptions.HttpTokens", "required"),
            ("MetadataOptions.HttpPutResponseHopLimit", "2"),
        ],
    );
}
