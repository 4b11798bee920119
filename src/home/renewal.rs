//! Renewal: what is due, a new certificate for it, and its way to the server.

use time::{Duration, OffsetDateTime};

use super::{
    current::is_due,
    deployment::{self, LiveFiles},
    error::HomeError,
    issuance::Issued,
    losses::Loss,
    moved::{AddressChange, Moved, places_with_changes, whereabouts, with_changes},
    opened::Home,
    order::{KeyChoice, Order},
    outside::Outside,
    rollout::Deployed,
};
use crate::{
    authority::{
        CertificateRecord, DeploymentOutcome, Destination, Holder, Issuer, KeyPolicy, Label, Lifetime, OnOtherNames,
        RecordedName, Status, Wish,
    },
    keys::{KeyFile, KeyPurpose, Passphrase, PassphraseError, PassphraseSource, PrivateKey},
    system::LocalAddress,
    x509::{Certificate, DnsName, GeneralName, KeyAlgorithm, SubjectAltNames},
};

/// What is asked of a renewal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RenewalWish {
    /// Whether what is not due is renewed as well.
    pub urgency: Urgency,
    /// What ends within this time is due as well.
    pub within: Option<Duration>,
    /// Whether the key stays, if not as is remembered.
    pub key_policy: Option<KeyPolicy>,
    /// The addresses of this machine, where they are known: what follows them is due when they have changed.
    pub here: Vec<LocalAddress>,
}

/// Whether what is not due is renewed as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Urgency {
    /// Only what is due.
    #[default]
    WhenDue,
    /// Everything that was named.
    Now,
}

/// A lineage that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its label.
    pub label: String,
    /// What it needs.
    pub need: Need,
    /// Which of its certificates was the newest then.
    pub newest: i64,
    /// The addresses that a new certificate follows.
    pub follows: Vec<AddressChange>,
}

/// What a lineage needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Nothing.
    Nothing,
    /// A new certificate.
    Certificate(Reason),
    /// That its newest certificate is brought to its server, which did not come to a good end.
    Deployment,
    /// That its copies, which are missing or others, are brought to its server once more.
    Copies,
    /// That its link under `live/` is put back.
    Link,
    /// That the CAs beside its newest certificate are written anew.
    Chain,
    /// A word about which address of this machine its certificate shall follow.
    Address,
    /// A new certificate, which would end with its CA and no later than the one there is: the CA needs a successor.
    NewerIssuer {
        /// When both end.
        end: OffsetDateTime,
    },
}

/// Why a new certificate is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Less than a third of the life of the newest is left, or less than the next run may be away, or it is over.
    Due,
    /// It has not begun: a clock was ahead when it was issued.
    Ahead,
    /// It ends within the time that was asked for.
    Ending,
    /// It was revoked, or the CA that issued it was.
    Revoked,
    /// The files of the newest in `archive/` are gone, cannot be read, or do not belong together.
    Lost,
    /// An address of this machine, which it follows, is another.
    Moved,
    /// Somebody wants it.
    Asked,
}

/// What a renewal did.
#[derive(Clone, Debug)]
pub struct Renewal {
    /// The new certificate, if one was issued.
    pub issued: Option<Issued>,
    /// What became of its way to the server, if it has one.
    pub deployed: Option<Deployed>,
}

