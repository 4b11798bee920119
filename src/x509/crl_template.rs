//! What shall stand in a CRL, and its encoding, RFC 5280 section 5.
//!
//! Written with `der` and not with rcgen: the issuer's name goes in byte for byte without being cut open afterwards, and
//! a list of a hundred thousand entries is one pass over them.

use std::time::Duration;

use der::{
    Choice, Decode, Encode, Sequence, TagMode, TagNumber,
    asn1::{AnyRef, ContextSpecific, GeneralizedTime, ObjectIdentifier, OctetString, OctetStringRef, UintRef, UtcTime},
};
use time::OffsetDateTime;

use super::{
    certificate_error::CertificateError, crl::TbsCertList, crl_number::CrlNumber, encoding::sequence,
    extension::KeyIdentifier, name::DistinguishedName, oid, public_key::SignatureAlgorithm,
    revocation_reason::RevocationReason, serial_number::SerialNumber,
};

/// Everything that shall stand in a CRL: each field decided, none by default.
#[derive(Clone, Debug)]
pub struct CrlTemplate {
    /// The issuer's name, byte for byte.
    pub issuer: DistinguishedName,
    /// The identifier of the issuer's key.
    pub authority_key_identifier: KeyIdentifier,
    /// The algorithm with which the issuer signs.
    pub signature_algorithm: SignatureAlgorithm,
    /// Its number.
    pub number: CrlNumber,
    /// When it is made.
    pub this_update: OffsetDateTime,
    /// When the next is due at the latest.
    pub next_update: OffsetDateTime,
    /// What is revoked.
    pub revoked: Vec<CrlEntry>,
}

/// A revoked certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrlEntry {
    /// Its serial number.
    pub serial_number: SerialNumber,
    /// When it was revoked.
    pub revocation_date: OffsetDateTime,
    /// Why.
    pub reason: RevocationReason,
}

impl CrlTemplate {
    /// Encodes what will be signed, and reads it back to see that it says what was asked for.
    ///
    /// # Errors
    /// Something that cannot be encoded, or came out otherwise.
    pub fn encode(&self) -> Result<TbsCertList, CertificateError> {
        let tbs = self.to_der().map_err(|error| CertificateError::Encoding(error.to_string()))?;
        let tbs = TbsCertList::from_der(&tbs)?;
        self.compare(&tbs)?;
        Ok(tbs)
    }

    fn to_der(&self) -> der::Result<Vec<u8>> {
        let mut entries = Vec::with_capacity(self.revoked.len() * USUAL_LENGTH);
        let reasons = Reasons::new()?;
        self.revoked.iter().try_for_each(|entry| Entry::of(entry, &reasons)?.encode(&mut entries))?;
        // RFC 5280 5.1.2.6: where nothing is revoked the list must be absent.
        let revoked = if entries.is_empty() { entries } else { sequence(&[&entries])? };
        sequence(&[
            &V2.to_der()?,
            self.signature_algorithm.identifier_der(),
            self.issuer.as_der(),
            &Time::of(self.this_update)?.to_der()?,
            &Time::of(self.next_update)?.to_der()?,
            &revoked,
            &self.extensions()?,
        ])
    }

    fn extensions(&self) -> der::Result<Vec<u8>> {
        let identifier = OctetStringRef::new(self.authority_key_identifier.as_octets())?;
        let key_identifier =
            ContextSpecific { tag_number: TagNumber(0), tag_mode: TagMode::Implicit, value: identifier };
        let value = vec![
            CrlExtension::new(AUTHORITY_KEY_IDENTIFIER, sequence(&[&key_identifier.to_der()?])?)?,
            CrlExtension::new(CRL_NUMBER, self.number.get().to_der()?)?,
        ];
        ContextSpecific { tag_number: TagNumber(0), tag_mode: TagMode::Explicit, value }.to_der()
    }

