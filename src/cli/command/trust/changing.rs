//! `hubca trust install` and `hubca trust remove`: every store is told, then changed, one by one.

use clap::Args;
use serde::Serialize;

use super::{
    authorized::Authorized,
    chosen::{ChosenArguments, Pin},
    planned::Planned,
    report::{ROOT, StoreOutcome, ToldRoot, ToldStore, tell_machine, tell_others},
    warning::warnings,
};
use crate::{
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        page::{Page, Tone},
        report::{Outcome, Report},
        terminal::Person,
    },
    system::{Host, Interruption},
    trust::{Direction, Purpose, TrustError, Turns},
};

/// A change of the stores.
#[derive(Args, Debug)]
pub(super) struct ChangeArguments {
    #[command(flatten)]
    chosen: ChosenArguments,
    /// Show what would be written and run, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// What was done to each store, or would be.
#[derive(Debug, Serialize)]
struct ChangeReport {
    /// False where it was only shown.
    done: bool,
    /// Where the machine is, if it is not this one.
    on: Option<String>,
    /// What the machine calls itself.
    machine: Option<String>,
    roots: Vec<ToldRoot>,
    warnings: Vec<String>,
    stores: Vec<ToldStore>,
    #[serde(skip)]
    direction: Direction,
}

/// Changes the stores.
///
/// # Errors
/// No root, no store, or nobody who said yes.
pub(super) fn run(arguments: &ChangeArguments, direction: Direction, context: &Context) -> Result<Outcome, Failure> {
    let pin = if direction == Direction::Install { Pin::Needed } else { Pin::Optional };
    let roots = arguments.chosen.roots(pin, context)?;
    let reached = arguments.chosen.machine(context)?;
    let (machine, host) = (reached.machine(), reached.host());
    let stores = arguments.chosen.stores(&reached)?;
    let asking = Turns::new(Purpose::Ask, machine, host);
    let planned = Planned::all(&stores, &roots, direction, &asking, host);
    if arguments.dry_run {
        tell_others(&asking, context);
    }
    let withdrawn = roots.withdrawn.iter().map(|(root, _)| root);
    let withdrawn = withdrawn.filter(|root| planned.iter().any(|planned| planned.is_for(root)));
    let mut report = ChangeReport {
        done: false,
        on: reached.address(),
        machine: machine.name.clone(),
        roots: roots.wanted.iter().map(ToldRoot::of).chain(withdrawn.map(ToldRoot::withdrawn)).collect(),
        warnings: match direction {
            Direction::Install => roots.wanted.iter().flat_map(|root| warnings(root, machine, context.now())).collect(),
            Direction::Remove => Vec::new(),
        },
        stores: planned.iter().map(|one| one.told(&planned)).collect(),
        direction,
    };
    if !arguments.dry_run {
        agree(&report, context)?;
        let authorized = Authorized::ask(&reached, planned.iter().filter_map(Planned::plan), context)?;
        report.stores = change_each(&planned, &Turns::new(Purpose::Change, machine, host), host, context);
        report.done = true;
        drop(authorized);
    }
    Ok(report.outcome())
}

/// Changes the stores one by one. A program that writes a store anew and is ended leaves less in it than there was: what is begun comes
/// to its end, and what is not begun is left.
fn change_each(planned: &[Planned<'_>], turns: &Turns, host: &dyn Host, context: &Context) -> Vec<ToldStore> {
    let work = context.progress("trust stores", u64::try_from(planned.len()).unwrap_or_default());
    let interruption = Interruption::hold_back();
    interruption.disregard();
    let change = |planned: &Planned<'_>| {
        let changed = match interruption.has_come() {
            true => planned.failed(&TrustError::Interrupted),
            false => planned.change(turns, host),
        };
        work.advance(1);
        changed
    };
    planned.iter().map(change).collect()
}

/// Shows what will be done, and asks; a script says yes beforehand.
fn agree(shown: &ChangeReport, context: &Context) -> Result<(), Failure> {
    if shown.stores.iter().all(|store| store.outcome != StoreOutcome::Planned) || context.says_yes() {
        return Ok(());
    }
    if context.person() == Person::Absent {
        return Err(Failure::new(FailureKind::Refused, "nobody is there to say yes")
            .hint("--dry-run shows what would be done, and --yes says yes to it"));
    }
    let mut page = Page::new(context.terminal().columns());
    shown.tell(&mut page);
    context.terminal().remark(page.as_str());
    let machine = shown.on.as_deref().unwrap_or("this machine");
    let question = match shown.direction {
        Direction::Install => format!("let {machine} trust that root?"),
        Direction::Remove => format!("let {machine} trust it no more?"),
    };
    if context.terminal().confirm(&question)? {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Refused, "nothing was changed"))
}

impl ChangeReport {
    fn outcome(self) -> Outcome {
        let has_failed = self.stores.iter().any(|store| store.outcome == StoreOutcome::Failed);
        if has_failed { Outcome::with_code(self, 1) } else { Outcome::done(self) }
    }
}

impl Report for ChangeReport {
    fn tell(&self, page: &mut Page) {
        tell_machine(self.on.as_deref(), self.machine.as_deref(), page);
        self.roots.iter().for_each(|root| root.tell(page));
        for warning in &self.warnings {
            page.marked(Tone::Caution, "warning:", warning);
        }
        page.blank();
        let (done, already) = match self.direction {
            Direction::Install => ("trusts it now", "trusts it already"),
            Direction::Remove => ("trusts it no more", "does not have it"),
        };
        for store in &self.stores {
            match self.done {
                true => store.tell(page, done, already),
                false => store.tell_plan(page),
            }
        }
        if !self.done && self.stores.iter().any(ToldStore::is_fed_root) {
            page.blank();
            page.line(&format!("{ROOT} stands for the root in PEM; by hand, hubca export pem --out {ROOT} writes it"));
        }
        let is_changed = self.stores.iter().any(|store| store.outcome == StoreOutcome::Done);
        if is_changed && self.direction == Direction::Install {
            page.blank();
            page.line("programs that run already may have to be started anew");
        }
    }
}

pub(super) const INSTALL_EXAMPLES: &str = "\
Examples:
  hubca trust install --dry-run    what would be written and run
  hubca trust install
  hubca trust install --only system --yes
  hubca trust install --root home-hub.crt --sha256 FINGERPRINT
  hubca trust install --on ssh://ann@nas.lan
  hubca trust install --on docker:web";

pub(super) const REMOVE_EXAMPLES: &str = "\
Examples:
  hubca trust remove
  hubca trust remove --root old-root.crt
  hubca trust remove --on ssh://ann@nas.lan";
