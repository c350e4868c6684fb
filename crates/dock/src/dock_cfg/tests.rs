mod precedence;

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::IdleLimit;

fn parsed(text: impl AsRef<[u8]>) -> Result<DockCfg> {
    let (file, home) = (Path::new("~/.docker/dock.cfg"), Path::new("/home/ada"));
    DockCfg::parse(file, text.as_ref(), &"gpu-box".parse().unwrap(), home)
}

fn settings(text: &str) -> DockSettings {
    parsed(text).unwrap_or_else(|error| panic!("{error}")).settings
}

/// The region is a value of no meaning here.
fn region(text: &str) -> DockSettings {
    DockSettings { region: text.parse().ok(), ..DockSettings::default() }
}

#[test]
fn every_key_of_the_original_and_of_ours_is_read() {
    let text = r#"
        # as the original dockerutils has it
        key_name="ada"
        security_group_ids="sg-0a1b sg-0c2d"
        iam_instance_profile="Name=builder"
        subnet_id='subnet-0a'
        tag_specifications="ResourceType=instance,Tags=[{Key=team,Value=vision},{Key=cost center,Value=4711}]"
        instance_type=t3.large
        volume_size="250"
        image_id="ami-0abc"
        # ours
        region = "eu-central-1"
        profile="work"    # a comment
        vpc_id="vpc-0a"
        gpu_instance_type="g5.xlarge"
        fallback_types="g6.xlarge,g4dn.xlarge"
        user="admin"
        allow="203.0.113.7, 2001:db8::/32"
        private=no
        spot="True"
        max_price="0.5"
        idle="never"
        ttl="8h"
        protect=on
        docker="ce"
        user_data="~/setup.yaml"
    "#;
    let tag = |text: &str| text.parse::<Tag>().unwrap();
    let expected = DockSettings {
        key_name: "ada".parse().ok(),
        security_group_ids: Some(vec!["sg-0a1b".parse().unwrap(), "sg-0c2d".parse().unwrap()]),
        iam_instance_profile: "builder".parse().ok(),
        subnet_id: "subnet-0a".parse().ok(),
        tags: Some(vec![tag("team=vision"), tag("cost center=4711")]),
        instance_type: "t3.large".parse().ok(),
        volume_size: "250".parse().ok(),
        image: "ami-0abc".parse().ok(),
        region: "eu-central-1".parse().ok(),
        profile: "work".parse().ok(),
        vpc_id: "vpc-0a".parse().ok(),
        gpu_instance_type: "g5.xlarge".parse().ok(),
        fallback_types: Some(vec!["g6.xlarge".parse().unwrap(), "g4dn.xlarge".parse().unwrap()]),
        user: "admin".parse().ok(),
        allow: Some(vec!["203.0.113.7/32".parse().unwrap(), "2001:db8::/32".parse().unwrap()]),
        is_private: Some(false),
        jump: None,
        is_spot: Some(true),
        max_price: "0.5".parse().ok(),
        idle: Some(IdleLimit::Never),
        ttl: "8h".parse().ok(),
        is_protected: Some(true),
        docker: Some(DockerPackages::Ce),
        user_data: Some("/home/ada/setup.yaml".into()),
    };
    assert_eq!(settings(text), expected);
    assert!(KEYS.iter().all(|key| text.contains(&format!("{key}=")) || text.contains(&format!("{key} ="))));
}

#[test]
fn a_section_is_for_the_dock_with_its_name_and_comes_before_the_top() {
    let text = "region=us-east-1\nidle=2h\n[gpu-box]\nregion=eu-west-1\n[other] # comment\nregion=eu-north-1\nspot=yes\n";
    let expected = DockSettings { idle: "2h".parse().ok(), ..region("eu-west-1") };
    assert_eq!(settings(text), expected);
    assert_eq!(settings("[other]\nregion=us-east-1\n"), DockSettings::default());
    assert_eq!(settings("region=us-east-1\n[gpu-box]\nregion=\"\"\n"), region("us-east-1"));
}

#[test]
fn an_unknown_key_is_a_warning_with_the_nearest_key() {
    let cfg = parsed("Region=x\n[other]\nvolumesize=3\nx\u{e9}y=\n").unwrap_err();
    assert_eq!(cfg.to_string(), "~/.docker/dock.cfg:4: this is neither key=\"value\" nor [NAME]");
    let cfg = parsed("Region=\"$(touch x)\"\n[other]\nvolumesize=3\nentrypoint=3\n").unwrap();
    let warnings: Vec<String> = cfg.unknown_keys.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "~/.docker/dock.cfg:1: unknown key `Region`, did you mean `region`?",
            "~/.docker/dock.cfg:3: unknown key `volumesize`, did you mean `volume_size`?",
            "~/.docker/dock.cfg:4: unknown key `entrypoint`",
        ]
    );
    assert_eq!(cfg.settings, DockSettings::default());
}

