//! The acts that the audit log tells of.

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The CA was made.
    Establish,
    /// It was made elsewhere and moved in, with all that it had issued.
    Import,
    /// A CA was given its place among the issuers.
    AddIssuer,
    /// A serial number was reserved and what will be signed, or was found signed, written down.
    Reserve,
    /// A certificate was signed and is handed out.
    Issue,
    /// A certificate was revoked, or is revoked for a worse reason.
    Revoke,
    /// A change of root was begun.
    BeginRotation,
    /// A change of root was cut over: the new root vouches for what is issued from now on.
    CutOver,
    /// The old root of a change was retired.
    RetireRoot,
    /// A change of root was given up.
    AbandonRotation,
    /// A CRL number was reserved, with the hash of what will be signed.
    ReserveCrl,
    /// A CRL was signed and is published.
    IssueCrl,
    /// What is remembered of a lineage was changed.
    Edit,
    /// A certificate was brought to its server, or was not.
    Deploy,
    /// The protection of a key was changed.
    ProtectKey,
    /// A device came to the onboarding page, or came again on another day.
    MeetDevice,
    /// A device was given a name.
    NameDevice,
    /// A device fetched a root.
    FetchRoot,
    /// A device proved that it trusts a root.
    ProveTrust,
    /// A clock that was behind the log was said to be right.
    AcceptClock,
    /// A backup was made.
    Backup,
    /// This home was made of a backup.
    Restore,
    /// What was not as it was written when this home was restored, and stays so, is known from then on.
    KnowFlaws,
    /// A certificate that was signed before was found and entered.
    Adopt,
}

impl Act {
    /// All of them, in the order of a CA's life.
    pub const ALL: [Self; 24] = [
        Self::Establish,
        Self::Import,
        Self::AddIssuer,
        Self::Reserve,
        Self::Issue,
        Self::Revoke,
        Self::BeginRotation,
        Self::CutOver,
        Self::RetireRoot,
        Self::AbandonRotation,
        Self::ReserveCrl,
        Self::IssueCrl,
        Self::Edit,
        Self::Deploy,
        Self::ProtectKey,
        Self::MeetDevice,
        Self::NameDevice,
        Self::FetchRoot,
        Self::ProveTrust,
        Self::AcceptClock,
        Self::Backup,
        Self::Restore,
        Self::KnowFlaws,
        Self::Adopt,
    ];

    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Establish => "establish",
            Self::Import => "import",
            Self::AddIssuer => "add-issuer",
            Self::Reserve => "reserve",
            Self::Issue => "issue",
            Self::Revoke => "revoke",
            Self::BeginRotation => "begin-rotation",
            Self::CutOver => "cut-over",
            Self::RetireRoot => "retire-root",
            Self::AbandonRotation => "abandon-rotation",
            Self::ReserveCrl => "reserve-crl",
            Self::IssueCrl => "issue-crl",
            Self::Edit => "edit",
            Self::Deploy => "deploy",
            Self::ProtectKey => "protect-key",
            Self::MeetDevice => "meet-device",
            Self::NameDevice => "name-device",
            Self::FetchRoot => "fetch-root",
            Self::ProveTrust => "prove-trust",
            Self::AcceptClock => "accept-clock",
            Self::Backup => "backup",
            Self::Restore => "restore",
            Self::KnowFlaws => "know-flaws",
            Self::Adopt => "adopt",
        }
    }
}
