//! A home from outside: what it makes, keeps and refuses.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use time::Duration;

use super::{
    error::HomeError,
    issuance::Life,
    layout::Layout,
    opened::Home,
    test_ca::{NOW, NoPassphrase, TestCa, doors, establish, order, san, server},
};
use crate::{
    authority::{IssueError, Label, LedgerError, Lifetime, OnOtherNames, Page, Refusal, Selection, Status, Verdict},
    keys::{KeyPurpose, PassphraseSource},
    profile::Scope,
    system::FixedClock,
    x509::{Certificate, KeyAlgorithm, pem, template::Criticality},
};

const PAGE: Page = Page { limit: 100, before: None };

fn refusal(error: HomeError) -> Refusal {
    match error {
        HomeError::Issue(IssueError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn certificates(path: &Path) -> Vec<Certificate> {
    let blocks = pem::parse(&fs::read(path).unwrap()).unwrap();
    blocks.iter().map(|block| Certificate::from_der(&block.contents).unwrap()).collect()
}

#[test]
fn a_home_has_a_root_an_issuing_ca_and_a_whole_audit_log() {
    let ca = TestCa::new();
    let (root, issuing) = (ca.home.root().unwrap().certificate(), ca.home.issuing().unwrap().certificate());
    assert!(root.is_self_signed());
    issuing.verify_signed_by(root.tbs().public_key()).unwrap();
    assert_eq!(&certificates(&ca.home.layout().root_certificate(1))[0], root);
    assert!(matches!(ca.home.authority().verify_audit().unwrap(), Verdict::Whole { entries: 11, .. }));
    let all = ca.home.authority().select(Selection::All, PAGE).unwrap();
    assert_eq!(all.iter().map(|row| row.profile.as_str()).collect::<Vec<_>>(), ["issuing", "root"]);
}

#[test]
fn live_shows_a_key_and_a_certificate_that_belong_together() {
    let ca = TestCa::new();
    let issued = ca.issue(&["192.168.0.1", "hub.local"]).unwrap();
    let files = issued.files.unwrap();
    let key = crate::keys::PrivateKey::from_pem(&fs::read(&files.key).unwrap(), || {
        NoPassphrase.passphrase(&KeyPurpose::Issuing)
    })
    .unwrap();
    let chain = certificates(&files.fullchain);
    assert_eq!(chain.len(), 2);
    assert_eq!(chain[0].tbs().public_key(), key.public_key());
    assert_eq!(chain[0].fingerprint(), issued.sha256);
    assert_eq!(issued.label.as_deref(), Some("192.168.0.1"));
}

#[test]
fn the_next_generation_takes_the_place_of_the_one_before() {
    let ca = TestCa::new();
    let first = ca.issue(&["hub.local"]).unwrap();
    let second = ca.issue(&["hub.local"]).unwrap();
    assert_eq!((first.generation, second.generation), (Some(1), Some(2)));
    assert_eq!(certificates(&second.files.unwrap().cert)[0].fingerprint(), second.sha256);
    let archived = ca.home.layout().generation("hub.local", 1).join("cert.pem");
    assert_eq!(certificates(&archived)[0].fingerprint(), first.sha256);
}

#[test]
fn what_was_recorded_and_not_published_is_published_by_the_next_issue() {
    let ca = TestCa::new();
    let issued = ca.issue(&["hub.local"]).unwrap();
    fs::remove_file(ca.home.layout().live_link("hub.local")).unwrap();
    let unpublish = "UPDATE lineages SET published = 0";
    ca.home.authority().store().transaction::<_, crate::store::StoreError>(|t| t.execute(unpublish, &[])).unwrap();
    ca.issue(&["nas.local"]).unwrap();
    assert_eq!(certificates(&issued.files.unwrap().cert)[0].fingerprint(), issued.sha256);
}

#[test]
fn a_label_with_other_names_is_refused_unless_it_is_meant() {
    let ca = TestCa::new();
    ca.issue(&["hub.local"]).unwrap();
    let profile = server();
    let mut other = order(&profile, &["hub.local", "nas.local"]);
    let refused = ca.home.issue(&ca.issuer(), other.clone()).unwrap_err();
    assert!(matches!(refused, HomeError::Issue(IssueError::Ledger(LedgerError::OtherNames { .. }))), "{refused:?}");
    other.on_other_names = OnOtherNames::Replace;
    assert_eq!(ca.home.issue(&ca.issuer(), other).unwrap().generation, Some(2));
}

#[test]
fn names_outside_the_scope_are_refused_and_leave_nothing() {
    let ca = TestCa::new();
    for name in ["8.8.8.8", "2001:db8::1", "example.com", "hub.example.com"] {
        assert!(matches!(refusal(ca.issue(&[name]).unwrap_err()), Refusal::OutsideScope { .. }), "{name}");
    }
    assert!(ca.home.authority().select(Selection::Issued, PAGE).unwrap().is_empty());
    assert!(!ca.home.layout().archive().exists());
}

#[test]
fn a_life_is_bounded_by_the_profile_and_by_the_issuer() {
    let ca = TestCa::new();
    let days = |days| ca.issue_for(&["hub.local"], Lifetime::Days(days));
    assert!(matches!(refusal(days(826).unwrap_err()), Refusal::TooManyDays { days: 826, most: 825, .. }));
    assert!(matches!(refusal(days(0).unwrap_err()), Refusal::NoDays));
    let issued = days(825).unwrap();
    assert_eq!(issued.not_after - issued.not_before + Duration::SECOND, Duration::days(825));
    ca.clock.set(NOW + Duration::days(1700));
    assert!(matches!(refusal(days(300).unwrap_err()), Refusal::BeyondIssuer { days: 300, .. }));
    assert_eq!(ca.issue(&["hub.local"]).unwrap().life, Life::CutToIssuer);
    ca.clock.set(NOW + Duration::days(1900));
    assert!(matches!(refusal(ca.issue(&["hub.local"]).unwrap_err()), Refusal::IssuerNotValid { .. }));
}

#[test]
fn a_clock_that_was_set_back_signs_nothing() {
    let ca = TestCa::new();
    ca.clock.set(NOW - Duration::minutes(4));
    ca.issue(&["hub.local"]).unwrap();
    ca.clock.set(NOW - Duration::minutes(6));
    let refused = ca.issue(&["hub.local"]).unwrap_err();
    assert!(matches!(refused, HomeError::Issue(IssueError::Ledger(LedgerError::ClockWentBack { .. }))));
}

#[test]
fn a_batch_is_issued_whole_or_not_at_all() {
    let ca = TestCa::new();
    let profile = server();
    let names: Vec<String> = (0..40).map(|number| format!("h{number}.lan")).collect();
    let mut orders: Vec<_> = names.iter().map(|name| order(&profile, &[name.as_str()])).collect();
    let (issued, _) = ca.home.issue_batch(&ca.issuer(), orders.clone(), &mut |_| {}).unwrap();
    assert_eq!(issued.len(), 40);
    assert!(issued.iter().all(|one| one.files.as_ref().unwrap().fullchain.exists()));
    orders[39].names = san(&["example.com"]);
    assert!(ca.home.issue_batch(&ca.issuer(), orders.clone(), &mut |_| {}).is_err());
    orders[39] = orders[0].clone();
    let twice = ca.home.issue_batch(&ca.issuer(), orders, &mut |_| {}).unwrap_err();
    assert!(matches!(twice, HomeError::LabelTwice(_)));
    let rows = ca.home.authority().select(Selection::Issued, PAGE).unwrap();
    assert_eq!(rows.len(), 40);
    assert!(rows.iter().all(|row| row.status(NOW) == Status::Good && row.generation == Some(1)));
}

#[test]
fn every_key_algorithm_makes_a_ca_and_its_servers() {
    for key in ["p256", "p384", "rsa2048"] {
        let ca = TestCa::with_key(key.parse().unwrap());
        ca.issue(&["192.168.0.1", "hub.local"]).unwrap();
    }
}

#[test]
fn a_home_that_others_can_use_is_refused() {
    let ca = TestCa::new();
    let directory = ca.home.layout().directory().to_owned();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o750)).unwrap();
    let refused = Home::open(Layout::new(directory), ca.doors()).err().unwrap();
    assert!(matches!(refused, HomeError::Exposed { mode: 0o750, .. }));
}

#[test]
fn a_second_ca_is_not_made_over_the_first_nor_over_its_remains() {
    let ca = TestCa::new();
    let scope = Scope::Unconstrained;
    let again = || establish(ca.home.layout().clone(), &ca.clock, &scope, KeyAlgorithm::P256).err().unwrap();
    assert!(matches!(again(), HomeError::AlreadyThere { .. }));
    fs::remove_file(ca.home.layout().ledger()).unwrap();
    assert!(matches!(again(), HomeError::NotEmpty { .. }));
    let opened = Home::open(ca.home.layout().clone(), ca.doors()).err().unwrap();
    assert!(matches!(opened, HomeError::LedgerLost { .. }));
}

#[test]
fn a_ca_that_was_stopped_on_its_way_to_its_place_arrives_with_the_next_command() {
    let ca = TestCa::new();
    let layout = ca.home.layout().clone();
    let finished = layout.directory().join(".init-finished");
    fs::create_dir(&finished).unwrap();
    for entry in ["issuing", "ledger.db"] {
        fs::rename(layout.directory().join(entry), finished.join(entry)).unwrap();
    }
    let home = Home::open(layout, ca.doors()).unwrap();
    assert_eq!(home.root().unwrap().certificate(), ca.home.root().unwrap().certificate());
    assert!(!finished.exists());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
fn the_remains_of_a_stopped_init_do_not_hinder_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let layout = Layout::new(directory.path().join("home"));
    let clock = Arc::new(FixedClock::at(NOW));
    let scope = Scope::private(None, &[], Criticality::Critical).unwrap();
    let unfinished = layout.directory().join(".init-unfinished/root");
    fs::create_dir_all(&unfinished).unwrap();
    fs::set_permissions(layout.directory(), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(unfinished.join("root.key.pem"), "half a key").unwrap();
    establish(layout.clone(), &clock, &scope, KeyAlgorithm::P256).unwrap();
    assert!(Home::open(layout, doors(&clock)).is_ok());
    assert!(!unfinished.exists());
}

#[test]
fn a_certificate_is_current_until_a_third_of_its_life_is_left() {
    let ca = TestCa::new();
    let issued = ca.issue(&["192.168.0.1", "hub.local"]).unwrap();
    let label = Label::parse("192.168.0.1").unwrap();
    let current = |names: &[&str]| ca.home.current(&label, &san(names)).unwrap().map(|current| current.serial);
    assert_eq!(current(&["hub.local", "192.168.0.1"]), Some(issued.serial));
    assert_eq!(current(&["hub.local"]), None);
    ca.clock.set(NOW + Duration::days(266));
    assert_eq!(current(&["hub.local", "192.168.0.1"]), None);
    ca.clock.set(NOW);
    fs::remove_file(ca.home.layout().live_link("192.168.0.1")).unwrap();
    assert_eq!(current(&["hub.local", "192.168.0.1"]), None);
}
