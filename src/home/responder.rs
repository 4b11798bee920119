//! The OCSP responders of a home: a key and a certificate for each CA, kept like a server's and used until half of their life.

use super::{
    chains,
    deployment::{self, Durability},
    error::HomeError,
    opened::Home,
};
use crate::{
    authority::{
        CaCertificate, Holder, IssuanceRequest, Issuer, KeyPolicy, Label, Lifetime, Lineage, OnOtherNames, Responder,
        Signed, Whereabouts,
    },
    keys::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource, PrivateKey},
    profile::{Profile, builtin},
    x509::{Certificate, KeyAlgorithm, PublicKeyKind, public_key::RsaSize},
};

/// A responder that was found or made.
pub struct FoundResponder {
    /// The responder.
    pub responder: Responder,
    /// Whether it is a new one.
    pub origin: ResponderOrigin,
}

/// Where a responder comes from.
#[derive(Debug)]
pub enum ResponderOrigin {
    /// It was kept in the home.
    Kept,
    /// It was kept, and another is wanted: more than half of its life is over, or the newest has not begun. Why there is no
    /// new one.
    KeptTooLong(HomeError),
    /// It was issued just now.
    Issued,
}

/// Which of a CA's responders one is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The newest.
    Newest,
    /// One before the newest, which has not begun.
    Earlier,
}

impl Home {
    /// The OCSP responder of a CA: the one that is kept, or a new one where it is half over, revoked, not there, or dated
    /// ahead.
    ///
    /// # Errors
    /// There is none that can be used, and the CA's key is not here, has a passphrase that nobody knows, or may not sign.
    pub fn responder(
        &self,
        ca: &CaCertificate,
        passphrases: &dyn PassphraseSource,
    ) -> Result<FoundResponder, HomeError> {
        let kept = self.kept_responder(ca)?;
        let now = self.authority.doors().clock.now();
        if let Some((responder, standing)) = kept {
            // A stop just before the link in `live/` was made leaves only that to do, and nobody is left waiting for it.
            let _ = self.finish_publishing();
            if standing == Standing::Newest && !responder.is_due(now) {
                return Ok(FoundResponder { responder, origin: ResponderOrigin::Kept });
            }
            return Ok(match self.new_responder(ca, passphrases) {
                Ok(responder) => FoundResponder { responder, origin: ResponderOrigin::Issued },
                Err(reason) => FoundResponder { responder, origin: ResponderOrigin::KeptTooLong(reason) },
            });
        }
        Ok(FoundResponder { responder: self.new_responder(ca, passphrases)?, origin: ResponderOrigin::Issued })
    }

    /// The OCSP responder of a CA that is kept, and never a new one: for a moment at which no certificate is to be made.
    ///
    /// # Errors
    /// There is none, or it cannot be used.
    pub fn responder_at_hand(&self, ca: &CaCertificate) -> Result<FoundResponder, HomeError> {
        let none = || HomeError::NoCertificate { label: Label::of_responder(ca.role(), ca.ordinal()).to_string() };
        let (responder, _) = self.kept_responder(ca)?.ok_or_else(none)?;
        Ok(FoundResponder { responder, origin: ResponderOrigin::Kept })
    }

    /// The newest that is kept, or an earlier one while a clock that was ahead has dated the newest too late. Whatever is
    /// wrong with it, a new one takes its place.
    fn kept_responder(&self, ca: &CaCertificate) -> Result<Option<(Responder, Standing)>, HomeError> {
        let now = self.authority.doors().clock.now();
        let records = self.authority.by_label(Label::of_responder(ca.role(), ca.ordinal()).as_str(), MOST_KEPT)?;
        let begun = records.iter().position(|record| record.not_before <= now).unwrap_or_default();
        let Some(record) = records.into_iter().nth(begun) else { return Ok(None) };
        let kept = match self.kept_by(record, &Nobody) {
            Ok(kept) => kept,
            Err(HomeError::Ledger(error)) => return Err(error.into()),
            Err(_) => return Ok(None),
        };
        let standing = if begun == 0 { Standing::Newest } else { Standing::Earlier };
        Ok(Responder::new(ca, kept.certificate, kept.key.to_signing_key()?).ok().map(|responder| (responder, standing)))
    }

    fn new_responder(&self, ca: &CaCertificate, passphrases: &dyn PassphraseSource) -> Result<Responder, HomeError> {
        let label = Label::of_responder(ca.role(), ca.ordinal());
        deployment::refuse_occupied(&self.layout, label.as_str())?;
        let issuer = self.issuer_of(ca, None, passphrases)?;
        self.finish_publishing()?;
        deployment::prepare(&self.layout)?;
        let key = PrivateKey::generate(algorithm_beside(ca), &*self.authority.doors().random)?;
        let signed = self.sign_responder(ca, &issuer, &key, &label)?;
        let made = signed.first().and_then(|signed| Some((signed.as_der(), signed.kept()?)));
        let (der, kept) = made.ok_or_else(|| HomeError::NoKey { label: label.to_string() })?;
        let responder = Responder::new(ca, Certificate::from_der(der)?, key.to_signing_key()?)?;
        let chain = chains::text(&self.served_chain(&issuer));
        deployment::write_generation(
            &self.layout,
            &kept.label,
            kept.generation,
            &key,
            der,
            &chain,
            Durability::EachFile,
        )
        .inspect_err(|_| deployment::remove_generation(&self.layout, kept))?;
        self.authority.record(&signed)?;
        self.authority.publish(&[label.as_str()], |label, generation| {
            Ok::<_, HomeError>(deployment::swap(&self.layout, label, generation, Durability::EachFile)?)
        })?;
        Ok(responder)
    }

    fn sign_responder(
        &self,
        ca: &CaCertificate,
        issuer: &Issuer,
        key: &PrivateKey,
        label: &Label,
    ) -> Result<Vec<Signed>, HomeError> {
        let profile = responder_profile()?;
        let lineage = Lineage::Kept {
            label: label.clone(),
            on_other_names: OnOtherNames::Refuse,
            key: algorithm_beside(ca),
            key_policy: KeyPolicy::New,
            whereabouts: Whereabouts::default(),
            destination: None,
        };
        let request = IssuanceRequest {
            profile: &profile,
            holder: Holder::Responder,
            public_key: key.public_key().clone(),
            lifetime: Lifetime::Default,
            lineage,
        };
        Ok(self.authority.sign(issuer, &[request])?.signed)
    }
}

/// The profile as it comes with the program: nobody's servers are responders.
fn responder_profile() -> Result<Profile, HomeError> {
    builtin(PROFILE)?.ok_or_else(|| HomeError::NoProfile { name: PROFILE.to_owned(), known: Vec::new() })
}

/// Who can verify the CA can verify this; it signs often, so it is a quick one of its kind.
fn algorithm_beside(ca: &CaCertificate) -> KeyAlgorithm {
    match ca.certificate().tbs().public_key().kind() {
        PublicKeyKind::Rsa { .. } => KeyAlgorithm::Rsa(RsaSize::Bits2048),
        _ => KeyAlgorithm::P256,
    }
}

/// The key of a responder never has a passphrase, so nobody is asked for one.
struct Nobody;

impl PassphraseSource for Nobody {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        Err(PassphraseError::Unavailable { purpose: purpose.clone() })
    }
}

const PROFILE: &str = "ocsp-responder";
/// How many of a CA's responders are looked at, of which the first has begun unless a clock was ahead.
const MOST_KEPT: u32 = 8;

#[cfg(test)]
#[path = "responder_tests.rs"]
mod tests;
