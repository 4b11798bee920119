//! A preset taken away from this machine.

use std::path::{Path, PathBuf};

use super::placing::{Asked, Direction, PlacingReport, naming, no_place, removal};
use crate::{
    authority::Destination,
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        report::Outcome,
        told_plan::{ToldStep, failure_of},
    },
    home::{Home, destination, let_go, remove_copies},
    plan::{OnFailure, Step, StepError, Taken, shell_word},
    preset::{CertificateFiles, Preset, Standing},
};

/// Takes a preset away: renewals forget it first, then its configuration goes, the server is told, and its copies of the key go last.
///
/// # Errors
/// What lies there is somebody else's, or a step that fails.
pub(super) fn remove(asked: &Asked<'_>, home: &Home, context: &Context) -> Result<Outcome, Failure> {
    let (offered, label) = (asked.offered, asked.label);
    let known = home.authority().intent(label.as_str())?.map(|intent| intent.destination).unwrap_or_default();
    let mut report = PlacingReport::of(offered, label.as_str(), Direction::Remove);
    let install =
        offered.plan(label.as_str(), asked.call).map_err(|error| no_place(&error, offered.target, label.as_str()))?;
    let usual = destination(offered);
    let brought = if known.has_copies() { &known } else { &usual };
    match asked.standing {
        Standing::Theirs(path) if known.server.as_deref() == Some(offered.target.as_str()) => {
            return Err(not_ours(path, offered, label.as_str()));
        }
        Standing::Theirs(path) => {
            report.nothing = Some(format!("`{}` is somebody's own, and stays", path.display()));
        }
        Standing::Nothing => {
            report.nothing = Some(why_nothing(offered, label.as_str(), &known));
            report.left = home.spare_copies(label.as_str(), brought, &known)?;
        }
        Standing::Ours(_) => {}
    }
    report.done = !asked.is_dry;
    if report.nothing.is_some() {
        return Ok(Outcome::done(report));
    }
    // A server that is no longer on this machine is told nothing.
    let gone = install.steps().iter().filter_map(Step::program).find(|program| !context.processes().has(program));
    let plan = install.undoing();
    let plan = if gone.is_some() { plan.without_programs() } else { plan };
    report.steps = plan.steps().iter().map(ToldStep::of).collect();
    let wanted = let_go(offered, &known);
    report.forgotten = forgotten(&known, &wanted, &usual);
    let spare = home.spare_copies(label.as_str(), brought, &wanted)?;
    (report.copies, report.left) =
        spare.into_iter().partition(|copy| copy.starts_with(Path::new(CertificateFiles::COMMON)));
    if asked.is_dry {
        return Ok(Outcome::done(report));
    }
    report.done = false;
    report.ask(context)?;
    home.remember(label, &wanted)?;
    let taken = plan.run(context.processes(), OnFailure::GoOn);
    report.edited = kept_of(&taken);
    let failed = |is_file: bool| {
        let failed = taken.iter().filter_map(|taken| Some((taken.step, taken.result.as_ref().err()?)));
        failed
            .into_iter()
            .find(|(step, error)| is_of_file(step, error) == is_file)
            .map(|(step, error)| failure_of(step, error))
    };
    if let Some(failure) = failed(true) {
        // What failed may have been done, but for its sync. Where our lines are there still, so is the server.
        let standing = Standing::look(offered, label.as_str(), Path::new("/"));
        if !standing.is_ok_and(|standing| standing == Standing::Nothing) {
            home.remember(label, &known)?;
        }
        return Err(naming(failure, &report.edited));
    }
    if let Some(failure) = failed(false) {
        let failure = failure.hint("its configuration is taken away, and renewals do nothing for it any more");
        let left: Vec<PathBuf> = [report.copies, report.left].concat();
        let failure = if left.is_empty() {
            failure
        } else {
            failure.hint(format!("when it is told, remove its copies: {}", removal(&left)))
        };
        return Err(naming(failure, &report.edited));
    }
    remove_copies(&report.copies)?;
    if let Some(gone) = gone {
        context.note(&format!("there is no program `{gone}` on this machine, so nobody was told"));
    }
    report.done = true;
    Ok(Outcome::done(report))
}

/// Whether what is ours may be there still: a program that failed has only not told the server.
fn is_of_file(step: &Step, error: &StepError) -> bool {
    step.program().is_none() || !matches!(error, StepError::Failed { .. } | StepError::Process(_))
}

fn why_nothing(offered: &Preset, label: &str, known: &Destination) -> String {
    if known.server.as_deref() != Some(offered.target.as_str()) {
        return "--install did not put it on this machine".to_owned();
    }
    format!(
        "nothing that --install writes is there; renewals go on for whoever was set up by hand, until it is said otherwise: hubca edit {} \
         --no-for --no-out --no-combined --no-owner --no-hook --no-verify",
        shell_word(label)
    )
}

fn not_ours(path: &Path, offered: &Preset, label: &str) -> Failure {
    let message = format!("`{}` was not written by --install, or lost its first line since", path.display());
    Failure::new(FailureKind::Refused, message)
        .hint(format!("take it away yourself, and {} reads it no more", offered.target))
        .hint(format!(
            "then end its renewals: hubca edit {} --no-for --no-out --no-combined --no-owner --no-hook --no-verify",
            shell_word(label)
        ))
}

/// What somebody said of the server beside its preset.
fn forgotten(known: &Destination, wanted: &Destination, usual: &Destination) -> Vec<String> {
    if known == wanted {
        return Vec::new();
    }
    let hook = known.hook.iter().filter(|hook| usual.hook.as_ref() != Some(hook));
    let verify = known.verify.iter().filter(|address| !usual.verify.contains(address));
    hook.map(|hook| format!("run `{hook}`")).chain(verify.map(|address| format!("look at {address}"))).collect()
}

fn kept_of(taken: &[Taken<'_>]) -> Vec<PathBuf> {
    taken.iter().filter_map(|taken| taken.kept.clone()).collect()
}
