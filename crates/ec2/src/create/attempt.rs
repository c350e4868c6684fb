//! An attempt in progress: the steps with an effect, each written to the journal before and after it is done.

use std::hash::{BuildHasher, Hasher, RandomState};

use dockerutils_dock::journal::{Begun, Entry, Fact, Journal, RecordedAttempt, Step};
use dockerutils_dock::{Attempt, Docks, IdleLimit};

use super::answer::{Answer, answer};
use super::plan::{Plan, PlannedGroup, PlannedKey};
use super::{CreateError, Created, Request, launch, ready, register, wait};
use crate::calls::{
    AuthorizeSsh, CreateSecurityGroup, DescribePublicKeys, DescribeTaggedSecurityGroups, ImportKeyPair,
    SetProtection, Tagged, UserDataFile,
};
use crate::{Account, Call, Error, Id, Result};

/// The characters of an attempt, 32 of them: five bits each.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// Creates the identity of an attempt.
pub(super) fn new_attempt() -> Attempt {
    loop {
        // Hashers of the standard library are seeded by the system.
        let bits = RandomState::new().build_hasher().finish();
        let text: String =
            (0..10).map(|place| char::from(LETTERS[(bits >> (5 * place)) as usize % 32])).collect();
        if let Ok(attempt) = text.parse() {
            return attempt;
        }
    }
}

/// An attempt in progress.
pub(super) struct Running<'a, 'b> {
    pub(super) account: &'a Account<'b>,
    pub(super) docks: &'a Docks,
    pub(super) request: &'a Request,
    pub(super) plan: Plan,
    pub(super) journal: Journal,
}

impl<'a, 'b> Running<'a, 'b> {
    /// Begins the journal. From here on, whatever ends the attempt has something to undo.
    pub(super) fn begin(
        account: &'a Account<'b>,
        docks: &'a Docks,
        request: &'a Request,
        plan: Plan,
    ) -> Result<Self> {
        let journal = docks.begin_journal(&begun(account, request, &plan)?)?;
        journal.write_user_data(&request.user_data)?;
        Ok(Running { account, docks, request, plan, journal })
    }

    pub(super) fn into_journal(self) -> Journal {
        self.journal
    }

    /// Makes everything, and waits until docker responds.
    pub(super) async fn carry_out(&mut self) -> Result<Created> {
        self.ensure_key().await?;
        let groups = self.ensure_group().await?;
        let instance = launch::run_instance(self, groups).await?;
        let finish = Finish {
            account: self.account,
            docks: self.docks,
            timeout: self.request.timeout,
            requires_console_key: self.request.requires_console_key,
            identity: None,
            user: self.request.settings.user.clone(),
            stops_itself: stops_itself(self.journal.attempt()),
            is_resumed: false,
        };
        finish.carry_out(&mut self.journal, &instance).await
    }

    async fn ensure_key(&mut self) -> Result {
        let PlannedKey::Import { name, key } = self.plan.key.clone() else { return Ok(()) };
        self.journal.write_public_key(&key.line())?;
        let call = ImportKeyPair {
            name: name.clone(),
            public_key: key.line(),
            file: self.journal.public_key_file(),
            tags: self.plan.tags.clone(),
        };
        self.intend(Step::Key, &call, None)?;
        let answer = answer(self.account, &call, &[]).await;
        let id = match answer.result {
            // The response to an earlier try was lost, or another create-dock was faster.
            Err(error) if error.is(&["InvalidKeyPair.Duplicate"]) => {
                let pairs = self.account.call(&DescribePublicKeys).await?;
                let same = pairs.iter().find(|pair| {
                    pair.key_name() == Some(name.as_str())
                        && pair.public_key().is_some_and(|line| key.is_in(line))
                });
                let Some(pair) = same else { return Err(CreateError::KeyNameTaken { name }.into()) };
                if !is_of(pair.tags(), &self.plan.attempt) {
                    return self.refused(Step::Key, "InvalidKeyPair.Duplicate");
                }
                pair.key_pair_id().unwrap_or_default().to_owned()
            }
            _ => settled(&mut self.journal, Step::Key, answer)?,
        };
        self.done(Step::Key, &id)
    }

