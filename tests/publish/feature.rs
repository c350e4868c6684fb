//! The AWS SDK: three crates depend on it, each on its own part, features turn it off, and the image commands contain
//! none of it.
#![expect(clippy::disallowed_types, reason = "this runs cargo, not one of our commands")]

use std::fs;
use std::process::Command;

fn tree(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--edges=normal", "--prefix=none"])
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The crates that depend on packages of the SDK: what they share, and one for each service.
const SDK_CRATES: [&str; 3] = ["dockerutils-aws", "dockerutils-ecr", "dockerutils-ec2"];

/// Returns whether a package depends directly on one of these packages.
fn depends_on(package: &str, wanted: &[&str]) -> bool {
    let tree = tree(&["--package", package, "--depth=1"]);
    tree.lines().skip(1).any(|line| wanted.iter().any(|wanted| line.starts_with(wanted)))
}

/// Returns the names of the packages in `crates/`.
fn crates() -> Vec<String> {
    let crates = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/crates")).expect("crates/").flatten();
    crates
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|folder| format!("dockerutils-{}", folder.file_name().to_string_lossy()))
        .collect()
}

#[test]
fn only_the_crates_for_aws_depend_on_the_sdk() {
    let direct = |package: &str| depends_on(package, &["aws-", "tokio "]);
    assert!(SDK_CRATES.iter().all(|name| direct(name)));
    let others: Vec<String> = crates()
        .into_iter()
        .filter(|name| !SDK_CRATES.contains(&name.as_str()))
        .filter(|name| direct(name))
        .collect();
    assert_eq!(others, [""; 0]);
    assert!(!direct("dockerutils"));
}

#[test]
fn each_service_of_the_sdk_has_one_crate() {
    for (service, owner) in [
        ("aws-sdk-ecr ", "dockerutils-ecr"),
        ("aws-sdk-ec2 ", "dockerutils-ec2"),
        ("aws-sdk-pricing ", "dockerutils-ec2"),
    ] {
        let users: Vec<String> = crates().into_iter().filter(|name| depends_on(name, &[service])).collect();
        assert_eq!(users, [owner], "{service}");
    }
}

#[test]
fn without_the_features_no_package_of_the_sdk_is_built() {
    let with = tree(&["--package=dockerutils"]);
    let without = tree(&["--package=dockerutils", "--no-default-features"]);
    for package in ["aws-config ", "aws-sdk-ecr ", "aws-sdk-ec2 ", "tokio ", "rustls ", "dockerutils-aws "] {
        assert!(with.lines().any(|line| line.starts_with(package)), "{package}");
        assert!(!without.lines().any(|line| line.starts_with(package)), "{package}");
    }
}

#[test]
fn the_feature_ecr_does_not_build_the_sdk_for_ec2() {
    let ecr = tree(&["--package=dockerutils", "--no-default-features", "--features=ecr"]);
    assert!(ecr.lines().any(|line| line.starts_with("aws-sdk-ecr ")));
    assert!(!ecr.lines().any(|line| line.starts_with("aws-sdk-ec2 ")));
}

#[test]
fn the_image_commands_contain_no_code_of_the_sdk() {
    let contains = |binary: &str| {
        let bytes = fs::read(binary).expect("a binary");
        // The prefix of every action in the protocol of ECR.
        let sign = b"AmazonEC2ContainerRegistry_V20150921";
        bytes.windows(sign.len()).any(|window| window == sign)
    };
    assert!(contains(env!("CARGO_BIN_EXE_publish-image")));
    for binary in
        [env!("CARGO_BIN_EXE_build-image"), env!("CARGO_BIN_EXE_run-image"), env!("CARGO_BIN_EXE_ls-dock")]
    {
        assert!(!contains(binary), "{binary}");
    }
}
