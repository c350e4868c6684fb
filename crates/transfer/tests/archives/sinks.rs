//! Sinks that fail, or that do not read what they receive.

use std::io::Read;

use dockerutils_transfer::source::{Error, InvalidContent, LayerBlob, Order, Sink, SinkError, read_archive};

use crate::sample::{archive, blobs, changed, diff_ids, image, second};

/// The error is returned, and the sink receives nothing more.
#[test]
fn an_error_of_the_sink_ends_the_reading() {
    struct Stopping(usize);
    impl Sink for Stopping {
        fn layer(&mut self, _: &LayerBlob, _: &mut dyn Read) -> Result<(), SinkError> {
            self.0 += 1;
            Err("the link is down".into())
        }
    }
    for entries in changed(|_| ()) {
        let mut sink = Stopping(0);
        let bytes = archive(&entries);
        let read = read_archive(&bytes[..], &[image()], &diff_ids(), Order::Any, &mut sink);
        assert!(matches!(read, Err(Error::Sink(reason)) if reason.to_string() == "the link is down"));
        assert_eq!(sink.0, 1);
    }
}

#[test]
fn content_that_the_sink_does_not_read_is_checked() {
    struct Lazy;
    impl Sink for Lazy {
        fn layer(&mut self, _: &LayerBlob, _: &mut dyn Read) -> Result<(), SinkError> {
            Ok(())
        }
    }
    let mut entries = blobs();
    assert!(read_archive(&archive(&entries)[..], &[image()], &diff_ids(), Order::Any, &mut Lazy).is_ok());
    second(&mut entries).2[3] ^= 1;
    let read = read_archive(&archive(&entries)[..], &[image()], &diff_ids(), Order::Any, &mut Lazy);
    assert!(matches!(read, Err(Error::Archive(InvalidContent::Digest { .. }))));
}