    /// Returns the groups of the machine.
    async fn ensure_group(&mut self) -> Result<Vec<Id>> {
        let (name, sources) = match self.plan.group.clone() {
            given @ PlannedGroup::Given(_) => return Ok(given.existing()),
            PlannedGroup::Own { name, sources } => (name, sources),
        };
        let description = format!("ssh to the dock {}", self.request.name);
        let (vpc, tags) = (self.plan.vpc.clone(), self.plan.tags.clone());
        let call = CreateSecurityGroup { name, description, vpc, tags };
        self.intend(Step::SecurityGroup, &call, None)?;
        let answer = answer(self.account, &call, &[]).await;
        let id = match answer.result {
            // The name contains the attempt, so the group is ours: the response to an earlier try was lost.
            Err(error) if error.is(&["InvalidGroup.Duplicate"]) => {
                let ours = DescribeTaggedSecurityGroups(Tagged::Attempt(self.plan.attempt.to_string()));
                let found = self.account.call(&ours).await?.into_iter().next();
                found.map(|group| group.id).ok_or(error)?
            }
            _ => settled(&mut self.journal, Step::SecurityGroup, answer)?,
        };
        self.done(Step::SecurityGroup, &id)?;
        let group = Id::Known(id);
        let call =
            AuthorizeSsh { group: group.clone(), sources, description: self.request.rule_description() };
        self.intend(Step::Ingress, &call, None)?;
        match self.account.call(&call).await {
            // The group is new and ours, so the rule is too.
            Err(error) if error.is(&["InvalidPermission.Duplicate"]) => {}
            result => settled(&mut self.journal, Step::Ingress, Answer { result, is_uncertain: false })?,
        }
        self.done(Step::Ingress, "tcp/22")?;
        Ok(vec![group])
    }

    /// Returns the file with the user-data, which is beside the journal.
    pub(super) fn user_data(&self) -> UserDataFile {
        UserDataFile { path: self.journal.user_data_file(), contents: self.request.user_data.clone() }
    }

    pub(super) fn intend<C: Call>(&mut self, step: Step, _: &C, token: Option<&str>) -> Result {
        // After a signal the call is not made, and an intent would be looked for as a call whose response was lost.
        self.account.runner().check_interrupted()?;
        let (call, token) = (Fact::of(C::ACTION), token.map(Fact::of));
        Ok(self.journal.add(Entry::Intent { step, call, token })?)
    }

    pub(super) fn done(&mut self, step: Step, got: &str) -> Result {
        Ok(self.journal.add(Entry::Done { step, got: Fact::of(got) })?)
    }

    pub(super) fn refused(&mut self, step: Step, code: &str) -> Result {
        Ok(self.journal.add(Entry::Refused { step, code: Fact::of(code) })?)
    }
}

fn is_of(tags: &[aws_sdk_ec2::types::Tag], attempt: &Attempt) -> bool {
    tags.iter()
        .any(|tag| tag.key() == Some(crate::resource::TAG_ATTEMPT) && tag.value() == Some(attempt.as_str()))
}

fn begun(account: &Account<'_>, request: &Request, plan: &Plan) -> Result<Begun> {
    let settings = &request.settings;
    let (group, groups) = match &plan.group {
        PlannedGroup::Own { name, .. } => (Some(name.parse().map_err(Error::word)?), Vec::new()),
        PlannedGroup::Given(_) => (None, settings.security_group_ids.clone()),
    };
    Ok(Begun {
        attempt: plan.attempt.clone(),
        dock: request.name.clone(),
        account: plan.account.clone(),
        region: account.region().parse().map_err(Error::word)?,
        profile: settings.profile.clone(),
        owner: request.owner.clone(),
        by: Fact::of(&plan.arn),
        instance_type: plan.candidates[0].instance_type.parse().map_err(Error::word)?,
        ami: plan.image.id.parse().map_err(Error::word)?,
        key: Fact::of(plan.key.name()),
        identity: request.key.as_ref().and_then(|key| key.identity.clone()),
        group,
        groups,
        private: settings.is_private,
        jump: settings.jump.clone(),
        spot: settings.is_spot,
        protect: settings.is_protected,
        disk_size: plan.disk_size,
        price: plan.price.clone(),
        idle: settings.idle,
        ttl: settings.ttl,
        user: settings.user.clone(),
        created: plan.created,
    })
}

