//! Certificates that the CA of a hub has signed, whatever is in them.

use std::fs;

use der::{
    Encode, Tag, TagNumber,
    asn1::{BitString, UtcTime},
};
use hubca::{
    keys::PrivateKey,
    x509::{Certificate, DistinguishedName, pem},
};

use crate::{
    Hub, NOW,
    request::{KEY, element, sequence},
};

impl Hub {
    /// A certificate, RFC 5280, of the key in tests/fixtures/pki/leaf.key.pem, with the octets of a serial number, a subject in DER, or none
    /// where it is none, and the content of its extensions.
    pub fn certificate(&self, serial: &[u8], subject: &[u8], extensions: &[u8]) -> Vec<u8> {
        let text = fs::read(self.layout().issuing_certificate(1)).unwrap();
        let own = Certificate::from_der(&pem::parse(&text).unwrap()[0].contents).unwrap();
        let key = fs::read(self.layout().issuing_key(1)).unwrap();
        let key = PrivateKey::from_pem(&key, || unreachable!()).unwrap().to_signing_key().unwrap();
        let subject =
            DistinguishedName::from_der(subject).map_or_else(|_| sequence(&[]), |name| name.as_der().to_vec());
        let tagged = |number, parts: &[&[u8]]| {
            element(Tag::ContextSpecific { constructed: true, number: TagNumber(number) }, parts)
        };
        let day = |days: i64| {
            let at = u64::try_from(NOW.unix_timestamp() + days * 86_400).unwrap();
            UtcTime::from_unix_duration(std::time::Duration::from_secs(at)).unwrap().to_der().unwrap()
        };
        let algorithm = key.signature_algorithm();
        let tbs = sequence(&[
            &tagged(0, &[&2_u8.to_der().unwrap()]),
            &element(Tag::Integer, &[serial]),
            algorithm.identifier_der(),
            own.tbs().subject().as_der(),
            &sequence(&[&day(0), &day(90)]),
            &subject,
            KEY.public_key().der(),
            &tagged(3, &[&sequence(&[extensions])]),
        ]);
        let signature = BitString::from_bytes(&key.sign(&tbs).unwrap()).unwrap().to_der().unwrap();
        sequence(&[&tbs, algorithm.identifier_der(), &signature])
    }
}
