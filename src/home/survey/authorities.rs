//! Findings about the CAs and their CRLs.

use time::{Duration, OffsetDateTime};

use super::{finding::Finding, kind::FindingKind};
use crate::authority::{IssuerRole, SignedCrl, Unsaid};

/// A CA as far as its end matters.
pub(super) struct Ca<'a> {
    pub(super) path: &'a str,
    pub(super) role: IssuerRole,
    pub(super) not_after: OffsetDateTime,
    pub(super) succession: Succession,
}

/// Whether another root can follow that of today in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Succession {
    /// It can.
    InSteps,
    /// The root of today allows no CAs below it that would lead devices there.
    None,
}

/// When another is wanted: of an issuing CA, while a new certificate of so many days still fits; of a root, while devices
/// have time to follow.
pub(super) fn due(ca: &Ca<'_>, days: u32) -> OffsetDateTime {
    let before = match ca.role {
        IssuerRole::Root => Duration::days(2 * 365),
        _ => Duration::days(i64::from(days)) + Duration::days(90),
    };
    ca.not_after - before
}

pub(super) fn ca(ca: &Ca<'_>, days: u32, now: OffsetDateTime) -> Option<Finding> {
    let (path, end) = (ca.path, ca.not_after);
    if end < now {
        return Some(Finding::new(FindingKind::CaExpired, path, end, format!("the CA `{path}` has ended")));
    }
    if now < due(ca, days) {
        return None;
    }
    let left = (end - now).whole_days();
    Some(match ca.role {
        IssuerRole::Root if ca.succession == Succession::None => {
            let message = format!("the root `{path}` ends in {left} days, and no other can follow it in steps");
            Finding::new(FindingKind::LastRootDue, path, end, message)
        }
        IssuerRole::Root => {
            let message = format!("the root `{path}` ends in {left} days, and every device needs the next one before");
            Finding::new(FindingKind::RootDue, path, end, message)
        }
        _ => {
            let message = format!("the issuing CA `{path}` ends in {left} days, and what it issues ends with it");
            Finding::new(FindingKind::IssuingDue, path, end, message)
        }
    })
}

/// A CA of today that begins in the time to come.
pub(super) fn ahead(path: &str, begins: OffsetDateTime) -> Finding {
    Finding::new(FindingKind::CaNotYetValid, path, begins, format!("the CA `{path}` has not begun"))
}

/// A CA that was revoked, or stands below one that was, and is the newest or has servers that use what it issued.
pub(super) fn revoked(path: &str, revoked: &str) -> Finding {
    let message = if path == revoked {
        format!("the CA `{path}` was revoked, and is in use still")
    } else {
        format!("the CA `{path}` stands below `{revoked}`, which was revoked, and is in use still")
    };
    Finding::new(FindingKind::CaRevoked, path, None, message)
}

/// A CA that was adopted without its key, and has servers that use what it issued.
pub(super) fn keyless(path: &str) -> Finding {
    let message = format!("the key of the CA `{path}` was not found, and no CRL can tell what it revoked");
    Finding::new(FindingKind::CaKeyless, path, None, message)
}

/// The CRL of a CA, worst first: one word is enough.
pub(super) fn crl(path: &str, newest: Option<SignedCrl>, unsaid: Unsaid, now: OffsetDateTime) -> Option<Finding> {
    let Some(newest) = newest else {
        return Some(Finding::new(FindingKind::CrlMissing, path, None, format!("`{path}` has no CRL")));
    };
    let (kind, message) = if newest.next_update < now {
        (FindingKind::CrlExpired, format!("the CRL of `{path}` has ended"))
    } else if newest.is_ahead(now) {
        let message = format!("the CRL of `{path}` has not begun");
        return Some(Finding::new(FindingKind::CrlNotYetValid, path, newest.this_update, message));
    } else if unsaid == Unsaid::Revocation {
        (FindingKind::CrlBehind, format!("the CRL of `{path}` does not say all that was revoked"))
    } else if unsaid == Unsaid::Lost {
        let message = format!("the CRL of `{path}` is older than the restore of this home: newer ones may be about");
        (FindingKind::CrlBehind, message)
    } else if newest.is_half_over(now - SLACK) {
        (FindingKind::CrlOverdue, format!("the CRL of `{path}` is past half of its life"))
    } else {
        return None;
    };
    Some(Finding::new(kind, path, newest.next_update, message))
}

/// A timer runs every day, not every minute.
const SLACK: Duration = Duration::days(1);
