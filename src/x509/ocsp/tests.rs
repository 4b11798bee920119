//! OCSP in bytes: what is read is what was written, and nothing else is.

use der::{Decode, Encode, asn1::OctetString};
use proptest::prelude::*;
use time::{Duration, OffsetDateTime, macros::datetime};

use super::{
    cert_id::{CertId, IdHash, IssuerIds},
    request::{Nonce, OcspRequest, OcspRequestError},
    response::{OcspResponse, ResponderName},
    status::{CertStatus, ResponseStatus},
    syntax,
    unsigned::{UnsignedResponse, error_response},
};
use crate::x509::{
    certificate::Certificate, public_key::SignatureAlgorithm, revocation_reason::RevocationReason,
    serial_number::SerialNumber,
};

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

fn certificate() -> Certificate {
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new(["hub.lan".to_owned()]).unwrap();
    Certificate::from_der(parameters.self_signed(&key).unwrap().der()).unwrap()
}

fn id(hash: IdHash, issuer: &Certificate, serial: &str) -> CertId {
    CertId::new(hash, issuer, &serial.parse().unwrap()).unwrap()
}

fn request(nonce: Option<Nonce>) -> Vec<u8> {
    let issuer = certificate();
    OcspRequest::new(vec![id(IdHash::Sha1, &issuer, "01ab"), id(IdHash::Sha256, &issuer, "ff")], nonce)
        .to_der()
        .unwrap()
}

/// A request with one extension, for what our own requests never say.
fn with_extension(id: &str, critical: bool, value: &[u8], times: usize) -> Vec<u8> {
    let der = request(None);
    let mut parsed = syntax::Request::from_der(&der).unwrap();
    let extension = || syntax::Extension { id: id.parse().unwrap(), critical, value: OctetString::new(value).unwrap() };
    parsed.tbs_request.extensions = Some((0..times).map(|_| extension()).collect());
    parsed.to_der().unwrap()
}

const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
const ACCEPTABLE_RESPONSES: &str = "1.3.6.1.5.5.7.48.1.4";

#[test]
fn a_request_is_read_as_it_was_written() {
    let issuer = certificate();
    let ids = vec![id(IdHash::Sha1, &issuer, "01ab"), id(IdHash::Sha256, &issuer, "ff")];
    for nonce in [None, Some(Nonce::new(&[7; 32]).unwrap())] {
        let request = OcspRequest::new(ids.clone(), nonce);
        assert_eq!(OcspRequest::from_der(&request.to_der().unwrap()), Ok(request));
    }
    assert_eq!(ids[1].serial_number(), Ok("ff".parse().unwrap()), "the sign octet is no part of the number");
}

#[test]
fn an_issuer_is_known_by_either_digest_and_no_other_is() {
    let (issuer, other) = (certificate(), certificate());
    let known = IssuerIds::of(&issuer);
    for hash in [IdHash::Sha1, IdHash::Sha256] {
        assert!(known.names_issuer_of(&id(hash, &issuer, "01")));
        assert!(!known.names_issuer_of(&id(hash, &other, "01")));
    }
}

#[test]
fn a_nonce_has_1_to_128_octets_and_comes_once() {
    assert!(Nonce::new(&[1; 128]).is_ok());
    for octets in [&[][..], &[1; 129]] {
        assert_eq!(Nonce::new(octets), Err(OcspRequestError::Nonce));
    }
    let word = OctetString::new([1_u8; 16]).unwrap().to_der().unwrap();
    assert!(OcspRequest::from_der(&with_extension(NONCE, false, &word, 1)).unwrap().nonce().is_some());
    assert!(OcspRequest::from_der(&with_extension(NONCE, true, &word, 1)).is_ok());
    assert_eq!(OcspRequest::from_der(&with_extension(NONCE, false, &word, 2)), Err(OcspRequestError::Nonce));
    assert_eq!(OcspRequest::from_der(&with_extension(NONCE, false, b"bare", 1)), Err(OcspRequestError::Nonce));
}

#[test]
fn what_is_critical_must_be_known() {
    let basic = vec![syntax::BASIC].to_der().unwrap();
    assert!(OcspRequest::from_der(&with_extension(ACCEPTABLE_RESPONSES, true, &basic, 1)).is_ok());
    assert!(OcspRequest::from_der(&with_extension("1.2.3.4", false, b"", 1)).is_ok());
    for (id, value) in [(ACCEPTABLE_RESPONSES, &b"\x30\x00"[..]), ("1.2.3.4", b"")] {
        let refused = OcspRequest::from_der(&with_extension(id, true, value, 1));
        assert_eq!(refused, Err(OcspRequestError::CriticalExtension(id.to_owned())));
    }
}

