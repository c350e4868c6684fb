//! Every order of the events of a transfer over several streams.

use super::*;

/// Calls `check` with every order of these changes.
fn for_every_order(changes: &mut Vec<Change>, from: usize, check: &mut impl FnMut(&[Change])) {
    if from == changes.len() {
        return check(changes);
    }
    for index in from..changes.len() {
        changes.swap(from, index);
        for_every_order(changes, from + 1, check);
        changes.swap(from, index);
    }
}

/// Returns the state of a transfer over three streams, one of which sshd has not opened yet, after one archive.
fn running() -> Stripes {
    let mut stripes = Stripes::new();
    stripes.request_stream();
    stripes.request_stream();
    stripes.on_change(Change::Started(1), Instant::now());
    stripes.on_archive();
    stripes
}

fn lost(stream: usize) -> Change {
    Change::Exited { stream, success: false }
}

/// Checks that a transfer that gets these changes, in any order, has failed after the grace, whatever it waits for.
fn fails(changes: &[Change]) {
    let start = Instant::now();
    for_every_order(&mut changes.to_vec(), 0, &mut |order| {
        for is_closing in [false, true] {
            let mut stripes = running();
            (0..3).for_each(|stream| stripes.on_send(stream));
            if is_closing {
                stripes.close();
            }
            order.iter().for_each(|change| stripes.on_change(*change, start));
            let end = start + GRACE;
            for stream in 0..3 {
                assert_eq!(stripes.can_send(stream, end), Verdict::Failed, "{order:?}, stream {stream}");
            }
            assert_eq!(stripes.is_finished(end), Verdict::Failed, "{order:?}");
        }
    });
}

#[test]
fn a_lost_connection_ends_the_transfer_in_whatever_order_its_parts_end() {
    use Change::*;
    fails(&[lost(0), OutputClosed, Broken(0), lost(1), Broken(1), lost(2)]);
    fails(&[lost(0), OutputClosed, lost(1), Written(0), Written(1), Started(2)]);
    fails(&[lost(0), OutputClosed, Loaded, Broken(1), lost(1), Written(1)]);
}

#[test]
fn one_sign_of_the_end_is_enough() {
    use Change::*;
    for sign in [lost(0), OutputClosed, Broken(0), lost(1), Broken(1)] {
        fails(&[sign]);
        fails(&[sign, Written(0), Written(1), Started(2)]);
    }
    // It opened and ended before its first chunk.
    fails(&[Started(2), lost(2)]);
}

#[test]
fn the_script_has_time_to_report_why_a_stream_has_ended() {
    let now = Instant::now();
    let mut stripes = running();
    stripes.on_change(Change::Broken(1), now);
    assert_eq!(stripes.can_send(1, now), Verdict::Wait);
    assert_eq!(stripes.can_send(0, now), Verdict::Ready);
    stripes.on_change(lost(0), now);
    assert_eq!(stripes.can_send(1, now), Verdict::Wait);
    stripes.on_change(Change::OutputClosed, now);
    assert_eq!(stripes.can_send(1, now), Verdict::Failed);
}

#[test]
fn a_refused_stream_is_not_waited_for() {
    let now = Instant::now();
    let mut stripes = running();
    stripes.on_change(lost(2), now);
    assert_eq!(stripes.can_send(0, now + GRACE * 100), Verdict::Ready);
    assert_eq!(stripes.counts(), (3, 2, 2));
    assert_eq!([stripes.advance(), stripes.advance(), stripes.advance()], [1, 0, 1]);
}

#[test]
fn a_transfer_succeeds_in_whatever_order_its_streams_end() {
    let now = Instant::now();
    let ended = |stream| Change::Exited { stream, success: true };
    let mut changes =
        vec![Change::Loaded, ended(0), Change::OutputClosed, ended(1), ended(2), Change::Written(0)];
    for_every_order(&mut changes, 0, &mut |order| {
        // Docker's result is printed before the output is closed.
        let at = |change| order.iter().position(|other| *other == change);
        if at(Change::Loaded) > at(Change::OutputClosed) {
            return;
        }
        let mut stripes = running();
        stripes.close();
        for change in order {
            assert_eq!(stripes.is_finished(now), Verdict::Wait, "{order:?}");
            stripes.on_change(*change, now);
            if stripes.is_finished(now) != Verdict::Wait {
                break;
            }
        }
        assert_eq!(stripes.is_finished(now), Verdict::Ready, "{order:?}");
    });
}

#[test]
fn loading_may_take_as_long_as_it_takes() {
    let now = Instant::now();
    let mut stripes = running();
    stripes.close();
    assert_eq!(stripes.is_finished(now + GRACE * 1_000), Verdict::Wait);
}

#[test]
fn a_script_that_ends_before_all_archives_are_loaded_has_failed() {
    let now = Instant::now();
    let mut stripes = running();
    stripes.close();
    stripes.on_change(Change::OutputClosed, now);
    stripes.on_change(Change::Exited { stream: 0, success: true }, now);
    assert_eq!(stripes.is_finished(now), Verdict::Failed);
}
