//! A transfer reports to its observer what it does. Docker and ssh are scripts here, so no engine is needed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;

use dockerutils_command::{Command, Runner};
use dockerutils_oci::Digest;
use dockerutils_transfer::remote::{self, Host, SshHost};
use dockerutils_transfer::{
    ArchiveImage, ArchiveLayer, Compression, LoadArchive, Observer, Outcome, Report, Source, Transfer,
    Warning, Workload,
};
use tempfile::TempDir;

/// Stands for ssh: runs its last argument, with the other scripts first on PATH.
const SSH: &str = "#!/bin/sh\nPATH=${0%/*}:$PATH\nfor line; do :; done\nexec sh -c \"$line\"\n";

/// Stands for ssh to a host that does not respond before another host has loaded the image.
const DEAD_SSH: &str = "#!/bin/sh\nfor _ in $(seq 200); do [ -e \"${0%/*}/loaded\" ] && echo loaded >&2 && exit 255; sleep 0.05; done\necho waited >&2\nexit 255\n";

/// Stands for sudo: docker accepts what comes through it.
const SUDO: &str = "#!/bin/sh\nshift\nexport THROUGH_SUDO=1\nexec \"$@\"\n";

/// Stands for docker. The file `present` contains an image that the engine has; `needs-sudo`, `fails-once` and `fails-twice`
/// change what it does.
const DOCKER: &str = r#"#!/bin/sh
dir=${0%/*}
if [ -e "$dir/needs-sudo" ] && [ -z "${THROUGH_SUDO-}" ]; then
    echo "permission denied" >&2
    exit 1
fi
case "$*" in
    version*) echo '{"Server":{"Version":"20.10.24","Os":"linux","Arch":"amd64"}}' ;;
    info*) echo '{"status":null}' ;;
    "image ls --quiet"*) sed 's/{"id":"\([^"]*\)".*/\1/' "$dir/present" 2>/dev/null ;;
    "image inspect --format {{.ID}}"*) echo "IMAGE LOWER UPPER" ;;
    "image inspect"*)
        shift 4
        for id; do grep "^{.id.:.$id" "$dir/present"; done
        ;;
    load)
        cat >>"$dir/loaded"
        for file in "$dir/fails-once" "$dir/fails-twice"; do
            message=$(cat "$file" 2>/dev/null) && rm "$file" && echo "$message" && exit 1
        done
        echo "Loaded image ID: IMAGE"
        ;;
esac
"#;

const LOWER: &[u8] = &[1; 1024];
const UPPER: &[u8] = &[2; 2048];

/// The scripts, and the bundle that is transferred.
struct Fixture {
    folder: TempDir,
    image: Digest,
}

