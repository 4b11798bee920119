//! The open CA: who it is, which certificates are its own, and what it has issued.

use std::{path::Path, sync::Arc};

use time::{Duration, OffsetDateTime};

use super::{
    act::Act,
    audit_chain::Verdict,
    inventory::{Page, Selection},
    issue_error::IssueError,
    issuer::{Issuer, IssuerError},
    issuer_role::{IssuerId, IssuerRole},
    ledger::{Identity, Ledger},
    ledger_error::LedgerError,
    record::CertificateRecord,
    rotation::Rotation,
    set_aside::SetAside,
};
use crate::{
    keys::SigningKey,
    profile::{Scope, ScopeError},
    store::StoreError,
    system::{Clock, Random},
    x509::{Certificate, serial_number::Epoch},
};

/// The doors that an authority uses: the clock and the source of random bytes.
#[derive(Clone)]
pub struct Doors {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where random bytes come from.
    pub random: Arc<dyn Random>,
}

/// An open CA.
pub struct Authority {
    pub(super) ledger: Ledger,
    pub(super) doors: Doors,
    name: String,
    pub(super) epoch: Epoch,
    pub(super) cas: Vec<CaCertificate>,
    pub(super) rotations: Vec<Rotation>,
}

/// A CA's certificate and its place in the hierarchy.
#[derive(Clone, Debug)]
pub struct CaCertificate {
    pub(super) id: IssuerId,
    role: IssuerRole,
    ordinal: i64,
    pub(super) signed_by: Option<IssuerId>,
    certificate: Certificate,
    set_aside: Option<SetAside>,
}

impl CaCertificate {
    /// One that is entered below a root, or may be.
    pub(super) fn entered_below(
        root: &Self,
        id: IssuerId,
        ordinal: i64,
        certificate: Certificate,
        set_aside: Option<SetAside>,
    ) -> Self {
        Self { id, role: IssuerRole::Issuing, ordinal, signed_by: Some(root.id), certificate, set_aside }
    }

    /// Its row in the ledger.
    pub fn id(&self) -> IssuerId {
        self.id
    }

    /// What it is.
    pub fn role(&self) -> IssuerRole {
        self.role
    }

    /// Which one of its role, from 1.
    pub fn ordinal(&self) -> i64 {
        self.ordinal
    }

    /// What it is called on the command line: `root/1`, `issuing/1`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.role.as_str(), self.ordinal)
    }

    /// What it is called in the name of a file and in a URL: `root-1`, `issuing-1`.
    pub fn file_stem(&self) -> String {
        format!("{}-{}", self.role.as_str(), self.ordinal)
    }

    /// Who signed it; none where it signed itself.
    pub fn signed_by(&self) -> Option<IssuerId> {
        self.signed_by
    }

    /// The certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Why it does not issue, where it was adopted and does not.
    pub fn set_aside(&self) -> Option<SetAside> {
        self.set_aside
    }

    /// Whether it was adopted and its key was not found.
    pub fn is_keyless(&self) -> bool {
        self.set_aside == Some(SetAside::Keyless)
    }

    /// Whether its life has begun; where a clock was ahead when it was made, that is in the time to come.
    pub fn has_begun(&self, now: OffsetDateTime) -> bool {
        self.certificate.tbs().validity().not_before() <= now
    }

    /// Whether it lists what it revoked: a cross-certificate is about a CA that has a list already, and one that was made elsewhere
    /// may not sign any (RFC 5280 4.2.1.3).
    pub fn issues_crls(&self) -> bool {
        self.role != IssuerRole::Cross && self.certificate.tbs().may_sign_crls()
    }
}

impl Authority {
    /// Opens the CA of a ledger.
    ///
    /// # Errors
    /// A ledger without a CA, or with content that this program did not write.
    pub fn open(ledger: Ledger, doors: Doors) -> Result<Self, IssueError> {
        let identity = ledger.identity()?;
        let mut authority = Self::with_identity(ledger, doors, identity);
        authority.refresh()?;
        Ok(authority)
    }

    pub(super) fn with_identity(ledger: Ledger, doors: Doors, identity: Identity) -> Self {
        Self { ledger, doors, name: identity.name, epoch: identity.epoch, cas: Vec::new(), rotations: Vec::new() }
    }

