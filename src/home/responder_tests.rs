//! The responders of a home, and what they say.

use time::Duration;

use super::super::test_ca::{NOW, NoPassphrase, TestCa};
use super::*;
use crate::{
    authority::{IssueError, Keeping, LedgerError, Page, ResponderError, Selection},
    x509::{
        RevocationReason, SerialNumber,
        ocsp::{BasicResponse, CertId, CertStatus, IdHash, Nonce, OcspRequest, OcspResponse},
    },
};

fn found(ca: &TestCa) -> FoundResponder {
    ca.home.responder(ca.home.issuing().unwrap(), &NoPassphrase).unwrap()
}

fn serial(found: &FoundResponder) -> String {
    found.responder.certificate().tbs().serial_number().unwrap().to_string()
}

fn id(issuer: &Certificate, serial: &str) -> CertId {
    CertId::new(IdHash::Sha1, issuer, &serial.parse().unwrap()).unwrap()
}

fn issuing(ca: &TestCa) -> &Certificate {
    ca.home.issuing().unwrap().certificate()
}

/// What is said of some serial numbers, by an answer whose signature verifies.
fn said(ca: &TestCa, responder: &Responder, request: &OcspRequest) -> (Box<BasicResponse>, Vec<CertStatus>) {
    let answer = ca.home.authority().answer(responder, request).unwrap();
    let OcspResponse::Basic(read) = OcspResponse::from_der(&answer.der).unwrap() else { panic!("an error") };
    let [own] = &read.certificates()[..] else { panic!("not one certificate") };
    own.verify_signed_by(issuing(ca).tbs().public_key()).unwrap();
    read.verify_signed_by(own.tbs().public_key()).unwrap();
    let statuses = read.responses().iter().map(|single| single.status).collect();
    (read, statuses)
}

#[test]
fn a_responder_is_kept_until_half_of_its_life_is_over() {
    let ca = TestCa::new();
    let first = found(&ca);
    assert!(matches!(first.origin, ResponderOrigin::Issued));
    ca.clock.set(NOW + Duration::days(44));
    let again = found(&ca);
    assert!(matches!(again.origin, ResponderOrigin::Kept));
    assert_eq!(serial(&again), serial(&first));
    ca.clock.set(NOW + Duration::days(46));
    let second = found(&ca);
    assert!(matches!(second.origin, ResponderOrigin::Issued));
    assert_ne!(serial(&second), serial(&first));
    assert_eq!(serial(&found(&ca)), serial(&second));
}

#[test]
fn a_responder_is_no_server_of_the_operator() {
    let ca = TestCa::new();
    found(&ca);
    let select = |selection| ca.home.authority().select(selection, Page { limit: 10, before: None }).unwrap();
    assert!(select(Selection::Issued).is_empty());
    assert!(select(Selection::Expiring { days: 100 }).is_empty());
    assert!(ca.home.authority().lineages().unwrap().is_empty());
    assert!(ca.home.authority().due(Some(Duration::days(100))).unwrap().is_empty());
    assert_eq!(ca.home.authority().in_use(10).unwrap().number, 0, "nobody has to see to its end");
    let all = select(Selection::All);
    let row = all.iter().find(|row| row.profile == "ocsp-responder").unwrap();
    assert_eq!(row.label.as_deref(), Some("hubca-ocsp-issuing-1"));
    assert!(crate::authority::is_own_label("hubca-ocsp-issuing-1"));
    assert!(Label::parse("hubca-ocsp-issuing-1").is_err());
}

#[test]
fn a_responder_that_is_revoked_or_damaged_has_another_in_its_place() {
    let ca = TestCa::new();
    let first = found(&ca);
    let record = ca.home.authority().by_serial(&serial(&first)).unwrap().pop().unwrap();
    ca.home.authority().revoke(&record, RevocationReason::KeyCompromise).unwrap();
    assert_eq!(ca.home.authority().in_use_revoked(10).unwrap().number, 0, "nobody has to replace it");
    let second = found(&ca);
    assert_ne!(serial(&second), serial(&first));
    let key = ca.home.layout().live_link("hubca-ocsp-issuing-1").join("privkey.pem");
    std::fs::remove_file(key).unwrap();
    assert!(matches!(found(&ca).origin, ResponderOrigin::Issued));
}

#[test]
fn what_was_issued_and_not_yet_put_in_its_place_is_put_there_by_the_next_start() {
    let ca = TestCa::new();
    let first = found(&ca);
    let link = ca.home.layout().live_link("hubca-ocsp-issuing-1");
    std::fs::remove_file(&link).unwrap();
    let forget = "UPDATE lineages SET published = 0 WHERE label = 'hubca-ocsp-issuing-1'";
    ca.home.authority().store().transaction::<_, crate::store::StoreError>(|t| t.execute(forget, &[])).unwrap();
    assert_eq!(serial(&found(&ca)), serial(&first));
    assert!(link.join("cert.pem").exists());
}

#[test]
fn without_the_key_of_its_ca_a_responder_goes_on_to_its_end() {
    let ca = TestCa::new();
    found(&ca);
    std::fs::remove_file(ca.home.layout().issuing_key(1)).unwrap();
    ca.clock.set(NOW + Duration::days(89));
    let kept = found(&ca);
    assert!(matches!(kept.origin, ResponderOrigin::KeptTooLong(HomeError::NoIssuingKey { .. })));
    let request = OcspRequest::new(vec![id(issuing(&ca), "01")], None);
    let answer = ca.home.authority().answer(&kept.responder, &request).unwrap();
    assert_eq!(answer.next_update, kept.responder.certificate().tbs().validity().not_after());
    ca.clock.set(NOW + Duration::days(91));
    let late = ca.home.authority().answer(&kept.responder, &request).unwrap_err();
    assert!(matches!(late, ResponderError::NotValid(_)));
    assert!(matches!(
        ca.home.responder(ca.home.issuing().unwrap(), &NoPassphrase),
        Err(HomeError::NoIssuingKey { .. })
    ));
}

