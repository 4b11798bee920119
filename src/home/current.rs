//! The certificate that a lineage uses now, and whether another is due.

use time::OffsetDateTime;

use super::{
    deployment::LiveFiles,
    error::HomeError,
    issuance::{Issued, Life},
    opened::Home,
};
use crate::{
    authority::{CertificateRecord, Label, RecordedName, Status},
    system::files::read_bounded,
    x509::{SubjectAltNames, Validity, pem},
};

impl Home {
    /// The newest certificate of a label, where it and its CA are good, for just these names, under `live/`, and no
    /// other is wanted yet; otherwise none.
    ///
    /// # Errors
    /// A ledger that fails, or bytes in it that are no certificate.
    pub fn current(&self, label: &Label, names: &SubjectAltNames) -> Result<Option<Issued>, HomeError> {
        let now = self.authority.doors().clock.now();
        let newest = self.authority.by_label(label.as_str(), 1)?.into_iter().next();
        let Some(record) = newest.filter(|record| record.status(now) == Status::Good && record.generation.is_some())
        else {
            return Ok(None);
        };
        if self.authority.is_issuer_revoked(&record)? {
            return Ok(None);
        }
        let mut wanted: Vec<_> = names.iter().map(RecordedName::from).collect();
        let mut recorded = record.names.clone();
        wanted.sort();
        recorded.sort();
        let Some(certificate) = record.parse()?.filter(|_| !is_due(&record, now) && wanted == recorded) else {
            return Ok(None);
        };
        let files = LiveFiles::of(&self.layout, label.as_str());
        let whole = files.key.exists() && files.fullchain.exists();
        let served = read_bounded(&files.cert, MOST_BYTES).ok().and_then(|text| pem::parse(&text).ok());
        let same = served.is_some_and(|blocks| blocks.iter().any(|block| block.contents == certificate.as_der()));
        if !(whole && same) {
            return Ok(None);
        }
        Ok(Some(Issued {
            serial: record.serial,
            label: record.label,
            generation: record.generation,
            profile: record.profile,
            names: record.names,
            not_before: record.not_before,
            not_after: record.not_after,
            issuer: certificate.tbs().issuer().to_string(),
            sha256: certificate.fingerprint(),
            life: Life::Whole,
            files: Some(files),
            certificate: certificate.as_der().to_vec(),
        }))
    }
}

/// Whether so little of its life is left, or none of it has come, that another is wanted.
pub fn is_due(record: &CertificateRecord, now: OffsetDateTime) -> bool {
    now < record.not_before || now >= Validity::as_read(record.not_before, record.not_after).wanting_from()
}

/// Room for one certificate with all its names.
const MOST_BYTES: usize = 64 * 1024;
