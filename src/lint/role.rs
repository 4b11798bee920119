//! What a certificate is to be, and which rules are asked about it.

/// What a certificate is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The anchor that devices trust.
    Root,
    /// A CA below the root, a cross-certificate too.
    Issuing,
    /// The certificate of a TLS server.
    Server,
    /// The certificate of a TLS client.
    Client,
    /// The certificate of an OCSP responder.
    OcspResponder,
    /// Another end entity, of an operator's own profile.
    EndEntity,
}

/// Which certificates a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    Every,
    Root,
    Ca,
    Issuing,
    BelowRoot,
    EndEntity,
    Server,
    Client,
    OcspResponder,
}

impl Concern {
    /// Whether a certificate of that role is among them.
    pub(super) fn includes(self, role: Role) -> bool {
        match self {
            Self::Every => true,
            Self::Root => role == Role::Root,
            Self::Ca => matches!(role, Role::Root | Role::Issuing),
            Self::Issuing => role == Role::Issuing,
            Self::BelowRoot => role != Role::Root,
            Self::EndEntity => !matches!(role, Role::Root | Role::Issuing),
            Self::Server => role == Role::Server,
            Self::Client => role == Role::Client,
            Self::OcspResponder => role == Role::OcspResponder,
        }
    }

    /// As the documentation says it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Every => "every certificate",
            Self::Root => "a root",
            Self::Ca => "every CA",
            Self::Issuing => "a CA below the root",
            Self::BelowRoot => "everything below the root",
            Self::EndEntity => "every end entity",
            Self::Server => "a server",
            Self::Client => "a client",
            Self::OcspResponder => "an OCSP responder",
        }
    }
}
