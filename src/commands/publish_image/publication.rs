//! Login, tag and push of each reference.

use std::slice;

use dockerutils_command::{Runner, TeeOutput};
use dockerutils_docker::{ClientConfig, InspectedImage, push, pushed_digest, tag};
use dockerutils_oci::{Digest, Reference, Registry};

use super::destination::{Destination, require_helper};
use super::ecr::{EcrQueries, EcrState};
use super::error::PublishError;
use super::local_images::LocalImages;
use super::placeholders::Caller;
use super::report::{Published, Report};
use crate::docker_calls::{capture_docker, inspect_images, run_docker, tee_docker};
use crate::{Result, ui};

/// A publication in progress: what was looked up before it, and where docker has logged in so far.
pub(super) struct Publication<'a> {
    local_images: LocalImages,
    queries: &'a EcrQueries,
    ecr: EcrState,
    caller: Option<Caller>,
    client: ClientConfig,
    logged_in: Vec<Registry>,
    runner: &'a Runner,
}

impl<'a> Publication<'a> {
    pub(super) fn new(
        local_images: LocalImages,
        queries: &'a EcrQueries,
        ecr: EcrState,
        client: ClientConfig,
        runner: &'a Runner,
    ) -> Self {
        let caller = ecr.caller(queries);
        Publication { local_images, queries, ecr, caller, client, logged_in: Vec::new(), runner }
    }

    /// Publishes the images as each of their references, until one fails.
    ///
    /// # Errors
    /// Fails if a login or a push fails, or if standard output cannot be written to.
    pub(super) fn publish_all(&mut self, destinations: &[Destination], report: &mut Report) -> Result {
        for (index, destination) in destinations.iter().enumerate() {
            self.check_immutable(index, destination)?;
        }
        let mut numbered = destinations.iter().enumerate();
        numbered.try_for_each(|(index, destination)| self.publish(index, destination, report))
    }

    /// Checks that no tag would be overwritten that is immutable. If that cannot be looked up, the
    /// configuration decides.
    fn check_immutable(&self, index: usize, destination: &Destination) -> Result {
        let Some(digest) = self.ecr.digest(index) else { return Ok(()) };
        let reference = destination.resolve(self.caller.as_ref())?;
        let local = self.local_images.get(&destination.local);
        if local.is_none_or(|local| local.digests(&reference).contains(&digest)) {
            return Ok(());
        }
        let is_configured = destination.image.section.ecr_immutable_tags;
        let reason = match self.queries.is_immutable(index, self.runner)? {
            Some(true) => "the tags of its repository are immutable",
            None if is_configured => "ecr_immutable_tags is set",
            known => {
                let otherwise =
                    if known.is_some() { "" } else { ", or fails if tags of the repository are immutable" };
                ui::note(format_args!(
                    "`{reference}` has another digest now, {digest}: the push replaces it{otherwise}"
                ));
                return Ok(());
            }
        };
        Err(PublishError::ImmutableTag { reference, digest, reason }.into())
    }

    fn publish(&mut self, index: usize, destination: &Destination, report: &mut Report) -> Result {
        let reference = destination.resolve(self.caller.as_ref())?;
        let local = self.local_images.get(&destination.local);
        if let (Some(local), Some(digest)) = (local, self.ecr.digest(index))
            && local.digests(&reference).contains(&digest)
        {
            ui::note(format_args!("`{reference}` is up to date: not pushed again"));
            return report.add(Published::new(&reference, digest, local.size, false));
        }
        self.log_in(&reference)?;
        self.ecr.warn_unverified(index);
        run_docker(self.runner, &tag(&destination.local, &reference))?;
        let helper = self.client.helper(&reference.registry().to_string());
        let output = tee_docker(self.runner, &push(&reference), &reference, helper)?;
        // Under a dry run the engine was not queried, and nothing is published.
        let Some(local) = self.local_images.get(&destination.local) else { return Ok(()) };
        let digest = self.digest(&reference, local, &output)?;
        report.add(Published::new(&reference, digest, local.size, true))
    }

    /// Logs in to a registry of ECR, once.
    fn log_in(&mut self, reference: &Reference) -> Result {
        let registry = reference.registry();
        let Some(login) = self.ecr.login(&registry) else { return Ok(()) };
        if self.logged_in.contains(&registry) {
            return Ok(());
        }
        require_helper(&self.client, &registry)?;
        // docker would give our login to the helper to store, and Amazon's own, `ecr-login`, stores none.
        match self.client.helper(&registry.to_string()) {
            Some(helper) => ui::note(format_args!(
                "docker's configuration names the credential helper `{helper}` for {registry}: not logging in"
            )),
            None => {
                tee_docker(self.runner, &login, reference, None)?;
            }
        }
        self.logged_in.push(registry);
        Ok(())
    }

    /// Returns the digest that the registry has given to a reference that was just pushed.
    fn digest(&self, reference: &Reference, before: &InspectedImage, output: &TeeOutput) -> Result<Digest> {
        if let Some(digest) = pushed_digest(&output.stdout) {
            return Ok(digest);
        }
        // On a terminal docker has printed the digest there and not to us, but its engine records it.
        let mut inspected = inspect_images(self.runner, slice::from_ref(reference))?;
        if let Some(after) = inspected.pop().flatten() {
            let (old, all) = (before.digests(reference), after.digests(reference));
            let new: Vec<&Digest> = all.iter().filter(|digest| !old.contains(digest)).collect();
            match (new.as_slice(), all.as_slice()) {
                ([digest], _) => return Ok(**digest),
                (_, [digest]) => return Ok(*digest),
                _ => {}
            }
        }
        // The repository has had this image under several digests. A second push, which sends nothing, prints the current
        // one.
        let stdout = capture_docker(self.runner, &push(reference))?;
        let digest = pushed_digest(&String::from_utf8_lossy(&stdout));
        Ok(digest.ok_or_else(|| PublishError::NoDigest(reference.clone()))?)
    }
}
