//! A preset put in its place on this machine, and taken away again.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::{
    authority::{Destination, Label},
    cli::{
        context::Context,
        delivery::make_directory,
        failure::{Failure, FailureKind},
        page::{Page, Tone},
        report::{Outcome, Report},
        server_preset,
        server_secrets::{self, ServerSecret},
        terminal::Person,
        told_plan::{ToldStep, failure_of, tell_kept},
    },
    home::Home,
    plan::{OnFailure, Plan, Step, StepError, Taken, Undone, shell_line, shell_word},
    preset::{Delivery, Neighbours, NoPlace, Place, Preset, Target, beside, installation, secrets},
    system::{
        DirectoryMode,
        files::{current_user, directory},
    },
};

/// Putting a preset in its place.
#[derive(Args, Debug)]
#[command(next_help_heading = "On this machine")]
pub(super) struct InstallArguments {
    /// Put it in its place: bring the files there, write the configuration, let the server take it. Where a step fails, the files
    /// are put back as they were
    #[arg(long, group = "placing", conflicts_with_all = ["out", "force"])]
    install: bool,
    /// Take away again what --install wrote, and bring back what was there before
    #[arg(long, group = "placing", conflicts_with_all = ["out", "force"])]
    remove: bool,
    /// The directory of its configuration, where this machine has several or it is an unusual one: of a cluster of PostgreSQL, of the
    /// file provider of Traefik, of Home Assistant
    #[arg(long, value_name = "DIR", requires = "placing")]
    place: Option<PathBuf>,
    /// Show what would be written and run, and change nothing
    #[arg(long, requires = "placing")]
    dry_run: bool,
}

/// What was done on this machine, or would be.
#[derive(Debug, Serialize)]
struct InstallReport {
    target: &'static str,
    label: String,
    /// False where it was only shown.
    done: bool,
    /// The command after which a renewal brings the files there, where that was not remembered already: done first.
    bring: Vec<String>,
    /// The command that has each renewal bring the files there and the server take them, where that was not remembered already: done
    /// last.
    remember: Vec<String>,
    /// The secrets beside the configuration; a removal leaves them.
    secrets: Vec<ServerSecret>,
    steps: Vec<ToldStep>,
    /// Copies of what somebody had changed in what was written over or taken away.
    edited: Vec<PathBuf>,
    #[serde(skip)]
    is_removal: bool,
    /// Where the copies of the files stay after a removal.
    #[serde(skip)]
    left: Option<String>,
}

impl InstallArguments {
    /// Whether something shall be put in its place, or taken away.
    pub(super) fn is_asked(&self) -> bool {
        self.install || self.remove
    }

    /// Where the server has its configuration, for those of which that has to be found out.
    ///
    /// # Errors
    /// It is not found, or takes nothing more.
    pub(super) fn place(&self, target: Target, label: &str) -> Result<Option<Place>, Failure> {
        if !self.is_asked() {
            return Ok(None);
        }
        let named = self.place.as_deref().map(directory::absolute).transpose()?;
        let found = Place::find(target, named.as_deref(), Path::new("/")).and_then(|found| {
            let room = found.iter().filter(|_| self.install).try_for_each(|place| place.check_room(target, label));
            room.map(|()| found)
        });
        found.map_err(|error| no_place(&error, target, label))
    }

