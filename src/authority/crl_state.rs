//! How each issuer's CRL stands: which is the newest, until when it holds, and whether it says all.

use time::OffsetDateTime;

use super::{
    ca::{Authority, CaCertificate},
    crl_ledger::SignedCrl,
    issuer_role::IssuerRole,
    ledger::Ledger,
    ledger_error::LedgerError,
    standing::instant,
};
use crate::store::StoreError;

/// The newest CRL of an issuer.
#[derive(Clone, Debug)]
pub struct CrlState<'a> {
    /// Whose it is.
    pub ca: &'a CaCertificate,
    /// The newest that was signed; none before the first.
    pub newest: Option<SignedCrl>,
    /// What the newest may not say.
    pub unsaid: Unsaid,
}

/// What the newest CRL of an issuer may not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsaid {
    /// It says all.
    Nothing,
    /// Something was revoked since.
    Revocation,
    /// The ledger was restored since: what was revoked after the backup is unknown, and newer lists of the lost home may be about.
    Lost,
}

impl CrlState<'_> {
    /// Whether the newest may not say all.
    pub fn is_behind(&self) -> bool {
        self.unsaid != Unsaid::Nothing
    }

    /// Whether another is wanted: there is none, it is half over, or something was revoked since.
    pub fn is_due(&self, now: OffsetDateTime) -> bool {
        self.is_behind() || self.newest.is_none_or(|newest| newest.is_due(now))
    }
}

impl Authority {
    /// How the CRL of each root and issuing CA stands about which somebody may ask, in the order in which they were made;
    /// those of a change of root that was given up have issued nothing, and one that was adopted without its key signs no list.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn crl_state(&self) -> Result<Vec<CrlState<'_>>, LedgerError> {
        let mut states = Vec::new();
        for ca in self.cas().iter().filter(|ca| ca.issues_crls() && !ca.is_keyless() && !self.is_given_up(ca)) {
            let state = self.ledger.crl_state(ca)?;
            if state.is_behind() || self.is_asked_about(ca)? {
                states.push(state);
            }
        }
        Ok(states)
    }

    /// The highest number that a CRL of a CA may have by now: one that was given, or that the next one has to be above.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn highest_crl_number(&self, ca: &CaCertificate) -> Result<i64, LedgerError> {
        self.ledger.highest_crl_number(ca)
    }

    /// The CAs about which somebody may ask today what they have revoked, in the order in which they were made: their lives have
    /// begun and are not over, something that they or a CA below them issued lives, and they were not adopted without their keys.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn asked_about(&self) -> Result<Vec<&CaCertificate>, LedgerError> {
        let now = self.doors.clock.now();
        let lives = |ca: &CaCertificate| ca.certificate().tbs().validity().contains(now);
        let mut asked_about = Vec::new();
        let can_be_asked = |ca: &&CaCertificate| ca.role() != IssuerRole::Cross && !ca.is_keyless();
        for ca in self.cas().iter().filter(can_be_asked).filter(|ca| !self.is_given_up(ca) && lives(ca)) {
            if self.is_asked_about(ca)? {
                asked_about.push(ca);
            }
        }
        Ok(asked_about)
    }

    /// Whether somebody may ask what a CA has revoked: it is one of today, or something for a server that it or a CA below
    /// it issued is not over. The key of any other may be gone.
    fn is_asked_about(&self, ca: &CaCertificate) -> Result<bool, LedgerError> {
        let change = self.rotation().map(|change| [change.old, change.new]);
        let roots: Vec<&CaCertificate> = self.root().into_iter().chain(change.into_iter().flatten()).collect();
        let mut today = roots.iter().copied().chain(roots.iter().filter_map(|root| self.issues_below(root)));
        if today.any(|used| used.id() == ca.id()) {
            return Ok(true);
        }
        let issuers: Vec<_> = self.issuing_below(ca).into_iter().chain([ca]).map(CaCertificate::id).collect();
        self.ledger.is_any_living(&issuers, self.doors.clock.now())
    }
}

impl Ledger {
    fn highest_crl_number(&self, ca: &CaCertificate) -> Result<i64, LedgerError> {
        let text = "SELECT COALESCE((SELECT MAX(number) FROM crls WHERE issuer = $1), 0), COALESCE(crl_floor, 0) \
                    FROM issuers WHERE id = $1";
        let highest = self.store.read::<_, StoreError>(|rows| {
            rows.query_row(text, &[ca.id().0.into()], |row| Ok(row.integer(0)?.max(row.integer(1)?)))
        });
        Ok(highest?.unwrap_or_default())
    }

    fn crl_state<'a>(&self, ca: &'a CaCertificate) -> Result<CrlState<'a>, LedgerError> {
        let (changes, newest) = self.store.read(|transaction| {
            let text = "SELECT revocations, COALESCE(crl_floor, 0) FROM issuers WHERE id = $1";
            let changes =
                transaction.query_row(text, &[ca.id().0.into()], |row| Ok((row.integer(0)?, row.integer(1)?)))?;
            let newest = transaction.query_row(
                "SELECT number, this_update, next_update, revocations FROM crls \
                 WHERE issuer = $1 AND signed_at IS NOT NULL ORDER BY number DESC LIMIT 1",
                &[ca.id().0.into()],
                |row| Ok((row.integer(0)?, row.integer(1)?, row.integer(2)?, row.integer(3)?)),
            )?;
            Ok::<_, LedgerError>((changes.unwrap_or((0, 0)), newest))
        })?;
        let ((changes, floor), (last, listed)) =
            (changes, newest.map_or((0, 0), |(number, .., listed)| (number, listed)));
        let unsaid = match changes > listed {
            true if last < floor => Unsaid::Lost,
            true => Unsaid::Revocation,
            false => Unsaid::Nothing,
        };
        let newest = newest.map(|(number, this_update, next_update, _)| {
            Ok::<_, LedgerError>(SignedCrl {
                number,
                this_update: instant(this_update)?,
                next_update: instant(next_update)?,
            })
        });
        Ok(CrlState { ca, newest: newest.transpose()?, unsaid })
    }
}
