//! A preset put in its place on this machine.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    placing::{Asked, Direction, PlacingReport, no_place},
    preset_remove::remove,
};
use crate::{
    authority::{Destination, Label},
    cli::{
        context::Context,
        delivery::make_directory,
        failure::{Failure, FailureKind},
        report::Outcome,
        server_preset,
        told_plan::{ToldStep, failure_of},
    },
    home::{Home, ServerSecret, brought, untold},
    plan::{Plan, Step, StepError, Undone},
    preset::{Neighbours, NoPlace, Place, Preset, Site, Standing, Target, beside},
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
    /// file provider of Traefik, of Home Assistant, of Jupyter
    #[arg(long, value_name = "DIR", requires = "placing")]
    place: Option<PathBuf>,
    /// Show what would be written and run, and change nothing
    #[arg(long, requires = "placing")]
    dry_run: bool,
}

impl InstallArguments {
    /// Whether something shall be put in its place, or taken away.
    pub(super) fn is_asked(&self) -> bool {
        self.install || self.remove
    }

    /// Where the server has its configuration, for those of which that has to be found out.
    ///
    /// # Errors
    /// It is not found, or cannot be named.
    pub(super) fn place(&self, target: Target, label: &str, context: &Context) -> Result<Option<Place>, Failure> {
        let own = context.jupyter_directory();
        let own = own.map(|own| directory::absolute(&own)).transpose()?;
        if !self.is_asked() {
            // Nobody has to have it.
            return Ok(Place::find(target, None, own.as_deref(), Path::new("/")).ok().flatten());
        }
        let named = self.place.as_deref().map(directory::absolute).transpose()?;
        Place::find(target, named.as_deref(), own.as_deref(), Path::new("/"))
            .map_err(|error| no_place(&error, target, label))
    }

    /// The place that was named.
    pub(super) fn named(&self) -> Option<&Path> {
        self.place.as_deref()
    }

    /// Puts a preset in its place, or takes it away.
    ///
    /// # Errors
    /// A server that is set up by hand, or a step that fails.
    pub(super) fn run(
        &self,
        offered: &Preset,
        (site, call): (&Site, &str),
        standing: &Standing,
        home: &Home,
        context: &Context,
    ) -> Result<Outcome, Failure> {
        let label = &Label::parse(site.label())?;
        let asked = Asked { offered, site, label, call, standing, is_dry: self.dry_run };
        if self.install { install(&asked, home, context) } else { remove(&asked, home, context) }
    }
}

fn install(asked: &Asked<'_>, home: &Home, context: &Context) -> Result<Outcome, Failure> {
    let Asked { site, label, call, .. } = asked;
    let refused = |error: NoPlace| no_place(&error, asked.offered.target, label.as_str());
    // Whoever is set up by hand is told that first.
    asked.offered.plan(label.as_str(), call).map_err(refused)?;
    check_user(asked.offered.target, label)?;
    let neighbours = Neighbours::look(asked.offered, label.as_str(), Path::new("/"))?;
    let offered = &beside(asked.offered.clone(), site, &neighbours).map_err(refused)?;
    let plan = offered.plan(label.as_str(), call).map_err(refused)?;
    let known = home.authority().intent(label.as_str())?.map(|intent| intent.destination).unwrap_or_default();
    let wanted = brought(offered, &known);
    home.check_claim(offered, label.as_str(), &wanted)?;
    let is_new = wanted != known;
    let kept = kept(offered)?;
    let mut report = PlacingReport {
        bring: offered.bringing(label.as_str()).filter(|_| is_new).unwrap_or_default(),
        remember: if is_new { offered.remembering(label.as_str()) } else { Vec::new() },
        secrets: kept.clone(),
        steps: plan.steps().iter().map(ToldStep::of).collect(),
        cautions: offered.cautions.clone(),
        ..PlacingReport::of(offered, label.as_str(), Direction::Install)
    };
    if asked.is_dry {
        return Ok(Outcome::done(report));
    }
    report.ask(context)?;
    check_programs(&plan, offered.target, label, context)?;
    let placed = remember_and_copy(home, label, &untold(&wanted, &known))
        .and_then(|()| make_secrets(offered, &kept, context))
        .and_then(|()| put(&plan, home, context))
        .map_err(|failure| took_back(failure, &kept, (&wanted, &known)));
    // Where the server is not set up, a hook and a look at it would fail at the next renewal.
    let remembered = home.remember(label, if placed.is_ok() { &wanted } else { &known });
    report.edited = placed?;
    remembered?;
    report.done = true;
    Ok(Outcome::done(report))
}

/// Jupyter is a person's own, and refuses to run as root: who that is, root does not know.
fn check_user(target: Target, label: &Label) -> Result<(), Failure> {
    if !target.is_a_persons_own() || current_user() != 0 {
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
    let failure = match ServerSecret::take_back(kept) {
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

/// Remembers where the files are brought, and brings them there: the server looks for them as soon as it is told.
fn remember_and_copy(home: &Home, label: &Label, wanted: &Destination) -> Result<(), Failure> {
    server_preset::make_place(wanted, home)?;
    home.remember(label, wanted)?;
    let lock = home.lock_label(label.as_str())?;
    home.authority().await_deployment(label.as_str()).map_err(crate::home::HomeError::from)?;
    Ok(home.deliver_first(&lock, label.as_str())?)
}

/// Takes the steps, all or none; gives the copies of what somebody had changed.
fn put(plan: &Plan, home: &Home, context: &Context) -> Result<Vec<PathBuf>, Failure> {
    let undone = match plan.run_or_undo(context.processes()) {
        Ok(taken) => return Ok(taken.into_iter().filter_map(|taken| taken.kept).collect()),
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

/// The secrets of a server where it is set up as usual.
fn kept(offered: &Preset) -> Result<Vec<ServerSecret>, Failure> {
    let place = place_of_secrets(offered);
    Ok(place.map_or(Ok(Vec::new()), |place| ServerSecret::look(&offered.secrets, place))?)
}

fn make_secrets(offered: &Preset, kept: &[ServerSecret], context: &Context) -> Result<(), Failure> {
    let Some(place) = place_of_secrets(offered) else { return Ok(()) };
    make_directory(place, DirectoryMode::Public)?;
    Ok(ServerSecret::make(kept, &*context.doors().random)?)
}

fn place_of_secrets(offered: &Preset) -> Option<&'static Path> {
    offered.secrets.first().map(|secret| Path::new(secret.place))
}
