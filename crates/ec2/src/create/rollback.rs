//! Undoing an attempt: everything that it has made is removed, the last first.

mod remaining;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use dockerutils_command::EchoLevel;
use dockerutils_dock::Docks;
use dockerutils_dock::journal::{Begun, Entry, Journal, RecordedAttempt, Step};

use crate::calls::{
    DeleteKeyPair, DeleteSecurityGroup, DescribeInstances, DescribeSpotRequests, DescribeTaggedKeyPairs,
    DescribeTaggedSecurityGroups, SetProtection, SpotRequest, Tagged,
};
use crate::life::{apply_unless_missing, delete_when_unused, end_instances};
use crate::{Account, Error, Id, Result};

/// The pauses before looks for what a call has made whose response was lost: EC2 may show it late.
const LOOKS: [u64; 5] = [0, 2, 4, 8, 16];

/// After how many minutes EC2 shows everything that exists, so that a look is certain.
const SHOWN: i64 = 10;

/// Something that an attempt may have made and that has to be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undo {
    pub(super) step: Step,
    /// Its ID or name, if the response to the call arrived.
    pub(super) got: Option<String>,
}

/// Returns what has to be undone, in order: steps that were done, and steps whose call may have taken effect.
pub(super) fn plan(attempt: &RecordedAttempt) -> Vec<Undo> {
    let mut left: Vec<Undo> = Vec::new();
    for entry in &attempt.entries {
        match entry {
            Entry::Intent { step, .. } => left.push(Undo { step: *step, got: None }),
            Entry::Done { step, got } => {
                if let Some(undo) = left.iter_mut().rev().find(|undo| undo.step == *step) {
                    undo.got = Some(got.as_str().to_owned());
                }
            }
            // What was refused has made nothing; the last intent of the step is the one that was refused.
            Entry::Refused { step, .. } => {
                if let Some(index) = left.iter().rposition(|undo| undo.step == *step && undo.got.is_none()) {
                    left.remove(index);
                }
            }
            Entry::Undone { step } => left.retain(|undo| undo.step != *step),
            Entry::Finished {} => left.clear(),
        }
    }
    // A rule goes with its group.
    left.retain(|undo| undo.step != Step::Ingress);
    left.reverse();
    // EC2 does not end a protected machine, and the record is kept until nothing is left that it leads to.
    left.sort_by_key(|undo| match undo.step {
        Step::Protection => 0,
        Step::Instance => 1,
        Step::SecurityGroup | Step::Ingress => 2,
        Step::Key => 3,
        Step::Record => 4,
    });
    left
}

/// Returns the IDs of the machines that the attempt has started.
fn machines(attempt: &RecordedAttempt) -> Vec<String> {
    let started = attempt.entries.iter().filter_map(|entry| match entry {
        Entry::Done { step: Step::Instance, got } => Some(got.as_str().to_owned()),
        _ => None,
    });
    started.collect()
}

/// Undoes an attempt after an error or a signal, and reports what could not be removed. Returns whether everything is removed.
pub(super) async fn undo(account: &Account<'_>, docks: &Docks, journal: Journal, reason: &Error) -> bool {
    let reason = if reason.is_interrupted() { "stopped".to_owned() } else { reason.to_string() };
    let attempt = journal.attempt();
    if plan(attempt).is_empty() {
        remove_journal(account, journal);
        return true;
    }
    account.note(format!("{reason}: removing what was made; Ctrl-C ends that, and prints what remains"));
    let mut undoing = match account.uninterrupted() {
        Ok(account) => Undoing { account, docks, journal, is_unsure: false },
        Err(error) => {
            account.note(error.to_string());
            print_remaining(account, journal.attempt());
            return false;
        }
    };
    match undoing.carry_out().await {
        Ok(()) if undoing.is_unsure => {
            undoing.account.note(format!(
                "nothing more was found, but the response to a call was lost: `create-dock {} --resume` looks again",
                undoing.begun().dock
            ));
            false
        }
        Ok(()) => {
            account.note("everything that was made is removed");
            remove_journal(account, undoing.journal);
            true
        }
        Err(error) => {
            if !error.is_interrupted() {
                account.note(error.to_string());
            }
            print_remaining(account, undoing.journal.attempt());
            false
        }
    }
}

fn remove_journal(account: &Account<'_>, journal: Journal) {
    if let Err(error) = journal.remove() {
        account.note(error.to_string());
    }
}

struct Undoing<'a, 'b> {
    account: Account<'b>,
    docks: &'a Docks,
    journal: Journal,
    /// Whether a call may have taken effect although nothing was found.
    is_unsure: bool,
}

impl Undoing<'_, '_> {
    fn begun(&self) -> Begun {
        self.journal.attempt().begun.clone()
    }

    fn tagged(&self) -> Tagged {
        Tagged::Attempt(self.journal.attempt().begun.attempt.to_string())
    }

