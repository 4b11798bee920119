//! What was issued after the backup that this home was made of comes back: its row in the ledger, and its key where that was found.

use super::{
    chains,
    deployment::{self, Durability},
    error::HomeError,
    opened::Home,
};
use crate::{
    authority::{
        AdoptError, Adoptee, Adoption, AdoptionUnderWay, CaAdoption, CaCertificate, KeptAs, KeyFate, KeyFound, Label,
        RecordedName, Signed,
    },
    keys::{PassphraseSource, PrivateKey},
    x509::Certificate,
};

/// A certificate that was found, and its key where that was found as well.
#[derive(Debug)]
pub struct Foundling<'a> {
    /// The certificate.
    pub certificate: &'a Certificate,
    /// The names for servers in it.
    pub names: Vec<RecordedName>,
    /// The label after the first of them, where it makes one.
    pub label: Option<Label>,
    /// Its key.
    pub key: Option<&'a PrivateKey>,
}

impl Home {
    /// What would become of certificates that were found, in their order.
    ///
    /// # Errors
    /// A ledger that fails, or something else where a key would lie.
    pub fn plan_adoption(&self, found: &[&Foundling<'_>]) -> Result<Vec<Result<Adoption, AdoptError>>, HomeError> {
        let (cas, others) = sorted(found);
        let planned = self.plan_cas(&cas)?;
        let mut entering = Vec::new();
        for ca in planned.iter().flatten() {
            if let CaAdoption::Entered(ca) = ca {
                entering.push(ca.clone());
            }
        }
        let told = cas.iter().zip(planned).map(|(one, planned)| self.told_of_ca(planned, one));
        Ok(in_order(found, told.collect(), self.plan_others(&entering, &others)?))
    }

    /// Enters what was found and can be: CAs first, then what they and the others issued. Keys come to their places in the home, those of
    /// servers under `live/` where their labels have no newer one. What is stopped in between is finished by adopting the same again.
    ///
    /// # Errors
    /// A file or ledger that fails, a passphrase that nobody knows under which the key of a CA shall lie, or something else where a key
    /// would.
    pub fn adopt(
        &mut self,
        found: &[&Foundling<'_>],
        passphrases: &dyn PassphraseSource,
    ) -> Result<Vec<Result<Adoption, AdoptError>>, HomeError> {
        let (cas, others) = sorted(found);
        let told = self.adopt_cas(&cas, passphrases)?;
        Ok(in_order(found, told, self.adopt_others(&others)?))
    }

    fn plan_others(
        &self,
        entering: &[CaCertificate],
        found: &[&Foundling<'_>],
    ) -> Result<Vec<Result<Adoption, AdoptError>>, HomeError> {
        let outcomes = self.authority.plan_adoption(entering, &adoptees(found))?;
        for outcome in outcomes.iter().flatten() {
            if let Adoption::Entered { label: Some(label), key: KeyFate::Kept } = outcome {
                deployment::refuse_occupied(&self.layout, label.as_str())?;
            }
        }
        Ok(outcomes)
    }

    /// Enters what is no CA's.
    pub(super) fn adopt_others(
        &self,
        found: &[&Foundling<'_>],
    ) -> Result<Vec<Result<Adoption, AdoptError>>, HomeError> {
        self.plan_others(&[], found)?;
        self.finish_publishing()?;
        let AdoptionUnderWay { outcomes, kept } = self.authority.begin_adoption(&adoptees(found))?;
        if kept.is_empty() {
            return Ok(outcomes);
        }
        deployment::prepare(&self.layout)?;
        // As with everything that is issued: the files are there before anybody is told, and stay even if the ledger fails.
        for (place, signed) in &kept {
            if let (Some(foundling), Some(kept)) = (found.get(*place), signed.kept()) {
                self.take_in(foundling, kept)?;
            }
        }
        let kept: Vec<Signed> = kept.into_iter().map(|(_, signed)| signed).collect();
        self.authority.record(&kept)?;
        let labels: Vec<&str> = kept.iter().filter_map(Signed::kept).map(|kept| kept.label.as_str()).collect();
        self.authority.publish(&labels, |label, generation| {
            Ok::<_, HomeError>(deployment::swap(&self.layout, label, generation, Durability::EachFile)?)
        })?;
        Ok(outcomes)
    }

    fn take_in(&self, foundling: &Foundling<'_>, kept: &KeptAs) -> Result<(), HomeError> {
        let Foundling { certificate, key: Some(key), .. } = foundling else { return Ok(()) };
        let issuer = self.authority.recognize(certificate).ok();
        let above = issuer.map(|ca| self.authority.served_above(&self.authority.chain_of(ca)));
        let chain = chains::text(&above.unwrap_or_default());
        deployment::complete_generation(&self.layout, &kept.label, kept.generation, key, certificate, &chain)
    }
}

/// What was found, CAs apart from all others.
fn sorted<'a, 'b>(found: &[&'b Foundling<'a>]) -> (Vec<&'b Foundling<'a>>, Vec<&'b Foundling<'a>>) {
    found.iter().partition(|one| one.certificate.tbs().is_ca())
}

/// What became of all, in the order in which they were found.
fn in_order<T>(found: &[&Foundling<'_>], cas: Vec<T>, others: Vec<T>) -> Vec<T> {
    let (mut cas, mut others) = (cas.into_iter(), others.into_iter());
    let next = |one: &&Foundling<'_>| if one.certificate.tbs().is_ca() { cas.next() } else { others.next() };
    found.iter().filter_map(next).collect()
}

fn adoptees<'a>(found: &'a [&Foundling<'_>]) -> Vec<Adoptee<'a>> {
    let adoptees = found.iter().map(|Foundling { certificate, names, label, key }| Adoptee {
        certificate,
        names,
        label: label.as_ref(),
        key: if key.is_some() { KeyFound::Yes } else { KeyFound::No },
    });
    adoptees.collect()
}