    /// Reads the CAs anew, and what becomes of their roots.
    ///
    /// # Errors
    /// A ledger that fails, or content in it that this program did not write.
    pub fn refresh(&mut self) -> Result<(), IssueError> {
        self.rotations = self.ledger.rotations()?;
        self.cas = self
            .ledger
            .issuers()?
            .into_iter()
            .filter_map(|row| {
                let certificate = Certificate::from_der(row.certificate.as_deref()?);
                Some(certificate.map(|certificate| CaCertificate {
                    id: row.id,
                    role: row.role,
                    ordinal: row.ordinal,
                    signed_by: row.signed_by,
                    certificate,
                    set_aside: row.set_aside,
                }))
            })
            .collect::<Result<_, _>>()?;
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn store(&self) -> &crate::store::Store {
        &self.ledger.store
    }

    /// What the CA is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The doors it uses.
    pub fn doors(&self) -> &Doors {
        &self.doors
    }

    /// The newest root in force that a CA issues below: one that was made and left alone vouches for no server, and one
    /// that a change of root brings is in force from the cut on.
    pub fn root(&self) -> Option<&CaCertificate> {
        let roots = || self.cas.iter().filter(|ca| ca.role == IssuerRole::Root && self.is_in_force(ca));
        let issues = |ca: &&CaCertificate| self.issues_below(ca).is_some();
        roots().filter(issues).max_by_key(|ca| ca.ordinal).or_else(|| roots().max_by_key(|ca| ca.ordinal))
    }

    /// The CA that signs for servers: the newest below the root in force, or that root itself where none may stand below it.
    pub fn issuing(&self) -> Option<&CaCertificate> {
        let root = self.root()?;
        let itself = || Some(root).filter(|root| !root.certificate.tbs().lists_cas_only());
        self.issues_below(root).or_else(itself)
    }

    /// The CA that issues below a root, if one does: the newest that is not set aside.
    pub(super) fn issues_below<'a>(&'a self, root: &'a CaCertificate) -> Option<&'a CaCertificate> {
        self.issuing_below(root).into_iter().find(|ca| ca.set_aside.is_none())
    }

    /// The CA of a role and an ordinal.
    pub fn ca(&self, role: IssuerRole, ordinal: i64) -> Option<&CaCertificate> {
        self.cas.iter().find(|ca| ca.role == role && ca.ordinal == ordinal)
    }

    /// The earlier roots, the newest of them first: devices may still trust them.
    pub fn earlier_roots(&self) -> Vec<&CaCertificate> {
        let current = self.root().map_or(0, CaCertificate::ordinal);
        let earlier = |ca: &&CaCertificate| ca.role == IssuerRole::Root && ca.ordinal < current && self.is_in_force(ca);
        let mut roots: Vec<_> = self.cas.iter().filter(earlier).collect();
        roots.sort_by_key(|ca| std::cmp::Reverse(ca.ordinal));
        roots
    }

    /// The issuing CAs below a root, the newest first; those that are set aside come last.
    pub fn issuing_below<'a>(&'a self, root: &'a CaCertificate) -> Vec<&'a CaCertificate> {
        let below =
            |ca: &&CaCertificate| ca.role == IssuerRole::Issuing && self.chain_of(ca).last() == Some(&root.certificate);
        let mut issuing: Vec<_> = self.cas.iter().filter(below).collect();
        issuing.sort_by_key(|ca| (ca.set_aside.is_some(), std::cmp::Reverse(ca.ordinal)));
        issuing
    }

    /// Whether a CA followed another less than a day ago, and nothing came of it: it has begun and is not revoked, and no
    /// server has a certificate by it.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn is_untouched(&self, ca: &CaCertificate) -> Result<bool, LedgerError> {
        let below = self.root().map(|root| self.issuing_below(root)).unwrap_or_default();
        if below.iter().all(|other| other.ordinal >= ca.ordinal) {
            return Ok(false);
        }
        let now = self.doors.clock.now();
        let serial = ca.certificate.tbs().serial_number().map(|serial| serial.to_string()).unwrap_or_default();
        let is_its = |record: &CertificateRecord| record.certificate.as_deref() == Some(ca.certificate.as_der());
        let record = self.by_serial(&serial)?.into_iter().find(is_its);
        let is_of_today = record.filter(|record| record.revoked_at.is_none()).and_then(|record| record.issued_at);
        let is_of_today = is_of_today.is_some_and(|at| (Duration::ZERO..Duration::days(1)).contains(&(now - at)));
        Ok(is_of_today && ca.has_begun(now) && !self.ledger.is_any_living(&[ca.id], now)?)
    }

    /// Every CA's certificate, in the order in which they were made.
    pub fn cas(&self) -> &[CaCertificate] {
        &self.cas
    }

