//! Networks: one in which a dock could not be reached is named with a remedy, and nothing is made; a private one works.

use std::fs;
use std::net::Ipv4Addr;

use dockerutils_testbed::ec2::{User, ec2};
use dockerutils_testbed::{Dock, Version};
use dockerutils_testkit::poll_until;

use super::bad_input::refused;
use super::{create, create_dock};

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_subnet_without_a_route_to_the_internet_is_refused() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    // The stand-in has a route in us-east-1 only.
    let message = "no route to an internet gateway: choose another --subnet, or use --private";
    refused(&ec2, &user, &["--region", "eu-west-1"], message);
    let vpc = user.aws("describe-vpcs --query Vpcs[0].VpcId");
    let subnet = user
        .aws(&format!("create-subnet --vpc-id {vpc} --cidr-block 172.31.200.0/24 --query Subnet.SubnetId"));
    let table = user.aws(&format!("create-route-table --vpc-id {vpc} --query RouteTable.RouteTableId"));
    user.aws(&format!("associate-route-table --route-table-id {table} --subnet-id {subnet}"));
    refused(&ec2, &user, &["--subnet", &subnet], &format!("{subnet} has {message}"));
    let vpc = user.aws("create-vpc --cidr-block 10.9.0.0/16 --query Vpc.VpcId");
    refused(&ec2, &user, &["--vpc", &vpc], &format!("{vpc} has no subnet: check --vpc, --subnet and --az"));
    let message = format!("{subnet} is not a subnet of {vpc}: leave out --vpc, or correct --subnet");
    refused(&ec2, &user, &["--vpc", &vpc, "--subnet", &subnet], &message);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn a_region_without_a_default_vpc_is_refused() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    for subnet in
        user.aws("describe-subnets --region eu-west-1 --query Subnets[].SubnetId").split_whitespace()
    {
        user.aws(&format!("delete-subnet --region eu-west-1 --subnet-id {subnet}"));
    }
    let vpc = user.aws("describe-vpcs --region eu-west-1 --query Vpcs[0].VpcId");
    user.aws(&format!("delete-vpc --region eu-west-1 --vpc-id {vpc}"));
    let message = "eu-west-1 has no default VPC: use --vpc or --subnet, or another --region";
    refused(&ec2, &user, &["--region", "eu-west-1"], message);
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn an_address_of_ipv6_is_let_in_and_one_that_cannot_be_found_out_is_refused() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    ec2.knob("public_address", "2001:db8::7");
    let planned = user.command("create-dock").args(["box", "--dry-run"]).run();
    planned.check(planned.status(0).stdout.contains(r#""CidrIpv6":"2001:db8::7/128""#), || {
        planned.stdout.clone()
    });
    let nowhere =
        user.command("create-dock").arg("box").env("DOCKERUTILS_CHECK_IP", "http://127.0.0.1:9/").run();
    nowhere
        .status(1)
        .stderr_has("your own address, which the security group has to let in, cannot be found out");
    nowhere.stderr_has("or use --allow with the network that you connect from");
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn the_script_of_a_dock_without_a_public_address_registers_the_jump_host_of_the_environment() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let planned = user.command("create-dock").args(["box", "--private", "--dry-run"]);
    let planned = planned.env("DOCK_JUMP", "ada@gate").run();
    for text in [
        "AssociatePublicIpAddress=false",
        ".PrivateIpAddress",
        "--jump ada@gate --region us-east-1 \"$ADDRESS\" box",
        // The networks of the VPC, and not the address of this machine.
        r#""CidrIp":"172.31."#,
    ] {
        planned.status(0).check(planned.stdout.contains(text), || format!("no {text} in {}", planned.stdout));
    }
    planned.check(!planned.stdout.contains("/32"), || planned.stdout.clone());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_dock_without_a_public_address_lives_at_its_private_one() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    create(&user, "box --private").stderr_has("box is ready");
    let id = user.instance("box");
    assert_eq!(user.describe(&id, "PublicIpAddress"), "None");
    let record = user.home().join(".docker").join(user.describe(&id, "PrivateIpAddress"));
    assert_eq!(user.record("box"), record);
    user.shell("source dock box && docker version").run().status(0);
    user.command("stop-dock").args(["box", "-y"]).run().status(0);
    user.command("start-dock").arg("box").run().status(0).stderr_has("box is ready");
    assert_eq!(user.record("box"), record);
    user.command("destroy-dock").args(["box", "-y"]).run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}

#[test]
#[ignore = "needs root: dock and AWS stand-in"]
fn a_dock_without_a_public_address_is_reached_through_the_jump_host_of_the_environment() {
    let ec2 = ec2();
    let user = User::new(&ec2);
    let gate = Dock::builder("gate", Version::V20).start().expect("a dock");
    let key = fs::read_to_string(user.key().with_extension("pub")).expect("a key");
    let admit = format!("echo '{}' >>/home/ubuntu/.ssh/authorized_keys", key.trim());
    gate.exec(&["sh", "-c", &admit]);
    let known = format!("Host {}\n  StrictHostKeyChecking accept-new\n", gate.address());
    fs::write(user.home().join(".ssh/config"), known).expect("a file");
    ec2.fault("GetConsoleOutput#1=hold-before:120");
    let creation = create_dock(&user, "box --private");
    let creation = creation.env("DOCK_JUMP", format!("ubuntu@{}", gate.address())).spawn();
    ec2.wait_until_held();
    let id = user.instance("box");
    poll_until(|| ec2.machines().contains(&id).then_some(())).expect("a machine");
    let address: Ipv4Addr = user.describe(&id, "PrivateIpAddress").parse().expect("an address");
    let [first, second, third, last] = address.octets();
    let own = Ipv4Addr::new(first, second, third, if last == 250 { 251 } else { 250 });
    ec2.on(&id, |dock| {
        gate.connect_to(dock, own);
        // From now on only the gate reaches it.
        dock.disconnect();
    });
    ec2.clear_faults();
    creation.wait().status(0).stderr_has("box is ready");
    user.shell("source dock box && docker version").run().status(0);
    user.command("destroy-dock").args(["box", "-y"]).run().status(0);
    assert!(ec2.census().is_empty(), "{:?}", ec2.census());
}
