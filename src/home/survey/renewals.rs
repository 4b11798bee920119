//! Findings about certificates on their way to their servers, and about what the servers show.

use time::{Duration, OffsetDateTime};

use super::{finding::Finding, kind::FindingKind};
use crate::{
    authority::{DeploymentOutcome, DeploymentRecord},
    home::losses::Loss,
};

/// What is not where it shall be.
pub(super) fn deployment(record: &DeploymentRecord, now: OffsetDateTime) -> Option<Finding> {
    let label = &record.label;
    let why = record.message.as_deref().map(|message| format!(": {message}")).unwrap_or_default();
    let (kind, message) = match record.outcome {
        DeploymentOutcome::Deployed | DeploymentOutcome::Verified => return None,
        // A command may be at work on it right now.
        DeploymentOutcome::Pending if now - record.at < PATIENCE => return None,
        DeploymentOutcome::Pending => (
            FindingKind::RenewalPending,
            format!("the new certificate of `{label}` was not seen at its server yet{why}"),
        ),
        DeploymentOutcome::RolledBack | DeploymentOutcome::Withdrawn => (
            FindingKind::RenewalFailed,
            format!("the new certificate of `{label}` failed at its server, and the one of before is back{why}"),
        ),
        DeploymentOutcome::Failed => {
            (FindingKind::RenewalFailed, format!("the new certificate of `{label}` failed at its server{why}"))
        }
    };
    Some(Finding::new(kind, label, record.at, message))
}

/// Files that are not where they shall be.
pub(super) fn loss(label: &str, loss: Loss) -> Finding {
    let (kind, message) = match loss {
        Loss::Generation => (
            FindingKind::GenerationLost,
            format!("the files of the newest certificate of `{label}` in archive/ are lost, or are others"),
        ),
        Loss::Live => (FindingKind::LiveLost, format!("the link live/{label} is lost")),
        Loss::Chain => {
            (FindingKind::ChainDiffers, format!("the CAs beside the certificate of `{label}` in archive/ are others"))
        }
        Loss::Copies => (FindingKind::CopiesDiffer, format!("the copies of `{label}` are lost, or are others")),
    };
    Finding::new(kind, label, None, message)
}

/// What a server shows that should show something else; `why` is a sentence that names the address.
pub(super) fn drift(label: &str, why: &str) -> Finding {
    Finding::new(FindingKind::ServedDiffers, label, None, format!("{why}: `{label}` is not what its server shows"))
}

/// A server that shows nothing.
pub(super) fn unreachable(label: &str, why: &str) -> Finding {
    Finding::new(
        FindingKind::ServerUnreachable,
        label,
        None,
        format!("the server of `{label}` cannot be looked at: {why}"),
    )
}

/// How long a certificate may be on its way.
const PATIENCE: Duration = Duration::hours(2);