    fn compare(&self, tbs: &TbsCertList) -> Result<(), CertificateError> {
        let identifier = Ok(Some(self.authority_key_identifier.clone()));
        let same_entries = tbs.revoked().len() == self.revoked.len()
            && self.revoked.iter().zip(tbs.revoked()).all(|(asked, made)| {
                // The INTEGER of a number with its top bit set begins with a zero octet.
                made.serial.strip_prefix(&[0]).unwrap_or(made.serial) == asked.serial_number.as_octets()
                    && made.revocation_date == asked.revocation_date
                    && made.reason == asked.word()
            });
        let checks = [
            (tbs.issuer().as_der() == self.issuer.as_der(), "issuer"),
            (tbs.authority_key_identifier() == identifier, "authorityKeyIdentifier"),
            (tbs.crl_number() == Some(self.number), "cRLNumber"),
            (tbs.this_update() == self.this_update, "thisUpdate"),
            (tbs.next_update() == Some(self.next_update), "nextUpdate"),
            (tbs.extensions().len() == 2, "extensions"),
            (same_entries, "revokedCertificates"),
        ];
        match checks.into_iter().find(|(same, _)| !same) {
            None => Ok(()),
            Some((_, what)) => Err(CertificateError::Unfaithful(what)),
        }
    }
}

impl CrlEntry {
    /// RFC 5280 5.3.1: the reason is left out rather than given as unspecified.
    fn word(&self) -> Option<&'static str> {
        (self.reason != RevocationReason::Unspecified).then(|| self.reason.as_str())
    }
}

#[derive(Sequence)]
struct Entry<'a> {
    serial: UintRef<'a>,
    revocation_date: Time,
    #[asn1(optional = "true")]
    extensions: Option<AnyRef<'a>>,
}

impl<'a> Entry<'a> {
    fn of(entry: &'a CrlEntry, reasons: &'a Reasons) -> der::Result<Self> {
        Ok(Self {
            serial: UintRef::new(entry.serial_number.as_octets())?,
            revocation_date: Time::of(entry.revocation_date)?,
            extensions: reasons.extensions_of(entry.reason)?,
        })
    }
}

/// An extension of a list or of an entry; ours are never critical.
#[derive(Sequence)]
struct CrlExtension {
    oid: ObjectIdentifier,
    value: OctetString,
}

impl CrlExtension {
    fn new(oid: ObjectIdentifier, value: Vec<u8>) -> der::Result<Self> {
        Ok(Self { oid, value: OctetString::new(value)? })
    }
}

/// The extensions of entries, one encoding for each reason: RFC 5280 5.3.1.
struct Reasons(Vec<(RevocationReason, Vec<u8>)>);

impl Reasons {
    fn new() -> der::Result<Self> {
        const ENUMERATED: u8 = 0x0a;
        let encoded = |reason: RevocationReason| {
            let extension = CrlExtension::new(REASON_CODE, vec![ENUMERATED, 1, reason.code()])?;
            Ok((reason, vec![extension].to_der()?))
        };
        // It is left out rather than given as unspecified.
        let given = RevocationReason::ALL.into_iter().filter(|reason| *reason != RevocationReason::Unspecified);
        given.map(encoded).collect::<der::Result<_>>().map(Self)
    }

    fn extensions_of(&self, reason: RevocationReason) -> der::Result<Option<AnyRef<'_>>> {
        let encoded = self.0.iter().find(|(given, _)| *given == reason);
        encoded.map(|(_, der)| AnyRef::from_der(der)).transpose()
    }
}

/// RFC 5280 5.1.2.4: UTCTime through 2049, GeneralizedTime from 2050 on.
#[derive(Choice)]
enum Time {
    #[asn1(type = "UTCTime")]
    Utc(UtcTime),
    #[asn1(type = "GeneralizedTime")]
    General(GeneralizedTime),
}

impl Time {
    fn of(instant: OffsetDateTime) -> der::Result<Self> {
        let seconds =
            u64::try_from(instant.unix_timestamp()).map_err(|_| der::Error::from(der::ErrorKind::DateTime))?;
        let since_1970 = Duration::from_secs(seconds);
        if instant.year() < 2050 {
            UtcTime::from_unix_duration(since_1970).map(Self::Utc)
        } else {
            GeneralizedTime::from_unix_duration(since_1970).map(Self::General)
        }
    }
}

