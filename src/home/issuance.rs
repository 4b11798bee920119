//! Issuing at home: keys are made here, the authority signs, and the files are in place before anybody is told.

use std::{collections::HashSet, time::Duration};

use time::OffsetDateTime;

use super::{
    chains,
    deployment::{self, Durability, LiveFiles},
    error::HomeError,
    opened::Home,
    order::{KeyChoice, Order},
};
use crate::{
    authority::{
        Holder, IssuanceRequest, Issuer, KeptAs, Label, Lifetime, Lineage, RecordedName, Signed, SignedTogether, Wish,
    },
    keys::PrivateKey,
    profile::Profile,
    system::{Stopwatch, files, workers},
    x509::{Certificate, CertificationRequest, SubjectAltNames, SubjectPublicKeyInfo},
};

/// What was issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The serial number in hexadecimal digits.
    pub serial: String,
    /// The lineage, if it has a label.
    pub label: Option<String>,
    /// Which certificate of the lineage it is, if its key is kept.
    pub generation: Option<i64>,
    /// The profile it was made by.
    pub profile: String,
    /// The names it vouches for.
    pub names: Vec<RecordedName>,
    /// The first second of its life.
    pub not_before: OffsetDateTime,
    /// The last second of its life.
    pub not_after: OffsetDateTime,
    /// Who issued it.
    pub issuer: String,
    /// Its fingerprint in hexadecimal digits.
    pub sha256: String,
    /// Whether its life was cut to the issuer's.
    pub life: Life,
    /// Where its files are, if its key is kept.
    pub files: Option<LiveFiles>,
    /// Its bytes.
    pub certificate: Vec<u8>,
}

/// Whether a certificate lives as long as its profile says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It does, or as long as was asked for.
    Whole,
    /// It ends with its issuer, which is earlier.
    CutToIssuer,
}

/// How the time of a batch was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    /// Making keys.
    pub keys: Duration,
    /// Drafting, linting and signing.
    pub signing: Duration,
    /// Reserving and recording in the ledger.
    pub ledger: Duration,
    /// Writing files, swapping links, and waiting for the disk.
    pub files: Duration,
}

/// How many certificates of a batch are in work at once: enough for all processors, little memory.
const CHUNK: usize = 512;

impl Home {
    /// Makes a key, issues its certificate and puts both under `live/`.
    ///
    /// # Errors
    /// What policy refuses, or a key, file or ledger that fails; `live/` is as it was then.
    pub fn issue(&self, issuer: &Issuer, order: Order<'_>) -> Result<Issued, HomeError> {
        let mut issued = self.issue_all(issuer, vec![order], Durability::EachFile, &mut |_| {})?.0;
        issued.pop().ok_or_else(|| HomeError::NoCa { directory: self.layout.directory().to_owned() })
    }

    /// Issues many, all or none; `progress` hears how many are signed.
    ///
    /// # Errors
    /// As [`Home::issue`], and a label that stands in the batch twice.
    pub fn issue_batch(
        &self,
        issuer: &Issuer,
        orders: Vec<Order<'_>>,
        progress: &mut dyn FnMut(usize),
    ) -> Result<(Vec<Issued>, Shares), HomeError> {
        let mut labels = HashSet::new();
        if let Some(twice) = orders.iter().find(|order| !labels.insert(&order.label)) {
            return Err(HomeError::LabelTwice(twice.label.to_string()));
        }
        self.issue_all(issuer, orders, Durability::AllTogether, progress)
    }

    fn issue_all(
        &self,
        issuer: &Issuer,
        orders: Vec<Order<'_>>,
        durability: Durability,
        progress: &mut dyn FnMut(usize),
    ) -> Result<(Vec<Issued>, Shares), HomeError> {
        // Before the first key: a refusal must leave nothing behind.
        for order in &orders {
            let holder = Holder::EndEntity(order.names.clone());
            let wish = Wish { profile: order.profile, holder: &holder, lifetime: order.lifetime };
            self.authority.consider(issuer, &wish).map_err(crate::authority::IssueError::from)?;
        }
        let lineages: Vec<Lineage> = orders.iter().map(Order::lineage).collect();
        let wanted: Vec<_> = lineages.iter().zip(orders.iter().map(|order| &order.names)).collect();
        self.authority.consider_lineages(&wanted)?;
        orders.iter().try_for_each(|order| deployment::refuse_occupied(&self.layout, order.label.as_str()))?;
        self.finish_publishing()?;
        deployment::prepare(&self.layout)?;
        let mut batch = Batch {
            home: self,
            issuer,
            durability,
            signed: Vec::new(),
            written: Vec::new(),
            shares: Shares::default(),
        };
        let outcome = batch.run(&orders, progress);
        if outcome.is_err() {
            batch.written.iter().for_each(|kept| deployment::remove_generation(&self.layout, kept));
        }
        outcome?;
        // From here on the files stay, even if the ledger fails: a commit whose sync failed may still be found in the
        // log by the next process, and then these are the files of an issued certificate.
        batch.record()?;
        batch.publish()?;
        let issued = batch
            .signed
            .iter()
            .zip(&orders)
            .map(|(signed, order)| self.describe(issuer, signed, order.profile, order.lifetime));
        Ok((issued.collect::<Result<_, _>>()?, batch.shares))
    }

