//! Archives with other bytes, or with their entries in another order.

use dockerutils_transfer::source::{Error, Order};
use proptest::prelude::*;

use crate::sample::{archive, blobs, changed, diff_ids, folders, read};

#[test]
fn both_formats_are_read_in_either_order() {
    for entries in changed(|_| ()) {
        for order in [Order::Any, Order::Requested] {
            let parts = read(&archive(&entries), order).unwrap();
            let blobs = parts[0].layers.iter().map(|blob| blob.as_ref().unwrap().digest);
            assert!(blobs.eq(diff_ids()));
        }
    }
}

proptest! {
    /// Whichever bytes change: the layers that are delivered are right, or there is an error on one line.
    #[test]
    fn changed_bytes_are_an_error_or_change_nothing(
        is_new in any::<bool>(),
        in_order in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
        is_cut in prop::bool::weighted(0.2),
    ) {
        let mut bytes = archive(&if is_new { blobs() } else { folders() });
        for (index, byte) in changes {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        if is_cut {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Err(err) = read(&bytes, if in_order { Order::Requested } else { Order::Any }) {
            prop_assert!(matches!(err, Error::Archive(_)));
            prop_assert!(!err.to_string().contains(char::is_control), "{err}");
        }
    }

    /// Entries may come in any order.
    #[test]
    fn entries_come_in_any_order(is_new in any::<bool>(), in_order in any::<bool>(), entries in Just(()).prop_flat_map(|()| {
        (Just(blobs()).prop_shuffle(), Just(folders()).prop_shuffle())
    })) {
        let entries = if is_new { entries.0 } else { entries.1 };
        read(&archive(&entries), if in_order { Order::Requested } else { Order::Any }).unwrap();
    }
}
