//! The one road to a certificate: draft, clear, reserve, sign, record. `docs/issuance.md` tells it in nine lines.

use time::{Duration, OffsetDateTime};

use super::{
    ca::Authority,
    issue_error::IssueError,
    issuer::{Issuer, RevocationAddresses},
    refusal::Refusal,
    request::{Holder, IssuanceRequest, Lifetime, Lineage},
    reservation::Signed,
};
use crate::{
    lint::{self, Circumstances, Cleared, Role},
    profile::KeyKind,
    system::{RandomError, workers},
    x509::{
        CertificateTemplate, DistinguishedName, SerialNumber, SoundKey, SubjectAltNames, TbsCertificate, Validity,
        name::NameError,
    },
};

impl Authority {
    /// Drafts, clears, reserves and signs: all of the requests, or none of them.
    ///
    /// What comes back is not yet issued: its files are written first, then it is recorded.
    ///
    /// # Errors
    /// A refusal, a broken rule, or a ledger or key that fails. What was reserved by then stays on record.
    pub fn sign(&self, issuer: &Issuer, requests: &[IssuanceRequest<'_>]) -> Result<SignedTogether, IssueError> {
        self.glance_at(requests.iter().filter_map(|request| request.lineage.kept()))?;
        self.refuse_revoked(issuer)?;
        let now = self.doors.clock.now();
        let cleared = workers::map(requests.iter().collect(), |request| self.clear(issuer, request, now));
        let cleared = cleared.into_iter().zip(requests).map(|(cleared, request)| Ok((cleared?, request)));
        let cleared = cleared.collect::<Result<Vec<_>, IssueError>>()?;
        let watch = self.doors.clock.stopwatch();
        let reserved = self.ledger.reserve(issuer.id(), cleared, now)?;
        let reserving = watch.elapsed();
        let signed = workers::map(reserved, |reserved| issuer.sign(reserved));
        Ok(SignedTogether { signed: signed.into_iter().collect::<Result<_, _>>()?, reserving })
    }

    /// Records what was signed as issued: all of it, or none.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn record(&self, signed: &[Signed]) -> Result<(), IssueError> {
        Ok(self.ledger.record(signed, self.doors.clock.now())?)
    }

    /// Whether policy has nothing against a request, before a key is made for it.
    ///
    /// # Errors
    /// What policy refuses.
    pub fn consider(&self, issuer: &Issuer, request: &Wish<'_>) -> Result<(), Refusal> {
        if let Holder::EndEntity(names) = request.holder {
            names.iter().try_for_each(|name| issuer.may_vouch_for(name))?;
        }
        validity(issuer, request, self.doors.clock.now()).map(|_| ())
    }

    /// Whether the labels of several wishes are free for them, before a key is made for any.
    ///
    /// # Errors
    /// A label that stands for something else, or a ledger that fails.
    pub fn consider_lineages(&self, lineages: &[(&Lineage, &SubjectAltNames)]) -> Result<(), IssueError> {
        Ok(self.ledger.consider(lineages)?)
    }

    fn clear(
        &self,
        issuer: &Issuer,
        request: &IssuanceRequest<'_>,
        now: OffsetDateTime,
    ) -> Result<Cleared, IssueError> {
        let draft = self.draft(issuer, request, now)?;
        let waived: Vec<_> = request.profile.waived().iter().map(|waiver| waiver.rule).collect();
        let issuers: Vec<_> = issuer.chain().iter().collect();
        let circumstances = Circumstances { role: request.profile.role(), issuers: &issuers, now };
        lint::clear(draft, &circumstances, &waived).map_err(IssueError::Lint)
    }

    fn draft(
        &self,
        issuer: &Issuer,
        request: &IssuanceRequest<'_>,
        now: OffsetDateTime,
    ) -> Result<TbsCertificate, IssueError> {
        let wish = Wish { profile: request.profile, holder: &request.holder, lifetime: request.lifetime };
        self.consider(issuer, &wish)?;
        let key = request.public_key.check_strength().map_err(Refusal::Key)?;
        let kind = if matches!(key, SoundKey::Rsa { .. }) { KeyKind::Rsa } else { KeyKind::Ec };
        let (subject, names, constraints) = match &request.holder {
            Holder::EndEntity(names) => (self.subject_of(names.first_dns())?, Some(names.clone()), None),
            Holder::Responder => (self.subject_of(None)?, None, None),
            Holder::Ca { name, scope, .. } => {
                let constraints = scope.constraints().map(|(constraints, how)| (constraints.clone(), how));
                (name.clone(), None, constraints)
            }
        };
        let addresses = told_addresses(issuer, request);
        let template = CertificateTemplate {
            serial_number: self.new_serial()?,
            issuer: issuer.name().clone(),
            authority_key_identifier: issuer.key_identifier(),
            signature_algorithm: issuer.signature_algorithm(),
            validity: validity(issuer, &wish, now)?,
            subject,
            public_key: request.public_key.clone(),
            basic_constraints: request.profile.basic_constraints(),
            key_usage: request.profile.key_usage(kind),
            extended_key_usage: request.profile.extended_key_usage().cloned(),
            subject_alt_names: names,
            name_constraints: constraints,
            crl_url: addresses.crl,
            ocsp_url: addresses.ocsp,
            ocsp_no_check: request.profile.role() == Role::OcspResponder,
        };
        Ok(template.encode()?)
    }

