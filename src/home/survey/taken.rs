//! The survey itself: the facts are gathered, looked at, and put in order.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::{
    addresses,
    authorities::{self, Ca, Succession},
    backup::{self, LastBackup},
    certificates::{self, GRACE, NOTICE},
    drift,
    finding::Finding,
    kind::FindingKind,
    lifespan::Lifespan,
    posture, renewals,
    severity::Severity,
    trust,
};
use crate::{
    authority::{AuditHead, CaCertificate, EstablishError, Few, InUse, IssuerRole, LedgerError, Page},
    home::{error::HomeError, opened::Home},
    system::{LocalAddress, Network, files},
};

/// What is looked at.
#[derive(Clone, Copy, Default)]
pub struct SurveyOptions<'a> {
    /// Certificates that end within so many days are told as well.
    pub within: Option<u32>,
    /// The way to the servers, which are looked at if there is one.
    pub network: Option<&'a dyn Network>,
    /// The addresses of this machine, where they are known.
    pub here: &'a [LocalAddress],
}

/// What needs a person, and what ends when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// When it was taken.
    pub at: OffsetDateTime,
    /// The worst first; of each kind no more than a page.
    pub findings: Vec<Finding>,
    /// How many there are of each kind.
    pub numbers: BTreeMap<FindingKind, u64>,
    /// The CAs, their CRLs, and the certificates with the nearest ends.
    pub lives: Vec<Lifespan>,
    /// How many labels have a certificate under `live/` that is renewed.
    pub lineages: u64,
    /// When a certificate last got to its server, where one is remembered.
    pub last_deployment: Option<OffsetDateTime>,
    /// The end of the audit log: kept elsewhere, it shows whether the log was cut off.
    pub audit: AuditHead,
    /// How many servers were not looked at, because there are too many.
    pub not_looked_at: u64,
}

impl Survey {
    /// Whether nothing is due: a notice is about how the CA is kept, and has no date.
    pub fn is_ok(&self) -> bool {
        self.numbers.iter().all(|(kind, number)| *number == 0 || kind.severity() == Severity::Notice)
    }

    /// What is due next, of all that is shown.
    pub fn next_due(&self) -> Option<&Lifespan> {
        self.lives.iter().filter(|life| life.due >= self.at).min_by_key(|life| life.due)
    }

    /// Leaves of each kind no more than a page.
    fn cut(&mut self) {
        let mut told: BTreeMap<FindingKind, u32> = BTreeMap::new();
        self.findings.retain(|finding| {
            let number = told.entry(finding.kind).or_default();
            *number += 1;
            *number <= MOST
        });
    }

    fn add(&mut self, finding: impl IntoIterator<Item = Finding>) {
        for finding in finding {
            *self.numbers.entry(finding.kind).or_default() += 1;
            self.findings.push(finding);
        }
    }

    /// The first of many, with the number of all of them.
    fn add_few(&mut self, kind: FindingKind, few: &Few<InUse>, tell: impl Fn(&InUse) -> Finding) {
        self.numbers.insert(kind, few.number);
        self.findings.extend(few.first.iter().map(tell));
    }
}

impl Home {
    /// Looks at everything that may need a person.
    ///
    /// # Errors
    /// A ledger or a file that fails.
    pub fn survey(&self, options: SurveyOptions<'_>) -> Result<Survey, HomeError> {
        let now = self.authority.doors().clock.now();
        let mut survey = Survey {
            at: now,
            findings: Vec::new(),
            numbers: BTreeMap::new(),
            lives: Vec::new(),
            lineages: 0,
            last_deployment: self.authority.last_deployment_at()?,
            audit: self.authority.audit_head()?,
            not_looked_at: 0,
        };
        self.survey_certificates(&mut survey, options.within)?;
        self.survey_deployments(&mut survey, options.network)?;
        survey.add(self.moved(options.here)?.into_iter().map(addresses::moved));
        self.survey_authorities(&mut survey)?;
        self.survey_trust(&mut survey)?;
        self.survey_keys(&mut survey)?;
        survey.add(self.authority.clock_behind()?.map(posture::clock));
        survey.add(posture::scope(&self.authority.scope()?));
        let settings = self.settings();
        let last = LastBackup::of(settings.backup_stamp.as_deref(), self.authority.last_backup_at()?)?;
        survey.add(backup::backup(&last, settings.backup_days, now));
        survey.findings.sort_by_key(Finding::rank);
        survey.cut();
        Ok(survey)
    }

