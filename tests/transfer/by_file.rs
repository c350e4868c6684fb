//! Transfers by a file: --inventory at the site, --bundle here, --apply at the site.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use dockerutils_testbed::{Engine, Image, engines_of_each_store};
use dockerutils_testkit::{Invocation, Project};

use super::saved::saved;
use super::{engine, messages, small};

fn transfer(project: &Project, engine: &Engine, words: &[&str]) -> Invocation {
    let temporary = project.home().join("tmp");
    fs::create_dir_all(&temporary).expect("a folder");
    project.command("transfer-image").uses(engine).env("TMPDIR", temporary).args(words)
}

/// Starts an engine that stands for the site's.
fn site(version: dockerutils_testbed::Version) -> Engine {
    Engine::start(version).expect("an engine")
}

fn size(file: &Path) -> u64 {
    fs::metadata(file).expect("a bundle").len()
}

fn has(engine: &Engine, image: &str) -> bool {
    engine.command().args(["image", "inspect", image]).output().expect("docker").status.success()
}

#[test]
#[ignore = "needs root: private engine"]
fn a_bundle_brings_the_missing_layers_from_every_engine_to_every_site() {
    for (number, local) in engines_of_each_store().into_iter().enumerate() {
        let site = site(local.version());
        for from in engines_of_each_store() {
            let seed = 4_500 + 10 * number as u64 + from.version() as u64;
            let image = Image::new(seed).random(1_000_000).busybox().random(200_000);
            let (one, two) = (format!("site:{number}-1"), format!("site:{number}-2"));
            from.load(&image, &[&one]);
            from.load(&image.with_last_layer_changed(), &[&two]);
            let project = Project::new();
            let file = project.root().join("bundle.tar");

            transfer(&project, from, &["--bundle", "bundle.tar", &one]).run().status(0).stdout_is("");
            let whole = size(&file);
            transfer(&project, &site, &["--apply", "bundle.tar"]).run().status(0).stdout_is("");
            assert_eq!(saved(site.command(), &one), saved(from.command(), &one), "to {}", site.version());

            let list = transfer(&project, &site, &["--inventory"]).run();
            let project = project.file("site.json", &list.status(0).stdout);
            let words = ["--bundle", "bundle.tar", &two, "--base", "site.json"];
            let outcome = transfer(&project, from, &words).run();
            let lines = messages(outcome.status(0)).join("\n");
            assert!(lines.contains("(1 of 3 layers)"), "{lines}");
            assert!(size(&file) < 264_000 && whole > 1_200_000, "{} of {whole}", size(&file));
            transfer(&project, &site, &["--apply", "bundle.tar"]).run().status(0);
            assert_eq!(saved(site.command(), &two), saved(from.command(), &two), "to {}", site.version());
            assert_eq!(site.docker(&["run", "--rm", &two, "echo", "it ran"]), "it ran");
            assert_eq!(site.docker(&["image", "ls", "--quiet", "--filter", "dangling=true"]), "");
            let left = fs::read_dir(project.root()).expect("the project").count();
            assert_eq!(left, 3, "docker, bundle.tar and site.json");
            site.docker(&["image", "rm", &one, &two]);
            from.docker(&["image", "rm", &one, &two]);
        }
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn plain_docker_load_accepts_a_bundle() {
    let from = engine();
    from.load(&small(60), &["plain-load:1"]);
    let project = Project::new();
    for compress in ["none", "gzip"] {
        let words = ["--bundle", "bundle.tar", "plain-load:1", "--compress", compress];
        transfer(&project, from, &words).run().status(0);
        for site in engines_of_each_store() {
            site.command().args(["image", "rm", "plain-load:1"]).output().expect("docker");
            let file = fs::File::open(project.root().join("bundle.tar")).expect("a bundle");
            let load = site.command().arg("load").stdin(Stdio::from(file)).output().expect("docker");
            assert!(load.status.success(), "{}: {load:?}", site.version());
            assert_eq!(site.docker(&["run", "--rm", "plain-load:1", "echo", "it ran"]), "it ran");
            from.load(&small(60), &["plain-load:1"]);
        }
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_bundle_without_layers_that_the_engine_lacks_is_refused() {
    let from = engine();
    let image = small(61);
    from.load(&image, &["lacks:1"]);
    from.load(&image.with_last_layer_changed(), &["lacks:2"]);
    let project = Project::new();
    let list = transfer(&project, from, &["--inventory"]).run();
    let project = project.file("site.json", &list.status(0).stdout);
    transfer(&project, from, &["--bundle", "bundle.tar", "lacks:2", "--base", "site.json"]).run().status(0);
    let site = site(from.version());
    let outcome = transfer(&project, &site, &["--apply", "bundle.tar"]).run();
    let lines = messages(outcome.status(1));
    assert!(lines.len() == 1 && lines[0].contains("--inventory"), "{lines:?}");
    assert!(!has(&site, "lacks:2"));
}

#[test]
#[ignore = "needs root: private engine"]
fn an_invalid_bundle_or_list_is_refused_and_nothing_is_written() {
    let from = engine();
    from.load(&small(62), &["wrong:1"]);
    let project = Project::new().file("garbage", "garbage").file("kept.tar", "kept");
    for words in [&["--apply", "garbage"][..], &["--apply", "missing"]] {
        let outcome = transfer(&project, from, words).run();
        let lines = messages(outcome.status(1));
        assert!(lines.len() == 1 && lines[0].contains(words[1]), "{lines:?}");
    }
    for list in ["garbage", "missing"] {
        let words = ["--bundle", "kept.tar", "wrong:1", "--base", list];
        let outcome = transfer(&project, from, &words).run();
        let lines = messages(outcome.status(1));
        assert!(lines.len() == 1 && lines[0].contains(list), "{lines:?}");
        assert_eq!(fs::read_to_string(project.root().join("kept.tar")).expect("a file"), "kept");
    }
    // One bundle without its end, and one with a changed byte.
    transfer(&project, from, &["--bundle", "whole.tar", "wrong:1"]).run().status(0);
    let whole = fs::read(project.root().join("whole.tar")).expect("a bundle");
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    let project = project.file("cut.tar", &whole[..whole.len() / 2]).file("changed.tar", &changed);
    let site = site(from.version());
    for file in ["cut.tar", "changed.tar"] {
        transfer(&project, &site, &["--apply", file]).run().status(1).stderr_has(file);
        assert!(!has(&site, "wrong:1"), "{file}");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_dry_run_writes_and_loads_nothing() {
    let from = engine();
    from.load(&small(63), &["dry:1"]);
    let project = Project::new();
    let dry = ["--bundle", "bundle.tar", "dry:1", "--dry-run"];
    let outcome = transfer(&project, from, &dry).run();
    assert_eq!(outcome.status(0).stdout.matches("sha256:").count(), 3);
    assert!(!project.root().join("bundle.tar").exists());
    transfer(&project, from, &dry[..3]).run().status(0);
    from.docker(&["image", "rm", "dry:1"]);
    let outcome = transfer(&project, from, &["--apply", "bundle.tar", "--dry-run"]).run();
    assert_eq!(outcome.status(0).stdout.matches("sha256:").count(), 3);
    assert!(!has(from, "dry:1"));
}

#[test]
#[ignore = "needs root: private engine"]
fn an_archive_of_docker_save_is_applied() {
    for from in engines_of_each_store() {
        let base = Image::new(4_950 + from.version() as u64).random(400_000).busybox();
        from.load(&base.clone().random(100_000), &["archive:1"]);
        from.load(&base.random(100_000).with_last_layer_changed(), &["archive:2"]);
        let project = Project::new();
        let file = project.root().join("saved.tar");
        let archive = file.to_str().expect("a path");
        // The second image links to the layers of the first one in the format of Docker 20.10.
        from.docker(&["save", "--output", archive, "archive:1", "archive:2"]);
        let images = ["archive:1", "archive:2"].map(|name| saved(from.command(), name));
        for version in dockerutils_testbed::Version::ALL {
            let site = site(version);
            transfer(&project, &site, &["--apply", archive]).run().status(0).stdout_is("");
            let applied = ["archive:1", "archive:2"].map(|name| saved(site.command(), name));
            assert_eq!(applied, images, "{} to {version}", from.version());
        }
        from.docker(&["image", "rm", "archive:1", "archive:2"]);
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn a_bundle_goes_through_pipes_and_fifos_and_a_link_stays_a_link() {
    let from = engine();
    from.load(&small(64), &["piped:1"]);
    let site = site(from.version());
    let project = Project::new();
    let root = project.root();
    let sh = |engine: &Engine, line: &str| {
        let program = project.program("sh").args(["-c", line, env!("CARGO_BIN_EXE_transfer-image")]);
        program.uses(engine).env("TMPDIR", project.home()).run()
    };
    let applied = || {
        assert_eq!(saved(site.command(), "piped:1"), saved(from.command(), "piped:1"));
        site.docker(&["image", "rm", "piped:1"]);
    };

    // Standard output holds the archive and nothing else.
    sh(from, "exec \"$0\" --bundle - piped:1 >out.tar").status(0).stderr_has(" to standard output in ");
    sh(&site, "cat out.tar | \"$0\" --apply -").status(0);
    applied();
    sh(&site, "exec \"$0\" --apply - <out.tar").status(0);
    applied();
    sh(from, "mkfifo fifo; cat fifo >copy.tar & \"$0\" --bundle fifo piped:1 && wait && [ -p fifo ]")
        .status(0);
    sh(&site, "cat copy.tar >fifo & exec \"$0\" --apply fifo").status(0);
    applied();

    // Without this capability root is an ordinary user, who may not write to the file, but could replace it.
    let protected = "echo mine >kept.tar && chmod 400 kept.tar && exec setpriv --bounding-set=-dac_override \"$0\" --bundle kept.tar piped:1";
    sh(from, protected).status(1).stderr_has("kept.tar cannot be written: Permission denied");
    assert_eq!(std::fs::read_to_string(root.join("kept.tar")).expect("a file"), "mine\n");

    // Without a terminal this device cannot be opened.
    sh(from, "exec setsid -w \"$0\" --bundle /dev/tty piped:1")
        .status(1)
        .stderr_has("/dev/tty cannot be written: ");

    std::os::unix::fs::symlink("real.tar", root.join("link.tar")).expect("a link");
    transfer(&project, from, &["--bundle", "link.tar", "piped:1"]).run().status(0);
    assert!(root.join("link.tar").is_symlink() && size(&root.join("real.tar")) > 1_000_000);
}

#[test]
#[ignore = "needs root: private engine"]
fn a_bundle_takes_over_no_name_of_another_image_unless_asked() {
    let from = engine();
    from.load(&small(65), &["taken:1"]);
    let project = Project::new();
    transfer(&project, from, &["--bundle", "bundle.tar", "taken:1"]).run().status(0);
    for version in dockerutils_testbed::Version::ALL {
        let site = site(version);
        let tagged = || site.docker(&["image", "inspect", "--format", "{{.Id}}", "taken:1"]);
        site.load(&small(66), &["taken:1"]);
        let other = tagged();
        let apply = |words: &[&str]| transfer(&project, &site, words).run();
        for dry in [&[][..], &["--dry-run"]] {
            let refused = apply(&[&["--apply", "bundle.tar"], dry].concat());
            refused.status(1).stderr_has("bundle.tar contains taken:1\n").stderr_has("--move-tags");
            assert_eq!(tagged(), other);
        }
        apply(&["--apply", "bundle.tar", "--move-tags"]).status(0);
        assert_eq!(saved(site.command(), "taken:1"), saved(from.command(), "taken:1"), "{version}");
        // It is the same image now.
        let again = apply(&["--apply", "bundle.tar"]);
        again.status(0).stderr_has("bundle.tar contains taken:1\n");
    }
}

#[test]
#[ignore = "needs root: private engine"]
fn an_image_that_is_sent_by_its_id_gets_a_name() {
    for from in engines_of_each_store() {
        from.load(&small(67), &["by-id:1"]);
        let id = from.docker(&["image", "inspect", "--format", "{{.Id}}", "by-id:1"]);
        let project = Project::new();
        let bundle =
            |words: &[&str]| transfer(&project, from, &[&["--bundle", "bundle.tar"], words].concat()).run();
        for (name, message) in [("Upper:1", "--as: "), ("", "--as: "), ("a/", "--as: ")] {
            bundle(&[&id, "--as", name]).status(1).stderr_has(message);
        }
        from.load(&small(68), &["by-id:2"]);
        bundle(&[&id, "by-id:2", "--as", "named:1"]).status(2).stderr_has("--as names one image");
        for (name, listed) in [("named:1", "named:1"), ("r.example:5000/a/b", "r.example:5000/a/b:latest")] {
            bundle(&[&id, "--as", name]).status(0);
            let site = site(from.version());
            transfer(&project, &site, &["--apply", "bundle.tar"]).run().status(0);
            assert_eq!(site.docker(&["run", "--rm", listed, "echo", "it ran"]), "it ran");
            assert!(!has(&site, "by-id:1"));
        }
        from.docker(&["image", "rm", "by-id:1", "by-id:2"]);
    }
}
