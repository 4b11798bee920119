//! A store is changed: only where it is not as it shall be, by one run of this program at a time, and what came of it is looked at.

use super::{
    direction::Direction,
    error::TrustError,
    root::Root,
    store::{Standing, Store},
    turns::Turns,
};
use crate::{
    plan::{Deed, OnFailure, Plan, Step, Taken},
    system::Host,
};

/// What became of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was changed.
    Done,
    /// The root was taken out; it is blocked there as well, and stays so.
    Blocked,
    /// It was as it shall be.
    AlreadySo,
}

/// Whether a root is trusted in a store.
///
/// # Errors
/// The store cannot be asked.
pub fn standing(store: &dyn Store, root: &Root, turns: &Turns, host: &dyn Host) -> Result<Standing, TrustError> {
    let _held = turns.take(store)?;
    store.standing(root, host)
}

/// The plan that changes a store; none where it is as it shall be.
///
/// # Errors
/// Something that it takes is not there, or the store cannot be asked.
pub fn plan(
    store: &dyn Store,
    root: &Root,
    direction: Direction,
    turns: &Turns,
    host: &dyn Host,
) -> Result<Option<Plan>, TrustError> {
    let _held = turns.take(store)?;
    direction.plan(direction.standing(store, root, host)?, store, root, host)
}

/// Puts a root into a store. Where that fails, what was begun is taken away again; a root that lay there before is somebody's, and so is
/// one that came there before its turn.
///
/// # Errors
/// A step that fails, or a store that does not trust the root after all of them.
pub fn install(store: &dyn Store, root: &Root, turns: &Turns, host: &dyn Host) -> Result<Change, TrustError> {
    let _held = turns.take(store)?;
    let before = Direction::Install.standing(store, root, host)?;
    let Some(plan) = Direction::Install.plan(before, store, root, host)? else { return Ok(Change::AlreadySo) };
    let taken = plan.run(host, OnFailure::Stop);
    let is_put = taken.iter().any(|taken| brings(taken.step, root));
    let installed = failure(taken).and_then(|()| match store.standing(root, host)? {
        Standing::Trusted => Ok(Change::Done),
        Standing::Idle | Standing::Absent | Standing::Blocked => Err(TrustError::NotTaken),
    });
    if installed.is_err() && before == Standing::Absent {
        let removal = if is_put { store.removal(root, host) } else { Ok(Plan::default()) };
        // The first failure is the one to tell.
        let _ = removal.and_then(|removal| take(&removal, OnFailure::GoOn, host)).and_then(|()| clear(store, host));
    }
    installed
}

/// Takes a root out of a store, and away what was made there for roots, where it holds nothing more.
///
/// # Errors
/// A step that fails, or a store that has the root after all of them.
pub fn remove(store: &dyn Store, root: &Root, turns: &Turns, host: &dyn Host) -> Result<Change, TrustError> {
    let _held = turns.take(store)?;
    let before = Direction::Remove.standing(store, root, host)?;
    let Some(plan) = Direction::Remove.plan(before, store, root, host)? else {
        return if before == Standing::Blocked { Ok(Change::AlreadySo) } else { clear(store, host) };
    };
    take(&plan, OnFailure::GoOn, host)?;
    match store.standing(root, host)? {
        Standing::Trusted => Err(TrustError::StillThere),
        Standing::Idle => Err(TrustError::Left),
        Standing::Blocked => Ok(Change::Blocked),
        Standing::Absent => clear(store, host).map(|_| Change::Done),
    }
}

/// Takes away what was made there for roots, where it holds none.
fn clear(store: &dyn Store, host: &dyn Host) -> Result<Change, TrustError> {
    let plan = store.clearing(&[], host)?;
    take(&plan, OnFailure::Stop, host)?;
    Ok(if plan.steps().is_empty() { Change::AlreadySo } else { Change::Done })
}

/// Whether a step brings the root to where it is to lie.
fn brings(step: &Step, root: &Root) -> bool {
    match step.deed() {
        Deed::Write { content, .. } | Deed::Run { input: content, .. } => root.is_in(content),
        _ => false,
    }
}

fn take(plan: &Plan, on_failure: OnFailure, host: &dyn Host) -> Result<(), TrustError> {
    failure(plan.run(host, on_failure))
}

/// The first failure of steps that were taken, if there is one.
fn failure(taken: Vec<Taken<'_>>) -> Result<(), TrustError> {
    let failed = taken.into_iter().find_map(|taken| Some((taken.step.sentence(), taken.result.err()?)));
    failed.map_or(Ok(()), |(sentence, source)| Err(TrustError::Step { sentence: sentence.to_owned(), source }))
}