    /// The CAs of today that have not begun, because a clock was ahead when they were made: the root in force, the CA that
    /// issues below it, and the root that a change under way brings, which stands for all that came with it.
    pub fn cas_ahead(&self) -> Vec<&CaCertificate> {
        let now = self.doors.clock.now();
        let change = self.rotation();
        let brought = change.map(|change| self.brought_by(&change)).unwrap_or_default();
        let is_brought = |ca: &CaCertificate| brought.iter().any(|other| other.id == ca.id);
        let in_force = self.root().into_iter().chain(self.issuing()).filter(|ca| !is_brought(ca) && !ca.has_begun(now));
        let is_change_ahead = brought.iter().any(|ca| !ca.has_begun(now));
        in_force.chain(change.filter(|_| is_change_ahead).map(|change| change.new)).collect()
    }

    /// The certificates of a CA and of those above it, the root last.
    pub fn chain_of(&self, ca: &CaCertificate) -> Vec<Certificate> {
        self.line_of(ca).into_iter().map(|ca| ca.certificate.clone()).collect()
    }

    /// A CA and those above it, the root last.
    pub(super) fn line_of<'a>(&'a self, ca: &'a CaCertificate) -> Vec<&'a CaCertificate> {
        let mut line = vec![ca];
        let mut next = ca.signed_by;
        // A hierarchy is never deeper than it has members, whatever a damaged ledger says.
        while let Some(above) = next.and_then(|id| self.cas.iter().find(|ca| ca.id == id)) {
            if line.len() > self.cas.len() {
                break;
            }
            line.push(above);
            next = above.signed_by;
        }
        line
    }

    /// What the CA that issues may vouch for: what it says itself; where it says nothing, what the root says.
    ///
    /// # Errors
    /// Constraints that cannot be read.
    pub fn issuing_scope(&self) -> Result<Scope, ScopeError> {
        match self.issuing().map(|issuing| Scope::of(&issuing.certificate)).transpose()? {
            Some(scope @ Scope::Constrained { .. }) => Ok(scope),
            _ => self.scope(),
        }
    }

    /// What devices believe of it: what its root says that it may vouch for.
    ///
    /// # Errors
    /// Constraints that cannot be read.
    pub fn scope(&self) -> Result<Scope, ScopeError> {
        self.root().map_or(Ok(Scope::Unconstrained), |root| Scope::of(&root.certificate))
    }

    /// A CA of this authority with its key, ready to sign.
    ///
    /// # Errors
    /// A key that is not that CA's.
    pub fn issuer(&self, ca: &CaCertificate, key: SigningKey) -> Result<Issuer, IssuerError> {
        Issuer::new(ca.id, self.chain_of(ca), key)
    }

    /// A page of certificates.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn select(&self, selection: Selection<'_>, page: Page) -> Result<Vec<CertificateRecord>, LedgerError> {
        self.ledger.select(selection, page, self.doors.clock.now())
    }

    /// The certificates of a label that were issued, newest first.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn by_label(&self, label: &str, limit: u32) -> Result<Vec<CertificateRecord>, LedgerError> {
        self.ledger.by_label(label, limit)
    }

    /// The certificates of a serial number, one for each issuer that used it.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn by_serial(&self, serial: &str) -> Result<Vec<CertificateRecord>, LedgerError> {
        self.ledger.by_serial(serial)
    }

    /// Lineages whose newest certificate was issued and not yet published.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn unpublished(&self) -> Result<Vec<String>, LedgerError> {
        self.ledger.unpublished()
    }

    /// Publishes the newest generation of each label: `swap` is called while no other process can publish.
    ///
    /// # Errors
    /// What `swap` returns, or a ledger that fails.
    pub fn publish<E: From<LedgerError> + From<StoreError>>(
        &self,
        labels: &[&str],
        swap: impl FnMut(&str, i64) -> Result<(), E>,
    ) -> Result<(), E> {
        self.ledger.publish(labels, swap)
    }

    /// Changes the protection of a key and writes it down: a change that fails leaves no entry.
    ///
    /// # Errors
    /// What `change` returns, or a ledger that fails.
    pub fn change_key_protection<E: From<LedgerError> + From<StoreError>>(
        &self,
        key: &str,
        protection: &str,
        change: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        let detail = serde_json::json!({ "key": key, "protection": protection });
        self.ledger.note(Act::ProtectKey, &detail, self.doors.clock.now(), change)
    }

    /// Writes a whole copy of the ledger, without a write-ahead log beside it.
    ///
    /// # Errors
    /// A ledger that fails, or something that lies there already.
    pub fn copy_ledger(&self, path: &Path) -> Result<(), LedgerError> {
        Ok(self.ledger.store.copy_to(path)?)
    }

    /// Whether every entry of the audit log follows from the one before it.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn verify_audit(&self) -> Result<Verdict, LedgerError> {
        self.ledger.verify_audit()
    }
}