    /// The first host name where it fits and is no wildcard. Without a host name there is no CN: openssl and GnuTLS
    /// judge a CN by the constraints on host names, and would refuse an address there.
    fn subject_of(&self, first: Option<&crate::x509::DnsName>) -> Result<DistinguishedName, NameError> {
        match first {
            Some(name) if !name.is_wildcard() && name.as_str().len() <= 64 => {
                DistinguishedName::new(None, Some(name.as_str()))
            }
            _ => DistinguishedName::new(Some(self.name()), None),
        }
    }

    pub(super) fn new_serial(&self) -> Result<SerialNumber, RandomError> {
        let mut random = [0; 16];
        self.doors.random.fill(&mut random)?;
        Ok(SerialNumber::from_epoch(self.epoch, random))
    }
}

/// Where a certificate says its revocation can be asked for. A CA's says nothing: its root's list is handed out with the
/// root. Nor does one that nobody looks up: a responder's, or the onboarding page's of one day.
fn told_addresses(issuer: &Issuer, request: &IssuanceRequest<'_>) -> RevocationAddresses {
    match (&request.holder, &request.lineage) {
        (Holder::EndEntity(_), Lineage::Kept { .. } | Lineage::Elsewhere { .. })
            if request.profile.role() != Role::OcspResponder =>
        {
            issuer.addresses().clone()
        }
        _ => RevocationAddresses::default(),
    }
}

/// What was signed together, and how long the ledger took over its part of it.
#[must_use = "what is signed and never recorded stays reserved for ever"]
pub struct SignedTogether {
    /// The certificates, in the order of the requests.
    pub signed: Vec<Signed>,
    /// The time spent reserving.
    pub reserving: std::time::Duration,
}

/// A request without its key: what policy needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'a> {
    /// What a certificate of this kind may be.
    pub profile: &'a crate::profile::Profile,
    /// Whom it shall be for.
    pub holder: &'a Holder<'a>,
    /// How long it shall live.
    pub lifetime: Lifetime,
}

/// From a little before now, never before the issuer, for as long as asked, never beyond the issuer.
fn validity(issuer: &Issuer, wish: &Wish<'_>, now: OffsetDateTime) -> Result<Validity, Refusal> {
    let backdated = now - Duration::hours(i64::from(wish.profile.backdate_hours()));
    let Some(outer) = issuer.validity() else {
        return Validity::days_from(backdated, wish.profile.days()).ok_or(Refusal::Dates);
    };
    if !outer.contains(now) {
        return Err(Refusal::IssuerNotValid {
            issuer: issuer.name().to_string(),
            not_before: outer.not_before().date(),
            not_after: outer.not_after().date(),
            now: now.date(),
        });
    }
    let not_before = backdated.max(outer.not_before());
    let up_to = |days, end: OffsetDateTime| {
        let whole = Validity::days_from(not_before, days).ok_or(Refusal::Dates)?;
        let not_after = whole.not_after().min(outer.not_after()).min(end);
        Validity::between(not_before, not_after).ok_or(Refusal::Dates)
    };
    match wish.lifetime {
        Lifetime::Default => up_to(wish.profile.days(), outer.not_after()),
        Lifetime::NotBeyond(end) => up_to(wish.profile.days(), end),
        Lifetime::Days(0) | Lifetime::UpTo(0) => Err(Refusal::NoDays),
        // What was allowed once is shortened where the profile allows less today.
        Lifetime::UpTo(days) => up_to(days.min(wish.profile.most_days()), outer.not_after()),
        Lifetime::Days(days) if days > wish.profile.most_days() => {
            Err(Refusal::TooManyDays { days, profile: wish.profile.name().to_owned(), most: wish.profile.most_days() })
        }
        Lifetime::Days(days) => {
            let asked = Validity::days_from(not_before, days).ok_or(Refusal::Dates)?;
            if asked.is_inside(&outer) {
                return Ok(asked);
            }
            Err(Refusal::BeyondIssuer {
                days,
                end: asked.not_after().date(),
                issuer_end: outer.not_after().date(),
                days_left: (outer.not_after() - not_before).whole_days(),
            })
        }
    }
}
