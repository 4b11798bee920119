//! `hubca trust install` and `hubca trust remove`: every store is told, then changed, one by one.

use clap::Args;
use serde::Serialize;

use super::{
    authorized::Authorized,
    chosen::{ChosenArguments, Pin},
    report::{ROOT, StoreOutcome, ToldRoot, ToldStore, tell_machine},
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
    plan::Plan,
    system::{Host, Interruption},
    trust::{self, Change, Direction, Kind, Root, Store, TrustError},
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
    let wanted = || roots.wanted.iter();
    // Of roots that are handed out no more nothing is to be told but that they are taken out.
    let withdrawn = || roots.withdrawn.iter().map(|(root, _)| root).filter(|_| direction == Direction::Remove);
    let each = stores.iter().flat_map(|store| wanted().chain(withdrawn()).map(move |root| (&**store, root)));
    let each = each.map(|(store, root)| (store, root, trust::plan(store, root, direction, host)));
    let is_wanted = |root: &Root| wanted().any(|wanted| wanted == root);
    let each: Vec<_> = each
        .filter(|(_, root, plan)| is_wanted(root) || matches!(plan, Ok(Some(plan)) if !plan.steps().is_empty()))
        .collect();
    let each = match direction {
        Direction::Install => each,
        Direction::Remove => with_clearing(each, host),
    };
    let is_left = |root: &&Root| each.iter().any(|(_, other, _)| other == root);
    let report = |done, stores| ChangeReport {
        done,
        on: reached.address(),
        machine: machine.name.clone(),
        roots: wanted().map(ToldRoot::of).chain(withdrawn().filter(is_left).map(ToldRoot::withdrawn)).collect(),
        warnings: match direction {
            Direction::Install => wanted().flat_map(|root| warnings(root, machine, context.now())).collect(),
            Direction::Remove => Vec::new(),
        },
        stores,
        direction,
    };
    let feeder = |store: &dyn Store| {
        let is_changed =
            |kind: Kind| each.iter().any(|(other, _, plan)| other.kind() == kind && matches!(plan, Ok(Some(_))));
        Kind::ALL
            .into_iter()
            .find(|kind| direction == Direction::Install && store.is_fed_by(*kind) && is_changed(*kind))
    };
    let told = each.iter().map(|(store, root, planned)| match feeder(*store) {
        Some(kind) => ToldStore::fed(*store, root, kind),
        None => told(*store, root, planned),
    });
    let told = told.collect();
    let shown = report(false, told);
    if arguments.dry_run {
        return Ok(shown.outcome());
    }
    agree(&shown, context)?;
    let authorized = Authorized::ask(&reached, each.iter().map(|(_, _, plan)| plan), context)?;
    let work = context.progress("trust stores", u64::try_from(each.len()).unwrap_or_default());
    // A program that writes a store anew and is ended leaves less in it than there was: what is begun comes to its end, and what
    // is not begun is left.
    let interruption = Interruption::hold_back();
    interruption.disregard();
    let changed = each.iter().map(|(store, root, plan)| {
        let changed = match plan {
            _ if interruption.has_come() => ToldStore::failed(*store, root, (&TrustError::Interrupted).into()),
            // It was waited for already.
            Err(busy @ TrustError::Busy(_)) => ToldStore::failed(*store, root, busy.into()),
            _ => change(*store, root, direction, host),
        };
        work.advance(1);
        changed
    });
    let changed = changed.collect();
    drop((work, authorized, interruption));
    Ok(report(true, changed).outcome())
}

/// What is planned for a root in a store.
type Planned<'a> = (&'a dyn Store, &'a Root, Result<Option<Plan>, TrustError>);

/// The same plans, and with the last one for each store that takes away what was made there, once all these roots are gone.
fn with_clearing<'a>(mut each: Vec<Planned<'a>>, host: &dyn Host) -> Vec<Planned<'a>> {
    for stores in each.chunk_by_mut(|(one, ..), (other, ..)| std::ptr::addr_eq(*one, *other)) {
        let going: Vec<&Root> = stores.iter().map(|(_, root, _)| *root).collect();
        let Some((store, _, Ok(plan))) = stores.last_mut() else { continue };
        let clearing = store.clearing(&going, host).unwrap_or_default();
        if !clearing.steps().is_empty() {
            *plan = Some(plan.take().unwrap_or_default().and(clearing));
        }
    }
    each
}

fn told(store: &dyn Store, root: &Root, planned: &Result<Option<Plan>, TrustError>) -> ToldStore {
    match planned {
        Ok(Some(plan)) => ToldStore::of(store, root, StoreOutcome::Planned, Some(plan)),
        Ok(None) => ToldStore::of(store, root, StoreOutcome::AlreadySo, None),
        Err(error) => ToldStore::failed(store, root, Failure::from(error)),
    }
}

fn change(store: &dyn Store, root: &Root, direction: Direction, host: &dyn Host) -> ToldStore {
    let changed = match direction {
        Direction::Install => trust::install(store, root, host),
        Direction::Remove => trust::remove(store, root, host),
    };
    match changed {
        Ok(Change::Done) => ToldStore::of(store, root, StoreOutcome::Done, None),
        Ok(Change::Blocked) => ToldStore::still_blocked(store, root),
        Ok(Change::AlreadySo) if direction == Direction::Remove => {
            let foreign = store.foreign(root, host).unwrap_or_default();
            ToldStore::without(store, root, foreign.as_deref())
        }
        Ok(Change::AlreadySo) => ToldStore::of(store, root, StoreOutcome::AlreadySo, None),
        Err(error) => ToldStore::failed(store, root, (&error).into()),
    }
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
