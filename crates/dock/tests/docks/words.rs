//! Which texts are valid values of a record.

use dockerutils_dock::{
    Address, Change, Changes, Destination, Dock, Identity, InstanceId, Jump, Moniker, Port, Region, UserName,
};
use proptest::prelude::*;

/// Returns the kinds of value that accept this text.
fn accepted(text: &str) -> Vec<&'static str> {
    let kinds = [
        ("address", text.parse::<Address>().is_ok()),
        ("moniker", text.parse::<Moniker>().is_ok()),
        ("user", text.parse::<UserName>().is_ok()),
        ("port", text.parse::<Port>().is_ok()),
        ("identity", text.parse::<Identity>().is_ok()),
        ("jump", text.parse::<Jump>().is_ok()),
        ("instance", text.parse::<InstanceId>().is_ok()),
        ("region", text.parse::<Region>().is_ok()),
    ];
    kinds.into_iter().filter(|(_, accepted)| *accepted).map(|(kind, _)| kind).collect()
}

#[test]
fn hostile_texts_are_not_accepted() {
    for text in [
        "",
        " ",
        "-",
        "--",
        "-oProxyCommand=touch x",
        "-l",
        "..",
        "../..",
        "../../.ssh",
        ".",
        "a/b",
        "a b",
        "a\tb",
        "a\n",
        "a\nb",
        "\u{1b}[31m",
        "a\0",
        "$(id)",
        "`id`",
        "a;b",
        "a|b",
        "a&b",
        "a>b",
        "a'b",
        "a\"b",
        "a\\b",
        "*",
        "?",
        "a*",
        "!a",
        "%h",
        "a%b",
        "${HOME}",
        "$HOME",
        "~",
        "~root",
        "a=b",
        "[a]",
        "{a}",
        "a#b",
        "ä",
        "а",
        "a\u{202e}b",
        "a,",
        ",a",
        "@",
        "a@",
        "@a",
        "a@b@c",
        "a:",
        ":",
        ":1",
        "[::1",
        "::1]",
        "1::2::3",
        "fe80::1%eth0",
        "host:0",
        "host:65536",
        "host:+22",
        "-a@b",
        "a@-b",
    ] {
        assert_eq!(accepted(text), Vec::<&str>::new(), "{text:?}");
    }
}

#[test]
fn usual_names_are_accepted() {
    for (text, kinds) in [
        ("10.92.128.33", &["address", "moniker", "user", "jump"][..]),
        ("fe80::1", &["address", "moniker"]),
        ("::1", &["address", "moniker"]),
        ("GPU-1.lan", &["address", "moniker", "user", "jump"]),
        ("_svc", &["user"]),
        ("none", &["address", "user", "jump", "region"]),
        ("22", &["address", "moniker", "user", "port", "jump"]),
        ("a@gate:2222,[::1]:22,c", &["jump"]),
        ("~/.ssh/id_ed25519", &["identity"]),
        ("/home/a b/key", &["identity"]),
        ("i-0abc12", &["address", "moniker", "user", "jump", "instance", "region"]),
        ("eu-central-1", &["address", "moniker", "user", "jump", "region"]),
    ] {
        assert_eq!(accepted(text), kinds, "{text:?}");
    }
}

proptest! {
    /// An accepted text consists of these characters, and can be neither an option nor a path.
    #[test]
    fn names_are_harmless(text in prop_oneof![any::<String>(), "[-a-zA-Z0-9._:/@$ \\[\\]%,~*\\n]{0,12}"]) {
        let harmless = |extra: &str| {
            !text.starts_with(['-', '.', '~', '/'])
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c) || extra.contains(c))
        };
        for kind in accepted(&text) {
            let extra = match kind {
                "address" | "moniker" => ":",
                "jump" => "@:,[]",
                "identity" => continue,
                _ => "",
            };
            prop_assert!(harmless(extra), "{} {:?}", kind, text);
        }
    }

    /// An identity is a path that can be written in double quotes in ssh's configuration.
    #[test]
    fn identities_are_paths(text in prop_oneof![any::<String>(), "[~/]{1,2}[-a-z\"'\\\\%$ \\n\\t]{0,8}"]) {
        if text.parse::<Identity>().is_ok() {
            prop_assert!(text.starts_with('/') || text.starts_with("~/"));
            prop_assert!(!text.chars().any(|c| c.is_control() || "\"'\\%$".contains(c)));
            prop_assert_eq!(text.trim(), &text);
        }
    }
}

#[test]
fn a_destination_is_what_people_paste() {
    let parse = |text: &str| {
        let Destination { user, address, zone, port } = text.parse().unwrap();
        let zone = zone.map(|zone| format!("%{zone}")).unwrap_or_default();
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        format!("{user}{address}{zone}{}", port.map(|port| format!(" {port}")).unwrap_or_default())
    };
    for (text, expected) in [
        ("gpu", "gpu"),
        ("ada@gpu.lan", "ada@gpu.lan"),
        ("ada@gpu.lan:2222", "ada@gpu.lan 2222"),
        ("10.0.0.5:22", "10.0.0.5 22"),
        ("ssh://gpu", "gpu"),
        ("SSH://ada@gpu.lan:2222/", "ada@gpu.lan 2222"),
        ("fd00::5", "fd00::5"),
        ("ada@fd00::5", "ada@fd00::5"),
        ("[fd00::5]", "fd00::5"),
        ("ada@[fd00::5]:22", "ada@fd00::5 22"),
        ("ssh://ada@[fd00::5]:22", "ada@fd00::5 22"),
        ("ada@fe80::1%eth0", "ada@fe80::1%eth0"),
        ("[fe80::1%eth0]:22", "fe80::1%eth0 22"),
    ] {
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn a_destination_that_is_not_one_is_refused() {
    for text in [
        "",
        "@gpu",
        "ada@",
        "gpu:",
        "gpu:0",
        "gpu:x",
        "gpu:22:22",
        "ssh://",
        "http://gpu",
        "gpu/x",
        "[gpu",
        "[fd00::5]22",
        "[fd00::5]:",
        "fe80::1%",
        "gpu%eth0",
        "fe80::1%eth0;x",
        "ada:secret@gpu",
        "a b@gpu",
        "-oX@gpu",
        "-oX",
        "gpu\nHost *",
    ] {
        assert!(text.parse::<Destination>().is_err(), "{text}");
    }
}

#[test]
fn an_empty_text_clears_a_value() {
    assert_eq!("".parse(), Ok(Change::<Port>::Clear));
    assert_eq!("22".parse(), Ok(Change::Set("22".parse::<Port>().unwrap())));
    assert!("x".parse::<Change<Port>>().is_err());
    let known =
        Dock { port: "22".parse().ok(), jump: "gate".parse().ok(), ..Dock::new("gpu".parse().unwrap()) };
    let changes = Changes { port: Change::Clear, ..Changes::default() };
    let changed = changes.apply(&known.address.clone(), Some(known.clone()));
    assert_eq!((changed.port, changed.jump), (None, known.jump));
}