    async fn carry_out(&mut self) -> Result {
        let plan = plan(self.journal.attempt());
        let steps: Vec<Step> = {
            let mut seen = Vec::new();
            for undo in &plan {
                if !seen.contains(&undo.step) {
                    seen.push(undo.step);
                }
            }
            seen
        };
        for step in steps {
            let of_step = plan.iter().filter(|undo| undo.step == step);
            let known: Vec<String> = of_step.clone().filter_map(|undo| undo.got.clone()).collect();
            let is_lost = of_step.clone().any(|undo| undo.got.is_none());
            match step {
                Step::Protection => self.lift_protection().await?,
                Step::Instance => self.end_instances(known, is_lost).await?,
                Step::SecurityGroup => self.delete_groups(known, is_lost).await?,
                Step::Key => self.delete_key(is_lost).await?,
                Step::Record => self.unregister(),
                Step::Ingress => {}
            }
            // A machine that EC2 does not show yet may still appear: the journal keeps that step.
            if step != Step::Instance || !self.is_unsure {
                self.journal.add(Entry::Undone { step })?;
            }
        }
        Ok(())
    }

    /// Lifts the protection of the machines, also one whose call was lost.
    async fn lift_protection(&self) -> Result {
        for id in machines(self.journal.attempt()) {
            let call = SetProtection { instance: Id::Known(id), is_on: false };
            match apply_unless_missing(&self.account, &call).await {
                // It has ended meanwhile.
                Err(error) if error.is(&["IncorrectInstanceState"]) => {}
                done => done?,
            }
        }
        Ok(())
    }

    /// Ends the machines of the attempt, and its spot requests first.
    async fn end_instances(&mut self, known: Vec<String>, is_lost: bool) -> Result {
        let mut ids: BTreeSet<String> = known.into_iter().collect();
        if is_lost {
            let found = look_for_instances(&self.account, self.journal.attempt(), &LOOKS).await?;
            let age = Utc::now() - self.begun().created;
            self.is_unsure |= found.is_none() && age < TimeDelta::minutes(SHOWN);
            ids.extend(found.into_iter().flatten());
        }
        let mut requests = Vec::new();
        if self.begun().spot {
            let listed = self.account.call(&DescribeSpotRequests::Tagged(self.tagged())).await?;
            let open = listed.into_iter().filter(SpotRequest::is_open);
            requests.extend(open.map(|request| request.resource.id));
        }
        let ids: Vec<String> = ids.into_iter().collect();
        end_instances(&self.account, &requests, &ids, true).await
    }

    async fn delete_groups(&mut self, known: Vec<String>, is_lost: bool) -> Result {
        let mut ids: BTreeSet<String> = known.into_iter().collect();
        if is_lost {
            for pause in &LOOKS[..2] {
                self.account.pause(Duration::from_secs(*pause)).await?;
                let found = self.account.call(&DescribeTaggedSecurityGroups(self.tagged())).await?;
                ids.extend(found.into_iter().map(|group| group.id));
            }
        }
        for id in ids {
            delete_when_unused(&self.account, &DeleteSecurityGroup(&id)).await?;
        }
        Ok(())
    }

    /// Deletes the key pair, unless a machine has been started with it meanwhile.
    async fn delete_key(&mut self, is_lost: bool) -> Result {
        let begun = self.begun();
        let name = begun.key.as_str();
        if is_lost {
            // Another attempt of the same user may have imported the same key under the same name.
            let mut has_ours = false;
            for pause in &LOOKS[..2] {
                self.account.pause(Duration::from_secs(*pause)).await?;
                has_ours |= !self.account.call(&DescribeTaggedKeyPairs(self.tagged())).await?.is_empty();
            }
            if !has_ours {
                return Ok(());
            }
        }
        let users = self.account.call(&DescribeInstances::WithKey(name.to_owned())).await?;
        if users.iter().any(|user| !user.is_gone() && user.origin.attempt != begun.attempt.as_str()) {
            return Ok(());
        }
        apply_unless_missing(&self.account, &DeleteKeyPair(name)).await
    }

    fn unregister(&self) {
        // By the instance: meanwhile the user may have registered another dock under the name. A record that the attempt did
        // not get to write is not an error.
        for id in machines(self.journal.attempt()) {
            let _ = self.docks.unregister(&id);
        }
    }
}

/// Looks for the machines of an attempt after each of these pauses in seconds, until EC2 shows some. Returns those that have not
/// ended, and `None` if EC2 has shown none.
pub(super) async fn look_for_instances(
    account: &Account<'_>,
    attempt: &RecordedAttempt,
    pauses: &[u64],
) -> Result<Option<Vec<String>>> {
    let tagged = Tagged::Attempt(attempt.begun.attempt.to_string());
    for pause in pauses {
        account.pause(Duration::from_secs(*pause)).await?;
        let listed = account.call(&DescribeInstances::Tagged(tagged.clone())).await?;
        if !listed.is_empty() {
            let live = listed.into_iter().filter(|found| !found.is_gone());
            return Ok(Some(live.map(|found| found.id).collect()));
        }
    }
    Ok(None)
}

/// Prints the commands that remain, which can be pasted.
fn print_remaining(account: &Account<'_>, attempt: &RecordedAttempt) {
    let left = plan(attempt);
    if left.is_empty() {
        return;
    }
    let is_running = left.iter().any(|undo| undo.step == Step::Instance);
    let dock = &attempt.begun.dock;
    account.note(match is_running {
        true => format!("the machine of {dock} MAY STILL RUN AND COST MONEY: these commands remain"),
        false => format!("not everything of {dock} is removed: these commands remain"),
    });
    let commands = remaining::commands(account, attempt, &left);
    account.runner().clone().with_echo_level(EchoLevel::Full).echo(&commands);
}

#[cfg(test)]
mod tests;