    /// Issues a certificate for a key that was made elsewhere.
    ///
    /// # Errors
    /// What policy refuses, or a ledger that fails.
    pub fn sign(
        &self,
        issuer: &Issuer,
        request: &CertificationRequest,
        names: SubjectAltNames,
        profile: &Profile,
        lifetime: Lifetime,
        label: Option<Label>,
    ) -> Result<Issued, HomeError> {
        self.hand_out(issuer, request.public_key().clone(), names, profile, lifetime, label)
    }

    /// Issues a certificate for a key that the home does not keep, and does not renew.
    ///
    /// # Errors
    /// What policy refuses, or a ledger that fails.
    pub fn certify(
        &self,
        issuer: &Issuer,
        key: &PrivateKey,
        names: SubjectAltNames,
        profile: &Profile,
        lifetime: Lifetime,
        label: Option<Label>,
    ) -> Result<Issued, HomeError> {
        self.hand_out(issuer, key.public_key().clone(), names, profile, lifetime, label)
    }

    fn hand_out(
        &self,
        issuer: &Issuer,
        public_key: SubjectPublicKeyInfo,
        names: SubjectAltNames,
        profile: &Profile,
        lifetime: Lifetime,
        label: Option<Label>,
    ) -> Result<Issued, HomeError> {
        let wish = IssuanceRequest {
            profile,
            holder: Holder::EndEntity(names),
            public_key,
            lifetime,
            lineage: Lineage::Elsewhere { label: label.clone() },
        };
        let signed = self.authority.sign(issuer, &[wish])?.signed;
        self.authority.record(&signed)?;
        let no_ca = || HomeError::NoCa { directory: self.layout.directory().to_owned() };
        let mut issued = self.describe(issuer, signed.first().ok_or_else(no_ca)?, profile, lifetime)?;
        issued.label = label.map(|label| label.to_string());
        Ok(issued)
    }

    /// Finishes what a command that was stopped had recorded and not yet put under `live/`; does nothing where all is
    /// there. Every issuing does so first; who looks at `live/` without issuing calls it.
    ///
    /// # Errors
    /// A ledger or file that fails.
    pub fn finish_publishing(&self) -> Result<(), HomeError> {
        let labels = self.authority.unpublished()?;
        if labels.is_empty() {
            return Ok(());
        }
        deployment::prepare(&self.layout)?;
        for label in &labels {
            // One lineage that cannot be published must not stop the others; its own next `issue` says why.
            let _ = self.authority.publish(&[label], |label, generation| {
                Ok::<_, HomeError>(deployment::swap(&self.layout, label, generation, Durability::EachFile)?)
            });
        }
        Ok(())
    }

    fn describe(
        &self,
        issuer: &Issuer,
        signed: &Signed,
        profile: &Profile,
        lifetime: Lifetime,
    ) -> Result<Issued, HomeError> {
        let certificate = Certificate::from_der(signed.as_der())?;
        let tbs = certificate.tbs();
        let label = signed.kept().map(|kept| kept.label.as_str());
        let names = tbs.subject_alt_names().ok().flatten().unwrap_or_default();
        let wanted = lifetime.days().unwrap_or(profile.days());
        let cut = issuer.validity().is_some_and(|outer| outer.not_after() == tbs.validity().not_after())
            && tbs.validity().length() < time::Duration::days(i64::from(wanted));
        Ok(Issued {
            serial: signed.serial().to_owned(),
            label: label.map(str::to_owned),
            generation: signed.kept().map(|kept| kept.generation),
            profile: profile.name().to_owned(),
            names: names.iter().filter_map(recorded).collect(),
            not_before: tbs.validity().not_before(),
            not_after: tbs.validity().not_after(),
            issuer: tbs.issuer().to_string(),
            sha256: certificate.fingerprint(),
            life: if cut { Life::CutToIssuer } else { Life::Whole },
            files: label.map(|label| LiveFiles::of(&self.layout, label)),
            certificate: signed.as_der().to_vec(),
        })
    }
}

