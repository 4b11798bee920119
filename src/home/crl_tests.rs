//! CRLs at home: the first with the CA, the next before it runs out, and numbers that never go down.

use std::time::Duration;

use time::OffsetDateTime;

use super::{CrlFiles, CrlOutcome};
use crate::{
    authority::{CaCertificate, LedgerError, SignedCrl, Status},
    home::{
        error::HomeError,
        opened::Home,
        test_ca::{NOW, NoPassphrase, TestCa, doors},
    },
    system::{FileMode, files},
    x509::{CertificateList, KeyAlgorithm, RevocationReason, pem},
};

const DAY: Duration = Duration::from_secs(86_400);

fn published(home: &Home, ca: &CaCertificate) -> CertificateList {
    let files = CrlFiles::of(home.layout(), ca);
    let list = CertificateList::from_der(&std::fs::read(files.der).unwrap()).unwrap();
    list.verify_signed_by(ca.certificate().tbs().public_key()).unwrap();
    let text = std::fs::read(files.pem).unwrap();
    assert_eq!(pem::parse(&text).unwrap()[0].contents, list.as_der());
    list
}

fn listed(home: &Home, ca: &CaCertificate) -> Vec<(String, OffsetDateTime, Option<&'static str>)> {
    let list = published(home, ca);
    list.tbs().revoked().map(|entry| (entry.serial_digits(), entry.revocation_date, entry.reason)).collect()
}

fn number(home: &Home, ca: &CaCertificate) -> i64 {
    published(home, ca).tbs().crl_number().unwrap().get()
}

fn newest(home: &Home) -> Vec<SignedCrl> {
    home.authority().crl_state().unwrap().iter().map(|state| state.newest.unwrap()).collect()
}

#[test]
fn a_new_ca_has_an_empty_list_of_each_of_its_cas() {
    for key in [KeyAlgorithm::P256, KeyAlgorithm::P384] {
        let ca = TestCa::with_key(key);
        for (ca_certificate, days) in [(ca.home.root().unwrap(), 365), (ca.home.issuing().unwrap(), 7)] {
            let list = published(&ca.home, ca_certificate);
            let tbs = list.tbs();
            assert_eq!(tbs.revoked().len(), 0);
            assert_eq!((tbs.this_update(), tbs.next_update()), (NOW, Some(NOW + days * DAY)));
            assert_eq!(tbs.issuer(), ca_certificate.certificate().tbs().subject());
            let identifier = ca_certificate.certificate().tbs().subject_key_identifier();
            assert_eq!(tbs.authority_key_identifier(), identifier);
        }
        assert!(ca.home.authority().crl_state().unwrap().iter().all(|state| !state.is_due(NOW)));
        assert!(ca.home.renew_crls(&NoPassphrase).unwrap().is_empty());
    }
}

#[test]
fn a_revoked_certificate_is_listed_until_one_list_after_its_end() {
    let ca = TestCa::new();
    let issued = ca.issue(&["hub.local"]).unwrap();
    let record = ca.home.authority().by_label("hub.local", 1).unwrap().remove(0);
    ca.home.authority().revoke(&record, RevocationReason::KeyCompromise).unwrap();
    let renewed = ca.home.renew_crls(&NoPassphrase).unwrap();
    let [CrlOutcome::Made(made)] = &renewed[..] else { panic!("{renewed:?}") };
    assert_eq!((made.issuer.as_str(), made.revoked), ("issuing/1", 1));
    let issuing = ca.home.issuing().unwrap();
    assert_eq!(listed(&ca.home, issuing), [(issued.serial, NOW, Some("keyCompromise"))]);
    assert!(ca.home.renew_crls(&NoPassphrase).unwrap().is_empty());
    for (days, expected) in [(396, 1), (2, 1), (4, 0)] {
        ca.clock.advance(days * DAY);
        ca.home.publish_crl(issuing, &NoPassphrase).unwrap();
        assert_eq!(listed(&ca.home, issuing).len(), expected, "after {days} more days");
    }
    // Too late to matter, and still it is on one list.
    ca.issue(&["nas.lan"]).unwrap();
    ca.clock.advance(400 * DAY);
    let record = ca.home.authority().by_label("nas.lan", 1).unwrap().remove(0);
    assert_eq!(record.status(NOW + 1000 * DAY), Status::Expired);
    ca.home.publish_crl(issuing, &NoPassphrase).unwrap();
    ca.home.authority().revoke(&record, RevocationReason::Unspecified).unwrap();
    ca.home.publish_crl(issuing, &NoPassphrase).unwrap();
    assert_eq!(listed(&ca.home, issuing)[0].2, None);
    // Those of the very second in which it was revoked do not count.
    for expected in [1, 0] {
        ca.clock.advance(DAY);
        ca.home.publish_crl(issuing, &NoPassphrase).unwrap();
        assert_eq!(listed(&ca.home, issuing).len(), expected);
    }
}