#[test]
fn it_says_good_revoked_and_unknown_and_never_good_of_what_was_not_issued() {
    let ca = TestCa::new();
    let responder = found(&ca).responder;
    let good = ca.issue(&["hub.local"]).unwrap();
    let gone = ca.issue(&["nas.local"]).unwrap();
    let reserved = ca.issue(&["reserved.local"]).unwrap();
    let forget = format!("UPDATE certificates SET issued_at = NULL WHERE serial = '{}'", reserved.serial);
    ca.home.authority().store().transaction::<_, crate::store::StoreError>(|t| t.execute(&forget, &[])).unwrap();
    let record = ca.home.authority().by_serial(&gone.serial).unwrap().pop().unwrap();
    ca.home.authority().revoke(&record, RevocationReason::CessationOfOperation).unwrap();
    let serials = [good.serial.as_str(), &gone.serial, &reserved.serial, "01"];
    let request = OcspRequest::new(serials.map(|serial| id(issuing(&ca), serial)).to_vec(), None);
    let (_, statuses) = said(&ca, &responder, &request);
    let revoked = CertStatus::Revoked { at: NOW, reason: Some(RevocationReason::CessationOfOperation.into()) };
    assert_eq!(statuses, [CertStatus::Good, revoked, CertStatus::Unknown, CertStatus::Unknown]);
    // Its life is over; that it was not revoked stays true.
    ca.clock.set(NOW + Duration::days(44));
    let one = OcspRequest::new(vec![id(issuing(&ca), &good.serial)], None);
    assert_eq!(said(&ca, &responder, &one).1, [CertStatus::Good]);
}

#[test]
fn a_word_comes_back_and_such_an_answer_is_for_nobody_else() {
    let ca = TestCa::new();
    let responder = found(&ca).responder;
    let issued = ca.issue(&["hub.local"]).unwrap();
    let asked = |serial: &str, nonce| OcspRequest::new(vec![id(issuing(&ca), serial)], nonce);
    let keeping =
        |request: &OcspRequest| ca.home.authority().answer(&responder, request).map(|answer| answer.keeping).unwrap();
    let nonce = Nonce::new(b"a word").unwrap();
    let with_word = asked(&issued.serial, Some(nonce.clone()));
    assert_eq!(said(&ca, &responder, &with_word).0.nonce(), Some(&nonce));
    assert_eq!(keeping(&with_word), Keeping::ForNobody);
    assert_eq!(keeping(&asked(&issued.serial, None)), Keeping::ForAll);
    assert_eq!(keeping(&asked("01", None)), Keeping::ForNobody, "it may be issued the next moment");
}

#[test]
fn each_ca_answers_for_its_own() {
    let ca = TestCa::new();
    let root = ca.home.root().unwrap();
    let of_root = ca.home.responder(root, &NoPassphrase).unwrap().responder;
    let serial: SerialNumber = issuing(&ca).tbs().serial_number().unwrap();
    let request = OcspRequest::new(vec![id(root.certificate(), &serial.to_string())], None);
    assert!(ca.home.authority().answer(&of_root, &request).is_ok());
    let of_issuing = found(&ca).responder;
    assert!(matches!(ca.home.authority().answer(&of_issuing, &request), Err(ResponderError::OtherIssuer)));
}

#[test]
fn a_ca_of_rsa_has_a_responder_of_rsa() {
    let ca = TestCa::with_key(KeyAlgorithm::Rsa(RsaSize::Bits2048));
    let responder = found(&ca).responder;
    let request = OcspRequest::new(vec![id(issuing(&ca), "01")], None);
    assert_eq!(said(&ca, &responder, &request).0.signature_oid(), "1.2.840.113549.1.1.11");
}

#[test]
fn one_that_a_leap_of_the_clock_dated_ahead_leaves_the_word_to_the_one_before() {
    let ca = TestCa::new();
    let first = found(&ca);
    let issued = ca.issue(&["hub.local"]).unwrap();
    ca.clock.set(NOW + Duration::days(60));
    let ahead = found(&ca);
    assert!(matches!(ahead.origin, ResponderOrigin::Issued));
    let record = ca.home.authority().by_serial(&issued.serial).unwrap().pop().unwrap();
    ca.home.authority().revoke(&record, RevocationReason::KeyCompromise).unwrap();
    ca.clock.set(NOW + Duration::days(1));
    assert!(ahead.responder.is_due(NOW + Duration::days(1)));
    let again = found(&ca);
    let ResponderOrigin::KeptTooLong(HomeError::Issue(IssueError::Ledger(LedgerError::ClockWentBack { .. }))) =
        again.origin
    else {
        panic!("nobody has said that the clock is right")
    };
    assert_eq!(serial(&again), serial(&first));
    assert_eq!(ca.home.authority().responders_ahead(10).unwrap().number, 1);
    // A date to come would be no revocation to some who ask.
    let request = OcspRequest::new(vec![id(issuing(&ca), &issued.serial)], None);
    let at = NOW + Duration::days(1);
    let revoked = CertStatus::Revoked { at, reason: Some(RevocationReason::KeyCompromise.into()) };
    assert_eq!(said(&ca, &again.responder, &request).1, [revoked]);
    ca.home.authority().accept_clock().unwrap().unwrap();
    let second = found(&ca);
    assert!(matches!(second.origin, ResponderOrigin::Issued));
    assert_eq!(ca.home.authority().responders_ahead(10).unwrap().number, 0);
}