#[test]
fn too_much_is_refused() {
    let issuer = certificate();
    let of = |count: usize| OcspRequest::new(vec![id(IdHash::Sha1, &issuer, "01"); count], None).to_der().unwrap();
    assert!(OcspRequest::from_der(&of(OcspRequest::MOST_IDS)).is_ok());
    for count in [0, OcspRequest::MOST_IDS + 1] {
        assert_eq!(OcspRequest::from_der(&of(count)), Err(OcspRequestError::Count(count)));
    }
    assert_eq!(OcspRequest::from_der(&vec![0x30; OcspRequest::MOST_BYTES + 1]), Err(OcspRequestError::TooLarge));
}

#[test]
fn a_digest_in_another_spelling_names_nobody() {
    let issuer = certificate();
    let der = id(IdHash::Sha1, &issuer, "01").as_der().to_vec();
    // NULL becomes an empty OCTET STRING.
    let at = der.windows(2).position(|two| two == [5, 0]).unwrap();
    let mut changed = der;
    changed[at] = 4;
    let read = CertId::read(&der::AnyRef::from_der(&changed).unwrap()).unwrap();
    assert!(!IssuerIds::of(&issuer).names_issuer_of(&read));
}

#[test]
fn an_answer_is_read_as_it_was_written() {
    let issuer = certificate();
    let ids = ["01", "02", "03", "04"].map(|serial| id(IdHash::Sha256, &issuer, serial));
    let revoked = |reason: RevocationReason| CertStatus::Revoked { at: NOW, reason: Some(reason.into()) };
    let said = [
        CertStatus::Good,
        revoked(RevocationReason::KeyCompromise),
        revoked(RevocationReason::Unspecified),
        CertStatus::Unknown,
    ];
    let pairs: Vec<_> = ids.iter().zip(said).collect();
    let nonce = Nonce::new(b"a word").unwrap();
    let unsigned = UnsignedResponse::new(&issuer, &pairs, Some(&nonce), NOW, NOW + Duration::DAY).unwrap();
    let der = unsigned.assemble(&issuer, SignatureAlgorithm::EcdsaWithSha256, b"signature").unwrap();
    let OcspResponse::Basic(read) = OcspResponse::from_der(&der).unwrap() else { panic!("no answer") };
    assert_eq!(read.nonce(), Some(&nonce));
    assert_eq!(read.produced_at(), NOW);
    assert_eq!(read.responder(), &ResponderName::Key(issuer.tbs().public_key().key_identifier().to_vec()));
    assert_eq!(read.certificates(), [issuer]);
    let statuses: Vec<_> = read.responses().iter().map(|single| single.status).collect();
    let without_reason = CertStatus::Revoked { at: NOW, reason: None };
    assert_eq!(statuses, [said[0], said[1], without_reason, said[3]], "`unspecified` is left out");
    assert!(read.responses().iter().all(|single| single.next_update == Some(NOW + Duration::DAY)));
    assert!(read.verify_signed_by(read.certificates()[0].tbs().public_key()).is_err());
}

#[test]
fn an_error_is_five_octets_that_say_which() {
    for status in [
        ResponseStatus::MalformedRequest,
        ResponseStatus::InternalError,
        ResponseStatus::TryLater,
        ResponseStatus::SigRequired,
        ResponseStatus::Unauthorized,
    ] {
        assert_eq!(OcspResponse::from_der(&error_response(status)), Ok(OcspResponse::Error(status)));
    }
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = OcspRequest::from_der(&bytes);
        let _ = OcspResponse::from_der(&bytes);
    }

    #[test]
    fn a_request_that_was_changed_is_read_or_refused(place in any::<prop::sample::Index>(), octet: u8, cut in any::<prop::sample::Index>()) {
        let mut der = request(Some(Nonce::new(&[9; 32]).unwrap()));
        let place = place.index(der.len());
        der[place] = octet;
        if let Ok(read) = OcspRequest::from_der(&der) {
            prop_assert!(read.ids().len() <= OcspRequest::MOST_IDS);
            read.ids().iter().for_each(|id| drop(id.serial_number()));
        }
        let _ = OcspRequest::from_der(&der[..cut.index(der.len())]);
    }

    #[test]
    fn an_answer_that_was_changed_is_read_or_refused(place in any::<prop::sample::Index>(), octet: u8) {
        let issuer = certificate();
        let id = CertId::new(IdHash::Sha1, &issuer, &SerialNumber::from_octets(&[1]).unwrap()).unwrap();
        let at = CertStatus::Revoked { at: NOW, reason: Some(RevocationReason::Superseded.into()) };
        let unsigned = UnsignedResponse::new(&issuer, &[(&id, at)], None, NOW, NOW).unwrap();
        let mut der = unsigned.assemble(&issuer, SignatureAlgorithm::EcdsaWithSha256, b"x").unwrap();
        let place = place.index(der.len());
        der[place] = octet;
        if let Ok(OcspResponse::Basic(read)) = OcspResponse::from_der(&der) {
            let _ = (read.certificates(), read.verify_signed_by(issuer.tbs().public_key()));
        }
    }
}
