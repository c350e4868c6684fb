//! What is sent arrives, whole or not at all.

use dockerutils_command::Runner;
use dockerutils_oci::Digest;
use dockerutils_testbed::{Dock, Version};
use dockerutils_transfer::remote::{Expected, Store, Unpack};

use crate::far::{Image, connect, left, remote, send};

/// What it is called on this engine.
fn id(image: &Image, store: Store) -> Digest {
    if store == Store::Classic { image.config() } else { image.manifest() }
}

#[test]
#[ignore = "needs root: dock"]
fn steps_arrive_and_the_image_gets_its_name_when_it_is_proved() {
    for version in Version::ALL {
        let dock = Dock::builder("far", version).start().expect("a dock");
        for lanes in [1, 4, 8] {
            let case = format!("{version}, {lanes} lanes");
            arrives(&dock, lanes, &case);
            dock.exec(&["docker", "image", "rm", "whole:1", "again:2"]);
            assert_eq!(left(&dock), [""; 0], "{case}");
        }
    }
}

/// Sends an image in two steps, and looks at what it is there.
fn arrives(dock: &Dock, lanes: usize, case: &str) {
    let runner = Runner::new(false);
    let mut target = connect(remote(dock, "ubuntu"));
    let store = target.inventory().store;
    let (part, whole) = (Image::new("part", &["a"], 5 << 20), Image::new("whole", &["a", "b"], 5 << 20));
    let mut receiver = target.receive(Unpack::ByDocker, lanes, &runner).unwrap();
    send(&mut receiver, &part.archive()).unwrap();
    send(&mut receiver, &whole.archive_from(1)).unwrap();
    let open = receiver.lanes();
    let received = receiver.finish().unwrap();
    assert!(lanes == 1 || open > 1, "{case}: {open} are open");
    assert_eq!(received.images, [id(&part, store), id(&whole, store)], "{case}");
    let bytes = (part.archive().len() + whole.archive_from(1).len()) as u64;
    // Each part of 2 MiB has a line before it.
    assert!((bytes..bytes + 40 * (bytes >> 20)).contains(&received.sent), "{case}: {received:?}");
    let expected = Expected {
        id: id(&whole, store),
        layers: whole.diff_ids(),
        references: vec!["whole:1".into(), "again:2".into()],
    };
    let kept = target.conclude(&[expected], &[], &["note=part".to_owned()], &runner).unwrap();
    assert_eq!(kept, None, "{case}");
    let all = ["docker", "image", "ls", "-a", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"];
    let images = dock.exec(&all);
    let mut images: Vec<&str> = images.lines().collect();
    images.sort_unstable();
    let is = id(&whole, store);
    assert_eq!(images, [format!("again:2 {is}"), format!("whole:1 {is}")], "{case}");
}
