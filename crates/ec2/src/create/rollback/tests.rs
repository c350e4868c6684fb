//! What an attempt has left to undo.

use dockerutils_dock::journal::Fact;

use super::*;

fn intent(step: Step) -> Entry {
    Entry::Intent { step, call: Fact::of("ec2:Call"), token: None }
}

fn done(step: Step, got: &str) -> Entry {
    Entry::Done { step, got: Fact::of(got) }
}

fn refused(step: Step) -> Entry {
    Entry::Refused { step, code: Fact::of("InsufficientInstanceCapacity") }
}

/// Returns what a journal with these entries leaves to undo, as `step got`.
fn left(entries: Vec<Entry>) -> Vec<String> {
    let begun = serde_json::json!({
        "attempt": "abcdefghij", "dock": "box", "account": "123456789012", "region": "us-east-1", "profile": null,
        "owner": "ada", "by": "arn", "type": "m7i.large", "ami": "ami-1", "key": "key", "group": null, "groups": [],
        "private": false, "spot": false, "protect": false, "disk_size": 100, "price": null, "idle": null, "ttl": null,
        "user": "ubuntu", "created": "2026-11-27T00:00:00Z"
    });
    let attempt = RecordedAttempt { begun: serde_json::from_value(begun).unwrap(), entries };
    let text = |undo: Undo| format!("{} {}", undo.step.name(), undo.got.as_deref().unwrap_or("?"));
    plan(&attempt).into_iter().map(text).collect()
}

#[test]
fn what_was_made_is_undone_in_reverse() {
    use Step::{Ingress, Instance, Key, Record, SecurityGroup};
    let all = [
        (Key, "key-1"),
        (SecurityGroup, "sg-1"),
        (Ingress, "tcp/22"),
        (Instance, "i-1"),
        (Record, "10.0.0.1"),
    ];
    let entries = all.into_iter().flat_map(|(step, got)| [intent(step), done(step, got)]).collect();
    assert_eq!(left(entries), ["instance i-1", "security group sg-1", "key pair key-1", "record 10.0.0.1"]);
}

#[test]
fn a_protection_is_lifted_before_the_machine_is_ended_also_if_its_response_was_lost() {
    use Step::{Instance, Protection};
    let with = |last: Vec<Entry>| {
        left([vec![intent(Instance), done(Instance, "i-1"), intent(Protection)], last].concat())
    };
    assert_eq!(with(vec![]), ["protection ?", "instance i-1"]);
    assert_eq!(with(vec![done(Protection, "i-1")]), ["protection i-1", "instance i-1"]);
    assert_eq!(with(vec![refused(Protection)]), ["instance i-1"]);
}

#[test]
fn a_refused_call_leaves_nothing_and_a_lost_one_is_looked_for() {
    use Step::Instance;
    assert_eq!(left(vec![intent(Instance), refused(Instance), intent(Instance)]), ["instance ?"]);
    assert_eq!(
        left(vec![intent(Instance), refused(Instance), intent(Instance), done(Instance, "i-2")]),
        ["instance i-2"]
    );
    assert_eq!(left(vec![intent(Instance), refused(Instance)]), [""; 0]);
}

#[test]
fn what_is_undone_or_finished_is_not_undone_again() {
    use Step::{Instance, SecurityGroup};
    let entries = vec![
        intent(SecurityGroup),
        done(SecurityGroup, "sg-1"),
        intent(Instance),
        done(Instance, "i-1"),
        Entry::Undone { step: Instance },
    ];
    assert_eq!(left(entries.clone()), ["security group sg-1"]);
    assert_eq!(left([entries, vec![Entry::Finished {}]].concat()), [""; 0]);
}
