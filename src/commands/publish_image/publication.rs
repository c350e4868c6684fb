//! Publishing images: what is checked first, what is asked at once, and what runs for each reference.
//!
//! publish-image is this and little more. Whatever the configuration has wrong is told before anything runs; the engine
//! is asked for the images while AWS is asked for the login; then each reference is tagged and pushed.

use dockerutils_command::{Runner, TeeOutput};
use dockerutils_docker::{ClientConfig, Inspected, push, pushed_digest, tag};
use dockerutils_oci::{Reference, Registry};
use dockerutils_project::{Image, Kind, Project};

use super::Args;
use super::destination::{Caller, Destination, UNKNOWN_ACCOUNT, UNKNOWN_REGION};
use super::ecr::{Answers, Questions};
use super::report::{Published, Report};
use crate::dock_context::Docked;
use crate::docker_calls::{capture_docker, inspect_images, run_docker, tee_docker};
use crate::{Error, Result, ui};

/// Pushes images to where their `publication_tag` says, and tells the digests.
///
/// # Errors
/// What is wrong about the request, the project or its configuration; what AWS refuses; the failure of a login or a push.
pub(super) fn publish_images(project: &Project, args: &Args, runner: &Runner) -> Result {
    let images = named(project, args)?;
    ui::warn_of_unknown_keys(project, &images);
    let mut destinations = Vec::new();
    for image in &images {
        destinations.extend(Destination::all_of(image)?);
    }
    let questions = Questions::about(&destinations)?;
    let client = ClientConfig::read();
    if let Some(client) = client.as_ref().filter(|_| !runner.is_dry_run()) {
        check_logins(&destinations, client)?;
    }
    if let Some(dock) = Docked::of(project)? {
        dock.ensure(runner)?;
    }
    if runner.is_dry_run() && destinations.iter().any(Destination::is_unknown) {
        ui::note(format_args!(
            "{{account}} and {{region}} are for AWS to say, which a dry run does not ask: `{UNKNOWN_ACCOUNT}` and `{UNKNOWN_REGION}` stand for them"
        ));
    }
    let (known, answers) = questions.ask_during(runner, || inspect_all(&images, args, runner))?;
    let caller = answers.caller(&questions);
    let mut publication =
        Publication { answers, caller, client: client.unwrap_or_default(), logged_in: Vec::new(), runner };
    let mut report = Report::new(args.json);
    let steps = destinations.iter().enumerate();
    let done = steps.map(|(index, destination)| {
        let known =
            known.iter().find(|(local, _)| *local == destination.local).map(|(_, inspected)| inspected);
        publication.publish(index, destination, known, &mut report)
    });
    let done = done.collect::<Result>();
    if runner.is_dry_run() {
        return done;
    }
    let told = report.end(done.is_err());
    done.and(told)
}

fn named<'a>(project: &'a Project, args: &Args) -> Result<Vec<Image<'a>>> {
    if args.image_name.is_some() && args.images.len() > 1 {
        return Err(Error::Usage("-i names one image, and several are to be published".to_owned()));
    }
    let (name, tag) = (args.image_name.as_deref(), args.image_tag.as_deref());
    args.images.iter().map(|image| Ok(project.image(image)?.called(name, tag))).collect()
}

/// Docker Hub takes nothing from strangers; another host is asked for a login where `image_repo` names it.
fn check_logins(destinations: &[Destination], client: &ClientConfig) -> Result {
    for destination in destinations {
        let registry = destination.registry();
        let wants_login = match registry {
            Registry::Ecr(_) => false,
            Registry::Hub => true,
            Registry::Host(_) => destination.image.section.image_repo.is_some(),
        };
        if wants_login && client.has_no_login(&registry) {
            return Err(Error::NotLoggedIn(registry));
        }
    }
    Ok(())
}

/// What the engine knows of the images; every one is there.
fn inspect_all(images: &[Image], args: &Args, runner: &Runner) -> Result<Vec<(Reference, Inspected)>> {
    let locals = images.iter().map(|image| Ok(image.reference()?)).collect::<Result<Vec<_>>>()?;
    let answers = inspect_images(runner, &locals)?;
    let mut known = Vec::new();
    for ((answer, image), local) in answers.into_iter().zip(images).zip(locals) {
        match answer {
            Some(inspected) => known.push((local, inspected)),
            None => {
                let remedy = remedy(image, &local, args)?;
                return Err(Error::NotBuilt { name: local.to_string(), remedy });
            }
        }
    }
    Ok(known)
}

