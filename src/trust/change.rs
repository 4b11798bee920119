//! A store is changed: only where it is not as it shall be, and what came of it is looked at.

use super::{
    error::TrustError,
    root::Root,
    store::{Standing, Store},
};
use crate::{
    plan::{OnFailure, Plan},
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

/// Puts a root into a store. Where that fails, what was begun is taken away again; a root that lay there before is somebody's.
///
/// # Errors
/// A step that fails, or a store that does not trust the root after all of them.
pub fn install(store: &dyn Store, root: &Root, host: &dyn Host) -> Result<Change, TrustError> {
    let before = store.standing(root, host)?;
    if before == Standing::Trusted {
        return Ok(Change::AlreadySo);
    }
    let installed = take(&store.installation(root, host)?, OnFailure::Stop, host).and_then(|()| {
        match store.standing(root, host)? {
            Standing::Trusted => Ok(Change::Done),
            Standing::Idle | Standing::Absent | Standing::Blocked => Err(TrustError::NotTaken),
        }
    });
    if installed.is_err()
        && before == Standing::Absent
        && let Ok(removal) = store.removal(root, host)
    {
        // The first failure is the one to tell.
        let _ = take(&removal, OnFailure::GoOn, host).and_then(|()| clear(store, host));
    }
    installed
}

/// Takes a root out of a store, and away what was made there for roots, where it holds nothing more.
///
/// # Errors
/// A step that fails, or a store that has the root after all of them.
pub fn remove(store: &dyn Store, root: &Root, host: &dyn Host) -> Result<Change, TrustError> {
    match store.standing(root, host) {
        Ok(Standing::Absent) => return clear(store, host),
        Ok(Standing::Blocked) => return Ok(Change::AlreadySo),
        // What breaks it may be the root's own file, which a run that was stopped has left.
        Ok(Standing::Trusted | Standing::Idle) | Err(TrustError::BrokenBundle { .. }) => {}
        Err(error) => return Err(error),
    }
    take(&store.removal(root, host)?, OnFailure::GoOn, host)?;
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

fn take(plan: &Plan, on_failure: OnFailure, host: &dyn Host) -> Result<(), TrustError> {
    let taken = plan.run(host, on_failure);
    let failed = taken.into_iter().find_map(|taken| Some((taken.step.sentence(), taken.result.err()?)));
    failed.map_or(Ok(()), |(sentence, source)| Err(TrustError::Step { sentence: sentence.to_owned(), source }))
}