    fn survey_certificates(&self, survey: &mut Survey, within: Option<u32>) -> Result<(), LedgerError> {
        let (authority, now) = (&self.authority, survey.at);
        survey.add_few(FindingKind::CertificateExpired, &authority.in_use_ended(MOST)?, certificates::expired);
        survey.add_few(FindingKind::CertificateNotYetValid, &authority.in_use_ahead(MOST)?, certificates::ahead);
        let responders = authority.responders_ahead(MOST)?;
        survey.add_few(FindingKind::ResponderNotYetValid, &responders, certificates::responder_ahead);
        survey.add_few(FindingKind::CertificateRevoked, &authority.in_use_revoked(MOST)?, certificates::revoked);
        let overdue = authority.in_use_overdue(GRACE, MOST)?;
        survey
            .add_few(FindingKind::CertificateOverdue, &overdue, |certificate| certificates::overdue(certificate, now));
        let notice = within.map(|days| Duration::days(i64::from(days)));
        if let Some(within) = notice {
            let ending = authority.in_use_ending(within, MOST)?;
            survey.add_few(FindingKind::CertificateExpiring, &ending, certificates::expiring);
        }
        let ended = authority.elsewhere_ending(now - NOTICE, now - Duration::SECOND, MOST)?;
        survey.add_few(FindingKind::SignedExpired, &ended, certificates::signed_expired);
        let until = now.checked_add(notice.unwrap_or(NOTICE)).unwrap_or(now);
        let ending = authority.elsewhere_ending(now, until, MOST)?;
        survey.add_few(FindingKind::SignedExpiring, &ending, certificates::signed_expiring);
        let in_use = authority.in_use(MOST_LIVES)?;
        survey.lineages = in_use.number;
        survey.lives.extend(in_use.first.iter().map(|certificate| Lifespan {
            what: "certificate",
            subject: certificate.label.clone(),
            number: certificate.serial.clone(),
            from: certificate.not_before,
            due: certificate.not_after - (certificate.not_after - certificate.not_before) / 3,
            until: certificate.not_after,
        }));
        Ok(())
    }

    fn survey_deployments(&self, survey: &mut Survey, network: Option<&dyn Network>) -> Result<(), HomeError> {
        let now = survey.at;
        let unfinished = self.authority.unfinished_deployments()?;
        survey.add(unfinished.iter().filter_map(|record| renewals::deployment(record, now)));
        survey.add(self.losses()?.iter().map(|(label, loss)| renewals::loss(label, *loss)));
        if let Some(network) = network {
            let watched = self.authority.watched("", MOST_WATCHED)?;
            survey.not_looked_at = watched.number.saturating_sub(watched.first.len() as u64);
            survey.add(drift::look_at_all(&watched.first, network));
        }
        Ok(())
    }

