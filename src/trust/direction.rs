//! Which way a root goes, and what that takes in a store.

use super::{
    error::TrustError,
    root::Root,
    store::{Standing, Store},
};
use crate::{plan::Plan, system::Host};

/// Which way a root goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Into the stores.
    Install,
    /// Out of them.
    Remove,
}

impl Direction {
    /// Whether a root is trusted in a store, as far as it has to be known for this.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub(super) fn standing(self, store: &dyn Store, root: &Root, host: &dyn Host) -> Result<Standing, TrustError> {
        match (self, store.standing(root, host)) {
            // What breaks it may be the root's own file, which a run that was stopped has left.
            (Self::Remove, Err(TrustError::BrokenBundle { .. })) => Ok(Standing::Idle),
            // Where nothing can be put there is nothing to take away.
            (Self::Remove, Err(TrustError::NoAnchors)) => Ok(Standing::Absent),
            (_, standing) => standing,
        }
    }

    /// The plan for a store with this standing; none where that is as it shall be.
    ///
    /// # Errors
    /// Something that it takes is not there.
    pub(super) fn plan(
        self,
        standing: Standing,
        store: &dyn Store,
        root: &Root,
        host: &dyn Host,
    ) -> Result<Option<Plan>, TrustError> {
        match (self, standing) {
            (Self::Install, Standing::Trusted) | (Self::Remove, Standing::Absent | Standing::Blocked) => Ok(None),
            (Self::Install, _) => store.installation(root, host).map(Some),
            (Self::Remove, _) => store.removal(root, host).map(Some),
        }
    }
}
