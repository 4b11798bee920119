//! A store into which nothing can be put, and of which nobody can say what is in it: it is told with the reason.

use super::{
    error::TrustError,
    root::Root,
    store::{Kind, Standing, Store},
};
use crate::{plan::Plan, system::Host};

/// What stands where a store should be.
pub(super) struct Unusable {
    /// Of which kind it would be.
    pub(super) kind: Kind,
    /// Where it would be, for a person.
    pub(super) place: String,
    /// Why it is none.
    pub(super) why: fn() -> TrustError,
}

impl Store for Unusable {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn place(&self) -> String {
        self.place.clone()
    }

    fn installation(&self, _root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        Err((self.why)())
    }

    fn removal(&self, _root: &Root, _host: &dyn Host) -> Result<Plan, TrustError> {
        Err((self.why)())
    }

    fn standing(&self, _root: &Root, _host: &dyn Host) -> Result<Standing, TrustError> {
        Err((self.why)())
    }
}
