//! Which texts are references, and what their parts are.

use dockerutils_oci::{Digest, EcrHost, Reference, Registry};
use proptest::prelude::*;

fn parse(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

#[test]
fn a_colon_separates_a_port_or_a_tag() {
    let reference = parse("localhost:5000/a/b:c");
    assert_eq!((reference.name(), reference.tag()), ("localhost:5000/a/b", Some("c")));
    let reference = parse("localhost:5000/a");
    assert_eq!((reference.name(), reference.tag()), ("localhost:5000/a", None));
}

#[test]
fn a_reference_may_have_a_digest() {
    let digest = Digest::of("");
    for text in [format!("a@{digest}"), format!("localhost:1/a:b@{digest}")] {
        let reference = parse(&text);
        assert_eq!((reference.digest(), reference.to_string()), (Some(digest), text));
        assert!(reference.is_pinned());
    }
}

#[test]
fn a_text_that_docker_would_refuse_is_refused() {
    for text in ["", "A", "a b", "a:", "a:b\"", "-a", "a/", "a:.b", "a@sha256:12", "https://a/b", "a:b:c"] {
        assert!(Reference::parse(text).is_err(), "{text}");
    }
}

#[test]
fn an_error_names_the_part_that_is_wrong() {
    for (text, problem) in [
        ("a//b", "a component of the name is empty"),
        ("a/Dev", "`Dev` must be lower-case"),
        ("a/d v", "`d v` may hold lower-case letters and digits, with `.`, `_` or `-` between"),
        (
            "a.b:x/c",
            "`a.b:x` is not a valid registry host: expected letters and digits, with `.` or `-` between, and a number as its port",
        ),
        (
            "a:-b",
            "the tag `-b` may hold up to 128 letters, digits, `_`, `.` and `-`, and must not begin with `.` or `-`",
        ),
        ("a@sha256:12", "the digest `sha256:12` is not sha256: and 64 hexadecimal digits"),
    ] {
        let expected = format!("`{text}` is not a valid image reference: {problem}");
        assert_eq!(Reference::parse(text).unwrap_err().to_string(), expected);
    }
    let long = "a".repeat(256);
    let problem = Reference::parse(&long).unwrap_err().problem;
    assert_eq!(problem.to_string(), "the name has more than 255 characters");
}

/// <https://github.com/distribution/reference/blob/main/regexp.go>
#[test]
fn a_host_is_a_domain_or_an_address_with_a_port_or_without() {
    for host in ["localhost", "localhost:5000", "a.b-c.D", "127.0.0.1:1", "[::1]:5000", "[fe80::1]", "h:0"] {
        assert_eq!(parse(&format!("{host}/x")).host(), Some(host));
    }
    let ecr = ".dkr.ecr.us-east-1.amazonaws.com";
    for host in [
        "localhost:",
        "localhost:abc",
        ecr,
        "-h.com",
        "h-.com",
        "a..b",
        "a.",
        "[::1",
        "[]:1",
        "a:1:2",
        "a_b.c",
    ] {
        assert!(Reference::parse(&format!("{host}/x")).is_err(), "{host}");
    }
}

#[test]
fn a_reference_leads_to_its_registry() {
    for hub in ["app", "me/app:1", "docker.io/me/app", "index.docker.io/me/app"] {
        assert_eq!(parse(hub).registry(), Registry::Hub, "{hub}");
    }
    for (text, host) in [
        ("localhost/app", "localhost"),
        ("localhost:5000/app", "localhost:5000"),
        ("ghcr.io/me/app:1", "ghcr.io"),
        ("public.ecr.aws/me/app", "public.ecr.aws"),
        ("12345.dkr.ecr.us-east-1.amazonaws.com/app", "12345.dkr.ecr.us-east-1.amazonaws.com"),
    ] {
        assert_eq!(parse(text).registry(), Registry::Host(host.to_owned()));
    }
    let ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
    assert_eq!(parse(&format!("{ecr}/a/b:c")).registry(), Registry::Ecr(EcrHost::parse(ecr).unwrap()));
}

#[test]
fn the_repository_is_the_name_without_the_host() {
    for (text, repository) in [("app:1", "app"), ("me/app", "me/app"), ("localhost:5000/me/app:1", "me/app")]
    {
        assert_eq!(parse(text).repository(), repository);
    }
}

#[test]
fn docker_hub_s_names_have_a_familiar_and_a_canonical_form() {
    for (text, familiar, canonical) in [
        ("busybox", "busybox", "docker.io/library/busybox"),
        ("busybox:1", "busybox:1", "docker.io/library/busybox:1"),
        ("library/x", "x", "docker.io/library/x"),
        ("library/x/y", "library/x/y", "docker.io/library/x/y"),
        ("docker.io/library/busybox", "busybox", "docker.io/library/busybox"),
        ("index.docker.io/x", "x", "docker.io/library/x"),
        ("docker.io/me/x:1", "me/x:1", "docker.io/me/x:1"),
        ("host:5000/x", "host:5000/x", "host:5000/x"),
        ("localhost/library/x", "localhost/library/x", "localhost/library/x"),
    ] {
        assert_eq!(parse(text).familiar().to_string(), familiar);
        assert_eq!(parse(text).canonical().to_string(), canonical);
    }
}

#[test]
fn only_an_image_without_tag_and_digest_becomes_latest() {
    let digest = format!("x@{}", Digest::of(""));
    for (text, expected) in [("x", "x:latest"), ("h:1/x", "h:1/x:latest"), ("x:1", "x:1"), (&digest, &digest)]
    {
        assert_eq!(parse(text).or_latest().to_string(), expected);
    }
}

proptest! {
    /// The regular expression is that of the distribution project, without its rarer separators.
    #[test]
    fn a_text_of_the_grammar_is_parsed_to_itself(
        text in "([a-z0-9]{1,8}(\\.[a-z0-9]{1,8})(:[0-9]{1,5})?/)?[a-z0-9]{1,9}((\\.|_|__|-{1,3})[a-z0-9]{1,9})?(/[a-z0-9]{1,9}){0,3}(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,20})?(@sha256:[0-9a-f]{64})?"
    ) {
        prop_assert_eq!(parse(&text).to_string(), text);
    }

    #[test]
    fn any_text_is_refused_in_printable_words_or_parsed_to_itself(text in ".{0,600}") {
        match Reference::parse(&text) {
            Ok(reference) => prop_assert_eq!(reference.to_string(), text),
            Err(error) => prop_assert!(!error.to_string().contains(char::is_control)),
        }
    }
}
