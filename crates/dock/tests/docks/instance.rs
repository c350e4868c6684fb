//! instance.json: private, strict and bounded.

use std::fs;
use std::os::unix::fs::MetadataExt;

use dockerutils_dock::{Error, Instance, KeyPair, Price, SecurityGroup, SpotKind, SpotRequest};
use proptest::prelude::*;

use crate::{Home, dock};

fn instance() -> Instance {
    Instance {
        attempt: "k3xabcde27".parse().unwrap(),
        created: "2026-11-26T16:11:05Z".parse().unwrap(),
        instance_type: "g6.xlarge".parse().unwrap(),
        zone: "us-east-1b".parse().unwrap(),
        image: "ami-0123456789abcdef0".parse().unwrap(),
        groups: vec![SecurityGroup { id: "sg-0abc".parse().unwrap(), made_by_us: true }],
        key: KeyPair { name: "dockerutils-ada-Xy12".parse().unwrap(), made_by_us: false },
        disk_size: 100,
        price: Some(Price {
            per_hour: 0.8048.try_into().unwrap(),
            disk_per_month: Some(8.0.try_into().unwrap()),
            date: "2026-11-26".parse().unwrap(),
        }),
        idle: "60m".parse().unwrap(),
        ttl: None,
        spot: Some(SpotRequest { id: "sir-7rj5hxyz".parse().unwrap(), kind: SpotKind::Persistent }),
    }
}

const TEXT: &str = r#"{
  "version": "1",
  "attempt": "k3xabcde27",
  "created": "2026-11-26T16:11:05Z",
  "instance_type": "g6.xlarge",
  "zone": "us-east-1b",
  "image": "ami-0123456789abcdef0",
  "groups": [
    {
      "id": "sg-0abc",
      "made_by_us": true
    }
  ],
  "key": {
    "name": "dockerutils-ada-Xy12",
    "made_by_us": false
  },
  "disk_size": 100,
  "price": {
    "per_hour": 0.8048,
    "disk_per_month": 8.0,
    "date": "2026-11-26"
  },
  "idle": 60,
  "ttl": null,
  "spot": {
    "id": "sir-7rj5hxyz",
    "kind": "persistent"
  }
}"#;

#[test]
fn an_instance_is_written_for_its_owner_only_and_read_back() {
    let home = Home::new();
    let gpu = dock("10.0.0.1", "gpu");
    home.docks.register(&gpu).unwrap();
    assert_eq!(home.docks.instance(&gpu).unwrap(), None);
    home.docks.set_instance(&gpu, &instance()).unwrap();
    let file = home.docks.folder(&gpu).join("instance.json");
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o600);
    assert_eq!(fs::read_to_string(&file).unwrap(), TEXT);
    assert_eq!(home.docks.instance(&gpu).unwrap(), Some(instance()));
    home.docks.unregister("gpu").unwrap();
    assert!(!home.docks.folder(&gpu).exists());
}

#[test]
fn a_hostile_file_is_refused() {
    let home = Home::new();
    let gpu = dock("10.0.0.1", "gpu");
    home.docks.register(&gpu).unwrap();
    let file = home.docks.folder(&gpu).join("instance.json");
    for (from, to, reason) in [
        ("\"version\": \"1\"", "\"version\": \"2\"", "unknown variant `2`"),
        ("\"version\": \"1\",", "", "missing field `version`"),
        ("\"ttl\"", "\"ttl_\"", "unknown field `ttl_`"),
        ("k3xabcde27", "k3x", "`k3x` is not a valid attempt"),
        ("g6.xlarge", "--region", "`--region` is not a valid instance type"),
        ("sg-0abc", "../sg", "`../sg` is not a valid ID of EC2"),
        ("sir-7rj5hxyz", "sir-\\u001b[2J", "is not a valid ID of EC2"),
        ("0.8048", "-1", "-1 is not a price in dollars"),
        ("\"idle\": 60", "\"idle\": 0", "`0` is not a valid time"),
        ("\"idle\": 60", "\"idle\": \"60; rm\"", "expected u32"),
        ("2026-11-26T16", "2026-13-26T16", "out of range"),
        ("{", "[", ""),
    ] {
        fs::write(&file, TEXT.replacen(from, to, 1)).unwrap();
        let error = home.docks.instance(&gpu).unwrap_err();
        assert!(matches!(error, Error::Instance { .. }));
        let message = error.to_string();
        assert!(
            message.contains(reason) && !message.contains('\u{1b}') && message.lines().count() == 1,
            "{message}"
        );
    }
    fs::write(&file, TEXT.to_owned() + &" ".repeat(64 << 10)).unwrap();
    assert!(home.docks.instance(&gpu).unwrap_err().to_string().contains("instance.json cannot be read: "));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(position in 0..TEXT.len(), bytes in any::<Vec<u8>>()) {
        let home = Home::new();
        let gpu = dock("10.0.0.1", "gpu");
        home.docks.register(&gpu).unwrap();
        let mut text = TEXT.as_bytes().to_vec();
        let end = (position + bytes.len()).min(text.len());
        text.splice(position..end, bytes);
        fs::write(home.docks.folder(&gpu).join("instance.json"), text).unwrap();
        let _ = home.docks.instance(&gpu);
    }
}
