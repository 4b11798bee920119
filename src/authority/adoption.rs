//! Adoption: what one of our CAs signed and the ledger does not know, because it comes out of a backup that is older, is entered again.
//! From then on it can be listed, renewed and revoked like all others.

use thiserror::Error;

use super::{
    ca::{Authority, CaCertificate},
    issuer_role::IssuerRole,
    label::Label,
    ledger_error::LedgerError,
    record::RecordedName,
    reservation::Signed,
    set_aside::SetAside,
};
use crate::{
    lint::Findings,
    x509::{Certificate, SerialNumber, SignatureError, serial_number::SerialNumberError},
};

/// A certificate that shall be entered, and what was found with it.
#[derive(Clone, Copy, Debug)]
pub struct Adoptee<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// The names for servers in it.
    pub names: &'a [RecordedName],
    /// The label after the first of them, where it makes one.
    pub label: Option<&'a Label>,
    /// Whether its key was found as well.
    pub key: KeyFound,
}

/// Whether the key of a certificate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFound {
    /// It was.
    Yes,
    /// It was not: it stays where it is, wherever that may be.
    No,
}

/// What becomes of a certificate that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// Nothing: the ledger has this very certificate.
    Known,
    /// It is a CA's, which is one of this home from now on.
    Ca {
        /// What it is called on the command line.
        ca: String,
        /// Why it does not issue, if it does not.
        set_aside: Option<SetAside>,
    },
    /// It is entered.
    Entered {
        /// The label that it has from now on.
        label: Option<Label>,
        /// What becomes of its key.
        key: KeyFate,
    },
}

/// What becomes of the key of a certificate that is entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFate {
    /// It was not found.
    Absent,
    /// It is kept in the home, and its label is renewed from now on.
    Kept,
    /// It stays where it is.
    Left(KeyLeft),
}

/// Why a key stays where it is.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum KeyLeft {
    /// The certificate serves nobody now.
    #[error("the certificate is not good now")]
    NotGood,
    /// None of its names makes a label.
    #[error("no name in the certificate makes a label")]
    NoLabel,
    /// The label stands for other names.
    #[error("the label `{0}` stands for other names")]
    OtherNames(Label),
    /// The label has a newer certificate.
    #[error("the label `{0}` has a newer certificate")]
    Older(Label),
    /// The key is a CA's, or was in a certificate that was revoked.
    #[error("the key is that of a CA, or was in a certificate that is revoked")]
    Spoiled,
}

/// Why a certificate is not entered.
#[derive(Debug, Error)]
pub enum AdoptError {
    /// It is one of the CA's own.
    #[error("it is the certificate of the CA itself: {ca}")]
    Own {
        /// What that is called on the command line.
        ca: String,
    },
    /// It is some CA's, which no root of ours signed.
    #[error("it is the certificate of a CA, `{subject}`, which no root of this home signed")]
    OfCa {
        /// Whose.
        subject: String,
    },
    /// It is some other root's.
    #[error("it is the certificate of a root, `{subject}`, which signed itself")]
    OfRoot {
        /// Whose.
        subject: String,
    },
    /// It is that of a CA that may have others below it; ours have none.
    #[error("`{ca}` lets `{subject}` have CAs below it")]
    MayHaveCas {
        /// Whose.
        subject: String,
        /// The root as the command line names it.
        ca: String,
    },
    /// It is not what is made here for a CA.
    #[error("it is not what this home makes for an issuing CA")]
    Unlike(#[source] Findings),
    /// Its limits are not inside ours.
    #[error("it may vouch for more than the CAs of this home: {reason}")]
    Unlimited {
        /// What there is.
        reason: String,
    },
    /// It is that of a CA with the name of another.
    #[error("`{subject}` is the name of {ca}, which is another CA")]
    NameTaken {
        /// Its name.
        subject: String,
        /// The other as the command line names it.
        ca: String,
    },
    /// It is that of a CA with a key that cannot be one's.
    #[error("its key is that of another CA, or was in a certificate that is revoked")]
    KeySpoiled,
    /// It is known, and not as a CA.
    #[error("it is among what {ca} issued, as {serial}, and the CA is not among those of this home")]
    NotACaHere {
        /// The root as the command line names it.
        ca: String,
        /// Its number in hexadecimal digits.
        serial: String,
    },
    /// Somebody else issued it.
    #[error("it was issued by `{issuer}`, which is no CA of this home")]
    ByAnother {
        /// Who that is.
        issuer: String,
    },
    /// It names one of our CAs, whose key did not sign it.
    #[error("it names `{issuer}` as its issuer, and the key of that CA did not sign it")]
    NotSigned {
        /// Who did not sign it.
        issuer: String,
        /// What is wrong with the signature.
        source: SignatureError,
    },
    /// It has a number that no certificate may have.
    #[error("it has a serial number that RFC 5280 does not allow")]
    Serial(#[source] SerialNumberError),
    /// Its number is another certificate's.
    #[error("another certificate of {ca} has its serial number, {serial}")]
    SerialTaken {
        /// The CA as the command line names it.
        ca: String,
        /// The number in hexadecimal digits.
        serial: String,
    },
}

/// An adoption on its way: the keys that are kept have to be in their places before it is finished.
#[must_use = "what is begun and never finished stays reserved"]
pub struct AdoptionUnderWay {
    /// What becomes of each certificate, in their order.
    pub outcomes: Vec<Result<Adoption, AdoptError>>,
    /// Those whose keys are kept, by their places among all.
    pub kept: Vec<(usize, Signed)>,
}

/// A certificate that one of our CAs issued.
pub(super) struct Recognized<'a> {
    pub(super) adoptee: Adoptee<'a>,
    pub(super) ca: CaCertificate,
    pub(super) issuer: RecognizedIssuer,
    pub(super) serial_number: SerialNumber,
}

/// How the CA stands that issued a certificate.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RecognizedIssuer {
    Good,
    /// Nobody has to trust what it issued.
    Revoked,
}

