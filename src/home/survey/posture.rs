//! Findings about how the CA is kept: its scope, its keys, its clock.

use std::path::Path;

use time::Duration;

use super::{finding::Finding, kind::FindingKind};
use crate::{authority::ClockBehind, profile::Scope, system::Access};

pub(super) fn scope(scope: &Scope) -> Option<Finding> {
    let message = "the root may vouch for any name on earth, and devices believe it";
    match scope {
        Scope::Unconstrained => Some(Finding::new(FindingKind::ScopeUnconstrained, "root", None, message)),
        Scope::Constrained { .. } => None,
    }
}

pub(super) fn open_root_key(kind: FindingKind, path: &Path) -> Finding {
    let path = path.display().to_string();
    let message = format!("the root key `{path}` has no passphrase: whoever copies the file is this CA");
    Finding::new(kind, path, None, message)
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

pub(super) fn clock(behind: ClockBehind) -> Finding {
    let ClockBehind { now, newest } = behind;
    let message = format!("the clock of this machine is {} behind the audit log", in_words(newest - now));
    Finding::new(FindingKind::ClockBehind, "clock", newest, message)
}

fn in_words(time: Duration) -> String {
    match time.whole_days() {
        0 => format!("{} minutes", time.whole_minutes()),
        days => format!("{days} day{}", if days == 1 { "" } else { "s" }),
    }
}