#[test]
fn a_list_is_made_anew_at_half_of_its_life() {
    let ca = TestCa::new();
    ca.clock.advance(3 * DAY);
    assert!(ca.home.renew_crls(&NoPassphrase).unwrap().is_empty());
    ca.clock.advance(DAY);
    assert_eq!(ca.home.renew_crls(&NoPassphrase).unwrap().len(), 1);
    ca.clock.advance(180 * DAY);
    let both = ca.home.renew_crls(&NoPassphrase).unwrap();
    assert!(matches!(&both[..], [CrlOutcome::Made(root), CrlOutcome::Made(_)] if root.issuer == "root/1"));
}

#[test]
fn without_the_root_key_the_root_s_list_waits_for_a_person_and_the_other_is_made() {
    let ca = TestCa::new();
    std::fs::remove_file(ca.home.layout().root_key(1)).unwrap();
    ca.clock.advance(200 * DAY);
    let outcomes = ca.home.renew_crls(&NoPassphrase).unwrap();
    let [CrlOutcome::KeyAway { issuer, reason: HomeError::NoRootKey { .. } }, CrlOutcome::Made(_)] = &outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!(issuer, "root/1");
}

#[test]
fn a_hundred_lists_in_one_second_and_with_the_clock_stepping_back_have_growing_numbers() {
    let ca = TestCa::new();
    let issuing = ca.home.issuing().unwrap();
    let mut last = number(&ca.home, issuing);
    let mut audited = NOW;
    for step in 0..100 {
        // A time service moves the clock to and fro by some minutes.
        ca.clock.set(NOW + Duration::from_secs(if step % 3 == 0 { 200 } else { 10 }));
        let made = ca.home.publish_crl(issuing, &NoPassphrase).unwrap();
        assert!(made.record.number > last, "{} after {last}", made.record.number);
        assert!(made.record.this_update >= audited);
        (last, audited) = (made.record.number, made.record.this_update);
        assert_eq!(number(&ca.home, issuing), last);
    }
    // What is further back may be right: the list has its date, and a higher number all the same.
    ca.clock.set(NOW - DAY / 2);
    let made = ca.home.publish_crl(issuing, &NoPassphrase).unwrap();
    assert_eq!((made.record.number, made.record.this_update), (last + 1, NOW - DAY / 2));
    // Only where the CA itself has not begun is there no list.
    ca.clock.set(NOW - 2 * DAY);
    let refused = ca.home.publish_crl(issuing, &NoPassphrase).unwrap_err();
    assert!(refused.to_string().contains("is valid from"), "{refused}");
    assert_eq!(number(&ca.home, issuing), last + 1);
}

#[test]
fn a_leap_of_the_clock_and_its_end_keep_no_revocation_from_a_list_that_holds_today() {
    let ca = TestCa::new();
    for name in ["before.lan", "during.lan", "after.lan"] {
        ca.issue(&[name]).unwrap();
    }
    let issuing = ca.home.issuing().unwrap();
    let revoke = |label: &str| {
        let record = ca.home.authority().by_label(label, 1).unwrap().remove(0);
        ca.home.authority().revoke(&record, RevocationReason::KeyCompromise).unwrap();
    };
    revoke("before.lan");
    // In the leap the lives of all three are over, and two lists say so: the first has those of which none has told.
    ca.clock.set(NOW + 1000 * DAY);
    revoke("during.lan");
    for expected in [2, 1] {
        assert_eq!(ca.home.publish_crl(issuing, &NoPassphrase).unwrap().revoked, expected);
        ca.clock.advance(DAY);
    }
    let in_the_leap = number(&ca.home, issuing);
    ca.clock.set(NOW + DAY);
    revoke("after.lan");
    let renewed = ca.home.renew_crls(&NoPassphrase).unwrap();
    let [CrlOutcome::Made(made)] = &renewed[..] else { panic!("{renewed:?}") };
    assert_eq!((made.revoked, made.record.number), (3, in_the_leap + 1));
    let list = published(&ca.home, issuing);
    assert_eq!((list.tbs().this_update(), list.tbs().next_update()), (NOW + DAY, Some(NOW + 8 * DAY)));
    let dates = || list.tbs().revoked().map(|entry| entry.revocation_date).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(dates(), [NOW, NOW + DAY].into());
    // What nothing new has happened to is not made anew by itself until somebody says which time is right.
    assert!(ca.home.renew_crls(&NoPassphrase).unwrap().is_empty());
}

