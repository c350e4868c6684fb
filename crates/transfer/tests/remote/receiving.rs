//! Archives that are sent arrive completely.

use dockerutils_command::Runner;
use dockerutils_oci::Digest;
use dockerutils_testbed::{Dock, Version};
use dockerutils_transfer::remote::{ExpectedImage, Finalize, Store, Unpacker};

use crate::docks::{Image, connect, leftovers, send, ssh_host};

/// Returns the ID of an image in this kind of store.
fn id(image: &Image, store: Store) -> Digest {
    if store == Store::Classic { image.config() } else { image.manifest() }
}

#[test]
#[ignore = "needs root: dock"]
fn archives_arrive_and_the_image_is_tagged_when_it_is_verified() {
    for version in Version::ALL {
        let dock = Dock::builder("far", version).start().expect("a dock");
        for streams in [1, 4, 8] {
            let case = format!("{version}, {streams} streams");
            arrives(&dock, streams, &case);
            dock.exec(&["docker", "image", "rm", "whole:1", "again:2"]);
            assert_eq!(leftovers(&dock), [""; 0], "{case}");
        }
    }
}

/// Sends an image as two archives, and checks what the dock has then.
fn arrives(dock: &Dock, streams: usize, case: &str) {
    let runner = Runner::new(false);
    let mut engine = connect(ssh_host(dock, "ubuntu"));
    let store = engine.inventory().store;
    let (part, whole) = (Image::new("part", &["a"], 5 << 20), Image::new("whole", &["a", "b"], 5 << 20));
    let mut receiver = engine.receive(Unpacker::Docker, streams, &runner).unwrap();
    send(&mut receiver, &part.archive()).unwrap();
    send(&mut receiver, &whole.archive_from(1)).unwrap();
    let open = receiver.open_streams();
    let received = receiver.finish().unwrap();
    assert!(streams == 1 || open > 1, "{case}: {open} are open");
    assert_eq!(received.images, [id(&part, store), id(&whole, store)], "{case}");
    let bytes = (part.archive().len() + whole.archive_from(1).len()) as u64;
    // A line describes each chunk of 2 MiB.
    assert!((bytes..bytes + 40 * (bytes >> 20)).contains(&received.sent), "{case}: {received:?}");
    let expected = ExpectedImage {
        id: id(&whole, store),
        layers: whole.diff_ids(),
        references: vec!["whole:1".into(), "again:2".into()],
    };
    let obsolete = ["note=part".to_owned()];
    let finalize = Finalize { images: &[expected], bases: &[], holds: &[], obsolete: &obsolete };
    let kept = engine.finalize(finalize, &runner).unwrap();
    assert_eq!(kept, None, "{case}");
    let all = ["docker", "image", "ls", "-a", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"];
    let images = dock.exec(&all);
    let mut images: Vec<&str> = images.lines().collect();
    images.sort_unstable();
    let is = id(&whole, store);
    assert_eq!(images, [format!("again:2 {is}"), format!("whole:1 {is}")], "{case}");
}
