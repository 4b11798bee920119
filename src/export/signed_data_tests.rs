//! What is signed is read back, and whatever is changed in it is found.

use time::macros::datetime;

use super::{
    super::read_signed_data::{ReadSignedData, SignedDataReadError, SignerVerdict},
    *,
};
use crate::{
    keys::{PassphraseError, PrivateKey},
    x509::pem,
};

const ROOT: &str = include_str!("../../tests/fixtures/pki/root.crt.pem");
const OTHER_ROOT: &str = include_str!("../../tests/fixtures/pki/other-root.crt.pem");
const ISSUING: &str = include_str!("../../tests/fixtures/pki/issuing.crt.pem");
const LEAF: &str = include_str!("../../tests/fixtures/pki/leaf.crt.pem");
const KEY: &str = include_str!("../../tests/fixtures/pki/leaf.key.pem");
const RSA_KEY: &str = include_str!("../../tests/fixtures/pki/rsa.pkcs1.pem");
const CONTENT: &[u8] = b"<plist>\r\n\xff\x00 not a line of text\n</plist>";

fn certificate(text: &str) -> Certificate {
    Certificate::from_der(&pem::parse(text.as_bytes()).unwrap().remove(0).contents).unwrap()
}

fn key(text: &str) -> SigningKey {
    let unasked = || Err(PassphraseError::Empty);
    PrivateKey::from_pem(text.as_bytes(), unasked).unwrap().to_signing_key().unwrap()
}

fn now() -> OffsetDateTime {
    certificate(LEAF).tbs().validity().not_before() + time::Duration::HOUR
}

fn signer(chain: &[&str]) -> Result<ContentSigner, ContentSignerError> {
    let chain = chain.iter().map(|text| certificate(text)).collect();
    ContentSigner::new(certificate(LEAF), key(KEY), chain, now())
}

#[test]
fn what_is_signed_is_read_back_with_signer_time_and_chain() {
    let signed = signer(&[ROOT, ISSUING]).unwrap().sign(CONTENT, now()).unwrap();
    assert!(ReadSignedData::may_be(&signed));
    let read = ReadSignedData::from_ber(&signed).unwrap();
    assert_eq!(read.content, CONTENT);
    assert_eq!(read.signer.verdict, Ok(()));
    assert_eq!(read.signer.certificate, Some(certificate(LEAF)));
    assert_eq!(read.signer.signed_at, Some(now()));
    // The root stays out, and the rest is in the order of DER.
    assert_eq!(read.certificates.len(), 2);
    assert!(read.certificates.contains(&certificate(ISSUING)));
}

#[test]
fn the_time_is_written_as_rfc_5652_wants_it() {
    let encoded = |time| signing_time(time).unwrap().to_der().unwrap();
    assert_eq!(encoded(datetime!(2049-12-31 23:59:59 UTC)), b"\x17\x0d491231235959Z");
    assert_eq!(encoded(datetime!(2050-01-01 0:00 UTC)), b"\x18\x0f20500101000000Z");
}

#[test]
fn a_changed_octet_is_found_wherever_it_is() {
    let signed = signer(&[ISSUING]).unwrap().sign(CONTENT, now()).unwrap();
    let place = signed.windows(CONTENT.len()).position(|window| window == CONTENT).unwrap();
    let mut changed = signed.clone();
    changed[place] ^= 1;
    assert_eq!(ReadSignedData::from_ber(&changed).unwrap().signer.verdict, Err(SignerVerdict::OtherContent));
    for place in 0..signed.len() {
        let mut changed = signed.clone();
        changed[place] ^= 1;
        if let Ok(read) = ReadSignedData::from_ber(&changed) {
            // The certificates are not signed here but by their issuers: of them the key alone is bound.
            let key = read.signer.certificate.map(|certificate| certificate.tbs().public_key().clone());
            let is_same = read.content == CONTENT && key.as_ref() == Some(certificate(LEAF).tbs().public_key());
            assert!(read.signer.verdict.is_err() || is_same, "octet {place}");
        }
    }
}

#[test]
fn a_signer_that_devices_would_not_believe_is_refused() {
    let refused = |key_text, at| ContentSigner::new(certificate(LEAF), key(key_text), Vec::new(), at).err().unwrap();
    assert!(matches!(refused(RSA_KEY, now()), ContentSignerError::OtherKey(_)));
    let validity = certificate(LEAF).tbs().validity();
    for at in [validity.not_before() - time::Duration::SECOND, validity.not_after() + time::Duration::SECOND] {
        assert!(matches!(refused(KEY, at), ContentSignerError::NotValidNow { .. }));
    }
    assert!(matches!(signer(&[OTHER_ROOT]).err().unwrap(), ContentSignerError::Stranger(_)));
    assert!(signer(&[]).unwrap().above().is_empty());
    assert_eq!(signer(&[LEAF, ISSUING, ISSUING]).err().map(|error| error.to_string()), None);
}

#[test]
fn bytes_that_are_no_signed_message_are_told_so() {
    for bytes in [&b""[..], b"\x30\x80", b"\x30\x00", certificate(ROOT).as_der(), b"<?xml"] {
        assert!(!ReadSignedData::may_be(bytes));
        assert!(matches!(ReadSignedData::from_ber(bytes), Err(SignedDataReadError::Malformed(_))));
    }
}