#[test]
fn a_ledger_from_a_backup_goes_on_above_the_number_in_the_file() {
    let ca = TestCa::new();
    let backup = ca.home.layout().directory().join("backup.db");
    ca.home.authority().copy_ledger(&backup).unwrap();
    // A clock that was far ahead gave a number that the right time does not reach for a year.
    ca.clock.advance(365 * DAY);
    let ahead = ca.home.publish_crl(ca.home.issuing().unwrap(), &NoPassphrase).unwrap();
    let layout = ca.home.layout().clone();
    for beside in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(layout.directory().join(format!("ledger.db{beside}")));
    }
    std::fs::rename(&backup, layout.ledger()).unwrap();
    ca.clock.set(NOW + DAY);
    let restored = Home::open(layout, doors(&ca.clock)).unwrap();
    let issuing = restored.issuing().unwrap();
    let made = restored.publish_crl(issuing, &NoPassphrase).unwrap();
    assert_eq!(made.record.number, ahead.record.number + 1);
    assert_eq!(number(&restored, issuing), made.record.number);
}

#[test]
fn a_file_that_the_ca_did_not_sign_says_nothing_about_its_numbers() {
    let (ca, other) = (TestCa::new(), TestCa::new());
    other.clock.advance(100 * DAY);
    other.home.publish_crl(other.home.issuing().unwrap(), &NoPassphrase).unwrap();
    let issuing = ca.home.issuing().unwrap();
    let foreign = CrlFiles::of(other.home.layout(), other.home.issuing().unwrap()).der;
    let own = CrlFiles::of(ca.home.layout(), issuing).der;
    let before = number(&ca.home, issuing);
    for bytes in [std::fs::read(foreign).unwrap(), b"no list".to_vec(), Vec::new()] {
        files::replace(&own, &bytes, FileMode::Secret).unwrap();
        ca.home.publish_crl(issuing, &NoPassphrase).unwrap();
    }
    assert_eq!(number(&ca.home, issuing), before + 3);
}

#[test]
fn files_that_are_gone_are_written_again() {
    let ca = TestCa::new();
    std::fs::remove_dir_all(ca.home.layout().crls()).unwrap();
    let before = newest(&ca.home);
    assert!(ca.home.renew_crls(&NoPassphrase).unwrap().is_empty());
    assert_eq!(newest(&ca.home), before);
    published(&ca.home, ca.home.root().unwrap());
    published(&ca.home, ca.home.issuing().unwrap());
}

#[test]
fn a_revoked_ca_issues_nothing_more_and_stands_on_the_root_s_list() {
    let ca = TestCa::new();
    ca.issue(&["hub.local"]).unwrap();
    let own = ca.home.issuing().unwrap().certificate().tbs().serial_number().unwrap().to_string();
    let record = ca.home.authority().by_serial(&own).unwrap().remove(0);
    ca.home.authority().revoke(&record, RevocationReason::CaCompromise).unwrap();
    let refused = ca.issue(&["hub.local"]).unwrap_err();
    let refused = match refused {
        HomeError::Issue(crate::authority::IssueError::Ledger(refused)) => refused,
        other => panic!("{other}"),
    };
    assert!(matches!(refused, LedgerError::IssuerRevoked { .. }), "{refused}");
    assert_eq!(ca.home.renew_crls(&NoPassphrase).unwrap().len(), 1);
    assert_eq!(listed(&ca.home, ca.home.root().unwrap()), [(own, NOW, Some("cACompromise"))]);
}

#[test]
fn a_ca_that_has_ended_makes_no_list() {
    let ca = TestCa::new();
    ca.clock.advance(6 * 365 * DAY);
    let issuing = ca.home.issuing().unwrap();
    assert!(ca.home.publish_crl(issuing, &NoPassphrase).is_err());
    let outcomes = ca.home.renew_crls(&NoPassphrase).unwrap();
    assert!(matches!(&outcomes[..], [CrlOutcome::Made(root)] if root.issuer == "root/1"), "{outcomes:?}");
}
