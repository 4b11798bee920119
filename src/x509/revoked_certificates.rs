//! What a CRL revokes, RFC 5280 5.1.2.6: each entry is read once, and of all of them only their places are kept.
//!
//! A list may have a hundred thousand entries. Nothing is allocated for one.

use time::OffsetDateTime;
use x509_parser::{prelude::FromDer, revocation_list::RevokedCertificate as ParsedEntry};

use super::{certificate::CertificateError, hexadecimal::hexadecimal};

/// One revoked certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokedCertificate<'a> {
    /// The octets of the serial number, as they are encoded.
    pub serial: &'a [u8],
    /// When it was revoked.
    pub revocation_date: OffsetDateTime,
    /// Why, in RFC 5280's spelling, if it says.
    pub reason: Option<&'static str>,
}

impl RevokedCertificate<'_> {
    /// The serial number in lower-case hexadecimal digits.
    pub fn serial_digits(&self) -> String {
        hexadecimal(self.serial)
    }
}

/// The entries of a CRL, beside the bytes in which they stand.
#[derive(Clone, Debug, Default)]
pub(super) struct RevokedCertificates(Vec<Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    serial_starts: usize,
    serial_ends: usize,
    revocation_date: OffsetDateTime,
    reason: Option<u8>,
}

impl RevokedCertificates {
    /// Reads all entries that stand one behind the other in `list`, a part of `der`.
    pub(super) fn read(der: &[u8], list: &[u8]) -> Result<Self, CertificateError> {
        let mut entries = Vec::with_capacity(list.len() / USUAL_LENGTH);
        let mut rest = list;
        while !rest.is_empty() {
            let (tail, parsed) =
                ParsedEntry::from_der(rest).map_err(|error| CertificateError::Malformed(error.to_string()))?;
            let serial = parsed.raw_serial();
            let serial_starts = serial.as_ptr().addr().saturating_sub(der.as_ptr().addr());
            entries.push(Entry {
                serial_starts,
                serial_ends: serial_starts + serial.len(),
                revocation_date: parsed.revocation_date.to_datetime(),
                reason: parsed.reason_code().map(|(_, reason)| reason.0),
            });
            rest = tail;
        }
        Ok(Self(entries))
    }

    /// The entries in their order; `der` is what they were read from.
    pub(super) fn entries<'a>(&'a self, der: &'a [u8]) -> impl ExactSizeIterator<Item = RevokedCertificate<'a>> {
        self.0.iter().map(|entry| RevokedCertificate {
            serial: der.get(entry.serial_starts..entry.serial_ends).unwrap_or_default(),
            revocation_date: entry.revocation_date,
            reason: entry.reason.map(reason_name),
        })
    }
}

/// The CRLReason of a number, RFC 5280 5.3.1.
fn reason_name(number: u8) -> &'static str {
    match number {
        0 => "unspecified",
        1 => "keyCompromise",
        2 => "cACompromise",
        3 => "affiliationChanged",
        4 => "superseded",
        5 => "cessationOfOperation",
        6 => "certificateHold",
        8 => "removeFromCRL",
        9 => "privilegeWithdrawn",
        10 => "aACompromise",
        _ => "a reason that RFC 5280 does not know",
    }
}

/// An entry of ours with a reason takes about so many octets.
const USUAL_LENGTH: usize = 50;
