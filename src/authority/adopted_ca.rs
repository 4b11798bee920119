//! Adoption of a CA: one that a root of ours signed after the backup, and that the ledger does not know. What it issued is adopted
//! after it.

use time::OffsetDateTime;

use super::{
    adoption::{AdoptError, KeyFound},
    ca::{Authority, CaCertificate},
    issue_error::IssueError,
    issuer_role::{IssuerId, IssuerRole},
    ledger_error::LedgerError,
    set_aside::SetAside,
};
use crate::{
    lint::{self, Circumstances, Role},
    profile::Scope,
    x509::{BasicConstraints, Certificate, serial_number::Epoch},
};

/// The certificate of a CA that shall be entered, and whether its key was found.
#[derive(Clone, Copy, Debug)]
pub struct CaAdoptee<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// Whether its key was found as well.
    pub key: KeyFound,
}

/// What becomes of a CA that was found.
#[derive(Clone, Debug)]
pub enum CaAdoption {
    /// It is known as this one.
    Known(CaCertificate),
    /// It is this one from now on.
    Entered(CaCertificate),
}

impl CaAdoption {
    /// Which of our CAs it is, or becomes.
    pub fn ca(&self) -> &CaCertificate {
        match self {
            Self::Known(ca) | Self::Entered(ca) => ca,
        }
    }
}

/// A CA that may be entered.
pub(super) struct RecognizedCa<'a> {
    pub(super) adoptee: CaAdoptee<'a>,
    pub(super) root: CaCertificate,
    pub(super) set_aside: Option<SetAside>,
}

