//! The builder that a docked build-image selects, and its effect on a real dock.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use dockerutils_testbed::{Dock, Version};

use super::docked::{docked, project};

/// The size of a file that is counted on its way to a dock, in bytes.
const SIZE: usize = 8_000_000;

/// Counts how often the context is sent: for an image without a builder stage, for one with it after the context has
/// changed, and for that once more. If no builder is selected, docker chooses one for an image without the stage.
#[test]
#[ignore = "needs root: dock"]
fn a_context_is_sent_once_unless_the_legacy_builder_is_selected() {
    const UNSET: (&str, [u64; 3]) = ("unset DOCKER_BUILDKIT", [1, 1, 0]);
    const BUILDKIT: (&str, [u64; 3]) = ("export DOCKER_BUILDKIT=1", [1, 1, 0]);
    const LEGACY: (&str, [u64; 3]) = ("export DOCKER_BUILDKIT=0", [1, 2, 2]);
    for (version, builders) in [(Version::V20, &[UNSET, LEGACY, BUILDKIT][..]), (Version::V26, &[UNSET])] {
        let dock = Dock::builder("context", version).start().expect("a dock");
        dock.import_busybox("busybox:latest");
        let project = project(&dock, "context", "")
            .dockerfile("context", "FROM busybox:latest\nCOPY large /\n")
            .dockerfile("staged", "FROM busybox:latest AS builder\nCOPY large /\nFROM busybox:latest\n");
        symlink(version.plugins(), project.home().join(".docker/cli-plugins")).unwrap();
        for (number, (setting, expected)) in builders.iter().enumerate() {
            let sent = |image: &str| {
                let before = dock.received();
                docked(&project, &dock, &format!("{setting}; build-image {image}")).status(0);
                (dock.received() - before) / SIZE as u64
            };
            let change = || fs::write(project.root().join("large"), number.to_string().repeat(SIZE)).unwrap();
            change();
            let plain = sent("context");
            change();
            let staged = sent("staged");
            let times = [plain, staged, sent("staged")];
            assert_eq!(times, *expected, "{version} after {setting}");
        }
    }
}

/// The builder stage has an image of its own for this: BuildKit, too, keeps the layers of an image that has a name.
#[test]
#[ignore = "needs root: dock"]
fn a_prune_keeps_the_builders_layers() {
    let dock = Dock::builder("prune", Version::V20).start().expect("a dock");
    dock.import_busybox("busybox:latest");
    let project = project(&dock, "pruned", "").dockerfile(
        "pruned",
        "FROM busybox:latest AS builder\nRUN cat /proc/sys/kernel/random/uuid > /made\nFROM busybox:latest\nCOPY --from=builder /made /\n",
    );
    let script = "build-image pruned -- -q && docker system prune -f >&2 && build-image pruned -- -q";
    let outcome = docked(&project, &dock, script);
    let ids: Vec<&str> = outcome.status(0).stderr_has("DOCKER_BUILDKIT=1").stdout.lines().collect();
    assert_eq!(ids.len(), 2);
    outcome.check(ids[0] == ids[1], || "it was built again".to_owned());
}

/// A runtime other than runc may provide the GPU, and only the legacy builder uses it.
#[test]
#[ignore = "needs root: dock"]
fn another_runtime_than_runc_keeps_the_legacy_builder() {
    let dock = Dock::builder("runtime", Version::V20).start().expect("a dock");
    let runtime = dock.root().join("etc/docker/counting-runc");
    fs::write(&runtime, "#!/bin/sh\necho >> /run/counted\nexec runc \"$@\"\n").unwrap();
    fs::set_permissions(&runtime, fs::Permissions::from_mode(0o755)).unwrap();
    dock.stop_docker();
    let configured =
        r#"{"default-runtime": "own", "runtimes": {"own": {"path": "/etc/docker/counting-runc"}}}"#;
    fs::write(dock.root().join("etc/docker/daemon.json"), configured).unwrap();
    dock.start_docker();
    dock.import_busybox("busybox:latest");
    let project = project(&dock, "runtime", "")
        .dockerfile("runtime", "FROM busybox:latest AS builder\nRUN true\nFROM busybox:latest\nRUN true\n");
    let counted = || {
        let count = fs::read(dock.root().join("run/counted")).unwrap_or_default().len();
        let _ = fs::remove_file(dock.root().join("run/counted"));
        count
    };
    docked(&project, &dock, "build-image runtime").status(0).stderr_lacks("DOCKER_BUILDKIT");
    assert!(counted() > 0, "the legacy builder uses the engine's runtime");
    docked(&project, &dock, "DOCKER_BUILDKIT=1 build-image runtime -- --no-cache").status(0);
    assert_eq!(counted(), 0, "BuildKit uses the engine's runtime now");
}
