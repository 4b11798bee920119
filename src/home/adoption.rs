//! What was issued after the backup that this home was made of comes back: its row in the ledger, and its key where that was found.

use super::{
    chains,
    deployment::{self, Durability},
    error::HomeError,
    opened::Home,
};
use crate::{
    authority::{
        AdoptError, Adoptee, Adoption, AdoptionUnderWay, KeptAs, KeyFate, KeyFound, Label, RecordedName, Signed,
    },
    keys::PrivateKey,
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
        let outcomes = self.authority.plan_adoption(&adoptees(found))?;
        for outcome in outcomes.iter().flatten() {
            if let Adoption::Entered { label: Some(label), key: KeyFate::Kept } = outcome {
                deployment::refuse_occupied(&self.layout, label.as_str())?;
            }
        }
        Ok(outcomes)
    }

    /// Enters the certificates that were found and can be, and puts their keys under `live/` where their labels have no newer one. What
    /// is stopped in between is finished by adopting the same again.
    ///
    /// # Errors
    /// A file or ledger that fails, or something else where a key would lie.
    pub fn adopt(&self, found: &[&Foundling<'_>]) -> Result<Vec<Result<Adoption, AdoptError>>, HomeError> {
        self.plan_adoption(found)?;
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

fn adoptees<'a>(found: &'a [&Foundling<'_>]) -> Vec<Adoptee<'a>> {
    let adoptees = found.iter().map(|Foundling { certificate, names, label, key }| Adoptee {
        certificate,
        names,
        label: label.as_ref(),
        key: if key.is_some() { KeyFound::Yes } else { KeyFound::No },
    });
    adoptees.collect()
}