    /// Puts a preset in its place, or takes it away.
    ///
    /// # Errors
    /// A server that is set up by hand, or a step that fails.
    pub(super) fn run(
        &self,
        offered: &Preset,
        (label, place): (&str, Option<&Place>),
        home: &Home,
        context: &Context,
    ) -> Result<Outcome, Failure> {
        let label = Label::parse(label)?;
        let own = context.user_directories().map(|(_, own)| own);
        let refused = |error: NoPlace| no_place(&error, offered.target, label.as_str());
        let neighbours = Neighbours::look(offered.target, label.as_str(), own, Path::new("/"))?;
        let offered = &beside(offered.clone(), &neighbours);
        let plan = installation(offered, label.as_str(), own, place, &neighbours).map_err(refused)?;
        let plan = if self.install { plan } else { plan.undoing() };
        if self.install {
            check_user(offered.target, &label)?;
            let text = offered.documents.iter().map(|document| document.text.as_str()).next().unwrap_or_default();
            neighbours.check_room(offered.target, label.as_str(), text).map_err(refused)?;
        }
        let known = home.authority().intent(label.as_str())?.map(|intent| intent.destination).unwrap_or_default();
        let wanted = if self.install { brought(offered, &known) } else { let_go(offered, &known) };
        if self.install {
            home.check_claim(offered, label.as_str(), &wanted)?;
        }
        let is_new = self.install && wanted != known;
        let lasting = if is_new { offered.remembering(label.as_str()) } else { Vec::new() };
        let bring = offered.bringing(label.as_str()).filter(|_| is_new).unwrap_or_default();
        let kept = if self.install { kept(offered.target)? } else { Vec::new() };
        let report = |done, edited| InstallReport {
            target: offered.target.as_str(),
            label: label.to_string(),
            done,
            bring: bring.clone(),
            remember: lasting.clone(),
            secrets: kept.clone(),
            steps: plan.steps().iter().map(ToldStep::of).collect(),
            edited,
            is_removal: self.remove,
            left: known.out.clone().or(known.combined.clone()).filter(|_| self.remove),
        };
        if self.dry_run {
            return Ok(Outcome::done(report(false, Vec::new())));
        }
        if context.person() == Person::Present {
            let mut page = Page::new(context.terminal().columns()).calling(context.invocation());
            report(false, Vec::new()).tell(&mut page);
            context.terminal().remark(page.as_str());
            if !context.terminal().confirm("do that?")? {
                return Err(Failure::new(FailureKind::Refused, "nothing was changed"));
            }
        }
        let edited = if self.install {
            check_programs(&plan, offered.target, &label, context)?;
            let placed = remember_and_copy(home, &label, &untold(&wanted, &known))
                .and_then(|()| make_secrets(offered.target, &kept, context))
                .and_then(|()| put(&plan, home, context))
                .map_err(|failure| took_back(failure, &kept, (&wanted, &known)));
            // Where the server is not set up, a hook and a look at it would fail at the next renewal.
            let remembered = remember(home, &label, if placed.is_ok() { &wanted } else { &known });
            let edited = placed?;
            remembered.map(|()| edited)?
        } else {
            let taken = plan.run(context.processes(), OnFailure::GoOn);
            let edited = kept_of(&taken);
            first_failure(&taken).map_or(Ok(()), |failure| Err(naming(failure, &edited)))?;
            remember(home, &label, &wanted)?;
            edited
        };
        Ok(Outcome::done(report(true, edited)))
    }
}

/// Jupyter is a person's own, and refuses to run as root: who that is, root does not know.
fn check_user(target: Target, label: &Label) -> Result<(), Failure> {
    if !matches!(target, Target::Jupyter | Target::JupyterBehindProxy) || current_user() != 0 {
        return Ok(());
    }
    let message = format!("`{target}` is set up by the user who runs Jupyter, and that is not root");
    let failure = Failure::new(FailureKind::Refused, message);
    let failure = match target {
        Target::Jupyter => failure.hint(format!(
            "let renewals bring the files to that user, to `ann` for one: hubca edit {label} --for jupyter --owner ann"
        )),
        _ => failure,
    };
    Err(failure
        .hint(format!("write its configuration, for that user's ~/.jupyter: hubca export preset {target} {label}")))
}

/// Refuses before anything is done what would end half way for want of a program.
fn check_programs(plan: &Plan, target: Target, label: &Label, context: &Context) -> Result<(), Failure> {
    let missing = plan.steps().iter().filter_map(Step::program).find(|program| !context.processes().has(program));
    missing.map_or(Ok(()), |program| {
        Err(Failure::new(FailureKind::NotFound, format!("there is no program `{program}` on this machine"))
            .hint("install the server first; or, where it runs in some other way,")
            .hint(format!("take the steps yourself: hubca export preset {target} {label}")))
    })
}