/// What brings the image here; none where no command is known to.
fn remedy(image: &Image, local: &Reference, args: &Args) -> Result<Option<String>> {
    let name = args.image_name.as_deref();
    // As its section has it: what -i says is no folder's name.
    let own = image.project().image(&image.name)?;
    let folder = match own.kind {
        Kind::Folder => Some(own),
        Kind::Synthetic => own.target()?,
    };
    let Some(folder) = folder.map(|folder| folder.called(name, None)) else {
        return Ok(name.is_none().then(|| format!("`docker pull {local}` gets it")));
    };
    let tag = local.tag().filter(|_| folder.reference().ok().as_ref() != Some(local));
    let flags = [("-i", name), ("-t", tag)].into_iter();
    let flags: String = flags.filter_map(|(flag, value)| Some(format!("{flag} {} ", value?))).collect();
    Ok(Some(format!("`build-image {flags}{}` makes it", folder.name)))
}

/// The part that runs: what is known from before, and where docker has logged in meanwhile.
struct Publication<'a> {
    answers: Answers,
    caller: Option<Caller>,
    client: ClientConfig,
    logged_in: Vec<Registry>,
    runner: &'a Runner,
}

impl Publication<'_> {
    /// Login, tag and push of one reference; nothing of it under a dry run, where nothing is `known`.
    fn publish(
        &mut self,
        index: usize,
        destination: &Destination,
        known: Option<&Inspected>,
        report: &mut Report,
    ) -> Result {
        let reference = destination.reference(self.caller.as_ref())?;
        if let (Some(known), Some(digest)) = (known, self.answers.digest(index))
            && known.digests(&reference).contains(&digest)
        {
            ui::note(format_args!(
                "`{reference}` is there already, and is this very image: not pushed again"
            ));
            return report.add(Published::new(&reference, digest, known.size, false));
        }
        self.log_in(&reference)?;
        self.answers.say_doubt(index);
        run_docker(self.runner, &tag(&destination.local, &reference))?;
        let heard = tee_docker(self.runner, &push(&reference), &reference)?;
        if let Some(known) = known {
            let digest = self.digest(&reference, known, &heard)?;
            report.add(Published::new(&reference, &digest, known.size, true))?;
        }
        Ok(())
    }

    /// Once for each registry that AWS knows the password of.
    fn log_in(&mut self, reference: &Reference) -> Result {
        let registry = reference.registry();
        let Some(login) = self.answers.login(&registry) else { return Ok(()) };
        if self.logged_in.contains(&registry) {
            return Ok(());
        }
        match self.client.helper(&registry.to_string()) {
            Some(helper) => ui::note(format_args!(
                "docker's own configuration names the credential helper `{helper}` for {registry}: the login is left to it"
            )),
            None => {
                tee_docker(self.runner, &login, reference)?;
            }
        }
        self.logged_in.push(registry);
        Ok(())
    }

    /// The digest that the registry has now: docker has said it, or, where it wrote to a terminal, its engine knows.
    fn digest(&self, reference: &Reference, before: &Inspected, heard: &TeeOutput) -> Result<String> {
        if let Some(digest) = pushed_digest(&heard.stdout) {
            return Ok(digest.to_owned());
        }
        let mut answers = inspect_images(self.runner, std::slice::from_ref(reference))?;
        if let Some(after) = answers.pop().flatten() {
            let (old, all) = (before.digests(reference), after.digests(reference));
            let new: Vec<&&str> = all.iter().filter(|digest| !old.contains(digest)).collect();
            match (new.as_slice(), all.as_slice()) {
                ([digest], _) => return Ok((**digest).to_owned()),
                (_, [digest]) => return Ok((*digest).to_owned()),
                _ => {}
            }
        }
        // The repository has had this image under several digests. A second push, which sends nothing, tells which.
        let said = capture_docker(self.runner, &push(reference))?;
        let said = String::from_utf8_lossy(&said);
        pushed_digest(&said).map(str::to_owned).ok_or_else(|| Error::NoDigest(reference.clone()))
    }
}
