//! The kinds of findings: the table of `docs/status.md`.

use super::severity::Severity;

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// A certificate that a server uses has ended.
    CertificateExpired,
    /// A certificate that a server uses has not begun.
    CertificateNotYetValid,
    /// A certificate that a server uses was revoked.
    CertificateRevoked,
    /// A certificate is due for days, so nothing renews.
    CertificateOverdue,
    /// A certificate ends within the days that were asked about.
    CertificateExpiring,
    /// A certificate about a key kept elsewhere has ended.
    SignedExpired,
    /// A certificate about a key kept elsewhere ends soon.
    SignedExpiring,
    /// A new certificate did not work at its server.
    RenewalFailed,
    /// A new certificate is on its way for too long.
    RenewalPending,
    /// The files of the newest certificate are gone.
    GenerationLost,
    /// The link under `live/` is gone.
    LiveLost,
    /// The chain of the newest certificate is another.
    ChainDiffers,
    /// A copy is gone, or is another than was brought.
    CopiesDiffer,
    /// A server shows another certificate than the one it should.
    ServedDiffers,
    /// A server cannot be looked at.
    ServerUnreachable,
    /// A certificate names an address that this machine has no more.
    AddressChanged,
    /// A CA's own certificate has ended.
    CaExpired,
    /// A CA's own certificate has not begun.
    CaNotYetValid,
    /// A CA was revoked and is in use still.
    CaRevoked,
    /// A CA was adopted without its key, and servers use what it issued.
    CaKeyless,
    /// The issuing CA ends before what it issues would.
    IssuingDue,
    /// The root ends within two years.
    RootDue,
    /// The root ends within two years, and cannot be followed by another in steps.
    LastRootDue,
    /// A CA's newest CRL has ended.
    CrlExpired,
    /// A CA's newest CRL has not begun.
    CrlNotYetValid,
    /// What answers by OCSP for a CA has not begun.
    ResponderNotYetValid,
    /// A CA has no CRL.
    CrlMissing,
    /// A CA's newest CRL does not say all that was revoked.
    CrlBehind,
    /// A CA's newest CRL is past half of its life.
    CrlOverdue,
    /// A change of root was begun and not finished.
    RotationUnfinished,
    /// Devices trust an earlier root only.
    DevicesBehind,
    /// The clock is behind the audit log.
    ClockBehind,
    /// The key of the issuing CA is not there.
    IssuingKeyMissing,
    /// Others can read a key.
    KeyExposed,
    /// There is no copy of the home where one should be.
    BackupMissing,
    /// The newest copy of the home is old.
    BackupOld,
    /// Nothing says whether the home is copied.
    BackupUnknown,
    /// The root vouches for any name.
    ScopeUnconstrained,
    /// The root's key has no passphrase and lies on this machine.
    RootKeyUnprotected,
    /// The same of a root that issues by itself, and whose key renewals need.
    IssuingRootUnprotected,
}

impl FindingKind {
    /// All of them.
    pub const ALL: [Self; 40] = [
        Self::CertificateExpired,
        Self::CertificateNotYetValid,
        Self::CertificateRevoked,
        Self::CertificateOverdue,
        Self::CertificateExpiring,
        Self::SignedExpired,
        Self::SignedExpiring,
        Self::RenewalFailed,
        Self::RenewalPending,
        Self::GenerationLost,
        Self::LiveLost,
        Self::ChainDiffers,
        Self::CopiesDiffer,
        Self::ServedDiffers,
        Self::ServerUnreachable,
        Self::AddressChanged,
        Self::CaExpired,
        Self::CaNotYetValid,
        Self::CaRevoked,
        Self::CaKeyless,
        Self::IssuingDue,
        Self::RootDue,
        Self::LastRootDue,
        Self::CrlExpired,
        Self::CrlNotYetValid,
        Self::ResponderNotYetValid,
        Self::CrlMissing,
        Self::CrlBehind,
        Self::CrlOverdue,
        Self::RotationUnfinished,
        Self::DevicesBehind,
        Self::ClockBehind,
        Self::IssuingKeyMissing,
        Self::KeyExposed,
        Self::BackupMissing,
        Self::BackupOld,
        Self::BackupUnknown,
        Self::ScopeUnconstrained,
        Self::RootKeyUnprotected,
        Self::IssuingRootUnprotected,
    ];