/// What was made for a server that is not set up: secrets go again, and of copies it is said where they are.
fn took_back(failure: Failure, kept: &[ServerSecret], (wanted, known): (&Destination, &Destination)) -> Failure {
    let failure = match server_secrets::take_back(kept) {
        Ok(()) => failure,
        Err(error) => failure.hint(format!("{error}; remove it")),
    };
    let place = |destination: &Destination| destination.out.clone().or_else(|| destination.combined.clone());
    match place(wanted).filter(|wanted| place(known).as_ref() != Some(wanted)) {
        Some(place) => {
            failure.hint(format!("copies of its key and certificate may be in {place}; no renewal brings others there"))
        }
        None => failure,
    }
}

/// Where renewals bring the files from now on; what somebody said of that server already stays, and so does everything where this one
/// gets no files: they are those of the server in front of it.
fn brought(offered: &Preset, known: &Destination) -> Destination {
    if offered.delivery == Delivery::ByHand {
        return known.clone();
    }
    let fresh = server_preset::destination(offered);
    if known.server.as_deref() == Some(offered.target.as_str()) {
        // Its place and port may have been said anew.
        let is_port_known = server_preset::port(known) == server_preset::port(&fresh);
        let verify = if is_port_known { known.verify.clone() } else { fresh.verify };
        return Destination { out: fresh.out, combined: fresh.combined, verify, ..known.clone() };
    }
    Destination { hook_limit: known.hook_limit, ..fresh }
}

/// The same as long as the server is not told of it: the files come there, and what is run and looked at is as before.
fn untold(wanted: &Destination, known: &Destination) -> Destination {
    Destination {
        server: known.server.clone(),
        hook: known.hook.clone(),
        hook_limit: known.hook_limit,
        verify: known.verify.clone(),
        ..wanted.clone()
    }
}

/// The same without that server, if nothing else was said of it.
fn let_go(offered: &Preset, known: &Destination) -> Destination {
    let is_as_brought = *known == Destination { hook_limit: known.hook_limit, ..server_preset::destination(offered) };
    if is_as_brought { Destination::default() } else { known.clone() }
}

/// Remembers where the files are brought, and brings them there: the server looks for them as soon as it is told.
fn remember_and_copy(home: &Home, label: &Label, wanted: &Destination) -> Result<(), Failure> {
    server_preset::make_place(wanted, home)?;
    remember(home, label, wanted)?;
    let lock = home.lock_label(label.as_str())?;
    home.authority().await_deployment(label.as_str()).map_err(crate::home::HomeError::from)?;
    Ok(home.deliver_first(&lock, label.as_str())?)
}

/// Takes the steps, all or none; gives the copies of what somebody had changed.
fn put(plan: &Plan, home: &Home, context: &Context) -> Result<Vec<PathBuf>, Failure> {
    let undone = match plan.run_or_undo(context.processes()) {
        Ok(taken) => return Ok(kept_of(&taken)),
        Err(undone) => undone,
    };
    // A person's own server wants nobody else's rights.
    let is_own = context.user_directories().is_some_and(|(_, own)| plan.is_below(own));
    let rights = if is_own { Vec::new() } else { server_preset::rights(home) };
    Err(rights.into_iter().fold(failed_and_undone(&undone), Failure::hint))
}

fn failed_and_undone(undone: &Undone<'_>) -> Failure {
    let failure = failure_of(undone.step, &undone.error);
    let is_of_program = |error: &StepError| matches!(error, StepError::Failed { .. } | StepError::Process(_));
    let are_files_back = undone.left.iter().all(is_of_program);
    let failure = undone.left.iter().fold(failure, |failure, error| failure.because(format!("going back: {error}")));
    failure.hint(if are_files_back {
        "the files are as they were before"
    } else {
        "look at what could not be put back; the certificate and its copies are good"
    })
}

fn remember(home: &Home, label: &Label, wanted: &Destination) -> Result<(), Failure> {
    let _lock = home.lock_label(label.as_str())?;
    let Some(mut intent) = home.authority().intent(label.as_str())? else { return Ok(()) };
    if intent.destination != *wanted {
        intent.destination = wanted.clone();
        home.authority().edit(label, &intent)?;
    }
    Ok(())
}

