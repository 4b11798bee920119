//! Findings about how the CA is kept: its scope, its keys, its clock.

use std::path::Path;

use time::{Duration, OffsetDateTime};

use super::{finding::Finding, kind::FindingKind};
use crate::{profile::Scope, system::Access};

pub(super) fn scope(scope: &Scope) -> Option<Finding> {
    let message = "the root may vouch for any name on earth, and devices believe it";
    match scope {
        Scope::Unconstrained => Some(Finding::new(FindingKind::ScopeUnconstrained, "root", None, message)),
        Scope::Constrained { .. } => None,
    }
}

pub(super) fn open_root_key(path: &Path) -> Finding {
    let path = path.display().to_string();
    let message = format!("the root key `{path}` has no passphrase: whoever copies the file is this CA");
    Finding::new(FindingKind::RootKeyUnprotected, path, None, message)
}

pub(super) fn missing_issuing_key(path: &Path) -> Finding {
    let path = path.display().to_string();
    let message = format!("the issuing key is not in `{path}`: nothing can be issued or renewed");
    Finding::new(FindingKind::IssuingKeyMissing, path, None, message)
}

pub(super) fn key_access(path: &Path, access: Access) -> Option<Finding> {
    if access.is_secret() {
        return None;
    }
    let path = path.display().to_string();
    let message = format!("others can read the key `{path}`: its mode is {:04o}", access.mode);
    Some(Finding::new(FindingKind::KeyExposed, path, None, message))
}

/// The clock against the newest entry of the audit log; time services move it a little.
pub(super) fn clock(newest: Option<OffsetDateTime>, now: OffsetDateTime) -> Option<Finding> {
    let newest = newest.filter(|newest| now < *newest - Duration::minutes(5))?;
    let message =
        format!("the clock of this machine is {} minutes behind the audit log", (newest - now).whole_minutes());
    Some(Finding::new(FindingKind::ClockBehind, "clock", newest, message))
}
