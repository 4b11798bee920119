//! The onboarding page's certificates: recorded like all others, on no disk, and one for each root that can be asked about.

use std::{fs, path::Path};

use time::Duration;

use super::*;
use crate::{
    authority::{Authority, Ledger, NewRoot, Page, Selection, Verdict},
    home::test_ca::{NOW, NoPassphrase, TestCa, san},
    keys::Protection,
    system::{FileMode, SystemRandom, files},
    x509::pem,
};

const EVERYTHING: Page = Page { limit: u32::MAX, before: None };

fn files_below(directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path.display().to_string()) }
    }
    found.sort();
    found
}

#[test]
fn a_certificate_in_memory_is_in_the_ledger_and_in_no_list_and_on_no_disk() {
    let ca = TestCa::new();
    let files = files_below(ca.home.layout().directory());
    let names = san(&["192.168.0.1", "hub.local"]);
    let issuers = ca.home.page_issuers(&names, &NoPassphrase).unwrap();
    assert!(issuers.earlier.is_empty() && issuers.left_out.is_empty());
    let made = ca.home.issue_in_memory(&issuers.current, &names).unwrap();
    assert_eq!(files_below(ca.home.layout().directory()), files);
    let validity = made.certificate().unwrap().tbs().validity();
    assert_eq!(validity.not_after(), NOW + Duration::hours(23) - Duration::seconds(1));
    assert_eq!((made.chain.len(), made.sent().count()), (3, 2));
    assert_eq!(made.root(), Some(ca.home.root().unwrap().certificate()));
    let authority = ca.home.authority();
    assert!(authority.select(Selection::Issued, EVERYTHING).unwrap().is_empty());
    assert!(authority.select(Selection::Expiring { days: 30 }, EVERYTHING).unwrap().is_empty());
    let all = authority.select(Selection::All, EVERYTHING).unwrap();
    assert_eq!((all.len(), all[0].label.as_deref(), all[0].generation), (3, Some("hubca-share"), None));
    assert!(matches!(authority.verify_audit().unwrap(), Verdict::Whole { entries: 13, .. }));
    // The next page takes the label again, whatever its names.
    ca.home.issue_in_memory(&issuers.current, &san(&["10.0.0.1"])).unwrap();
}

#[test]
fn an_address_outside_the_scope_is_refused_before_anything_is_issued() {
    let ca = TestCa::new();
    assert!(ca.home.page_issuers(&san(&["8.8.8.8"]), &NoPassphrase).is_err());
    assert!(ca.home.issue_in_memory(&ca.issuer(), &san(&["192.168.0.1", "hub.example.com"])).is_err());
    assert_eq!(ca.home.authority().select(Selection::All, EVERYTHING).unwrap().len(), 2);
}

/// The same home after a change of root: what a command for it will do, by hand.
fn with_further_root(ca: &TestCa) -> Home {
    let layout = ca.home.layout().clone();
    let authority = Authority::open(Ledger::open(&layout.ledger()).unwrap(), ca.doors()).unwrap();
    let key = || PrivateKey::generate(KeyAlgorithm::P256, &SystemRandom).unwrap();
    let (root_key, issuing_key, scope) = (key(), key(), authority.scope().unwrap());
    let authority =
        authority.add_root(&NewRoot { scope: &scope, root_key: &root_key, issuing_key: &issuing_key }).unwrap();
    fs::create_dir(layout.issuing().join("2")).unwrap();
    let file = KeyFile::new(layout.issuing_key(2), KeyPurpose::Issuing);
    file.write_new(&issuing_key, Protection::FileMode, &SystemRandom).unwrap();
    let root = pem::encode(pem::CERTIFICATE, authority.root().unwrap().certificate().as_der());
    fs::create_dir(layout.root_of(2)).unwrap();
    files::write_new(&layout.root_certificate(2), root.as_bytes(), FileMode::Secret).unwrap();
    drop(authority);
    Home::open(layout, ca.doors()).unwrap()
}

#[test]
fn an_earlier_root_is_asked_about_where_its_issuing_key_is_still_here() {
    let ca = TestCa::new();
    let home = with_further_root(&ca);
    let names = san(&["192.168.0.1"]);
    let issuers = home.page_issuers(&names, &NoPassphrase).unwrap();
    let [earlier] = issuers.earlier.as_slice() else { panic!("{}", issuers.earlier.len()) };
    let made = home.issue_in_memory(earlier, &names).unwrap();
    assert_eq!(made.root(), Some(ca.home.root().unwrap().certificate()));
    assert_eq!(made.sent().count(), 2);
    let now = home.issue_in_memory(&issuers.current, &names).unwrap();
    assert_eq!(now.root(), Some(home.root().unwrap().certificate()));
}

#[test]
fn an_earlier_root_without_a_key_or_past_its_end_is_left_out() {
    let ca = TestCa::new();
    ca.clock.set(NOW + Duration::days(4 * 365));
    let home = with_further_root(&ca);
    let names = san(&["192.168.0.1"]);
    let reason = || {
        let issuers = home.page_issuers(&names, &NoPassphrase).unwrap();
        assert!(issuers.earlier.is_empty());
        issuers.left_out.into_iter().map(|left_out| left_out.reason).next().unwrap()
    };
    let (key, elsewhere) = (home.layout().issuing_key(1), home.layout().directory().join("elsewhere"));
    fs::rename(&key, &elsewhere).unwrap();
    assert!(matches!(reason(), HomeError::NoIssuingKey { path } if path == key));
    fs::copy(home.layout().issuing_key(2), &key).unwrap();
    assert!(matches!(reason(), HomeError::Issuer(_)), "another CA's key");
    fs::rename(&elsewhere, &key).unwrap();
    assert_eq!(home.page_issuers(&names, &NoPassphrase).unwrap().earlier.len(), 1);
    ca.clock.set(NOW + Duration::days(5 * 365 + 2));
    assert!(matches!(reason(), HomeError::Issue(_)), "the earlier CA has ended");
}
