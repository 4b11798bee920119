//! What a CRL revokes, RFC 5280 5.1.2.6: each entry is read once, and of all of them only their places are kept.
//!
//! A list may have a hundred thousand entries. Nothing is allocated for one, and a long list is
//! read in two halves at once.

use std::thread;

use der::{Decode, asn1::AnyRef};
use time::OffsetDateTime;
use x509_parser::{prelude::FromDer, revocation_list::RevokedCertificate as ParsedEntry};

use super::{certificate_error::CertificateError, hexadecimal::hexadecimal};

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
        let Some((first, second)) = halves(list) else { return Self::read_part(der, list) };
        thread::scope(|scope| {
            let second = scope.spawn(|| Self::read_part(der, second));
            let mut entries = Self::read_part(der, first)?.0;
            let second = second.join().unwrap_or(Err(CertificateError::Unfaithful("revokedCertificates")))?;
            entries.extend(second.0);
            Ok(Self(entries))
        })
    }

    fn read_part(der: &[u8], list: &[u8]) -> Result<Self, CertificateError> {
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

/// A long list in two parts, cut between two entries about its middle.
fn halves(list: &[u8]) -> Option<(&[u8], &[u8])> {
    if list.len() < WORTH_CUTTING {
        return None;
    }
    let mut rest = list;
    while rest.len() > list.len() / 2 {
        (_, rest) = AnyRef::from_der_partial(rest).ok()?;
    }
    list.split_at_checked(list.len() - rest.len())
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
/// Some thousand entries: below that a thread costs more than it spares.
const WORTH_CUTTING: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry without extensions, whose serial number is `number`.
    fn entry(number: u32) -> Vec<u8> {
        let mut der = vec![0x30, 21, 0x02, 4];
        der.extend_from_slice(&(number | 0x4000_0000).to_be_bytes());
        der.extend_from_slice(b"\x17\x0d261121120000Z");
        der
    }

    #[test]
    fn a_list_that_is_read_in_halves_is_read_whole_and_in_order() {
        let list: Vec<u8> = (0..20_000).flat_map(entry).collect();
        let (first, second) = halves(&list).unwrap();
        assert!(first.len().abs_diff(second.len()) < 64 && [first, second].concat() == list);
        let read = RevokedCertificates::read(&list, &list).unwrap();
        let serials: Vec<&[u8]> = read.entries(&list).map(|entry| entry.serial).collect();
        let expected: Vec<Vec<u8>> =
            (0..20_000).map(|number: u32| (number | 0x4000_0000).to_be_bytes().into()).collect();
        assert!(serials == expected);
        for place in [4, list.len() / 4, list.len() - 10] {
            let mut broken = list.clone();
            broken[place - place % 23] = 0x31;
            assert!(RevokedCertificates::read(&broken, &broken).is_err(), "{place}");
        }
        assert!(halves(&list[..23 * 100]).is_none());
        assert!(RevokedCertificates::read(&list, &list[..list.len() - 1]).is_err());
    }
}
