//! What a home knows of a certificate that a server shows, and of the CAs above it.

use super::{error::HomeError, opened::Home};
use crate::{
    authority::{CaCertificate, CertificateRecord, IssuerRole, Revocation, Standing},
    probe::KnownCas,
    profile::Scope,
    x509::{Certificate, GeneralName, template::Criticality},
};

/// A certificate of ours, met elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquaintance {
    /// The lineage it belongs to, or was called by.
    pub label: Option<String>,
    /// Which certificate of the lineage it is, if its key is kept here.
    pub generation: Option<i64>,
    /// The generation under `live/`, where that is another.
    pub replaced_by: Option<i64>,
    /// Whether it was revoked, or the CA that issued it.
    pub revocation: Option<Revocation>,
}

impl Home {
    /// The CAs of this home: the roots that devices may trust today, and all below them.
    pub fn known_cas(&self) -> KnownCas {
        let authority = &self.authority;
        let change = authority.rotation().map(|change| [change.old, change.new]);
        let in_force = authority.root().into_iter().chain(authority.earlier_roots());
        let roots = in_force.chain(change.into_iter().flatten()).map(|root| root.certificate().clone());
        let below = |ca: &&CaCertificate| ca.role() != IssuerRole::Root;
        KnownCas {
            roots: roots.collect(),
            others: authority.cas().iter().filter(below).map(|ca| ca.certificate().clone()).collect(),
        }
    }

    /// Whether a server of that name is one that this CA vouches for. Where nothing constrains it, those of public names are
    /// most likely others'.
    ///
    /// # Errors
    /// Constraints that cannot be read.
    pub fn is_for(&self, name: &GeneralName) -> Result<bool, HomeError> {
        let scope = match self.authority.scope()? {
            Scope::Unconstrained => Scope::private(None, &[], Criticality::Critical)?,
            constrained => constrained,
        };
        Ok(scope.permits(name))
    }

    /// What the ledger knows of a certificate, if it is one of ours.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn acquaintance(&self, certificate: &Certificate) -> Result<Option<Acquaintance>, HomeError> {
        let Ok(serial) = certificate.tbs().serial_number() else { return Ok(None) };
        let is_it = |record: &CertificateRecord| record.certificate.as_deref() == Some(certificate.as_der());
        let Some(record) = self.authority.by_serial(&serial.to_string())?.into_iter().find(is_it) else {
            return Ok(None);
        };
        let ca = self.authority.ca(record.issuer, record.issuer_ordinal);
        let own = match ca.map(|ca| self.authority.standing(ca.id(), &serial)).transpose()?.flatten() {
            Some(Standing::Revoked(revocation)) => Some(revocation),
            _ => None,
        };
        let above = ca.map(|ca| self.authority.revoked_in_line(ca)).transpose()?.flatten();
        let kept = record.label.as_deref().map(|label| self.authority.kept_files(label)).transpose()?.flatten();
        let published = kept.map(|kept| kept.published).filter(|published| Some(*published) != record.generation);
        Ok(Some(Acquaintance {
            replaced_by: published.filter(|_| record.generation.is_some()),
            label: record.label,
            generation: record.generation,
            revocation: own.or(above.map(|(_, revocation)| revocation)),
        }))
    }
}
