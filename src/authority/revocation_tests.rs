//! Revocation in the ledger: once, for good, and known to the issuer it concerns.

use std::sync::Arc;

use time::{Duration, macros::datetime};

use super::{
    audit_chain::Verdict,
    ca::{Authority, Doors},
    inventory::{Page, Selection},
    ledger::{Ledger, MIGRATIONS},
    ledger_error::LedgerError,
    record::{CertificateRecord, Status},
    revocation::{RevokeError, Revoked},
    standing::{Revocation, Standing},
    tests::{authority, doors, establish},
};
use crate::{
    store::Store,
    system::FixedClock,
    x509::{RevocationReason, SerialNumber},
};

/// The issuing CA's row, then the root's.
fn rows(authority: &Authority) -> (CertificateRecord, CertificateRecord) {
    let mut rows = authority.select(Selection::All, Page { limit: 2, before: None }).unwrap().into_iter();
    (rows.next().unwrap(), rows.next().unwrap())
}

fn serial(record: &CertificateRecord) -> SerialNumber {
    record.serial.parse().unwrap()
}

#[test]
fn what_is_revoked_once_is_revoked_for_good_and_only_a_stolen_key_is_news() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority(&directory);
    let (issuing, _) = rows(&authority);
    let first = authority.revoke(&issuing, RevocationReason::Superseded).unwrap();
    let at = datetime!(2026-11-21 12:00 UTC);
    assert_eq!(first, Revoked::Now(Revocation { at, reason: RevocationReason::Superseded }));
    let again = authority.revoke(&issuing, RevocationReason::CessationOfOperation).unwrap();
    assert_eq!(again, Revoked::Already(Revocation { at, reason: RevocationReason::Superseded }));
    let stolen = Revocation { at, reason: RevocationReason::KeyCompromise };
    let worse = authority.revoke(&issuing, RevocationReason::KeyCompromise).unwrap();
    assert_eq!(worse, Revoked::ForWorse { was: RevocationReason::Superseded, now: stolen });
    assert_eq!(authority.revoke(&issuing, RevocationReason::CaCompromise).unwrap(), Revoked::Already(stolen));
    assert_eq!(rows(&authority).0.status(at), Status::Revoked);
    // Two of the four changed something, and only they are in the log.
    assert!(matches!(authority.verify_audit().unwrap(), Verdict::Whole { entries: 9, .. }));
}

#[test]
fn an_issuer_knows_its_own_serial_numbers_only() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority(&directory);
    let (issuing, root) = rows(&authority);
    let (by_root, by_issuing) = (authority.root().unwrap().id(), authority.issuing().unwrap().id());
    assert_eq!(authority.standing(by_root, &serial(&issuing)).unwrap(), Some(Standing::Good));
    assert_eq!(authority.standing(by_issuing, &serial(&issuing)).unwrap(), None);
    assert_eq!(authority.standing(by_root, &SerialNumber::from_octets(&[1, 2, 3]).unwrap()).unwrap(), None);
    authority.revoke(&issuing, RevocationReason::Superseded).unwrap();
    assert!(matches!(
        authority.standing(by_root, &serial(&issuing)).unwrap(),
        Some(Standing::Revoked(Revocation { reason: RevocationReason::Superseded, .. }))
    ));
    // What was reserved and never handed out is nothing that anybody knows of.
    authority
        .store()
        .transaction::<_, LedgerError>(|transaction| {
            Ok(transaction.execute("UPDATE certificates SET issued_at = NULL WHERE id = $1", &[root.place.into()])?)
        })
        .unwrap();
    assert_eq!(authority.standing(by_root, &serial(&root)).unwrap(), None);
}

#[test]
fn a_root_is_not_revoked_and_a_clock_that_went_back_holds_up_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority(&directory);
    let (_, root) = rows(&authority);
    let refused = authority.revoke(&root, RevocationReason::KeyCompromise).unwrap_err();
    assert!(matches!(refused, RevokeError::Root(_)), "{refused}");
    drop(authority);
    let earlier = Arc::new(FixedClock::at(datetime!(2026-11-21 12:00 UTC) - Duration::hours(1)));
    let ledger = Ledger::open(&directory.path().join("ledger.db")).unwrap();
    let authority = Authority::open(ledger, Doors { clock: earlier, ..doors() }).unwrap();
    let newest = authority.newest_entry_at().unwrap();
    let revoked = authority.revoke(&rows(&authority).0, RevocationReason::Superseded).unwrap();
    let at = datetime!(2026-11-21 11:00 UTC);
    assert_eq!(revoked, Revoked::Now(Revocation { at, reason: RevocationReason::Superseded }));
    assert_eq!(authority.newest_entry_at().unwrap(), newest, "the times of the log do not go back");
    assert!(matches!(authority.verify_audit().unwrap(), Verdict::Whole { entries: 8, .. }));
    let behind = authority.clock_behind().unwrap().unwrap();
    assert_eq!((behind.now, Some(behind.newest)), (at, newest));
}

#[test]
fn a_new_revocation_puts_the_crl_of_its_issuer_behind_and_no_other() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority(&directory);
    let behind = || authority.crl_state().unwrap().iter().map(|state| state.is_behind()).collect::<Vec<_>>();
    assert_eq!(behind(), [false, false]);
    authority.revoke(&rows(&authority).0, RevocationReason::Superseded).unwrap();
    assert_eq!(behind(), [true, false]);
}

#[test]
fn a_ledger_of_before_the_crls_takes_them_when_it_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.db");
    let store = Store::create(&path).unwrap();
    store.migrate(&MIGRATIONS[..2]).unwrap();
    let old = Ledger { store };
    old.establish(
        &super::ledger::Identity { name: "Test".to_owned(), epoch: crate::x509::serial_number::Epoch::FIRST },
        datetime!(2026-11-21 12:00 UTC),
    )
    .unwrap();
    drop(old);
    let ledger = Ledger::open(&path).unwrap();
    assert!(Authority::open(ledger, doors()).unwrap().crl_state().unwrap().is_empty());
    let whole = tempfile::tempdir().unwrap();
    let authority = establish(Ledger::create(&whole.path().join("ledger.db")).unwrap());
    assert!(authority.crl_state().unwrap().iter().all(|state| state.newest.is_none() && !state.is_behind()));
}
