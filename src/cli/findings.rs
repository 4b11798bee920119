//! The way out of each finding of `hubca status`, and the table of all of them.

use super::following;
use crate::{
    home::{Finding, FindingKind},
    plan::shell_word,
};

/// What a person can do about one.
pub fn way_out(finding: &Finding) -> String {
    finding.moved.as_ref().map_or_else(|| hint(finding.kind, &finding.subject), following::mend)
}

/// What a person can do about those of a kind; `subject` is what the finding is about.
pub fn hint(kind: FindingKind, subject: &str) -> String {
    match kind {
        FindingKind::CertificateExpired
        | FindingKind::CertificateNotYetValid
        | FindingKind::CertificateRevoked
        | FindingKind::CertificateExpiring
        | FindingKind::RenewalPending => format!("hubca renew {subject}"),
        FindingKind::CertificateOverdue => "hubca renew, and once a day: hubca renew --install-timer".to_owned(),
        FindingKind::SignedExpired | FindingKind::SignedExpiring => {
            format!("sign a new request: hubca sign FILE --label {subject}")
        }
        FindingKind::RenewalFailed => {
            format!(
                "mend what failed (hubca show {subject} tells the hook and the addresses), then hubca renew {subject}"
            )
        }
        FindingKind::GenerationLost | FindingKind::LiveLost | FindingKind::ChainDiffers | FindingKind::CopiesDiffer => {
            format!("hubca renew {subject}")
        }
        FindingKind::ServedDiffers => {
            format!("make the server read its files anew, or bring them once more: hubca renew {subject} --force")
        }
        FindingKind::ServerUnreachable => {
            format!("start the server, or change what is remembered: hubca edit {subject} --verify HOST:PORT")
        }
        FindingKind::AddressChanged => format!(
            "hubca issue --ip ADDRESS --label {subject} --force, or let renewals do it: hubca edit {subject} --follow-ip"
        ),
        FindingKind::CaExpired | FindingKind::RootDue if subject.starts_with("root") => {
            "change the root in steps: hubca rotate root".to_owned()
        }
        FindingKind::CaExpired | FindingKind::IssuingDue | FindingKind::RootDue => {
            "make another: hubca rotate issuing".to_owned()
        }
        FindingKind::CaNotYetValid if subject.starts_with("root") => {
            "give up the change of root that brought it: hubca rotate root abandon; if none did, only another CA helps: \
             hubca --home DIR init"
                .to_owned()
        }
        FindingKind::CaNotYetValid => "make another: hubca rotate issuing".to_owned(),
        FindingKind::CaRevoked => {
            "make another if it is the newest: hubca rotate issuing; then let servers move over: hubca renew".to_owned()
        }
        FindingKind::CaKeyless => format!(
            "bring its key: hubca adopt CERTIFICATE --key FILE; if it is lost, let its servers move over: hubca revoke {subject} \
             --reason superseded, and hubca renew"
        ),
        FindingKind::CrlExpired
        | FindingKind::CrlNotYetValid
        | FindingKind::CrlMissing
        | FindingKind::CrlBehind
        | FindingKind::CrlOverdue => format!("hubca crl --issuer {subject}"),
        FindingKind::ResponderNotYetValid => {
            "hubca ocsp serve makes another within the hour, or when it is started anew".to_owned()
        }
        FindingKind::LastRootDue => {
            "make a CA beside it, and bring its root to every device before: hubca --home DIR init".to_owned()
        }
        FindingKind::RotationUnfinished => "see the next step: hubca rotate root".to_owned(),
        FindingKind::DevicesBehind => "bring them the new root: hubca share".to_owned(),
        FindingKind::ClockBehind => {
            "set the clock of this machine, or say that it is right: hubca audit accept-clock".to_owned()
        }
        FindingKind::IssuingKeyMissing if subject.ends_with("root.key.pem") => {
            "bring it back from where it was taken: the root issues by itself".to_owned()
        }
        FindingKind::IssuingKeyMissing => {
            "bring it back from a backup, or make another: hubca rotate issuing".to_owned()
        }
        FindingKind::KeyExposed => format!("close it, and think of who may have read it: chmod 600 {}", shell_word(subject)),
        FindingKind::BackupMissing | FindingKind::BackupOld => {
            "make one, and see why nothing else does: hubca backup FILE".to_owned()
        }
        FindingKind::BackupUnknown => "make one, and keep it elsewhere: hubca backup FILE".to_owned(),
        FindingKind::ScopeUnconstrained => "only another CA changes that: hubca --home DIR init".to_owned(),
        FindingKind::RootKeyUnprotected => "hubca key protect root, or take the file to a safe place".to_owned(),
        FindingKind::IssuingRootUnprotected => {
            "let servers move to a CA with an issuing key of its own: hubca --home DIR init; or renew by hand from now on: \
             hubca key protect root"
                .to_owned()
        }
    }
}

/// The table of all findings in `docs/status.md`.
pub fn table() -> String {
    let mut table = "| kind | severity | what it means | what to do |\n| --- | --- | --- | --- |\n".to_owned();
    let mut kinds = FindingKind::ALL;
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.severity()));
    for kind in kinds {
        let subject = match kind {
            FindingKind::RootDue | FindingKind::LastRootDue | FindingKind::CaExpired | FindingKind::CaNotYetValid => {
                "root/N"
            }
            FindingKind::CrlExpired
            | FindingKind::CrlNotYetValid
            | FindingKind::CrlMissing
            | FindingKind::CrlBehind
            | FindingKind::CrlOverdue
            | FindingKind::CaKeyless => "issuing/N",
            FindingKind::KeyExposed => "FILE",
            _ => "LABEL",
        };
        let (severity, meaning) = (kind.severity().as_str(), kind.meaning());
        table.push_str(&format!("| `{}` | {severity} | {meaning} | {} |\n", kind.as_str(), hint(kind, subject)));
    }
    table
}
