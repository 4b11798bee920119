//! Findings about the certificates of servers.

use time::{Duration, OffsetDateTime};

use super::{finding::Finding, kind::FindingKind};
use crate::authority::InUse;

/// How long a certificate may be due before that is worth a word: a timer runs every day, and may be asleep over a weekend.
pub(super) const GRACE: Duration = Duration::days(3);
/// How long before its end a person is told of a certificate that nothing renews; and how long after it.
pub(super) const NOTICE: Duration = Duration::days(30);

pub(super) fn expired(certificate: &InUse) -> Finding {
    let message = format!("the certificate of `{}` has ended", certificate.label);
    Finding::new(FindingKind::CertificateExpired, &certificate.label, certificate.not_after, message)
}

pub(super) fn ahead(certificate: &InUse) -> Finding {
    let message = format!("the certificate of `{}` has not begun", certificate.label);
    Finding::new(FindingKind::CertificateNotYetValid, &certificate.label, certificate.not_before, message)
}

pub(super) fn responder_ahead(certificate: &InUse) -> Finding {
    let message = format!("the newest certificate of the OCSP responder `{}` has not begun", certificate.label);
    Finding::new(FindingKind::ResponderNotYetValid, &certificate.label, certificate.not_before, message)
}

pub(super) fn revoked(certificate: &InUse) -> Finding {
    let message = format!("the certificate of `{}` was revoked and is still the newest one", certificate.label);
    Finding::new(FindingKind::CertificateRevoked, &certificate.label, None, message)
}

pub(super) fn overdue(certificate: &InUse, now: OffsetDateTime) -> Finding {
    let due: OffsetDateTime = certificate.not_after - (certificate.not_after - certificate.not_before) / 3;
    // Whose CA was revoked is due before its time.
    let since = if due <= now { format!("due for {} days", (now - due).whole_days()) } else { "due".to_owned() };
    let message = format!("`{}` is {since}: `hubca renew` does not run, or fails", certificate.label);
    Finding::new(FindingKind::CertificateOverdue, &certificate.label, certificate.not_after, message)
}

pub(super) fn expiring(certificate: &InUse) -> Finding {
    let message = format!("the certificate of `{}` ends", certificate.label);
    Finding::new(FindingKind::CertificateExpiring, &certificate.label, certificate.not_after, message)
}

pub(super) fn signed_expired(certificate: &InUse) -> Finding {
    let message = format!("the certificate of `{}`, whose key is kept elsewhere, has ended", certificate.label);
    Finding::new(FindingKind::SignedExpired, &certificate.label, certificate.not_after, message)
}

pub(super) fn signed_expiring(certificate: &InUse) -> Finding {
    let message = format!("the certificate of `{}`, whose key is kept elsewhere, ends", certificate.label);
    Finding::new(FindingKind::SignedExpiring, &certificate.label, certificate.not_after, message)
}