    /// The word for it in JSON and in metrics; never renamed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CertificateExpired => "certificate_expired",
            Self::CertificateNotYetValid => "certificate_not_yet_valid",
            Self::CertificateRevoked => "certificate_revoked",
            Self::CertificateOverdue => "certificate_overdue",
            Self::CertificateExpiring => "certificate_expiring",
            Self::SignedExpired => "signed_expired",
            Self::SignedExpiring => "signed_expiring",
            Self::RenewalFailed => "renewal_failed",
            Self::RenewalPending => "renewal_pending",
            Self::GenerationLost => "generation_lost",
            Self::LiveLost => "live_lost",
            Self::ChainDiffers => "chain_differs",
            Self::CopiesDiffer => "copies_differ",
            Self::ServedDiffers => "served_differs",
            Self::ServerUnreachable => "server_unreachable",
            Self::AddressChanged => "address_changed",
            Self::CaExpired => "ca_expired",
            Self::CaNotYetValid => "ca_not_yet_valid",
            Self::CaRevoked => "ca_revoked",
            Self::CaKeyless => "ca_keyless",
            Self::IssuingDue => "issuing_due",
            Self::RootDue => "root_due",
            Self::LastRootDue => "last_root_due",
            Self::CrlExpired => "crl_expired",
            Self::CrlNotYetValid => "crl_not_yet_valid",
            Self::ResponderNotYetValid => "responder_not_yet_valid",
            Self::CrlMissing => "crl_missing",
            Self::CrlBehind => "crl_behind",
            Self::CrlOverdue => "crl_overdue",
            Self::RotationUnfinished => "rotation_unfinished",
            Self::DevicesBehind => "devices_behind",
            Self::ClockBehind => "clock_behind",
            Self::IssuingKeyMissing => "issuing_key_missing",
            Self::KeyExposed => "key_exposed",
            Self::BackupMissing => "backup_missing",
            Self::BackupOld => "backup_old",
            Self::BackupUnknown => "backup_unknown",
            Self::ScopeUnconstrained => "scope_unconstrained",
            Self::RootKeyUnprotected => "root_key_unprotected",
            Self::IssuingRootUnprotected => "issuing_root_unprotected",
        }
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::CertificateExpired
            | Self::CertificateNotYetValid
            | Self::CertificateRevoked
            | Self::SignedExpired
            | Self::RenewalFailed
            | Self::GenerationLost
            | Self::LiveLost
            | Self::ChainDiffers
            | Self::ServedDiffers
            | Self::CaExpired
            | Self::CaNotYetValid
            | Self::CaRevoked
            | Self::CrlExpired
            | Self::CrlNotYetValid
            | Self::ClockBehind
            | Self::IssuingKeyMissing
            | Self::KeyExposed => Severity::Error,
            Self::CertificateOverdue
            | Self::CertificateExpiring
            | Self::SignedExpiring
            | Self::RenewalPending
            | Self::CopiesDiffer
            | Self::ServerUnreachable
            | Self::AddressChanged
            | Self::CaKeyless
            | Self::IssuingDue
            | Self::RootDue
            | Self::LastRootDue
            | Self::ResponderNotYetValid
            | Self::CrlMissing
            | Self::CrlBehind
            | Self::CrlOverdue
            | Self::RotationUnfinished
            | Self::DevicesBehind
            | Self::BackupMissing
            | Self::BackupOld => Severity::Warning,
            Self::BackupUnknown
            | Self::ScopeUnconstrained
            | Self::RootKeyUnprotected
            | Self::IssuingRootUnprotected => Severity::Notice,
        }
    }

    /// What it means, in a sentence of the table.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::CertificateExpired => "a certificate under `live/` has ended: its server is refused",
            Self::CertificateNotYetValid => {
                "a certificate under `live/` has not begun: a clock was ahead when it was issued, and its server is refused"
            }
            Self::CertificateRevoked => "a certificate under `live/` was revoked, and its server may still show it",
            Self::CertificateOverdue => {
                "a certificate is due for more than three days: nothing runs `hubca renew`, or it fails"
            }
            Self::CertificateExpiring => "a certificate ends within the days of `--within`",
            Self::SignedExpired => "a certificate that `sign` made ended within the last 30 days and has no successor",
            Self::SignedExpiring => "a certificate that `sign` made ends within 30 days (or `--within`)",
            Self::RenewalFailed => {
                "a new certificate was made and did not work at its server: a copy, the hook or the look at it failed"
            }
            Self::RenewalPending => {
                "a new certificate is on its way for two hours and was not seen at its server: nobody answers there, it has to be \
                 brought by hand, or a command was stopped"
            }
            Self::GenerationLost => {
                "key or certificate of a label in `archive/` is gone, or they do not belong together: another has to be made"
            }
            Self::LiveLost => "the link of a label under `live/` is gone",
            Self::ChainDiffers => {
                "the CAs in `chain.pem` or `fullchain.pem` of a label are not those that it shall send"
            }
            Self::CopiesDiffer => "a copy in `--out` or `--combined` is gone, or is not what was brought there",
            Self::ServedDiffers => "a server shows another certificate than the one under `live/`",
            Self::ServerUnreachable => "a server did not answer at an address of `--verify`, or shows no certificate",
            Self::AddressChanged => {
                "a certificate names an address that was this machine's when it was issued and is not any more, and this machine has another"
            }
            Self::CaExpired => "the root or the issuing CA has ended: everything below it is refused",
            Self::CaNotYetValid => {
                "the root, the issuing CA, or the root that a change brings has not begun: a clock was ahead when it was made, and what it signs is refused"
            }
            Self::CaRevoked => {
                "an issuing CA was revoked, or one above it, and it is the newest or servers use what it issued"
            }
            Self::CaKeyless => {
                "a CA was adopted without its key, and servers use what it issued: no CRL and no responder tells what it revoked"
            }
            Self::IssuingDue => "the issuing CA has less left than a new certificate's life and 90 days",
            Self::RootDue => "the root has less than two years left, which devices need to follow",
            Self::LastRootDue => {
                "the root has less than two years left, and no other can follow it in steps: it allows fewer than two CAs below it"
            }
            Self::CrlExpired => "a CA's CRL has ended: programs that insist on one refuse all it issued",
            Self::CrlNotYetValid => "a CA's CRL has not begun: a clock was ahead when it was made",
            Self::ResponderNotYetValid => {
                "the newest certificate of an OCSP responder has not begun: an earlier one answers, or nobody"
            }
            Self::CrlMissing => "a CA has no CRL",
            Self::CrlBehind => {
                "something was revoked, and the CA's CRL does not say so yet; or the home was restored since it was made"
            }
            Self::CrlOverdue => "a CA's CRL is past half of its life",
            Self::RotationUnfinished => "a change of root was begun, and is neither finished nor abandoned",
            Self::DevicesBehind => {
                "devices proved trust in an earlier root and not in the one of today, and came since that was retired"
            }
            Self::ClockBehind => "the clock shows an earlier time than the audit log: no certificate is signed",
            Self::IssuingKeyMissing => "the issuing key is not in the home: nothing can be renewed",
            Self::KeyExposed => "others on this machine can read a CA's key",
            Self::BackupMissing => "the file that `backup_stamp` names is not there, and no backup was made",
            Self::BackupOld => {
                "the newest backup, by the ledger or by the file that `backup_stamp` names, is older than `backup_days`"
            }
            Self::BackupUnknown => "no backup was made, and no setting says that something else copies the home",
            Self::ScopeUnconstrained => "the root vouches for any name, so its key is worth as much as a public CA's",
            Self::RootKeyUnprotected => "the root key lies on this machine without a passphrase",
            Self::IssuingRootUnprotected => {
                "the root issues by itself, and its key lies on this machine without a passphrase, as renewals at night want it"
            }
        }
    }
}