    fn survey_authorities(&self, survey: &mut Survey) -> Result<(), HomeError> {
        let (now, mut lives) = (survey.at, Vec::new());
        let days = self.profile(&self.settings().profile).map_or(DEFAULT_DAYS, |profile| profile.days());
        let used = self.used_cas()?;
        let succession = match self.authority.consider_change_of_root() {
            Err(EstablishError::RootTooShort { .. }) => Succession::None,
            _ => Succession::InSteps,
        };
        for ca in &used {
            let (path, validity) = (ca.path(), ca.certificate().tbs().validity());
            let (what, role) = (ca.role().as_str(), ca.role());
            let facts = Ca { path: &path, role, not_after: validity.not_after(), succession };
            survey.add(authorities::ca(&facts, days, now));
            lives.push(Lifespan {
                what,
                number: ca.certificate().tbs().serial_number().map(|serial| serial.to_string()).unwrap_or_default(),
                from: validity.not_before(),
                due: authorities::due(&facts, days),
                until: validity.not_after(),
                subject: path,
            });
        }
        let ahead = self.authority.cas_ahead().into_iter();
        survey.add(ahead.map(|ca| authorities::ahead(&ca.path(), ca.certificate().tbs().validity().not_before())));
        for ca in self.authority.cas().iter().filter(|ca| ca.role() == IssuerRole::Issuing) {
            let is_used = || Ok::<_, HomeError>(!self.authority.in_use_by(ca, ONE)?.is_empty());
            let revoked = self.authority.revoked_in_line(ca)?;
            if let Some((revoked, _)) = &revoked
                && (self.issuing()?.id() == ca.id() || is_used()?)
            {
                survey.add([authorities::revoked(&ca.path(), &revoked.path())]);
            }
            if revoked.is_none() && ca.is_keyless() && is_used()? {
                survey.add([authorities::keyless(&ca.path())]);
            }
        }
        for state in self.authority.crl_state()? {
            // Whose life is over or has not begun vouches for nothing that a CRL could take back; nor does a root that was
            // retired, and the key that its next list takes may be gone.
            let is_over = !state.ca.certificate().tbs().validity().contains(now);
            let is_retired = state.ca.role() == IssuerRole::Root && !used.iter().any(|ca| ca.id() == state.ca.id());
            if is_over || is_retired {
                continue;
            }
            let path = state.ca.path();
            survey.add(authorities::crl(&path, state.newest, state.unsaid, now));
            let newest = state.newest.map(|newest| Lifespan {
                what: "crl",
                subject: path,
                number: newest.number.to_string(),
                from: newest.this_update,
                due: newest.this_update + (newest.next_update - newest.this_update) / 2,
                until: newest.next_update,
            });
            lives.extend(newest);
        }
        lives.append(&mut survey.lives);
        survey.lives = lives;
        Ok(())
    }

    /// The root and the issuing CA of today; while a change of root is under way, the other root as well.
    fn used_cas(&self) -> Result<Vec<&CaCertificate>, HomeError> {
        let root = self.root()?;
        let mut used = vec![root];
        used.extend(Some(self.issuing()?).filter(|issuing| issuing.id() != root.id()));
        if let Some(change) = self.authority.rotation() {
            used.extend([change.old, change.new].into_iter().filter(|other| other.id() != root.id()));
        }
        used.sort_by_key(|ca| (ca.role() != IssuerRole::Root, ca.ordinal()));
        Ok(used)
    }

    fn survey_trust(&self, survey: &mut Survey) -> Result<(), HomeError> {
        survey.add(self.authority.rotation().as_ref().map(trust::rotation));
        let earlier = self.authority.earlier_roots();
        if let Some(newest) = earlier.first() {
            let behind = self.authority.devices_without(&self.root()?.certificate().fingerprint(), MOST_NAMES)?;
            survey.add(trust::devices(&behind, Some(newest.certificate().tbs().validity().not_after())));
        }
        Ok(())
    }

    fn survey_keys(&self, survey: &mut Survey) -> Result<(), HomeError> {
        match self.issuing_key_file(self.issuing()?) {
            // Of a root that issues itself the key is looked at below.
            Ok(_) if self.issuing()?.role() == IssuerRole::Root => {}
            Ok(file) => survey.add(posture::key_access(file.path(), files::access(file.path())?)),
            Err(HomeError::NoIssuingKey { path } | HomeError::NoRootKey { path }) => {
                survey.add([posture::missing_issuing_key(&path)])
            }
            Err(error) => return Err(error),
        }
        match self.root_key_file(self.root()?) {
            Ok(file) => {
                let exposed = posture::key_access(file.path(), files::access(file.path())?);
                // A key that others can read is not opened to see whether it has a passphrase.
                if exposed.is_none() && !file.is_encrypted()? {
                    let kind = match self.issuing()?.role() {
                        IssuerRole::Root => FindingKind::IssuingRootUnprotected,
                        _ => FindingKind::RootKeyUnprotected,
                    };
                    survey.add([posture::open_root_key(kind, file.path())]);
                }
                survey.add(exposed);
            }
            Err(HomeError::NoRootKey { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Where one is enough to know.
const ONE: Page = Page { limit: 1, before: None };
/// How many findings of a kind are told one by one.
const MOST: u32 = 20;
/// How many lineages are looked at on their servers.
const MOST_WATCHED: u32 = 256;
/// How many certificates are shown with what is left of their lives.
const MOST_LIVES: u32 = 50;
/// How many devices are named.
const MOST_NAMES: u32 = 3;
/// The life of a certificate whose profile cannot be read.
const DEFAULT_DAYS: u32 = 397;
