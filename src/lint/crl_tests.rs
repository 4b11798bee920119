//! CRLs with one defect each, and none of them may be signed.

use time::macros::datetime;

use super::*;
use crate::x509::{CrlEntry, CrlTemplate, DistinguishedName, KeyIdentifier, RevocationReason, SignatureAlgorithm, pem};

const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

fn certificate(pem_text: &str) -> Certificate {
    Certificate::from_der(&pem::parse(pem_text.as_bytes()).unwrap().remove(0).contents).unwrap()
}

fn issuing() -> Certificate {
    certificate(include_str!("../../tests/fixtures/pki/issuing.crt.pem"))
}

fn number(number: i64) -> CrlNumber {
    CrlNumber::new(number).unwrap()
}

fn entry(serial: u8) -> CrlEntry {
    CrlEntry {
        serial_number: crate::x509::SerialNumber::from_octets(&[serial]).unwrap(),
        revocation_date: NOW - Duration::days(1),
        reason: RevocationReason::Superseded,
    }
}

/// A good one of an issuer.
fn template(ca: &Certificate) -> CrlTemplate {
    CrlTemplate {
        issuer: ca.tbs().subject().clone(),
        authority_key_identifier: ca.tbs().subject_key_identifier().unwrap().unwrap(),
        signature_algorithm: SignatureAlgorithm::EcdsaWithSha256,
        number: number(7),
        this_update: NOW,
        next_update: NOW + Duration::days(7),
        revoked: vec![entry(1), entry(2)],
    }
}

/// What is said of a list, where the last had the number six.
fn judged(template: &CrlTemplate, ca: &Certificate) -> Result<(), CrlDefect> {
    let circumstances = CrlCircumstances { issuer: ca, last: Some(number(6)), now: NOW };
    clear_crl(template.encode().unwrap(), &circumstances).map(drop)
}

#[test]
fn a_good_list_may_be_signed_and_one_with_a_defect_may_not() {
    let ca = issuing();
    let good = || template(&ca);
    assert_eq!(judged(&good(), &ca), Ok(()));
    for last in [5, 6] {
        assert_eq!(judged(&CrlTemplate { number: number(last), ..good() }, &ca), Err(CrlDefect::Number));
    }
    let other = DistinguishedName::new(Some("Hub"), Some("Other")).unwrap();
    assert_eq!(judged(&CrlTemplate { issuer: other, ..good() }, &ca), Err(CrlDefect::Issuer));
    let other = KeyIdentifier::new([7; 20]);
    assert_eq!(judged(&CrlTemplate { authority_key_identifier: other, ..good() }, &ca), Err(CrlDefect::KeyIdentifier));
    let revoked = vec![CrlEntry { revocation_date: NOW + Duration::seconds(1), ..entry(1) }];
    assert_eq!(judged(&CrlTemplate { revoked, ..good() }, &ca), Err(CrlDefect::RevokedLater("01".to_owned())));
    let revoked = vec![entry(1), entry(2), entry(1)];
    assert_eq!(judged(&CrlTemplate { revoked, ..good() }, &ca), Err(CrlDefect::Twice("01".to_owned())));
}

#[test]
fn its_dates_are_of_now_and_within_bounds() {
    let ca = issuing();
    let dated = |this_update, next_update| judged(&CrlTemplate { this_update, next_update, ..template(&ca) }, &ca);
    let week = Duration::days(7);
    let (begin, end) = (ca.tbs().validity().not_before(), NOW + Duration::days(11));
    let later = NOW + Duration::seconds(1);
    assert!(matches!(dated(later, later + week), Err(CrlDefect::Dates { .. })));
    assert!(matches!(dated(NOW - week, NOW), Err(CrlDefect::Dates { .. })));
    assert!(matches!(dated(begin - Duration::seconds(1), end), Err(CrlDefect::Dates { .. })));
    assert_eq!(dated(NOW, NOW + Duration::days(10)), Ok(()));
    assert_eq!(dated(NOW, end), Err(CrlDefect::TooLong(Duration::days(11))));
    let root = certificate(include_str!("../../tests/fixtures/pki/root.crt.pem"));
    let of_root = |days| judged(&CrlTemplate { next_update: NOW + Duration::days(days), ..template(&root) }, &root);
    assert_eq!((of_root(366), of_root(367)), (Ok(()), Err(CrlDefect::TooLong(Duration::days(367)))));
}

#[test]
fn nobody_comes_back_from_a_list_and_only_a_ca_has_one() {
    let ca = issuing();
    let tbs = template(&ca).encode().unwrap();
    // The first reason code, ENUMERATED superseded, becomes certificateHold and removeFromCRL.
    let at = tbs.as_der().windows(3).position(|octets| octets == [0x0a, 1, 4]).unwrap();
    for (code, reason) in [(0, "unspecified"), (6, "certificateHold"), (8, "removeFromCRL")] {
        let mut der = tbs.as_der().to_vec();
        der[at + 2] = code;
        let circumstances = CrlCircumstances { issuer: &ca, last: None, now: NOW };
        let refused = clear_crl(TbsCertList::from_der(&der).unwrap(), &circumstances).map(drop);
        assert_eq!(refused, Err(CrlDefect::Reason { serial: "01".to_owned(), reason }));
    }
    let leaf = certificate(include_str!("../../tests/fixtures/pki/leaf.crt.pem"));
    let of_leaf = CrlTemplate { issuer: leaf.tbs().subject().clone(), ..template(&ca) };
    assert!(matches!(judged(&of_leaf, &leaf), Err(CrlDefect::NotAllowed(_))));
}