const V2: u8 = 1;
/// An entry with a reason takes about so many octets.
const USUAL_LENGTH: usize = 50;
const AUTHORITY_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap(oid::AUTHORITY_KEY_IDENTIFIER);
const CRL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap(oid::CRL_NUMBER);
const REASON_CODE: ObjectIdentifier = ObjectIdentifier::new_unwrap(oid::REASON_CODE);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;
    use crate::x509::{CertificateList, encoding::elements};

    fn template(number: i64, seconds: i64, revoked: Vec<CrlEntry>) -> CrlTemplate {
        let this_update = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        CrlTemplate {
            issuer: DistinguishedName::new(Some("Hub"), Some("Hub Issuing CA")).unwrap(),
            authority_key_identifier: KeyIdentifier::new([7; 20]),
            signature_algorithm: SignatureAlgorithm::EcdsaWithSha256,
            number: CrlNumber::new(number).unwrap(),
            this_update,
            next_update: this_update + time::Duration::days(7),
            revoked,
        }
    }

    fn entry() -> impl Strategy<Value = CrlEntry> {
        let serial = proptest::collection::vec(any::<u8>(), 1..20)
            .prop_filter_map("zero", |octets| SerialNumber::from_octets(&[&[0][..], &octets].concat()).ok());
        // From 1970 to 2099: both kinds of time.
        (serial, 0_i64..4_100_000_000, 0..RevocationReason::ALL.len()).prop_map(|(serial_number, seconds, reason)| {
            CrlEntry {
                serial_number,
                revocation_date: OffsetDateTime::from_unix_timestamp(seconds).unwrap(),
                reason: RevocationReason::ALL[reason],
            }
        })
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_as_it_was_meant(
            number in 1..i64::MAX,
            seconds in 0_i64..4_100_000_000,
            revoked in proptest::collection::vec(entry(), 0..20),
        ) {
            let template = template(number, seconds, revoked);
            // Encoding compares what it has read back with every field.
            let tbs = template.encode().unwrap();
            prop_assert_eq!(tbs.revoked().len(), template.revoked.len());
            let list = CertificateList::assemble(tbs, vec![0; 64]).unwrap();
            let read = CertificateList::from_der(list.as_der()).unwrap();
            prop_assert_eq!(read.tbs().as_der(), list.tbs().as_der());
            prop_assert_eq!(read.tbs().crl_number(), Some(template.number));
        }

        #[test]
        fn nothing_that_is_read_stops_the_program(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0_usize..400) {
            let _ = CertificateList::from_der(&bytes);
            let whole = template(1, 0, Vec::new()).encode().unwrap();
            let mut broken = CertificateList::assemble(whole, vec![0; 64]).unwrap().as_der().to_vec();
            let place = at % broken.len();
            broken[place] ^= bytes.first().copied().unwrap_or(1);
            let _ = CertificateList::from_der(&broken);
        }
    }

    #[test]
    fn entries_stand_behind_the_times_and_nowhere_else() {
        let serial_number = SerialNumber::from_octets(&[9]).unwrap();
        let entry = CrlEntry {
            serial_number,
            revocation_date: OffsetDateTime::UNIX_EPOCH,
            reason: RevocationReason::Superseded,
        };
        let whole = template(1, 0, vec![entry]).encode().unwrap().as_der().to_vec();
        let parts = elements(&whole).unwrap();
        // Version, algorithm, issuer, two times, entries, extensions.
        assert_eq!(parts.len(), 7);
        let read = |order: &[usize]| {
            let parts: Vec<&[u8]> = order.iter().map(|place| parts[*place]).collect();
            TbsCertList::from_der(&sequence(&parts).unwrap()).map(|tbs| tbs.revoked().len())
        };
        assert_eq!(read(&[0, 1, 2, 3, 4, 5, 6]), Ok(1));
        assert_eq!(read(&[0, 1, 2, 3, 5, 6]), Ok(1));
        assert_eq!(read(&[0, 1, 2, 3, 4, 6]), Ok(0));
        for order in
            [&[0, 1, 2, 5, 3, 4, 6][..], &[0, 1, 2, 3, 5, 4, 6], &[0, 1, 2, 3, 4, 6, 5], &[0, 1, 2, 3, 4, 5, 5, 6]]
        {
            assert!(read(order).is_err(), "{order:?}");
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert_eq!(TbsCertList::from_der(&longer).unwrap_err(), CertificateError::TrailingBytes(1));
    }

    #[test]
    fn the_times_change_their_kind_with_2050() {
        let far = CrlTemplate { next_update: datetime!(2050-01-01 0:00 UTC), ..template(1, 2_524_000_000, Vec::new()) };
        let der = far.encode().unwrap().as_der().to_vec();
        let holds = |text: &[u8]| der.windows(text.len()).any(|window| window == text);
        assert!(holds(b"\x17\x0d491224") && holds(b"\x18\x0f20500101000000Z"), "{der:02x?}");
    }
}
