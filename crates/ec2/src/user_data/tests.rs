use std::collections::BTreeMap;

use dockerutils_testbed::cloud_config_errors;

use super::*;

const HOUR: &str = "1h";

/// Returns the user-data for words such as `ce gpu idle=2h ttl=8h`.
fn of_words(words: &str, more: Option<&[u8]>) -> Result<String, UserDataError> {
    bytes_of_words(words, more).map(|bytes| String::from_utf8(bytes).expect("a text"))
}

fn bytes_of_words(words: &str, more: Option<&[u8]>) -> Result<Vec<u8>, UserDataError> {
    let value = |name: &str| words.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    let has = |name: &str| words.split(' ').any(|word| word == name);
    user_data(&UserDataOptions {
        user: &"ada".parse().unwrap(),
        docker: [("ubuntu", DockerPackages::Ubuntu), ("ce", DockerPackages::Ce)]
            .into_iter()
            .find(|(name, _)| has(name))
            .map(|(_, docker)| docker),
        has_gpu: has("gpu"),
        idle: value("idle").unwrap_or(HOUR).parse().unwrap(),
        ttl: value("ttl").map(|ttl| ttl.parse().unwrap()),
        more,
    })
}

fn config(words: &str) -> Value {
    let text = of_words(words, None).unwrap();
    serde_json::from_str(text.strip_prefix("#cloud-config\n").unwrap()).unwrap()
}

/// Returns the files by path.
fn contents(config: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let files = config["write_files"].as_array().unwrap().iter();
    files.map(|file| (text(&file["path"]), text(&file["content"]))).collect()
}

const EVERY_OPTION: [&str; 8] = [
    "ubuntu",
    "ce",
    "gpu",
    "ubuntu gpu idle=never",
    "ce idle=never ttl=8h",
    "ubuntu idle=1m ttl=366d",
    "gpu idle=never",
    "gpu idle=2h ttl=8h",
];

#[test]
fn no_user_can_log_in_with_a_password() {
    assert!(EVERY_OPTION.iter().all(|words| config(words)["ssh_pwauth"] == false));
}

#[test]
#[ignore = "needs root: AWS stand-in"]
fn every_option_is_valid_for_cloud_init() {
    for words in EVERY_OPTION {
        let text = of_words(words, None).unwrap();
        assert_eq!(cloud_config_errors(&text).expect("cloud-init"), None, "{words}:\n{text}");
    }
}

#[test]
fn every_option_leaves_room_for_a_part_of_the_users() {
    for words in EVERY_OPTION {
        let text = of_words(words, None).unwrap();
        assert!(text.len() < 12 << 10, "{words}: {} bytes", text.len());
    }
    let largest = vec![b'x'; 2 << 10];
    let part = [b"#!/bin/sh\n".as_slice(), &largest].concat();
    assert!(of_words("ubuntu ttl=8h", Some(&part)).unwrap().len() <= 16 << 10);
}

