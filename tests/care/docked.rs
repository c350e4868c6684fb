//! The commands in a docked terminal.

use dockerutils_testbed::dock;

use crate::docks::shell::docked::{docked, project};

#[test]
#[ignore = "needs root: dock"]
fn the_port_of_a_detached_container_is_listed_with_the_address_that_leads_to_it_from_here() {
    let dock = dock();
    let project = project(dock, "cared", "cmd=httpd -f -p 80\nports=-p 127.0.0.1::80\n");
    let script = "build-image cared -- -q >/dev/null && run-image -k cared >/dev/null && ls-image cared && \
                  exec-image cared -- hostname && \
                  curl -s -o /dev/null -w '%{http_code}\\n' $(ls-image cared | grep -o 'http://127.0.0.1:[0-9]*') && \
                  stop-image cared -t 1 --rm && ls-image -q cared";
    let outcome = docked(&project, dock, script);
    let lines: Vec<&str> = outcome.status(0).stdout.lines().collect();
    assert!(lines[1].contains(": Up ") && lines[1].contains(" http://127.0.0.1:"), "{lines:?}");
    assert_eq!(lines[3], "404", "{lines:?}");
}
