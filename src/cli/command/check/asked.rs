//! Whom a visit is for: where the server is, what it is asked for, and whether a WebSocket is wanted.

use std::time::Duration;

use crate::{
    probe::{Address, Visitor},
    x509::GeneralName,
};

/// Whom a visit is for.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) address: Address,
    pub(super) name: GeneralName,
    /// The path at which a WebSocket shall open.
    pub(super) websocket: Option<String>,
}

impl Asked {
    /// The visitor, who waits for one answer so long at most.
    pub(super) fn visitor(&self, limit: Duration) -> Visitor<'_> {
        Visitor { address: &self.address, name: &self.name, path: self.path(), limit }
    }

    /// The path at which a WebSocket is tried.
    pub(super) fn path(&self) -> &str {
        self.websocket.as_deref().unwrap_or(ROOT)
    }
}

/// Where a WebSocket is tried if nobody says.
const ROOT: &str = "/";