impl Fixture {
    /// Creates a bundle of an image for this architecture, with two layers.
    fn new(architecture: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let [lower, upper] = [LOWER, UPPER].map(Digest::of);
        let config = format!(
            r#"{{"architecture":"{architecture}","os":"linux","rootfs":{{"type":"layers","diff_ids":["{lower}","{upper}"]}}}}"#
        );
        let image = Digest::of(&config);
        let mut archive = LoadArchive::new(Vec::new());
        for layer in [LOWER, UPPER] {
            archive.begin_layer(Digest::of(layer), layer.len() as u64).unwrap();
            archive.write(layer).unwrap();
            archive.end_layer().unwrap();
        }
        let layers = [lower, upper].map(|diff_id| ArchiveLayer { diff_id, blob: None }).into();
        let references = vec!["image:1".to_owned()];
        archive
            .finish(&[ArchiveImage { references, config: config.into_bytes(), layers, tree: None }])
            .unwrap();
        let fixture = Fixture { folder, image };
        fixture.write("bundle.tar", &archive.into_inner());
        let docker = DOCKER.replace("IMAGE", &image.to_string());
        let docker = docker.replace("LOWER", &lower.to_string()).replace("UPPER", &upper.to_string());
        for (name, script) in [("ssh", SSH), ("dead", DEAD_SSH), ("sudo", SUDO), ("docker", &docker)] {
            fixture.write(name, script.as_bytes());
            fs::set_permissions(fixture.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        fixture
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, content: &[u8]) {
        fs::write(self.path().join(name), content).unwrap();
    }

    /// Gives the engine an image with this ID and these layers.
    fn has(&self, id: Digest, layers: &[&[u8]]) {
        let layers: Vec<String> = layers.iter().map(|layer| format!("\"{}\"", Digest::of(layer))).collect();
        let line = format!("{{\"id\":\"{id}\",\"references\":[],\"layers\":[{}]}}\n", layers.join(","));
        self.write("present", line.as_bytes());
    }

    /// Transfers the bundle, and returns what the observer was called with, and the outcome.
    fn transfer(&self) -> (Vec<String>, Outcome) {
        self.transfer_to(&["ssh"])
    }

    /// Transfers the bundle to a host for each of these scripts.
    fn transfer_to(&self, scripts: &[&str]) -> (Vec<String>, Outcome) {
        let source = Source::open_bundle(&self.path().join("bundle.tar"), &Runner::new(false)).unwrap();
        let host = |script: &&str| {
            let (ssh, name) = (Command::new(self.path().join(script)), script.replace("ssh", "gpu"));
            Host::Ssh(Box::new(SshHost { destination: name.clone(), name, ssh, control: None }))
        };
        let calls = Calls::default();
        let runner = Runner::new(false);
        let transfer = Transfer::new(&source, Compression::None, &calls, &runner);
        let outcome = transfer.run(scripts.iter().map(host).collect()).unwrap();
        (calls.0.into_inner().unwrap(), outcome)
    }
}

/// Records the calls of an observer.
#[derive(Default)]
struct Calls(Mutex<Vec<String>>);

impl Calls {
    fn push(&self, call: String) {
        self.0.lock().unwrap().push(call);
    }
}

impl Observer for Calls {
    fn on_sudo(&self, host: &Host) {
        self.push(format!("sudo on {}", host.name()));
    }

    fn on_warning(&self, warning: &Warning) {
        self.push(format!("warning: {warning}"));
    }

    fn on_start(&self, workload: &Workload) {
        let Workload { targets, layers, layers_to_send, bytes } = workload;
        self.push(format!("start {targets:?}: {layers_to_send} of {layers} layers, {bytes:?} bytes"));
    }

    fn on_progress(&self, bytes: usize) {
        self.push(format!("progress {bytes}"));
    }

    fn on_end(&self) {
        self.push("end".to_owned());
    }

    fn on_arrival(&self, report: &Report) {
        self.push(format!("arrival on {}: {} layers sent", report.host, report.layers_sent));
    }

    fn on_resend(&self, error: &remote::Error, all: bool) {
        self.push(format!("resend{}: {error}", if all { " all" } else { "" }));
    }
}

const SEND_ALL: [&str; 5] = [
    "start [\"gpu\"]: 2 of 2 layers, Some(3072) bytes",
    "progress 1024",
    "progress 2048",
    "end",
    "arrival on gpu: 2 layers sent",
];

#[test]
fn the_progress_of_a_first_transfer_is_reported() {
    let fixture = Fixture::new("amd64");
    let (calls, outcome) = fixture.transfer();
    assert_eq!(calls, SEND_ALL);
    assert_eq!(outcome.reports[0].images[0].id, fixture.image);
    assert_eq!(outcome.reports[0].images[0].references, ["image:1"]);
    assert!(outcome.failures.is_empty());
}

#[test]
fn nothing_is_sent_for_an_image_that_the_host_has() {
    let fixture = Fixture::new("amd64");
    fixture.has(fixture.image, &[LOWER, UPPER]);
    assert_eq!(fixture.transfer().0, ["arrival on gpu: 0 layers sent"]);
}

#[test]
fn only_the_layer_that_the_host_lacks_is_sent() {
    let fixture = Fixture::new("amd64");
    fixture.has(Digest::of("another image"), &[LOWER]);
    let expected = [
        "start [\"gpu\"]: 1 of 2 layers, Some(2048) bytes",
        "progress 2048",
        "end",
        "arrival on gpu: 1 layers sent",
    ];
    assert_eq!(fixture.transfer().0, expected);
}

#[test]
fn a_load_that_fails_without_a_layer_is_repeated_with_all_layers() {
    let fixture = Fixture::new("amd64");
    fixture.has(Digest::of("another image"), &[LOWER]);
    fixture.write("fails-once", b"unexpected EOF");
    let calls = fixture.transfer().0;
    assert_eq!(calls[3], "resend all: docker on gpu could not load the image: unexpected EOF");
    assert_eq!(calls[4..], SEND_ALL);
}

#[test]
fn a_load_that_misses_what_has_arrived_is_repeated_with_a_temporary_tag() {
    let fixture = Fixture::new("amd64");
    fixture
        .write("fails-once", b"failed to get reader from content store: content digest sha256:0: not found");
    let (calls, outcome) = fixture.transfer();
    assert!(calls[4].starts_with("resend: ") && calls[4].ends_with(": not found"), "{calls:?}");
    assert_eq!(calls[5..], SEND_ALL);
    assert!(outcome.failures.is_empty());
    let loaded = fs::read(fixture.path().join("loaded")).unwrap();
    let tag = format!("dockerutils-transfer:{}", &fixture.image.hex()[..12]);
    assert!(String::from_utf8_lossy(&loaded).contains(&format!(r#""RepoTags":["{tag}"]"#)));
}

#[test]
fn a_load_that_misses_a_layer_is_repeated_with_those_that_the_host_lacks_and_then_with_all() {
    let fixture = Fixture::new("amd64");
    fixture.has(Digest::of("another image"), &[LOWER]);
    fixture.write("fails-once", b"content digest sha256:0: not found");
    fixture.write("fails-twice", b"content digest sha256:1: not found");
    let calls = fixture.transfer().0;
    let start = "start [\"gpu\"]: 1 of 2 layers, Some(2048) bytes";
    assert_eq!(calls[..3], [start, "progress 2048", "end"]);
    assert_eq!(
        calls[3],
        "resend: docker on gpu could not load the image: content digest sha256:0: not found"
    );
    assert_eq!(calls[4..7], [start, "progress 2048", "end"]);
    assert_eq!(
        calls[7],
        "resend all: docker on gpu could not load the image: content digest sha256:1: not found"
    );
    assert_eq!(calls[8..], SEND_ALL);
}

#[test]
fn a_load_of_all_layers_that_fails_is_not_repeated() {
    let fixture = Fixture::new("amd64");
    fixture.write("fails-once", b"unexpected EOF");
    let (calls, outcome) = fixture.transfer();
    assert_eq!(calls, SEND_ALL[..4]);
    let failure = &outcome.failures[0];
    assert_eq!(failure.error.to_string(), "docker on gpu could not load the image: unexpected EOF");
    assert_eq!(failure.host.name(), "gpu");
}

#[test]
fn sudo_is_reported_before_the_transfer() {
    let fixture = Fixture::new("amd64");
    fixture.write("needs-sudo", b"");
    let calls = fixture.transfer().0;
    assert_eq!(calls[0], "sudo on gpu");
    assert_eq!(calls[1..], SEND_ALL);
}

#[test]
fn another_platform_is_a_warning() {
    let fixture = Fixture::new("s390x");
    let calls = fixture.transfer().0;
    assert_eq!(calls[0], "warning: image:1 is for linux/s390x, and gpu is linux/amd64");
    assert_eq!(calls[1..], SEND_ALL);
}

#[test]
fn a_host_that_does_not_respond_does_not_delay_the_others() {
    let (_, outcome) = Fixture::new("amd64").transfer_to(&["dead", "ssh"]);
    let hosts: Vec<&str> = outcome.reports.iter().map(|report| report.host.as_str()).collect();
    assert_eq!(hosts, ["gpu"]);
    let errors: Vec<String> = outcome.failures.iter().map(|failure| failure.error.to_string()).collect();
    assert_eq!(errors, ["ssh to dead failed: loaded"]);
}
