//! The commands that undo the rest of an attempt, for a user who does not wait for the rollback.

use dockerutils_command::Command;
use dockerutils_dock::journal::{RecordedAttempt, Step};

use super::{Undo, machines};
use crate::calls::{
    CancelSpotRequests, DeleteKeyPair, DeleteSecurityGroup, DescribeInstances, DescribeSpotRequests,
    DescribeTaggedKeyPairs, DescribeTaggedSecurityGroups, SetProtection, Tagged, TerminateInstances,
};
use crate::{Account, Call, Id};

/// The variable of a loop over what a look at EC2 finds.
const ID: &str = "$id";

/// Returns the commands that undo what is left, in this order.
pub(super) fn commands(account: &Account<'_>, attempt: &RecordedAttempt, left: &[Undo]) -> Vec<Command> {
    let tagged = Tagged::Attempt(attempt.begun.attempt.to_string());
    let mut commands = Vec::new();
    for Undo { step, got } in left {
        match step {
            Step::Protection => {
                let lift = |id| SetProtection { instance: Id::Known(id), is_on: false };
                commands.extend(machines(attempt).into_iter().map(|id| account.words(&lift(id)).command()));
            }
            Step::Instance => commands.extend(end_machine(account, attempt, tagged.clone(), got.as_deref())),
            Step::SecurityGroup => commands.push(match got {
                Some(id) => account.words(&DeleteSecurityGroup(id)).command(),
                None => {
                    let query = "SecurityGroups[].GroupId";
                    let groups = DescribeTaggedSecurityGroups(tagged.clone());
                    for_each(account, &groups, query, &[delete_line(account, &DeleteSecurityGroup(ID))])
                }
            }),
            Step::Key => commands.push(match got {
                Some(_) => account.words(&DeleteKeyPair(attempt.begun.key.as_str())).command(),
                None => {
                    let query = "KeyPairs[].KeyName";
                    let keys = DescribeTaggedKeyPairs(tagged.clone());
                    for_each(account, &keys, query, &[delete_line(account, &DeleteKeyPair(ID))])
                }
            }),
            Step::Record => commands
                .extend(machines(attempt).into_iter().map(|id| Command::new("unregister-dock").arg(id))),
            Step::Ingress => {}
        }
    }
    // It finds nothing more to undo, and removes the journal.
    commands.push(Command::new("create-dock").arg(attempt.begun.dock.as_str()).arg("--resume"));
    commands
}

/// Returns the commands that end the machine: a spot request first, which would launch another one.
fn end_machine(
    account: &Account<'_>,
    attempt: &RecordedAttempt,
    tagged: Tagged,
    id: Option<&str>,
) -> Vec<Command> {
    let mut commands = Vec::new();
    if attempt.begun.spot {
        let requests = DescribeSpotRequests::Tagged(tagged.clone());
        let cancel = delete_line(account, &CancelSpotRequests(&[ID.to_owned()]));
        commands.push(for_each(
            account,
            &requests,
            "SpotInstanceRequests[].SpotInstanceRequestId",
            &[cancel],
        ));
    }
    match id {
        Some(id) => commands
            .extend([account.words(&TerminateInstances(&[id.to_owned()])).command(), wait(account, id)]),
        None => {
            let lines = [
                delete_line(account, &TerminateInstances(&[ID.to_owned()])),
                with_variable(&wait(account, ID).to_shell()),
            ];
            let instances = DescribeInstances::Tagged(tagged);
            commands.push(for_each(account, &instances, "Reservations[].Instances[].InstanceId", &lines));
        }
    }
    commands
}

/// Returns the command that waits until a machine is terminated: before, its security group is in use.
fn wait(account: &Account<'_>, id: &str) -> Command {
    let words = ["ec2", "wait", "instance-terminated", "--region", account.region()];
    let profile = account.profile().into_iter().flat_map(|profile| ["--profile", profile]);
    Command::new("aws").args(words).args(profile).args(["--instance-ids", id])
}

/// Returns a command that runs lines for everything that a look at EC2 finds: only EC2 knows what a lost response has named.
fn for_each<C: Call>(account: &Account<'_>, listing: &C, query: &str, lines: &[String]) -> Command {
    let listing = account.words(listing).with("--query", query).with("--output", "text").script_line();
    Command::new("sh").args(["-c", &format!("for id in $({listing}); do {}; done", lines.join("; "))])
}

fn delete_line<C: Call>(account: &Account<'_>, call: &C) -> String {
    with_variable(&account.words(call).script_line())
}

/// Lets the shell replace the variable, which stands in quotes.
fn with_variable(line: &str) -> String {
    line.replace("'$id'", "\"$id\"")
}
