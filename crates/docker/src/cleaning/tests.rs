use super::*;

/// An engine with an image and its builder, an earlier build of each, images of others, and one that runs.
const USAGE: &str = r#"{"Images":[
    {"Repository":"p-dev","Tag":"ada","ID":"sha256:a1","CreatedAt":"2026-11-20 00:00:00 +0000 UTC","Containers":"0","UniqueSize":"1MB"},
    {"Repository":"p-dev-builder","Tag":"ada","ID":"sha256:a2","CreatedAt":"2026-11-20 00:00:00 +0000 UTC","Containers":"0"},
    {"Repository":"<none>","Tag":"<none>","ID":"sha256:a3","CreatedAt":"2026-11-10 00:00:00 +0000 UTC","Containers":"0"},
    {"Repository":"<none>","Tag":"<none>","ID":"sha256:a4444444","CreatedAt":"2026-10-01 00:00:00 +0000 UTC","Containers":"1"},
    {"Repository":"<none>","Tag":"<none>","ID":"sha256:f1","CreatedAt":"2026-01-01 00:00:00 +0000 UTC","Containers":"0"},
    {"Repository":"p-dev","Tag":"eve","ID":"sha256:e1","CreatedAt":"2026-01-01 00:00:00 +0000 UTC","Containers":"0"},
    {"Repository":"q-dev","Tag":"ada","ID":"sha256:q1","CreatedAt":"2026-01-01 00:00:00 +0000 UTC","Containers":"0"},
    {"Repository":"p-web-builder","Tag":"ada","ID":"sha256:b1","CreatedAt":"2026-11-20 00:00:00 +0000 UTC","Containers":"0"},
    {"Repository":"p-dev","Tag":"1.0","ID":"sha256:a5","CreatedAt":"2026-11-20 00:00:00 +0000 UTC","Containers":"0"}],
    "Containers":[{"ID":"c1","Image":"sha256:a4444444"}],"BuildCache":[]}"#;

fn owned(folder: &str, tag: &str) -> OwnedImage {
    let reference = |name: String| Reference::parse(&name).unwrap();
    OwnedImage {
        folder: folder.to_owned(),
        reference: reference(format!("p-{folder}:{tag}")),
        builder: Some(reference(format!("p-{folder}-builder:{tag}"))),
    }
}

/// Returns what is selected, and `!` after what is used.
fn selected(rules: &CleanRules, tag: &str, gone: &[&str]) -> Vec<String> {
    let usage = DiskUsage::parse(USAGE.as_bytes()).unwrap();
    let earlier =
        ["sha256:a3", "sha256:a4444444"].map(|id| (id.to_owned(), ["p-dev:ada".to_owned()].into())).into();
    let now = "2026-11-27T00:00:00Z".parse().unwrap();
    let images = select_images(&usage, &[owned("dev", tag), owned("web", tag)], &earlier, gone, rules, now);
    images
        .into_iter()
        .map(|image| format!("{}{}", image.target, if image.is_used { "!" } else { "" }))
        .collect()
}

fn days(days: i64) -> Option<TimeDelta> {
    TimeDelta::try_days(days)
}

#[test]
fn without_a_rule_earlier_builds_and_builders_without_an_image_are_removed() {
    assert_eq!(
        selected(&CleanRules::default(), "ada", &[]),
        ["sha256:a3", "sha256:a4444444!", "p-web-builder:ada"]
    );
    // The container of the earlier build is removed first.
    assert_eq!(selected(&CleanRules::default(), "ada", &["c1"])[1], "sha256:a4444444");
}

#[test]
fn the_rules_are_combined() {
    let old = CleanRules { older_than: days(30), ..CleanRules::default() };
    assert_eq!(selected(&old, "ada", &["c1"]), ["sha256:a4444444"]);
    let week = CleanRules { older_than: days(7), ..CleanRules::default() };
    let all = ["p-dev:ada", "sha256:a3", "sha256:a4444444", "p-dev-builder:ada", "p-web-builder:ada"];
    assert_eq!(selected(&week, "ada", &["c1"]), all);
    let keep = CleanRules { keep: Some(2), ..CleanRules::default() };
    assert_eq!(selected(&keep, "ada", &["c1"]), ["sha256:a4444444"]);
    let both = CleanRules { keep: Some(1), older_than: days(30), ..CleanRules::default() };
    assert_eq!(selected(&both, "ada", &["c1"]), ["sha256:a4444444"]);
    let none = CleanRules { keep: Some(0), ..CleanRules::default() };
    assert_eq!(selected(&none, "ada", &["c1"]), all);
}

#[test]
fn a_tag_selects_the_images_that_have_it_and_no_earlier_build() {
    let tag = CleanRules { is_tag_given: true, ..CleanRules::default() };
    assert_eq!(selected(&tag, "1.0", &[]), ["p-dev:1.0"]);
    let young = CleanRules { is_tag_given: true, older_than: days(30), ..CleanRules::default() };
    assert!(selected(&young, "1.0", &[]).is_empty());
}
