//! Parses any bytes as the state that a dock's idle timer wrote: its text fits a column of a table.
#![no_main]

use chrono::DateTime;
use dockerutils_dock::IdleState;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(state) = IdleState::parse(bytes) else { return };
    let text = state.to_string();
    assert!(!text.is_empty() && !text.contains(char::is_control), "{text:?}");
    assert_eq!(state.stops_in().is_none(), text == "never");
    let _ = (state.idle_minutes(), state.is_current(DateTime::UNIX_EPOCH));
});