#[test]
fn what_is_not_valid_is_an_error_with_its_line() {
    for (line, message) in [
        ("touch x", "this is neither key=\"value\" nor [NAME]"),
        ("export region=us-east-1", "this is neither key=\"value\" nor [NAME]"),
        ("=us-east-1", "this is neither key=\"value\" nor [NAME]"),
        ("[gpu-box", "this is neither key=\"value\" nor [NAME]"),
        ("[gpu-box] x", "this is neither key=\"value\" nor [NAME]"),
        ("[../x]", "a header names a dock: `../x` is not a valid moniker: "),
        ("region=\"us-east-1", "region: the quote \" is not closed"),
        ("region='us-east-1\"", "region: the quote ' is not closed"),
        ("region=us east", "region: write the whole value in quotes; only a comment may follow it"),
        ("region=\"us-east-1\"#", "region: write the whole value in quotes; only a comment may follow it"),
        (
            "region=\"us-east-1\"; rm -rf x",
            "region: write the whole value in quotes; only a comment may follow it",
        ),
        ("region=\"$(touch x)\"", "region: `$(touch x)` is not a valid region: "),
        ("key_name=\"-k\"", "key_name: `-k` is not a valid name: "),
        ("profile=\"--debug\"", "profile: `--debug` is not a valid profile: "),
        ("image_id=\"sg-0a\"", "image_id: `sg-0a` is not a valid image: "),
        ("image_id=\"resolve:ssm:$X\"", "image_id: `resolve:ssm:$X` is not a valid image: "),
        ("security_group_ids=\"sg-0a,x\"", "security_group_ids: `x` is not a valid ID of EC2: "),
        ("iam_instance_profile=\"arn:aws:iam::1:role/x\"", "is not a valid instance profile: "),
        (
            "volume_size=\"0\"",
            "volume_size: `0` is not a valid disk size: write a number of GiB from 1 to 65536",
        ),
        ("volume_size=\"99999999999\"", "is not a valid disk size"),
        ("allow=\"0.0.0.0/33\"", "allow: `0.0.0.0/33` is not a valid network: "),
        ("spot=maybe", "spot: `maybe` is neither yes nor no"),
        ("max_price=1e3", "max_price: `1e3` is not a valid price: "),
        ("max_price=-1", "max_price: `-1` is not a valid price: "),
        ("idle=60", "idle: `60` is not a valid time: write never, or minutes"),
        ("docker=podman", "docker: `podman` is not a valid choice of docker's packages: write ubuntu or ce"),
        (
            "user_data=setup.yaml",
            "user_data: `setup.yaml` is not an absolute path, nor one that begins with ~/",
        ),
        ("tag_specifications=\"team\"", "tag_specifications: `team` is not a valid tag: "),
        ("tag_specifications=\"aws:x=1\"", "is not a valid tag: "),
        ("tag_specifications=\"a=1,a=2\"", "tag_specifications: the tag `a` has two values"),
        ("tag_specifications=\"ResourceType=instance,Tags=[{Key=a}]\"", "write K=V,K=V, or ResourceType="),
        ("tag_specifications=\"ResourceType=$(x),Tags=[]\"", "write K=V,K=V, or ResourceType="),
    ] {
        let error = parsed(format!("\n{line}\n")).unwrap_err().to_string();
        assert!(error.starts_with("~/.docker/dock.cfg:2: ") && error.contains(message), "{line}: {error}");
        // A mistake in the section of another dock shows too.
        let error = parsed(format!("[other]\n{line}\n")).unwrap_err().to_string();
        assert!(error.starts_with("~/.docker/dock.cfg:2: "), "{line}: {error}");
    }
    let twice = |text: &str| parsed(text).unwrap_err().to_string();
    assert_eq!(twice("ttl=1h\n\nttl=2h"), "~/.docker/dock.cfg:3: ttl is already set on line 1");
    assert_eq!(twice("[a]\n[b]\n[a]"), "~/.docker/dock.cfg:3: [a] is already set on line 1");
    assert_eq!(
        parsed(b"ttl=\xff").unwrap_err().to_string(),
        "~/.docker/dock.cfg:1: this is not text in UTF-8"
    );
    assert!(parsed("region=eu-\u{1b}[2J").unwrap_err().to_string().contains("`eu-\\x1b[2J`"));
}

