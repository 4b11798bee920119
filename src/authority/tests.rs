//! The authority from inside: its serials, and an audit log that shows what was done to it.

use std::{collections::HashSet, sync::Arc};

use time::macros::datetime;

use super::{
    audit_chain::Verdict,
    ca::{Authority, CaCertificate, Doors},
    hierarchy::{Foundation, NewRoot},
    ledger::Ledger,
};
use crate::{
    keys::PrivateKey,
    profile::Scope,
    store::StoreError,
    system::{FixedClock, SystemRandom},
    x509::{KeyAlgorithm, template::Criticality},
};

pub(super) fn authority(directory: &tempfile::TempDir) -> Authority {
    establish(Ledger::create(&directory.path().join("ledger.db")).unwrap())
}

pub(super) fn doors() -> Doors {
    Doors { clock: Arc::new(FixedClock::at(datetime!(2026-11-21 12:00 UTC))), random: Arc::new(SystemRandom) }
}

pub(super) fn establish(ledger: Ledger) -> Authority {
    let key = || PrivateKey::generate(KeyAlgorithm::P256, &SystemRandom).unwrap();
    establish_with(ledger, &key(), &key())
}

pub(super) fn establish_with(ledger: Ledger, root_key: &PrivateKey, issuing_key: &PrivateKey) -> Authority {
    let scope = Scope::private(None, &[], Criticality::Critical).unwrap();
    let root = NewRoot { scope: &scope, root_key, issuing_key };
    let foundation = Foundation { name: "Test", root };
    Authority::establish(ledger, doors(), &foundation).unwrap()
}

#[test]
fn a_further_root_comes_on_the_same_road_and_is_the_newest() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority(&directory);
    let (first, first_issuing) = (authority.root().unwrap().clone(), authority.issuing().unwrap().clone());
    assert!(authority.earlier_roots().is_empty());
    let key = || PrivateKey::generate(KeyAlgorithm::P256, &SystemRandom).unwrap();
    let (root_key, issuing_key) = (key(), key());
    let scope = authority.scope().unwrap();
    let new = NewRoot { scope: &scope, root_key: &root_key, issuing_key: &issuing_key };
    let authority = authority.add_root(&new).unwrap();
    let (second, second_issuing) = (authority.root().unwrap(), authority.issuing().unwrap());
    assert_eq!((second.ordinal(), second_issuing.ordinal()), (2, 2));
    assert_ne!(second.certificate(), first.certificate());
    assert_ne!(second.certificate().tbs().subject(), first.certificate().tbs().subject());
    let certificates =
        |cas: Vec<&CaCertificate>| cas.into_iter().map(|ca| ca.certificate().clone()).collect::<Vec<_>>();
    assert_eq!(certificates(authority.earlier_roots()), [first.certificate().clone()]);
    assert_eq!(certificates(authority.issuing_below(&first)), [first_issuing.certificate().clone()]);
    assert_eq!(certificates(authority.issuing_below(second)), [second_issuing.certificate().clone()]);
    assert!(matches!(authority.verify_audit().unwrap(), Verdict::Whole { entries: 13, .. }));
    // The same keys again: a root's key must not serve twice.
    assert!(authority.add_root(&new).is_err());
}

#[test]
fn a_further_root_that_nobody_issues_below_is_not_handed_out() {
    let directory = tempfile::tempdir().unwrap();
    let key = || PrivateKey::generate(KeyAlgorithm::P256, &SystemRandom).unwrap();
    let (root_key, issuing_key, another) = (key(), key(), key());
    let scope = Scope::private(None, &[], Criticality::Critical).unwrap();
    let root = NewRoot { scope: &scope, root_key: &root_key, issuing_key: &issuing_key };
    let path = directory.path().join("ledger.db");
    let foundation = Foundation { name: "Test", root };
    let authority = Authority::establish(Ledger::create(&path).unwrap(), doors(), &foundation).unwrap();
    let first = authority.root().unwrap().certificate().clone();
    // The root is made, and the issuing CA is refused: its key is a CA's already.
    assert!(authority.add_root(&NewRoot { root_key: &another, ..root }).is_err());
    let authority = Authority::open(Ledger::open(&path).unwrap(), doors()).unwrap();
    assert_eq!(authority.root().unwrap().certificate(), &first);
    assert!(authority.earlier_roots().is_empty());
    let authority = authority.add_root(&NewRoot { scope: &scope, root_key: &key(), issuing_key: &key() }).unwrap();
    assert_eq!(authority.root().unwrap().ordinal(), 3);
    assert_eq!(authority.chain_of(authority.issuing().unwrap()).last(), Some(authority.root().unwrap().certificate()));
}

#[test]
fn a_hundred_thousand_serials_are_different_and_look_random() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority(&directory);
    let count = 100_000;
    let mut seen = HashSet::with_capacity(count);
    let mut bytes = [0_u64; 256];
    let mut ones = 0_u64;
    for _ in 0..count {
        let serial = authority.new_serial().unwrap();
        let octets = serial.as_octets();
        assert_eq!((octets.len(), octets[0]), (17, 1));
        for octet in &octets[1..] {
            bytes[usize::from(*octet)] += 1;
            ones += u64::from(octet.count_ones());
        }
        assert!(seen.insert(serial), "a serial came twice");
    }
    // Half of the bits are ones, within five standard deviations of 12.8 million throws of a coin.
    let half = (count * 16 * 8 / 2) as f64;
    assert!((ones as f64 - half).abs() < 5.0 * (half / 2.0).sqrt(), "{ones} ones");
    // χ² of the 256 byte values: 255 degrees of freedom, standard deviation about 22.6.
    let expected = (count * 16) as f64 / 256.0;
    let chi_squared: f64 = bytes.iter().map(|seen| (*seen as f64 - expected).powi(2) / expected).sum();
    assert!((255.0 - 5.0 * 22.6..255.0 + 5.0 * 22.6).contains(&chi_squared), "χ² is {chi_squared}");
}

#[test]
fn an_audit_log_that_was_edited_cut_or_reordered_says_where() {
    let broken_after = |sql: &str| {
        let directory = tempfile::tempdir().unwrap();
        let authority = authority(&directory);
        assert!(matches!(authority.verify_audit().unwrap(), Verdict::Whole { entries: 7, .. }));
        authority.store().transaction::<_, StoreError>(|transaction| transaction.execute(sql, &[])).unwrap();
        authority.verify_audit().unwrap()
    };
    let edited = "UPDATE audit SET detail = replace(detail, 'root', 'toor') WHERE sequence = 2";
    assert_eq!(broken_after(edited), Verdict::Broken { sequence: 2 });
    assert_eq!(broken_after("UPDATE audit SET at = at + 1 WHERE sequence = 4"), Verdict::Broken { sequence: 4 });
    assert_eq!(broken_after("UPDATE audit SET act = 'issue' WHERE sequence = 1"), Verdict::Broken { sequence: 1 });
    assert_eq!(broken_after("DELETE FROM audit WHERE sequence = 3"), Verdict::Broken { sequence: 3 });
    let swapped = "UPDATE audit SET sequence = CASE sequence WHEN 2 THEN -3 ELSE -2 END WHERE sequence IN (2, 3)";
    assert_eq!(broken_after(swapped), Verdict::Broken { sequence: 2 });
}
