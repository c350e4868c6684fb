//! Parses any bytes as `dock.cfg`: what is accepted is bounded, and an error names a line of the file, in a message of one line.
#![no_main]

use std::path::Path;

use dockerutils_dock::{DockCfg, Error};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.split(|byte| *byte == b'\n').count();
    let (file, home) = (Path::new("dock.cfg"), Path::new("/home/ada"));
    let name = "gpu-box".parse().expect("a name");
    match DockCfg::parse(file, bytes, &name, home) {
        Ok(cfg) => {
            assert!(cfg.unknown_keys.len() <= lines);
            cfg.unknown_keys.iter().for_each(|key| check(&key.to_string()));
        }
        Err(error @ Error::DockCfg { line, .. }) => {
            assert!((1..=lines).contains(&line), "{error}");
            check(&error.to_string());
        }
        Err(other) => panic!("{other}"),
    }
});

fn check(message: &str) {
    assert!(message.starts_with("dock.cfg:"), "{message}");
    assert!(!message.contains(char::is_control), "{message:?}");
}
