//! What is planned for a root in a store, and what becomes of it.

use super::{
    chosen::ChosenRoots,
    report::{StoreOutcome, ToldStore},
};
use crate::{
    cli::failure::Failure,
    plan::Plan,
    system::Host,
    trust::{self, Change, Direction, Kind, Root, Store, TrustError, Turns},
};

/// What is planned for a root in a store.
pub(super) struct Planned<'a> {
    store: &'a dyn Store,
    root: &'a Root,
    direction: Direction,
    /// None where the store is as it shall be.
    plan: Result<Option<Plan>, TrustError>,
}

impl<'a> Planned<'a> {
    /// The plans, store by store. Of roots that are handed out no more nothing is to be told but that they are taken out.
    pub(super) fn all(
        stores: &'a [Box<dyn Store + 'a>],
        roots: &'a ChosenRoots,
        direction: Direction,
        turns: &Turns,
        host: &dyn Host,
    ) -> Vec<Self> {
        let withdrawn = || roots.withdrawn.iter().map(|(root, _)| root).filter(|_| direction == Direction::Remove);
        let each =
            stores.iter().flat_map(|store| roots.wanted.iter().chain(withdrawn()).map(move |root| (&**store, root)));
        let planned = each.map(|(store, root)| {
            let plan = trust::plan(store, root, direction, turns, host);
            Self { store, root, direction, plan }
        });
        let mut planned: Vec<_> =
            planned.filter(|planned| roots.wanted.contains(planned.root) || planned.changes()).collect();
        if direction == Direction::Remove {
            add_clearing(&mut planned, host);
        }
        planned
    }

    /// Whether it is for a root.
    pub(super) fn is_for(&self, root: &Root) -> bool {
        self.root == root
    }

    /// The plan, if anything is to be done.
    pub(super) fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref().ok().and_then(Option::as_ref)
    }

    fn changes(&self) -> bool {
        self.plan().is_some_and(|plan| !plan.steps().is_empty())
    }

    /// Tells what would be done, beside what is planned for the others.
    pub(super) fn told(&self, others: &[Self]) -> ToldStore {
        let is_changed = |kind: Kind| others.iter().any(|other| other.store.kind() == kind && other.changes());
        let feeds = |kind: &Kind| self.store.is_fed_by(*kind) && is_changed(*kind);
        let feeder = Kind::ALL.into_iter().find(|kind| self.direction == Direction::Install && feeds(kind));
        match (feeder, &self.plan) {
            (Some(kind), _) => ToldStore::fed(self.store, self.root, kind),
            (None, Ok(Some(plan))) => ToldStore::of(self.store, self.root, StoreOutcome::Planned, Some(plan)),
            (None, Ok(None)) => ToldStore::of(self.store, self.root, StoreOutcome::AlreadySo, None),
            (None, Err(error)) => self.failed(error),
        }
    }

    /// Changes the store, and tells what became of it.
    pub(super) fn change(&self, turns: &Turns, host: &dyn Host) -> ToldStore {
        let (store, root) = (self.store, self.root);
        let changed = match self.direction {
            Direction::Install => trust::install(store, root, turns, host),
            Direction::Remove => trust::remove(store, root, turns, host),
        };
        match (self.direction, changed) {
            (_, Ok(Change::Done)) => ToldStore::of(store, root, StoreOutcome::Done, None),
            (_, Ok(Change::Blocked)) => ToldStore::still_blocked(store, root),
            (Direction::Install, Ok(Change::AlreadySo)) => ToldStore::of(store, root, StoreOutcome::AlreadySo, None),
            (Direction::Remove, Ok(Change::AlreadySo)) => {
                let foreign = store.foreign(root, host).unwrap_or_default();
                ToldStore::without(store, root, foreign.as_deref())
            }
            (_, Err(error)) => self.failed(&error),
        }
    }

    /// Tells that nothing was done, and why.
    pub(super) fn failed(&self, error: &TrustError) -> ToldStore {
        ToldStore::failed(self.store, self.root, Failure::from(error))
    }
}

/// Adds to the last plan for each store what takes away what was made there, once all these roots are gone.
fn add_clearing(planned: &mut [Planned<'_>], host: &dyn Host) {
    for of_store in planned.chunk_by_mut(|one, other| std::ptr::addr_eq(one.store, other.store)) {
        let going: Vec<&Root> = of_store.iter().map(|planned| planned.root).collect();
        let Some(Planned { store, plan: Ok(plan), .. }) = of_store.last_mut() else { continue };
        let clearing = store.clearing(&going, host).unwrap_or_default();
        if !clearing.steps().is_empty() {
            *plan = Some(plan.take().unwrap_or_default().and(clearing));
        }
    }
}
