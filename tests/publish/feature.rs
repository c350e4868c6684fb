//! The AWS SDK: one crate depends on it, the feature `aws` turns it off, and the image commands contain none of it.
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

#[test]
fn only_one_crate_depends_on_the_sdk() {
    let direct = |package: &str| {
        let tree = tree(&["--package", package, "--depth=1"]);
        tree.lines().skip(1).any(|line| line.starts_with("aws-") || line.starts_with("tokio "))
    };
    assert!(direct("dockerutils-aws"));
    let crates = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/crates")).expect("crates/").flatten();
    let names = crates
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|folder| format!("dockerutils-{}", folder.file_name().to_string_lossy()));
    let others: Vec<String> =
        names.filter(|name| name != "dockerutils-aws").filter(|name| direct(name)).collect();
    assert_eq!(others, [""; 0]);
    assert!(!direct("dockerutils"));
}

#[test]
fn without_the_feature_no_package_of_the_sdk_is_built() {
    let with = tree(&["--package=dockerutils"]);
    let without = tree(&["--package=dockerutils", "--no-default-features"]);
    for package in ["aws-config ", "aws-sdk-ecr ", "tokio ", "rustls ", "dockerutils-aws "] {
        assert!(with.lines().any(|line| line.starts_with(package)), "{package}");
        assert!(!without.lines().any(|line| line.starts_with(package)), "{package}");
    }
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