#[test]
fn docker_comes_from_ubuntu_from_docker_or_with_the_image() {
    let packages = |words| config(words)["packages"].to_string();
    assert_eq!(packages("ubuntu"), r#"["rsync","zstd","docker.io","docker-buildx","docker-compose-v2"]"#);
    assert_eq!(
        packages("ce"),
        r#"["rsync","zstd","docker-ce","docker-ce-cli","containerd.io","docker-buildx-plugin","docker-compose-plugin"]"#
    );
    assert_eq!(packages("gpu"), "null");
    assert_eq!(config("ubuntu")["apt"], Value::Null);
    assert!(
        config("ce")["apt"]["sources"]["docker.list"]["source"]
            .as_str()
            .unwrap()
            .contains("download.docker.com")
    );
}

#[test]
fn the_user_is_an_argument_of_the_setup_and_drivers_of_a_gpu_are_held_back() {
    assert_eq!(config("ubuntu")["runcmd"].to_string(), r#"[["sh","/var/lib/dockerutils/setup","ada"]]"#);
    let held = "/etc/apt/apt.conf.d/60dockerutils";
    assert!(contents(&config("gpu"))[held].contains("\"nvidia-\";"));
    assert!(!contents(&config("ubuntu")).contains_key(held));
}

#[test]
fn the_idle_timer_gets_its_limits_and_is_left_out_if_there_is_none() {
    for (words, limits) in [
        ("ubuntu", Some("60 never\n")),
        ("ubuntu idle=2h ttl=8h", Some("120 480\n")),
        ("ubuntu idle=never ttl=1d", Some("never 1440\n")),
        ("ubuntu idle=never", None),
    ] {
        let files = contents(&config(words));
        assert_eq!(files.get("/etc/dockerutils/idle").map(String::as_str), limits, "{words}");
        for file in ["/usr/local/sbin/dockerutils-idle", "/etc/systemd/system/dockerutils-idle.timer"] {
            assert_eq!(files.contains_key(file), limits.is_some(), "{words}: {file}");
        }
    }
}

#[test]
fn a_part_of_the_users_follows_ours_and_its_lists_are_appended() {
    for (part, kind) in [
        ("#cloud-config\nruncmd: [date]\n", "text/cloud-config"),
        ("#cloud-config\r\nruncmd: [date]\r\n", "text/cloud-config"),
        ("#!/bin/sh\necho \"--==dockerutils==\"\n", "text/x-shellscript"),
        ("#include\nhttps://example.com/x\n", "text/x-include-url"),
        ("#cloud-boothook\ndate\n", "text/cloud-boothook"),
    ] {
        let text = of_words("ubuntu", Some(part.as_bytes())).unwrap();
        let ours = of_words("ubuntu", None).unwrap();
        let encoded = BASE64_STANDARD.encode(part);
        let expected = format!(
            "Content-Type: multipart/mixed; boundary=\"==dockerutils==\"\nMIME-Version: 1.0\n\n\
             --==dockerutils==\nContent-Type: text/cloud-config; charset=\"utf-8\"\n\n{ours}\n\
             --==dockerutils==\nContent-Type: {kind}; charset=\"utf-8\"\n\
             Merge-Type: list(append)+dict(no_replace,recurse_list)+str()\n\
             Content-Transfer-Encoding: base64\n\n{encoded}\n--==dockerutils==--\n"
        );
        assert_eq!(text, expected);
        assert_eq!(ours.matches("==dockerutils==").count(), 0);
    }
}

#[test]
fn a_part_that_cloud_init_could_not_recognize_or_that_is_too_large_is_refused() {
    for part in
        ["", "runcmd: [date]\n", " #cloud-config\n", "#cloud-configuration\n", "\u{feff}#cloud-config\n"]
    {
        assert_eq!(of_words("ubuntu", Some(part.as_bytes())), Err(UserDataError::UnknownKind), "{part:?}");
    }
    // What looks random cannot be compressed.
    let mut state = 1_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        format!("{state:016x}")
    };
    let large: String = (0..4000).map(|_| next()).collect();
    let large = format!("#!/bin/sh\n# {large}\n");
    let error = of_words("ubuntu", Some(large.as_bytes())).unwrap_err();
    assert!(
        matches!(error, UserDataError::TooLarge(_)) && error.to_string().contains("EC2 accepts 16384"),
        "{error}"
    );
}

#[test]
fn a_part_that_is_too_large_for_ec2_is_compressed() {
    let part = format!("#!/bin/sh\n{}", "echo a line of a long script\n".repeat(1000));
    let bytes = bytes_of_words("ubuntu", Some(part.as_bytes())).unwrap();
    assert!(bytes.len() <= 16 << 10 && bytes.starts_with(&[0x1f, 0x8b]), "{} bytes", bytes.len());
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(bytes.as_slice()), &mut text).unwrap();
    assert!(text.starts_with("Content-Type: multipart/mixed") && text.len() > 16 << 10);
}