impl Authority {
    /// What would become of CAs that were found, in their order.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn plan_cas(&self, found: &[CaAdoptee<'_>]) -> Result<Vec<Result<CaAdoption, AdoptError>>, LedgerError> {
        self.ledger.plan_cas(self.recognized_cas(found))
    }

    /// Enters the CAs that were found and can be: all in one transaction. Their keys are in their places, or will be: whoever calls
    /// sees to that, and has asked before what they will be called.
    ///
    /// # Errors
    /// A ledger that fails, or in which one would be called otherwise by now; nothing is entered then.
    pub fn enter_cas(
        &mut self,
        found: &[CaAdoptee<'_>],
        planned: &[Result<CaAdoption, AdoptError>],
    ) -> Result<(), IssueError> {
        let recognized = self.recognized_cas(found);
        self.ledger.enter_cas(&recognized, planned, self.doors.clock.now())?;
        self.refresh()
    }

    /// Notes that the key of an adopted CA was found, and is in its place.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn note_ca_key(&mut self, ca: &CaCertificate) -> Result<(), IssueError> {
        let set_aside = self.set_aside_with_key(ca);
        self.ledger.note_ca_key(ca, set_aside, self.doors.clock.now())?;
        self.refresh()
    }

    /// Why one of our CAs would not issue, were its key here.
    pub fn set_aside_with_key(&self, ca: &CaCertificate) -> Option<SetAside> {
        if ca.is_keyless() { self.turn_of(ca.certificate(), ca.signed_by()) } else { ca.set_aside() }
    }

    /// Why the CA of a certificate does not issue beside the others below its root, though its key is here: what was made after it goes
    /// on, and below another root than the one in force none issues.
    fn turn_of(&self, certificate: &Certificate, root: Option<IssuerId>) -> Option<SetAside> {
        let is_after = |other: &&CaCertificate| {
            other.role() == IssuerRole::Issuing
                && other.signed_by() == root
                && other.set_aside().is_none()
                && other.certificate() != certificate
                && age(other.certificate()) > age(certificate)
        };
        let is_in_force = self.root().map(CaCertificate::id) == root;
        (!is_in_force || self.cas.iter().any(|other| is_after(&other))).then_some(SetAside::Superseded)
    }

    fn recognized_cas<'a>(&self, found: &[CaAdoptee<'a>]) -> Vec<Result<Recognition<'a>, AdoptError>> {
        let now = self.doors.clock.now();
        let recognized = found.iter().map(|adoptee| {
            let is_it = |ca: &&CaCertificate| ca.certificate() == adoptee.certificate;
            match self.cas.iter().find(is_it) {
                Some(ca) if ca.role() == IssuerRole::Issuing => Ok(Recognition::Known(ca.clone())),
                Some(ca) => Err(AdoptError::Own { ca: ca.path() }),
                None => {
                    let root = self.root_of(adoptee.certificate)?.clone();
                    self.examine_ca(adoptee.certificate, &root, now)?;
                    let set_aside = match adoptee.key {
                        KeyFound::No => Some(SetAside::Keyless),
                        KeyFound::Yes => self.turn_of(adoptee.certificate, Some(root.id())),
                    };
                    Ok(Recognition::New(RecognizedCa { adoptee: *adoptee, root, set_aside }))
                }
            }
        });
        recognized.collect()
    }

    /// Which of our roots signed the certificate of a CA.
    fn root_of(&self, certificate: &Certificate) -> Result<&CaCertificate, AdoptError> {
        let tbs = certificate.tbs();
        let is_named = |ca: &&CaCertificate| {
            ca.role() == IssuerRole::Root && ca.certificate().tbs().subject().as_der() == tbs.issuer().as_der()
        };
        let subject = tbs.subject().to_string();
        let mut outcome =
            Err(if tbs.is_self_issued() { AdoptError::OfRoot { subject } } else { AdoptError::OfCa { subject } });
        for root in self.cas.iter().filter(is_named) {
            match certificate.verify_signed_by(root.certificate().tbs().public_key()) {
                Ok(()) => return Ok(root),
                Err(source) => outcome = Err(AdoptError::NotSigned { issuer: tbs.issuer().to_string(), source }),
            }
        }
        outcome
    }

    /// Whether it is what this home makes below such a root: whatever that root was used for elsewhere is not taken in.
    fn examine_ca(
        &self,
        certificate: &Certificate,
        root: &CaCertificate,
        now: OffsetDateTime,
    ) -> Result<(), AdoptError> {
        let (tbs, ca) = (certificate.tbs(), root.path());
        let subject = || tbs.subject().to_string();
        if !matches!(tbs.basic_constraints(), Ok(Some(BasicConstraints::Ca { path_len: Some(0) }))) {
            return Err(AdoptError::MayHaveCas { subject: subject(), ca });
        }
        let has_name = |other: &&CaCertificate| other.certificate().tbs().subject().as_der() == tbs.subject().as_der();
        if let Some(other) = self.cas.iter().find(has_name) {
            return Err(AdoptError::NameTaken { subject: subject(), ca: other.path() });
        }
        let chain = self.chain_of(root);
        let issuers: Vec<&Certificate> = chain.iter().collect();
        let cleared = lint::clear(tbs.clone(), &Circumstances { role: Role::Issuing, issuers: &issuers, now }, &[]);
        let cleared = cleared.map_err(AdoptError::Unlike)?;
        let is_of_limits = |finding: &&lint::Finding| finding.rule.to_string() == BEYOND_ROOT;
        if let Some(finding) = cleared.waived().iter().find(is_of_limits) {
            return Err(AdoptError::Unlimited { reason: finding.message.clone() });
        }
        let is_limited = |scope: &Scope| scope.constraints().is_some();
        let is_open = Scope::of(certificate).is_ok_and(|scope| !is_limited(&scope));
        if is_open && self.issuing_scope().is_ok_and(|scope| is_limited(&scope)) {
            return Err(AdoptError::Unlimited { reason: "it may vouch for any name".to_owned() });
        }
        Ok(())
    }
}

/// A certificate of a CA that one of our roots signed.
pub(super) enum Recognition<'a> {
    /// It is one of ours.
    Known(CaCertificate),
    /// It may become one.
    New(RecognizedCa<'a>),
}

/// Which of two was made later is told by the octet of the serial number, which each restore raises, whatever the clocks said;
/// between two with the same it is the beginning.
pub(super) fn age(certificate: &Certificate) -> (Option<u8>, OffsetDateTime) {
    let tbs = certificate.tbs();
    let epoch = tbs.serial_number().ok().and_then(|serial| serial.epoch());
    (epoch.map(Epoch::octet), tbs.validity().not_before())
}

/// The rule that tells of limits beyond those of the root.
const BEYOND_ROOT: &str = "nc-path";