impl Home {
    /// The lineages that need something, the most urgent first.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn needy(&self, wish: &RenewalWish) -> Result<Vec<Candidate>, HomeError> {
        let labels = match wish.urgency {
            Urgency::Now => self.authority.lineages()?,
            Urgency::WhenDue => {
                let mut labels = self.authority.due(wish.within)?;
                let unfinished = self.authority.unfinished_deployments()?.into_iter().map(|known| known.label);
                let known: std::collections::HashSet<_> = labels.iter().cloned().collect();
                labels.extend(unfinished.filter(|label| !known.contains(label)));
                let known: std::collections::HashSet<_> = labels.iter().cloned().collect();
                let lost = self.losses()?.into_iter().map(|(label, _)| label);
                labels.extend(lost.filter(|label| !known.contains(label)));
                let known: std::collections::HashSet<_> = labels.iter().cloned().collect();
                let moved = self.moved(&wish.here)?.into_iter().filter(Moved::is_followed).map(|moved| moved.label);
                labels.extend(moved.filter(|label| !known.contains(label)));
                labels
            }
        };
        let candidates: Vec<_> = labels.iter().map(|label| self.candidate(label, wish)).collect::<Result<_, _>>()?;
        Ok(candidates.into_iter().filter(|candidate| candidate.need != Need::Nothing).collect())
    }

    /// What one lineage needs.
    ///
    /// # Errors
    /// There is no such lineage, or a ledger that fails.
    pub fn candidate(&self, label: &str, wish: &RenewalWish) -> Result<Candidate, HomeError> {
        let record = self.newest(label)?;
        let newest = record.generation.ok_or_else(|| HomeError::NoKey { label: label.to_owned() })?;
        let now = self.authority.doors().clock.now();
        let reason = self.reason(&record, wish, now)?;
        let loss = self.loss(label)?;
        let reason = reason.or((loss == Some(Loss::Generation)).then_some(Reason::Lost));
        let moved = self.moved_of(label, &wish.here)?.filter(Moved::is_followed);
        let follows = moved.map(|moved| moved.changes).unwrap_or_default();
        let is_clear = follows.iter().any(|change| change.successor().is_some());
        let reason = reason.or(is_clear.then_some(Reason::Moved));
        let end = reason.and_then(|reason| self.vain_until(&record, reason, now));
        let need = match (reason, end) {
            (Some(reason), None) => Need::Certificate(reason),
            // What was revoked is brought to nobody, wherever it got to before. Where no other is to come, the one there is
            // has to arrive all the more.
            _ if record.revoked_at.is_none() && self.is_unfinished(label)? => Need::Deployment,
            _ if loss == Some(Loss::Live) => Need::Link,
            _ if loss == Some(Loss::Chain) => Need::Chain,
            _ if loss == Some(Loss::Copies) => Need::Copies,
            (_, Some(end)) => Need::NewerIssuer { end },
            (None, None) if !follows.is_empty() => Need::Address,
            (None, None) => Need::Nothing,
        };
        Ok(Candidate { label: label.to_owned(), need, newest, follows })
    }

    /// Does what a lineage needs, unless another process has done it since; then nothing.
    ///
    /// # Errors
    /// What policy refuses, or a key, file or ledger that fails. What fails at the server is told in the answer.
    pub fn renew(
        &self,
        candidate: &Candidate,
        issuer: Option<&Issuer>,
        wish: &RenewalWish,
        outside: &Outside<'_>,
    ) -> Result<Option<Renewal>, HomeError> {
        let label = candidate.label.as_str();
        deployment::make_room(&self.layout, label)?;
        let lock = self.lock_label(label)?;
        let today = self.candidate(label, wish)?;
        if today.newest != candidate.newest {
            return Ok(None);
        }
        let issued = match (today.need, issuer) {
            (Need::Certificate(reason), Some(issuer)) => {
                Some(self.issue_next(label, issuer, wish, (reason, &today.follows))?)
            }
            (Need::Deployment | Need::Copies, _) => None,
            (Need::Link | Need::Chain, _) => {
                self.publish_newest(label)?;
                self.mend_chain(label)?;
                if self.loss(label)? != Some(Loss::Copies) && !self.is_unfinished(label)? {
                    return Ok(Some(Renewal { issued: None, deployed: None }));
                }
                None
            }
            (Need::Address, _) => return today.unclear().map_or(Ok(None), Err),
            _ => return Ok(None),
        };
        Ok(Some(Renewal { issued, deployed: self.deploy(&lock, label, outside)? }))
    }

    fn newest(&self, label: &str) -> Result<CertificateRecord, HomeError> {
        let newest = self.authority.by_label(label, 1)?.pop();
        newest.ok_or_else(|| HomeError::NoCertificate { label: label.to_owned() })
    }

    /// Why another certificate is wanted, if one is. What was revoked because its server is gone has no due date.
    fn reason(
        &self,
        record: &CertificateRecord,
        wish: &RenewalWish,
        now: OffsetDateTime,
    ) -> Result<Option<Reason>, HomeError> {
        if wish.urgency == Urgency::Now {
            return Ok(Some(Reason::Asked));
        }
        if record.status(now) == Status::Revoked {
            let label = record.label.as_deref().unwrap_or_default();
            return Ok(self.authority.due_at(label)?.map(|_| Reason::Revoked));
        }
        if is_due(record, now) {
            return Ok(Some(if now < record.not_before { Reason::Ahead } else { Reason::Due }));
        }
        if self.authority.is_issuer_revoked(record)? {
            return Ok(Some(Reason::Revoked));
        }
        let is_ending = wish.within.is_some_and(|within| record.not_after - now <= within);
        Ok(is_ending.then_some(Reason::Ending))
    }

    /// The end of the CA, where another certificate could not outlive the one there is.
    fn vain_until(&self, record: &CertificateRecord, reason: Reason, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let end = self.authority.issuing()?.certificate().tbs().validity().not_after();
        let is_vain = matches!(reason, Reason::Due | Reason::Ending) && record.status(now) == Status::Good;
        (is_vain && end <= record.not_after).then_some(end)
    }

    fn is_unfinished(&self, label: &str) -> Result<bool, HomeError> {
        Ok(self.authority.deployment(label)?.is_some_and(|known| !known.outcome.is_good()))
    }

    /// Issues the next certificate of a lineage as is remembered of it.
    fn issue_next(
        &self,
        label: &str,
        issuer: &Issuer,
        wish: &RenewalWish,
        (reason, follows): (Reason, &[AddressChange]),
    ) -> Result<Issued, HomeError> {
        let record = self.newest(label)?;
        let no_certificate = || HomeError::NoCertificate { label: label.to_owned() };
        let intent = self.authority.intent(label)?.ok_or_else(no_certificate)?;
        let profile = self.profile(&intent.profile)?;
        let algorithm = match intent.key {
            Some(algorithm) => algorithm,
            None => algorithm_of(&record)?.unwrap_or(self.settings().key),
        };
        let policy = wish.key_policy.unwrap_or(intent.key_policy);
        let kept = if policy == KeyPolicy::Same { self.kept_key(label, &record, algorithm)? } else { None };
        let lifetime = intent.days.map_or(Lifetime::Default, Lifetime::UpTo);
        let old = names(&record.names).ok_or_else(no_certificate)?;
        let new = names(&with_changes(&record.names, follows)).ok_or_else(no_certificate)?;
        // What is due must not wait for an address that this CA may not vouch for; the next call says that.
        let may_follow = || {
            let holder = Holder::EndEntity(new.clone());
            self.authority.consider(issuer, &Wish { profile: &profile, holder: &holder, lifetime }).is_ok()
        };
        let is_following = old != new && (reason == Reason::Moved || may_follow());
        let mut destination = None;
        if is_following {
            let verify = places_with_changes(&intent.destination.verify, follows);
            destination = Some(Destination { verify, ..intent.destination.clone() });
        }
        let order = Order {
            names: if is_following { new } else { old },
            profile: &profile,
            key: kept.as_ref().map_or(KeyChoice::New(algorithm), |key| KeyChoice::Kept(algorithm, key)),
            // What is said for once is not remembered.
            key_policy: intent.key_policy,
            lifetime,
            label: Label::parse(label).map_err(|_| no_certificate())?,
            on_other_names: if is_following { OnOtherNames::Replace } else { OnOtherNames::Refuse },
            whereabouts: whereabouts(&wish.here, None),
            destination,
        };
        self.issue(issuer, order)
    }

    /// The key of the newest certificate, unless it or an earlier one about that key was revoked, or the next shall be of
    /// another kind.
    fn kept_key(
        &self,
        label: &str,
        record: &CertificateRecord,
        algorithm: KeyAlgorithm,
    ) -> Result<Option<PrivateKey>, HomeError> {
        let is_of_kind = algorithm_of(record)?.is_some_and(|known| known == algorithm);
        if !is_of_kind || self.authority.is_key_revoked(record)? {
            return Ok(None);
        }
        let path = match record.generation {
            Some(generation) => self.layout.generation(label, generation).join("privkey.pem"),
            None => LiveFiles::of(&self.layout, label).key,
        };
        match KeyFile::new(&path, KeyPurpose::Other(path.clone())).read(&Nobody) {
            Ok(key) => Ok(record.parse()?.is_some_and(|own| own.tbs().public_key() == key.public_key()).then_some(key)),
            // What is gone cannot be kept; nor can what is another's.
            Err(_) if self.loss(label)? == Some(Loss::Generation) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Candidate {
    /// Why it is not clear which address the certificate shall follow, where that is all that keeps it from a new one.
    pub fn unclear(&self) -> Option<HomeError> {
        let change = self.follows.iter().find(|change| change.successor().is_none());
        change.filter(|_| self.need == Need::Address).map(|change| HomeError::UnclearAddress {
            label: self.label.clone(),
            from: change.from,
            to: change.to.clone(),
        })
    }
}

impl Renewal {
    /// Whether the newest certificate is where it shall be.
    pub fn is_good(&self) -> bool {
        self.deployed.as_ref().is_none_or(|deployed| deployed.outcome.is_good())
    }

    /// Why the newest certificate, which is in its place, was not seen at its server, if that is so.
    pub fn unseen(&self) -> &[String] {
        self.deployed.as_ref().map(Deployed::unseen).unwrap_or_default()
    }

    /// Whether the certificate of before serves on.
    pub fn is_rolled_back(&self) -> bool {
        self.deployed.as_ref().is_some_and(|deployed| deployed.outcome == DeploymentOutcome::RolledBack)
    }
}

/// The kind of a certificate's key, by the word for it.
fn algorithm_of(record: &CertificateRecord) -> Result<Option<KeyAlgorithm>, HomeError> {
    Ok(record.parse()?.as_ref().and_then(algorithm_in))
}

/// The kind of the key that a certificate is about.
pub(super) fn algorithm_in(certificate: &Certificate) -> Option<KeyAlgorithm> {
    let sound = certificate.tbs().public_key().check_strength().ok()?;
    sound.to_string().parse().ok()
}

/// The names of a certificate in their order, of which the first host name is its subject.
fn names(recorded: &[RecordedName]) -> Option<SubjectAltNames> {
    let name = |name: &RecordedName| match name {
        RecordedName::Ip(text) => GeneralName::parse_ip(text).ok(),
        RecordedName::Dns(text) => DnsName::parse(text).ok().map(GeneralName::Dns),
    };
    SubjectAltNames::new(recorded.iter().map(name).collect::<Option<_>>()?).ok()
}

/// The keys of servers have no passphrase, and nobody is asked for one.
pub(super) struct Nobody;

impl PassphraseSource for Nobody {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        Err(PassphraseError::Unavailable { purpose: purpose.clone() })
    }
}

#[cfg(test)]
#[path = "renewal_tests.rs"]
mod tests;
