//! Generated docks, for property tests.

use std::str::FromStr;

use dockerutils_dock::{Address, Dock, Invalid};
use proptest::option::of;
use proptest::prelude::*;

/// Generates docks whose values have every form that is allowed.
pub(crate) fn docks() -> impl Strategy<Value = Dock> {
    let name = "[a-zA-Z0-9][a-zA-Z0-9._-]{0,20}";
    let address = prop_oneof![name, Just("10.92.128.33".to_owned()), Just("fe80::1:2".to_owned())];
    let jump = "([a-z_][a-z0-9.-]{0,5}@)?[a-z][a-z0-9.]{0,9}(:[1-9][0-9]{0,3})?(,gate)?";
    let identity = "(~|/[a-zA-Z0-9 _.ä-]{1,8})(/[a-zA-Z0-9 _.,;#=ä-]{1,8}){1,3}[a-z]";
    let words = (address, "[a-zA-Z0-9][a-zA-Z0-9._-]{4,20}", "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,9}", of(name));
    let socket = "(/[a-zA-Z0-9._@+-]{1,9}){1,4}";
    let region = "[a-z]{2}-[a-z]{4,9}-[1-9]";
    let jupyter = "~?/[a-z0-9$\"'. é]{0,9}[a-z]";
    let options = (of("i-[0-9a-f]{8,17}"), of(1_u16..), of(identity), of(jump), of(socket), of(jupyter));
    let of_aws = (of(region), of("[0-9]{12}"), of("[a-z][a-z0-9 ._@-]{0,9}[a-z]"));
    (words, options, of_aws).prop_map(
        |(
            (address, moniker, user, hostname),
            (instance_id, port, identity, jump, socket, jupyter),
            (region, account, profile),
        )| {
            let address: Address = word(&address);
            Dock {
                moniker: word(&moniker),
                user: word(&user),
                hostname: hostname.as_deref().map(word).filter(|name| *name != address),
                instance_id: instance_id.as_deref().map(word),
                port: port.map(|port| word(&port.to_string())),
                identity: identity.as_deref().map(word),
                jump: jump.as_deref().map(word),
                socket: socket.as_deref().map(word),
                jupyter: jupyter.as_deref().map(word),
                region: region.as_deref().map(word),
                account: account.as_deref().map(word),
                profile: profile.as_deref().map(word),
                ..Dock::new(address)
            }
        },
    )
}

fn word<T: FromStr<Err = Invalid>>(text: &str) -> T {
    text.parse().expect("a word")
}