/// The second half of an attempt, which `--resume` does too: from a machine that was started to a dock.
pub(super) struct Finish<'a, 'b> {
    pub(super) account: &'a Account<'b>,
    pub(super) docks: &'a Docks,
    pub(super) timeout: dockerutils_dock::Minutes,
    pub(super) requires_console_key: bool,
    /// The file of the private key, in place of that of the first run.
    pub(super) identity: Option<dockerutils_dock::Identity>,
    pub(super) user: dockerutils_dock::UserName,
    /// Whether the machine has a timer that stops it.
    pub(super) stops_itself: bool,
    /// Whether the attempt was killed before, so that the machine may have been stopped since.
    pub(super) is_resumed: bool,
}

impl Finish<'_, '_> {
    /// Waits for the machine, registers it, waits for docker, and protects it.
    pub(super) async fn carry_out(&self, journal: &mut Journal, id: &str) -> Result<Created> {
        let begun = journal.attempt().begun.clone();
        let start = std::time::Instant::now();
        let instance = wait::until_settled(self.account, id, begun.private).await?;
        if instance.is_stopped() && !self.is_resumed {
            return Err(wait::ended(instance).into());
        }
        journal.add(Entry::Intent { step: Step::Record, call: Fact::of("register"), token: None })?;
        let dock = register::register(self, &begun, &instance, made_key(journal)).await?;
        journal.add(Entry::Done { step: Step::Record, got: Fact::of(dock.address.as_str()) })?;
        if instance.is_stopped() {
            return Err(CreateError::Stopped { name: begun.dock.to_string(), instance: instance.id }.into());
        }
        self.account.note(format!("{id} is there, at {}; {}", dock.address, register::limits(&begun)));
        ready::wait_until_ready(self, &dock, start).await?;
        if begun.protect {
            self.protect(journal, id).await?;
        }
        journal.add(Entry::Finished {})?;
        Ok(Created {
            name: begun.dock.to_string(),
            instance_id: instance.id,
            address: dock.address.to_string(),
            region: self.account.region().to_owned(),
            zone: instance.zone,
            instance_type: instance.instance_type,
        })
    }
}

impl Finish<'_, '_> {
    /// Protects the machine against termination. It responds already, so a failure keeps it.
    async fn protect(&self, journal: &mut Journal, id: &str) -> Result {
        let (step, call) = (Step::Protection, Fact::of(SetProtection::ACTION));
        journal.add(Entry::Intent { step, call, token: None })?;
        let call = SetProtection { instance: Id::from(id), is_on: true };
        let result = self.account.call(&call).await;
        match settled(journal, step, Answer { result, is_uncertain: false }) {
            Err(error) if error.call().is_some() => {
                let (name, instance) = (journal.attempt().begun.dock.to_string(), id.to_owned());
                let reason = format!("it cannot be protected: {error}");
                return Err(CreateError::NotReady { name, instance, reason }.into());
            }
            done => done?,
        }
        journal.add(Entry::Done { step, got: Fact::of(id) })?;
        // A signal that arrived while the call was made has not ended it.
        Ok(self.account.runner().check_interrupted()?)
    }
}

/// Records a refusal, which means that the call made nothing. A call that may have made something stays an intent.
fn settled<T>(journal: &mut Journal, step: Step, answer: Answer<T>) -> Result<T> {
    if let Some(code) = answer.refusal(&[]) {
        journal.add(Entry::Refused { step, code: Fact::of(code) })?;
    }
    answer.result
}

/// Returns whether the machine of the attempt has a timer that stops it.
pub(super) fn stops_itself(attempt: &RecordedAttempt) -> bool {
    attempt.begun.idle != IdleLimit::Never || attempt.begun.ttl.is_some()
}

/// Returns whether the attempt has imported the key pair.
pub(super) fn made_key(journal: &Journal) -> bool {
    let is_import = |entry: &Entry| matches!(entry, Entry::Done { step: Step::Key, .. });
    journal.attempt().entries.iter().any(is_import)
}
