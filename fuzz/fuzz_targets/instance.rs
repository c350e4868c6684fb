//! Parses any bytes as `instance.json`: what is accepted means the same when it is written again.
#![no_main]

use dockerutils_dock::Instance;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(instance) = Instance::parse(bytes) else { return };
    let json = instance.to_json().expect("JSON");
    assert_eq!(instance, Instance::parse(&json).expect("the same form"));
    if let Some(price) = &instance.price {
        assert!((0.0..=1e6).contains(&price.per_hour.get()));
    }
});