/// The secrets of a server where it is set up as usual.
fn kept(target: Target) -> Result<Vec<ServerSecret>, Failure> {
    place_of_secrets(target).map(|place| server_secrets::look(target, place)).transpose().map(Option::unwrap_or_default)
}

fn make_secrets(target: Target, kept: &[ServerSecret], context: &Context) -> Result<(), Failure> {
    let Some(place) = place_of_secrets(target) else { return Ok(()) };
    make_directory(place, DirectoryMode::Public)?;
    server_secrets::make(kept, &*context.doors().random)
}

fn place_of_secrets(target: Target) -> Option<&'static Path> {
    secrets(target).first().map(|secret| Path::new(secret.place))
}

fn no_place(error: &NoPlace, target: Target, label: &str) -> Failure {
    let of = |kind| Failure::of(kind, error);
    let steps = format!("the steps for a person: hubca export preset {target} {label}");
    match error {
        NoPlace::ByHand { .. } | NoPlace::Closed { .. } => of(FailureKind::Refused).hint(steps),
        NoPlace::Taken { .. } => of(FailureKind::Refused)
            .hint(format!("add to that block what this shows: hubca export preset {target} {label}")),
        NoPlace::Other { label: other, .. } => of(FailureKind::Refused)
            .hint(format!("one certificate can have all names: issue it for `{other}` with those of `{label}` too"))
            .hint(format!("or take that one away first: hubca export preset {target} {other} --remove")),
        NoPlace::Port { .. } => of(FailureKind::Refused).hint("say another port: --port PORT").hint(
            "or, where a label listens there, take that one away first: hubca export preset SERVER LABEL --remove",
        ),
        NoPlace::Fixed { .. } => of(FailureKind::Usage).hint("leave out --place"),
        NoPlace::Several { found, .. } => {
            let first = found.first().map(String::as_str).unwrap_or_default();
            of(FailureKind::Refused).hint(format!("say which: --place {}", shell_word(first)))
        }
        NoPlace::Missing { .. } => of(FailureKind::NotFound)
            .hint("if it is set up on this machine, name the directory: --place DIR")
            .hint(steps),
        NoPlace::Unsayable(_) | NoPlace::File(_) => of(FailureKind::File),
    }
}

fn first_failure(taken: &[Taken<'_>]) -> Option<Failure> {
    taken.iter().find_map(|taken| Some(failure_of(taken.step, taken.result.as_ref().err()?)))
}

fn kept_of(taken: &[Taken<'_>]) -> Vec<PathBuf> {
    taken.iter().filter_map(|taken| taken.kept.clone()).collect()
}

/// What is said of copies that were made before something failed.
fn naming(failure: Failure, edited: &[PathBuf]) -> Failure {
    let say = |copy: &PathBuf| format!("what was changed there by hand is kept in {}", copy.display());
    edited.iter().map(say).fold(failure, Failure::hint)
}

impl Report for InstallReport {
    fn tell(&self, page: &mut Page) {
        if self.done {
            let what = if self.is_removal { "taken away" } else { "in its place" };
            page.heading(&format!("{what}: {} for {}", self.target, self.label));
        } else {
            if !self.bring.is_empty() {
                page.marked(Tone::Strong, "step:", "bring its key and certificate there, now and at each renewal");
                page.command(&page.spelled(&shell_line(&self.bring)));
            }
            self.secrets.iter().for_each(|secret| secret.tell_step(page));
            self.steps.iter().for_each(|step| step.tell(page));
            if !self.remember.is_empty() {
                page.marked(Tone::Strong, "step:", "let each renewal tell it too");
                page.command(&page.spelled(&shell_line(&self.remember)));
            }
        }
        tell_kept(&self.edited, page);
        if let Some(left) = &self.left {
            page.line(&format!("the copies of its key and certificate stay in {left}"));
        }
        if self.done && !self.is_removal {
            page.line(&format!("see whether it shows its certificate: {}", page.hubca("status")));
            page.line(&format!("a renewal, tried now: {}", page.hubca(&format!("renew {} --force", self.label))));
        }
    }
}