impl Authority {
    /// Which of our CAs issued a certificate: the one that it names, if the key of that one signed it.
    ///
    /// # Errors
    /// None of them did, or it is a CA's own.
    pub fn recognize(&self, certificate: &Certificate) -> Result<&CaCertificate, AdoptError> {
        self.recognize_by(&[], certificate)
    }

    /// The same, where some that are entered with it count as ours as well.
    ///
    /// # Errors
    /// As [`Authority::recognize`].
    pub fn recognize_by<'a>(
        &'a self,
        entering: &'a [CaCertificate],
        certificate: &Certificate,
    ) -> Result<&'a CaCertificate, AdoptError> {
        let tbs = certificate.tbs();
        if let Some(ca) = self.cas.iter().find(|ca| ca.certificate() == certificate) {
            return Err(AdoptError::Own { ca: ca.path() });
        }
        if tbs.is_ca() {
            return Err(AdoptError::OfCa { subject: tbs.subject().to_string() });
        }
        // A cross-certificate has the name and the key of a root, and what that issued is the root's.
        let is_named = |ca: &&CaCertificate| {
            ca.role() != IssuerRole::Cross && ca.certificate().tbs().subject().as_der() == tbs.issuer().as_der()
        };
        let mut outcome = Err(AdoptError::ByAnother { issuer: tbs.issuer().to_string() });
        for ca in self.cas.iter().chain(entering).filter(is_named) {
            match certificate.verify_signed_by(ca.certificate().tbs().public_key()) {
                Ok(()) => return Ok(ca),
                Err(source) => outcome = Err(AdoptError::NotSigned { issuer: tbs.issuer().to_string(), source }),
            }
        }
        outcome
    }

    /// What would become of certificates that were found, in their order, once these CAs are entered.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn plan_adoption(
        &self,
        entering: &[CaCertificate],
        found: &[Adoptee<'_>],
    ) -> Result<Vec<Result<Adoption, AdoptError>>, LedgerError> {
        self.ledger.plan_adoption(self.recognized(entering, found)?, self.doors.clock.now())
    }

    /// Enters what was found and can be: what has no key is issued from now on, what has one is reserved until its files are there.
    ///
    /// # Errors
    /// A ledger that fails; nothing is entered then.
    pub fn begin_adoption(&self, found: &[Adoptee<'_>]) -> Result<AdoptionUnderWay, LedgerError> {
        self.ledger.begin_adoption(self.recognized(&[], found)?, self.doors.clock.now())
    }

    fn recognized<'a>(
        &self,
        entering: &[CaCertificate],
        found: &[Adoptee<'a>],
    ) -> Result<Vec<Result<Recognized<'a>, AdoptError>>, LedgerError> {
        let revoked = self.revoked_cas()?;
        let recognized = found.iter().map(|adoptee| {
            let ca = self.recognize_by(entering, adoptee.certificate)?;
            let serial_number = adoptee.certificate.tbs().serial_number().map_err(AdoptError::Serial)?;
            let issuer = if revoked.iter().any(|revoked| revoked.id() == ca.id()) {
                RecognizedIssuer::Revoked
            } else {
                RecognizedIssuer::Good
            };
            Ok(Recognized { adoptee: *adoptee, ca: ca.clone(), issuer, serial_number })
        });
        Ok(recognized.collect())
    }
}
