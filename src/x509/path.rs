//! A certification path, RFC 5280 section 6: an end entity, and the CAs above it.

use super::certificate::Certificate;

/// Certificates in order: the end entity first, each signed by the next, the root last if it is there.
#[derive(Clone, Debug)]
pub struct CertificationPath {
    certificates: Vec<Certificate>,
    /// Certificates that belong to no place in the path.
    strangers: Vec<Certificate>,
    order: Order,
}

/// How the certificates stood where they were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// End entity first, each followed by its issuer: as a server must send them (RFC 8446 4.4.2).
    AsSent,
    /// In another order.
    Shuffled,
}

impl CertificationPath {
    /// The most certificates that are looked at together: Apple follows no more than fifteen.
    pub const MOST: usize = 64;

    /// Sorts certificates into a path that starts at the first of them that issued none of the others; none of them
    /// gives none.
    pub fn assemble(certificates: Vec<Certificate>) -> Option<Self> {
        let before: Vec<[u8; 32]> = certificates.iter().map(Certificate::sha256).collect();
        let start = certificates
            .iter()
            .position(|candidate| !certificates.iter().any(|other| other != candidate && other.is_issued_by(candidate)))
            .unwrap_or(0);
        let mut rest = certificates;
        if rest.is_empty() {
            return None;
        }
        let mut path = vec![rest.remove(start)];
        while let Some(last) = path.last() {
            if last.is_self_signed() {
                break;
            }
            let Some(place) = rest.iter().position(|candidate| last.is_issued_by(candidate)) else { break };
            path.push(rest.remove(place));
        }
        let after = path.iter().chain(&rest).map(Certificate::sha256);
        let order = if after.eq(before.iter().copied()) { Order::AsSent } else { Order::Shuffled };
        Some(Self { certificates: path, strangers: rest, order })
    }

    /// The same path with CAs above its top that were found elsewhere, each followed by its issuer: how the others stood
    /// stays as it was.
    #[must_use]
    pub fn continued(mut self, above: impl IntoIterator<Item = Certificate>) -> Self {
        self.certificates.extend(above);
        self
    }

    /// The certificates, end entity first.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Certificates that were given and have no place in the path.
    pub fn strangers(&self) -> &[Certificate] {
        &self.strangers
    }

    /// How they stood.
    pub fn order(&self) -> Order {
        self.order
    }
}
