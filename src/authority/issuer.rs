//! An issuer: a name, a key that matches it, and the certificates above it.

use thiserror::Error;

use super::{
    crl_ledger::{ReservedCrl, SignedList},
    issuer_role::IssuerId,
    refusal::{Beyond, Refusal},
    reservation::{Reserved, Signed},
};
use crate::{
    keys::{KeyError, SigningKey},
    profile::{Scope, ScopeError},
    x509::{
        BasicConstraints, Certificate, CertificateError, CertificateList, CrlNumber, DistinguishedName, GeneralName,
        HttpUrl, KeyIdentifier, KeyUsage, SignatureAlgorithm, SubjectPublicKeyInfo, Validity,
    },
};

/// An issuer that can sign: its key was seen to match its certificate.
pub struct Issuer {
    id: IssuerId,
    name: DistinguishedName,
    /// From itself up to the root; empty while a root signs itself.
    chain: Vec<Certificate>,
    /// What each of the chain says it may vouch for.
    scopes: Vec<Scope>,
    key: SigningKey,
    addresses: RevocationAddresses,
}

/// Where an issuer's revocations can be asked for; the certificates of servers say so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RevocationAddresses {
    /// Its CRL.
    pub crl: Option<HttpUrl>,
    /// An OCSP responder.
    pub ocsp: Option<HttpUrl>,
}

/// Why a certificate and a key make no issuer, or one did not sign.
#[derive(Debug, Error)]
pub enum IssuerError {
    /// The key is another's.
    #[error("the key is not the one of `{0}`")]
    KeyMismatch(String),
    /// The certificate is no CA's.
    #[error("`{0}` is no CA: it may not sign certificates")]
    NotACa(String),
    /// What a CA of the chain may vouch for cannot be read.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// The key did not sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signed certificate cannot be put together.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The signature that came back for a CRL does not verify.
    #[error("what was signed for CRL {0} is not what was reserved")]
    NotTheReservedCrl(CrlNumber),
    /// The signature that came back does not verify, or is over other bytes.
    #[error("what was signed for serial {0} is not what was reserved")]
    NotWhatWasReserved(String),
}

impl Issuer {
    /// An issuer of certificates, its own first in the chain, the root last.
    ///
    /// # Errors
    /// A key that does not match, or a certificate that may not sign others.
    pub fn new(id: IssuerId, chain: Vec<Certificate>, key: SigningKey) -> Result<Self, IssuerError> {
        let Some(own) = chain.first() else { return Err(IssuerError::NotACa(String::new())) };
        let subject = own.tbs().subject().to_string();
        if own.tbs().public_key().der() != key.public_key().der() {
            return Err(IssuerError::KeyMismatch(subject));
        }
        let may_sign = matches!(own.tbs().basic_constraints(), Ok(Some(BasicConstraints::Ca { .. })))
            && matches!(own.tbs().key_usage(), Ok(None))
            || matches!(own.tbs().key_usage(), Ok(Some(usages)) if usages.contains(&KeyUsage::KeyCertSign));
        if !may_sign || !own.tbs().is_ca() {
            return Err(IssuerError::NotACa(subject));
        }
        let scopes = chain.iter().map(Scope::of).collect::<Result<_, _>>()?;
        let name = own.tbs().subject().clone();
        Ok(Self { id, name, chain, scopes, key, addresses: RevocationAddresses::default() })
    }

    /// A root about to sign itself.
    pub(super) fn of_itself(id: IssuerId, name: DistinguishedName, key: SigningKey) -> Self {
        Self { id, name, chain: Vec::new(), scopes: Vec::new(), key, addresses: RevocationAddresses::default() }
    }

    /// The same issuer, whose certificates say where its revocations can be asked for.
    #[must_use]
    pub fn with_addresses(self, addresses: RevocationAddresses) -> Self {
        Self { addresses, ..self }
    }

    pub(super) fn addresses(&self) -> &RevocationAddresses {
        &self.addresses
    }

    pub(super) fn id(&self) -> IssuerId {
        self.id
    }

    /// Its name, byte for byte as it stands in its certificate.
    pub fn name(&self) -> &DistinguishedName {
        &self.name
    }

    /// Itself and the CAs above it, the root last.
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    /// When its own certificate is valid; none while a root signs itself.
    pub fn validity(&self) -> Option<Validity> {
        self.chain.first().map(|own| own.tbs().validity())
    }

    /// Whether every CA of the chain may vouch for a name; each verifier asks all of them, or only the nearest.
    pub(super) fn may_vouch_for(&self, name: &GeneralName) -> Result<(), Refusal> {
        let mut narrow = self.scopes.iter().enumerate().filter(|(_, scope)| !scope.permits(name));
        let Some((place, scope)) = narrow.next() else { return Ok(()) };
        let is_own_alone = place == 0 && self.scopes.len() > 1 && narrow.next().is_none();
        let beyond = if is_own_alone { Beyond::Issuer } else { Beyond::Root };
        Err(Refusal::OutsideScope { name: name.clone(), scope: Box::new(scope.clone()), beyond })
    }

    pub(super) fn key_identifier(&self) -> Option<KeyIdentifier> {
        let own = self.chain.first()?.tbs().subject_key_identifier().ok().flatten();
        own.or_else(|| Some(KeyIdentifier::new(self.key.public_key().key_identifier())))
    }

    /// The public half of its key.
    pub(super) fn public_key(&self) -> &SubjectPublicKeyInfo {
        self.key.public_key()
    }

    pub(super) fn signature_algorithm(&self) -> SignatureAlgorithm {
        self.key.signature_algorithm()
    }

    /// Signs what was reserved, and looks at the result: the signature verifies, over the very bytes in the ledger.
    pub(super) fn sign(&self, reserved: Reserved) -> Result<Signed, IssuerError> {
        let signature = self.key.sign(reserved.tbs().as_der())?;
        let certificate = Certificate::assemble(reserved.tbs(), &signature)?;
        let same_bytes = certificate.tbs().as_der() == reserved.tbs().as_der();
        if !same_bytes || certificate.verify_signed_by(self.key.public_key()).is_err() {
            return Err(IssuerError::NotWhatWasReserved(reserved.serial_number().to_string()));
        }
        Ok(reserved.signed(&certificate))
    }

    /// Signs a CRL that was reserved, and looks at the result.
    pub(super) fn sign_crl(&self, reserved: ReservedCrl) -> Result<SignedList, IssuerError> {
        let (place, tbs) = reserved.into_parts();
        let signature = self.key.sign(tbs.as_der())?;
        let list = CertificateList::assemble(tbs, signature)?;
        if list.verify_signed_by(self.key.public_key()).is_err() {
            return Err(IssuerError::NotTheReservedCrl(place.number()));
        }
        Ok(place.signed(list))
    }
}
