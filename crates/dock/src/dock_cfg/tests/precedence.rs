//! What decides: a flag, the environment, a section of the file, its top, the default.

use super::*;

#[test]
fn a_flag_comes_before_the_environment_that_before_the_file_and_that_before_the_default() {
    let environment = |variables: &'static [(&str, &str)]| {
        let value = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        DockSettings::of_environment(value).unwrap()
    };
    let resolve = |flags: &str, variables, file: &str| {
        let resolved = ResolvedSettings::resolve(settings(flags), environment(variables), settings(file));
        let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        [
            text(resolved.region.map(|it| it.to_string())),
            text(resolved.profile.map(|it| it.to_string())),
            resolved.user.to_string(),
            resolved.instance_type.to_string(),
            resolved.idle.to_string(),
            resolved.is_spot.to_string(),
        ]
        .join(" ")
    };
    let all: &[(&str, &str)] = &[("AWS_REGION", "eu-west-1"), ("AWS_PROFILE", "env"), ("DOCK_USER", "env")];
    let file = "region=eu-central-1\nprofile=file\nuser=file\ninstance_type=t3.nano\nidle=2h\nspot=yes\n";
    for (flags, variables, file, expected) in [
        ("", &[][..], "", "- - ubuntu m7i.large 1h false"),
        ("", &[], file, "eu-central-1 file file t3.nano 2h true"),
        ("", all, "", "eu-west-1 env env m7i.large 1h false"),
        ("", all, file, "eu-west-1 env env t3.nano 2h true"),
        (
            "",
            &[("AWS_DEFAULT_REGION", "eu-west-2"), ("AWS_PROFILE", "")],
            file,
            "eu-west-2 file file t3.nano 2h true",
        ),
        ("region=us-east-1\nprofile=flag\nuser=flag\n", all, file, "us-east-1 flag flag t3.nano 2h true"),
        (
            "instance_type=a1.metal\nidle=never\nspot=no\n",
            &[],
            file,
            "eu-central-1 file file a1.metal never false",
        ),
    ] {
        assert_eq!(resolve(flags, variables, file), expected);
    }
    let hostile = DockSettings::of_environment(|name| (name == "AWS_REGION").then(|| "$(x)".to_owned()));
    assert!(hostile.unwrap_err().to_string().starts_with("`$(x)` is not a valid region"));
}

#[test]
fn a_flag_comes_before_what_decides_the_same_in_another_way() {
    let resolve = |flags: &str, file: &str| {
        ResolvedSettings::resolve(settings(flags), DockSettings::default(), settings(file))
    };
    let places = |flags: &str, file: &str| {
        let resolved = resolve(flags, file);
        (resolved.vpc_id.map(|it| it.to_string()), resolved.subnet_id.map(|it| it.to_string()))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(places("vpc_id=vpc-1", "subnet_id=subnet-2\n"), (some("vpc-1"), None));
    assert_eq!(places("subnet_id=subnet-1", "vpc_id=vpc-2\n"), (None, some("subnet-1")));
    assert_eq!(places("vpc_id=vpc-1\nsubnet_id=subnet-1", ""), (some("vpc-1"), some("subnet-1")));
    assert_eq!(places("", "vpc_id=vpc-1\nsubnet_id=subnet-1"), (some("vpc-1"), some("subnet-1")));
    let allowed = resolve("allow=10.0.0.0/8", "security_group_ids=sg-1\n");
    assert_eq!((allowed.allow.len(), allowed.security_group_ids.len()), (1, 0));
    let given = resolve("security_group_ids=sg-1", "allow=0.0.0.0/0\n");
    assert_eq!((given.allow.len(), given.security_group_ids.len()), (0, 1));
}

#[test]
fn a_section_comes_before_what_decides_the_same_in_another_way_for_all_docks() {
    let parse = |text: &str| {
        let file = Path::new("dock.cfg");
        DockCfg::parse(file, text.as_bytes(), &"a".parse().unwrap(), Path::new("/home/ada")).unwrap().settings
    };
    let of_group = parse("security_group_ids=sg-1\n[a]\nallow=10.0.0.0/8\n");
    assert!(of_group.allow.is_some() && of_group.security_group_ids.is_none());
    let of_vpc = parse("vpc_id=vpc-1\n[a]\nsubnet_id=subnet-2\n");
    assert!(of_vpc.subnet_id.is_some() && of_vpc.vpc_id.is_none());
    assert!(parse("vpc_id=vpc-1\nsubnet_id=subnet-1\n[a]\nidle=never\n").vpc_id.is_some());
}

#[test]
fn a_jump_host_of_the_environment_is_for_docks_without_a_public_address() {
    let environment = || {
        DockSettings::of_environment(|name| (name == "DOCK_JUMP").then(|| "ada@gate:2222".to_owned()))
            .unwrap()
    };
    let jump = |file: &str| {
        let resolved = ResolvedSettings::resolve(DockSettings::default(), environment(), settings(file));
        resolved.jump.map(|jump| jump.to_string())
    };
    assert_eq!(jump(""), None);
    assert_eq!(jump("private=yes\n"), Some("ada@gate:2222".to_owned()));
}