#[test]
fn tags_are_read_in_both_spellings() {
    let pairs = |text: &str| {
        let tags = values::tags(text)?;
        Ok::<_, String>(tags.into_iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect::<Vec<_>>())
    };
    let expected = Ok(vec!["a=1".to_owned(), "b=x=y".to_owned()]);
    for text in [
        "a=1,b=x=y",
        " a=1, b=x=y",
        "ResourceType=instance,Tags=[{Key=a,Value=1},{Key=b,Value=x=y}]",
        "ResourceType=instance,Tags=[{Key=a,Value='1'}, {Key=b,Value=x=y}] ResourceType=volume,Tags=[{Key=a,Value=1}]",
        "ResourceType=spot-instances-request,Tags=[{Key=a,Value=1}] ResourceType=volume,Tags=[{Key=b,Value=x=y}]",
    ] {
        assert_eq!(pairs(text), expected, "{text}");
    }
}

#[test]
fn a_network_has_no_bits_beyond_its_prefix() {
    for (text, written) in [
        ("203.0.113.7", "203.0.113.7/32"),
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("2001:db8::1", "2001:db8::1/128"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ] {
        let network: Network = text.parse().unwrap();
        assert_eq!(network.to_string(), written);
        assert_eq!((network.is_everything(), network.is_ipv6()), (text.ends_with("/0"), text.contains(':')));
    }
    for (text, is_one, contains) in [
        ("203.0.113.7", true, true),
        ("203.0.113.8/32", true, false),
        ("203.0.113.0/24", false, true),
        ("0.0.0.0/0", false, true),
        ("::/0", false, false),
        ("2001:db8::1/128", true, false),
    ] {
        let network: Network = text.parse().unwrap();
        let found = (network.is_one_address(), network.contains("203.0.113.7".parse().unwrap()));
        assert_eq!(found, (is_one, contains), "{text}");
    }
}

#[test]
fn a_file_that_is_not_there_sets_nothing_and_one_that_is_too_large_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let docks = Docks::of_user(home.path());
    let name = "gpu-box".parse().unwrap();
    assert_eq!(docks.dock_cfg(&name).unwrap(), DockCfg::default());
    fs::create_dir(home.path().join(".docker")).unwrap();
    let file = home.path().join(".docker/dock.cfg");
    fs::write(&file, "user_data=~/x\n").unwrap();
    assert_eq!(docks.dock_cfg(&name).unwrap().settings.user_data, Some(home.path().join("x")));
    fs::write(&file, "#".repeat(1 + (1 << 20))).unwrap();
    assert!(docks.dock_cfg(&name).unwrap_err().to_string().contains("dock.cfg cannot be read: "));
}

#[test]
fn all_sections_of_the_file_are_returned_each_with_what_the_top_sets() {
    let home = tempfile::tempdir().unwrap();
    let docks = Docks::of_user(home.path());
    assert_eq!(docks.dock_cfg_sections().unwrap(), [DockSettings::default()]);
    fs::create_dir(home.path().join(".docker")).unwrap();
    let text = "region=us-east-1\n[a]\nregion=eu-west-1\n[b]\nspot=no\n";
    fs::write(home.path().join(".docker/dock.cfg"), text).unwrap();
    let sections = docks.dock_cfg_sections().unwrap();
    let regions: Vec<&str> = sections.iter().map(|it| it.region.as_ref().unwrap().as_str()).collect();
    assert_eq!(regions, ["us-east-1", "eu-west-1", "us-east-1"]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
        let _ = parsed(bytes);
    }

    #[test]
    fn no_lines_make_it_panic(lines in prop::collection::vec("(\\[|(region|tag_specifications|allow|image_id|idle)=[\"']?)?\\PC{0,12}[\"']?", 0..6)) {
        let _ = parsed(lines.join("\n"));
    }

    #[test]
    fn a_value_in_quotes_is_taken_as_it_stands(value in "[^\"\r\n\\x00-\\x1f]{1,40}") {
        let cfg = parsed(format!("user_data=\"/{value}\"\n"));
        prop_assert_eq!(cfg.unwrap().settings.user_data, Some(PathBuf::from(format!("/{value}"))));
    }
}