fn recorded(name: &crate::x509::AltName) -> Option<RecordedName> {
    match name {
        crate::x509::AltName::Dns(text) => Some(RecordedName::Dns(text.clone())),
        other => other.ip().map(|address| RecordedName::Ip(address.to_string())),
    }
}

/// A batch on its way: what is signed, and where the time went.
struct Batch<'a> {
    home: &'a Home,
    issuer: &'a Issuer,
    durability: Durability,
    signed: Vec<Signed>,
    /// The generations that this batch has made: what was there before is never its to remove.
    written: Vec<KeptAs>,
    shares: Shares,
}

impl Batch<'_> {
    fn run(&mut self, orders: &[Order<'_>], progress: &mut dyn FnMut(usize)) -> Result<(), HomeError> {
        let chain = self.chain();
        for chunk in orders.chunks(CHUNK) {
            self.work(chunk, &chain)?;
            progress(chunk.len());
        }
        let watch = self.watch();
        if self.durability == Durability::AllTogether {
            files::sync_file_system(self.home.layout.directory())?;
        }
        self.shares.files += watch.elapsed();
        Ok(())
    }

    fn record(&mut self) -> Result<(), HomeError> {
        let watch = self.watch();
        self.home.authority.record(&self.signed)?;
        self.shares.ledger += watch.elapsed();
        Ok(())
    }

    fn work(&mut self, orders: &[Order<'_>], chain: &str) -> Result<(), HomeError> {
        let home = self.home;
        let watch = self.watch();
        let made = workers::map(orders.iter().collect(), |order: &Order<'_>| match order.key {
            KeyChoice::New(algorithm) => PrivateKey::generate(algorithm, &*home.authority.doors().random).map(Some),
            KeyChoice::Kept(..) => Ok(None),
        });
        let made = made.into_iter().collect::<Result<Vec<_>, _>>()?;
        let keys: Vec<&PrivateKey> = orders.iter().zip(&made).filter_map(|(order, made)| order.key_or(made)).collect();
        self.shares.keys += watch.elapsed();
        let watch = self.watch();
        let requests: Vec<_> = orders
            .iter()
            .zip(&keys)
            .map(|(order, key)| IssuanceRequest {
                profile: order.profile,
                holder: Holder::EndEntity(order.names.clone()),
                public_key: key.public_key().clone(),
                lifetime: order.lifetime,
                lineage: order.lineage(),
            })
            .collect();
        let SignedTogether { signed, reserving } = home.authority.sign(self.issuer, &requests)?;
        self.shares.ledger += reserving;
        self.shares.signing += watch.elapsed().saturating_sub(reserving);
        let watch = self.watch();
        let durability = self.durability;
        let pairs: Vec<(&Signed, &PrivateKey)> = signed.iter().zip(keys).collect();
        let written = workers::map(pairs, |(signed, key)| match signed.kept() {
            Some(kept) => {
                let KeptAs { label, generation, .. } = kept;
                let der = signed.as_der();
                deployment::write_generation(&home.layout, label, *generation, key, der, chain, durability)?;
                Ok(Some(kept.clone()))
            }
            None => Ok::<_, HomeError>(None),
        });
        let (made, failed): (Vec<_>, Vec<_>) = written.into_iter().partition(Result::is_ok);
        self.written.extend(made.into_iter().flatten().flatten());
        self.signed.extend(signed);
        failed.into_iter().collect::<Result<Vec<_>, _>>()?;
        self.shares.files += watch.elapsed();
        Ok(())
    }

    /// Swaps every link, then notes it: only a whole generation is ever under `live/`.
    fn publish(&mut self) -> Result<(), HomeError> {
        let watch = self.watch();
        let (home, durability) = (self.home, self.durability);
        let labels: Vec<&str> =
            self.signed.iter().filter_map(Signed::kept).map(|kept: &KeptAs| kept.label.as_str()).collect();
        home.authority.publish(&labels, |label, generation| {
            Ok::<_, HomeError>(deployment::swap(&home.layout, label, generation, durability)?)
        })?;
        if durability == Durability::AllTogether {
            files::sync_file_system(home.layout.directory())?;
        }
        self.shares.files += watch.elapsed();
        Ok(())
    }

    /// The CAs that a server sends after its own certificate.
    fn chain(&self) -> String {
        chains::text(&self.home.served_chain(self.issuer))
    }

    fn watch(&self) -> Stopwatch {
        self.home.authority.doors().clock.stopwatch()
    }
}
