//! What a CRL of ours must be before it is signed: RFC 5280 section 5, and the lifetimes of the Baseline Requirements.

use std::collections::HashSet;

use thiserror::Error;
use time::{Duration, OffsetDateTime};

use crate::x509::{Certificate, CrlNumber, TbsCertList, oid};

/// A CRL that the rules have nothing against: only [`clear_crl`] makes one.
#[derive(Clone, Debug)]
pub struct ClearedCrl(TbsCertList);

/// What a CRL is judged by, besides what stands in it.
#[derive(Clone, Copy, Debug)]
pub struct CrlCircumstances<'a> {
    /// The CA whose list it is.
    pub issuer: &'a Certificate,
    /// The highest number that the issuer ever gave.
    pub last: Option<CrlNumber>,
    /// The instant of signing.
    pub now: OffsetDateTime,
}

/// What speaks against a CRL.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum CrlDefect {
    /// RFC 5280 4.2.1.3.
    #[error("the certificate of `{0}` does not allow it to sign a CRL")]
    NotAllowed(String),
    /// RFC 5280 5.1.2.1.
    #[error("it is of version {0}, and one with extensions is of version 2")]
    Version(u32),
    /// RFC 5280 5.1.2.3: verifiers compare the encoding.
    #[error("its issuer is not the subject of the CA, octet by octet")]
    Issuer,
    /// RFC 5280 5.2.1.
    #[error("its authorityKeyIdentifier is not the subjectKeyIdentifier of the CA")]
    KeyIdentifier,
    /// RFC 5280 5.2.3.
    #[error("its number does not follow the last one")]
    Number,
    /// RFC 5280 5.2: a full list has these two extensions, neither of them critical.
    #[error("it has the extension {0}")]
    Extension(String),
    /// RFC 5280 5.1.2.4 and 5.1.2.5.
    #[error("it is valid from {this_update} to {next_update}, and the clock says {now}")]
    Dates {
        /// When it begins.
        this_update: OffsetDateTime,
        /// When it ends.
        next_update: OffsetDateTime,
        /// The clock's time.
        now: OffsetDateTime,
    },
    /// Baseline Requirements 7.2: 10 days for what servers use, 12 months for CAs.
    #[error("it is valid for {0}, which is too long")]
    TooLong(Duration),
    /// RFC 5280 5.3.1: nothing that we revoke comes back.
    #[error("it gives `{reason}` for {serial}, which a full list does not")]
    Reason {
        /// Whose.
        serial: String,
        /// The reason.
        reason: &'static str,
    },
    /// A revocation of tomorrow.
    #[error("it says that {0} was revoked after the list was made")]
    RevokedLater(String),
    /// One certificate twice.
    #[error("it names {0} twice")]
    Twice(String),
}

impl ClearedCrl {
    /// What may be signed.
    pub fn tbs(&self) -> &TbsCertList {
        &self.0
    }

    /// What may be signed, for good.
    pub fn into_tbs(self) -> TbsCertList {
        self.0
    }
}

/// Judges a CRL by every rule; what comes out may be signed.
///
/// # Errors
/// The first thing that speaks against it.
pub fn clear_crl(draft: TbsCertList, circumstances: &CrlCircumstances<'_>) -> Result<ClearedCrl, CrlDefect> {
    issuer(&draft, circumstances.issuer)?;
    let number = draft.crl_number().ok_or(CrlDefect::Number)?;
    if circumstances.last.is_some_and(|last| number <= last) {
        return Err(CrlDefect::Number);
    }
    extensions(&draft)?;
    dates(&draft, circumstances)?;
    entries(&draft)?;
    Ok(ClearedCrl(draft))
}

fn issuer(draft: &TbsCertList, issuer: &Certificate) -> Result<(), CrlDefect> {
    let ca = issuer.tbs();
    if !ca.is_ca() || !ca.may_sign_crls() {
        return Err(CrlDefect::NotAllowed(ca.subject().to_string()));
    }
    if draft.version() != 2 {
        return Err(CrlDefect::Version(draft.version()));
    }
    if draft.issuer().as_der() != ca.subject().as_der() {
        return Err(CrlDefect::Issuer);
    }
    let named = draft.authority_key_identifier().ok().flatten().ok_or(CrlDefect::KeyIdentifier)?;
    // A CA by others may lack the extension; then the identifier is computed, and there is nothing to compare.
    match ca.subject_key_identifier() {
        Ok(Some(own)) if own != named => Err(CrlDefect::KeyIdentifier),
        _ => Ok(()),
    }
}

fn extensions(draft: &TbsCertList) -> Result<(), CrlDefect> {
    let known = [oid::AUTHORITY_KEY_IDENTIFIER, oid::CRL_NUMBER];
    let stranger =
        draft.extensions().iter().find(|extension| extension.critical || !known.contains(&extension.oid.as_str()));
    stranger.map_or(Ok(()), |extension| Err(CrlDefect::Extension(oid::name(&extension.oid).to_owned())))
}

fn dates(draft: &TbsCertList, circumstances: &CrlCircumstances<'_>) -> Result<(), CrlDefect> {
    let (this_update, now) = (draft.this_update(), circumstances.now);
    let next_update = draft.next_update().unwrap_or(this_update);
    if this_update > now || next_update <= now || !circumstances.issuer.tbs().validity().contains(this_update) {
        return Err(CrlDefect::Dates { this_update, next_update, now });
    }
    let length = next_update - this_update;
    let longest = if circumstances.issuer.tbs().lists_cas_only() { LONGEST_OF_CAS } else { LONGEST };
    if length > longest { Err(CrlDefect::TooLong(length)) } else { Ok(()) }
}

fn entries(draft: &TbsCertList) -> Result<(), CrlDefect> {
    let mut seen = HashSet::with_capacity(draft.revoked().len());
    for entry in draft.revoked() {
        if let Some(reason) = entry.reason.filter(|reason| FOREIGN_REASONS.contains(reason)) {
            return Err(CrlDefect::Reason { serial: entry.serial_digits(), reason });
        }
        if entry.revocation_date > draft.this_update() {
            return Err(CrlDefect::RevokedLater(entry.serial_digits()));
        }
        if !seen.insert(entry.serial) {
            return Err(CrlDefect::Twice(entry.serial_digits()));
        }
    }
    Ok(())
}

/// Left out rather than said, or for certificates that come back.
const FOREIGN_REASONS: [&str; 3] = ["unspecified", "certificateHold", "removeFromCRL"];
/// Baseline Requirements 7.2: ten days for what lists servers, twelve months for what lists CAs.
const LONGEST: Duration = Duration::days(10);
const LONGEST_OF_CAS: Duration = Duration::days(366);

#[cfg(test)]
#[path = "crl_tests.rs"]
mod tests;
