//! What the ledger says and neither the log nor a certificate tells: nothing is signed, copied, run or said by it.

use super::{
    crl::CrlFiles,
    deployment::LiveFiles,
    error::HomeError,
    order::Order,
    test_ca::{NoPassphrase, TestCa, order, server},
};
use crate::{
    authority::{CrlError, Destination, IssueError, Label, LedgerError, Lifetime, Page, Selection},
    store::StoreError,
    x509::{
        CertificateList, RevocationReason,
        ocsp::{CertId, IdHash, OcspRequest},
    },
};

/// A home with a label of two generations that is brought somewhere, and one certificate that is revoked and listed.
fn used() -> TestCa {
    let ca = TestCa::new();
    let profile = server();
    let destination = Destination { out: Some("/srv/tls".to_owned()), ..Destination::default() };
    for _ in 0..2 {
        let hub = Order { destination: Some(destination.clone()), ..order(&profile, &["hub.lan"]) };
        ca.home.issue(&ca.issuer(), hub).unwrap();
    }
    ca.issue(&["gone.lan"]).unwrap();
    ca.issue(&["good.lan"]).unwrap();
    revoke(&ca, "gone.lan");
    publish(&ca).unwrap();
    ca
}

fn revoke(ca: &TestCa, label: &str) {
    revoke_for(ca, label, RevocationReason::KeyCompromise);
}

fn revoke_for(ca: &TestCa, label: &str, reason: RevocationReason) {
    let authority = ca.home.authority();
    let record = authority.by_label(label, 1).unwrap().pop().unwrap();
    authority.revoke(&record, reason).unwrap();
}

fn publish(ca: &TestCa) -> Result<(), HomeError> {
    ca.home.publish_crl(ca.home.issuing()?, &NoPassphrase).map(|_| ())
}

fn change(ca: &TestCa, text: &str) {
    let changed = ca.home.authority().store().transaction::<_, StoreError>(|rows| rows.execute(text, &[]));
    assert!(changed.unwrap() > 0, "{text}");
}

/// That it is refused, with nothing written down.
fn is_refused(ca: &TestCa, changed: &str, act: impl FnOnce(&TestCa) -> Result<(), HomeError>) {
    let state = || {
        let text = "SELECT (SELECT MAX(sequence) FROM audit), (SELECT COUNT(*) FROM certificates), (SELECT COUNT(*) FROM crls)";
        let read = |row: &crate::store::Row<'_>| Ok((row.integer(0)?, row.integer(1)?, row.integer(2)?));
        ca.home.authority().store().read::<_, StoreError>(|rows| rows.query_row(text, &[], read)).unwrap()
    };
    let before = state();
    let refused = act(ca).err().unwrap_or_else(|| panic!("nobody minds: {changed}"));
    let (HomeError::Ledger(error)
    | HomeError::Issue(IssueError::Ledger(error))
    | HomeError::Crl(CrlError::Ledger(error))) = &refused
    else {
        panic!("{changed}: {refused:?}")
    };
    assert!(matches!(error, LedgerError::Changed { .. } | LedgerError::RevocationLost { .. }), "{changed}: {error:?}");
    assert_eq!(state(), before, "{changed}");
}

fn issue(ca: &TestCa, name: &str) -> Result<(), HomeError> {
    ca.issue(&[name]).map(|_| ())
}

#[test]
fn nothing_is_issued_by_a_row_that_is_not_as_it_was_written() {
    for text in [
        "UPDATE lineages SET profile = 'client' WHERE label = 'hub.lan'",
        "UPDATE lineages SET days = 512 WHERE label = 'hub.lan'",
        "UPDATE lineages SET key_policy = 'same' WHERE label = 'hub.lan'",
        "UPDATE lineages SET generation = 1 WHERE label = 'hub.lan'",
        "UPDATE certificates SET profile = 'client' WHERE label = 'hub.lan'",
        "UPDATE certificates SET names = replace(names, 'hub', 'hum') WHERE label = 'hub.lan'",
        "UPDATE certificates SET not_after = not_after + 1 WHERE label = 'hub.lan'",
        "UPDATE deployments SET hook = 'touch /tmp/x' WHERE label = 'hub.lan'",
        "UPDATE deployments SET out = '/srv/other' WHERE label = 'hub.lan'",
        "DELETE FROM deployments WHERE label = 'hub.lan'",
        "UPDATE audit SET detail = replace(detail, 'hub.lan', 'hum.lan') WHERE detail LIKE '%\"hub.lan\"%'",
    ] {
        let ca = used();
        change(&ca, text);
        is_refused(&ca, text, |ca| issue(ca, "hub.lan"));
        let label = Label::parse("hub.lan").unwrap();
        // Unless it is gone altogether, an edit would write the change into the log.
        if let Some(intent) = ca.home.authority().intent("hub.lan").unwrap() {
            is_refused(&ca, text, |ca| Ok(ca.home.authority().edit(&label, &intent).map(|_| ())?));
        }
        issue(&ca, "new.lan").unwrap();
    }
    // Both rows and the entry: the entry does not follow from the one before it.
    let ca = used();
    change(&ca, "UPDATE lineages SET days = 9 WHERE label = 'good.lan'");
    change(
        &ca,
        "UPDATE audit SET detail = replace(detail, '\"days\":null', '\"days\":9') WHERE detail LIKE '%\"good.lan\"%' AND act = 'issue'",
    );
    is_refused(&ca, "a row and its entry", |ca| issue(ca, "good.lan"));
    change(&ca, "DELETE FROM lineages WHERE label = 'gone.lan'");
    is_refused(&ca, "a row that is gone", |ca| issue(ca, "gone.lan"));
    issue(&ca, "hub.lan").unwrap();
}

#[test]
fn a_ca_that_is_not_as_it_was_written_signs_nothing() {
    for text in [
        "UPDATE authority SET serial_epoch = 9",
        "UPDATE authority SET name = 'Other'",
        "UPDATE issuers SET role = 'root', ordinal = 7 WHERE role = 'issuing'",
        "UPDATE issuers SET signed_by = NULL WHERE role = 'issuing'",
        "UPDATE issuers SET crl_floor = 7 WHERE role = 'issuing'",
        "UPDATE issuers SET certificate = (SELECT certificate FROM issuers WHERE role = 'root') WHERE role = 'issuing'",
        "UPDATE audit SET detail = replace(detail, 'issuing', 'root') WHERE act = 'add-issuer'",
        "DELETE FROM audit WHERE act = 'establish'",
    ] {
        let ca = used();
        change(&ca, text);
        is_refused(&ca, text, |ca| issue(ca, "new.lan"));
        is_refused(&ca, text, publish);
    }
}

const GOOD_AGAIN: &str =
    "UPDATE certificates SET revoked_at = NULL, revocation_reason = NULL, listed_until = NULL WHERE label = 'gone.lan'";

#[test]
fn no_list_forgets_what_was_revoked_or_tells_it_otherwise() {
    let without_bytes = "UPDATE crls SET crl = NULL WHERE crl IS NOT NULL";
    let without_list = "UPDATE crls SET crl = NULL, signed_at = NULL";
    for texts in [
        &[GOOD_AGAIN][..],
        &[without_bytes],
        &[without_list, GOOD_AGAIN],
        &["DELETE FROM crls", GOOD_AGAIN],
        &["DELETE FROM certificates WHERE label = 'gone.lan'"],
        &["UPDATE certificates SET revocation_reason = 'superseded' WHERE label = 'gone.lan'"],
        &["UPDATE certificates SET revoked_at = revoked_at - 9 WHERE label = 'gone.lan'"],
        // As if it had ended.
        &["UPDATE certificates SET revoked_at = 7, not_after = 9, listed_until = 9 WHERE label = 'gone.lan'"],
        // Nobody has revoked it.
        &["UPDATE certificates SET revoked_at = 1, revocation_reason = 'keyCompromise', listed_until = not_after \
           WHERE label = 'hub.lan'"],
        // The entry that tells of it.
        &[
            "UPDATE audit SET at = at + 1 WHERE act = 'revoke' AND sequence > (SELECT MIN(sequence) FROM audit WHERE act = 'revoke')",
        ],
    ] {
        let ca = used();
        // One that was revoked since hides none that is lost.
        revoke(&ca, "good.lan");
        ca.issue(&["more.lan"]).unwrap();
        texts.iter().for_each(|text| change(&ca, text));
        is_refused(&ca, &texts.concat(), publish);
    }
    // What was revoked since the newest list, as well.
    for text in [
        GOOD_AGAIN.replace("gone", "good"),
        "UPDATE certificates SET revocation_reason = 'superseded' WHERE label = 'good.lan'".to_owned(),
        "UPDATE certificates SET revoked_at = revoked_at - 9 WHERE label = 'good.lan'".to_owned(),
    ] {
        let ca = used();
        revoke(&ca, "good.lan");
        change(&ca, &text);
        is_refused(&ca, &text, publish);
    }
}

#[test]
fn lists_go_on_as_certificates_end_and_are_revoked_for_worse_or_late() {
    let ca = used();
    let lists = |ca: &TestCa, expected: usize| {
        publish(ca).unwrap();
        let file = CrlFiles::of(ca.home.layout(), ca.home.issuing().unwrap()).der;
        assert_eq!(CertificateList::from_der(&std::fs::read(file).unwrap()).unwrap().tbs().revoked().len(), expected);
    };
    let after = |days| ca.clock.set(super::test_ca::NOW + time::Duration::days(days));
    lists(&ca, 1);
    revoke_for(&ca, "good.lan", RevocationReason::Superseded);
    lists(&ca, 2);
    revoke(&ca, "good.lan");
    lists(&ca, 2);
    ca.issue_for(&["short.lan"], Lifetime::Days(2)).unwrap();
    revoke_for(&ca, "short.lan", RevocationReason::Superseded);
    lists(&ca, 3);
    after(3);
    // RFC 5280 3.3: once after the end as well.
    lists(&ca, 3);
    lists(&ca, 2);
    // What is over and in no list any more turns out to have been in wrong hands.
    revoke(&ca, "short.lan");
    lists(&ca, 2);
    ca.issue_for(&["late.lan"], Lifetime::Days(2)).unwrap();
    lists(&ca, 2);
    after(9);
    lists(&ca, 2);
    revoke(&ca, "late.lan");
    lists(&ca, 3);
    after(398);
    lists(&ca, 3);
    lists(&ca, 0);
    // A clock that was ahead by as much, and is right again.
    after(10);
    ca.home.authority().accept_clock().unwrap();
    lists(&ca, 3);
    lists(&ca, 2);
    assert!(ca.home.examine(None, &mut |_| ()).unwrap().flaws.is_empty());
}

#[test]
fn no_answer_tells_a_revocation_otherwise_than_the_log() {
    let ca = used();
    let home = &ca.home;
    let responder = home.responder(home.issuing().unwrap(), &NoPassphrase).unwrap().responder;
    let issuing = home.issuing().unwrap().certificate();
    let serial = home.authority().by_label("gone.lan", 1).unwrap().pop().unwrap().serial;
    let id = || CertId::new(IdHash::Sha1, issuing, &serial.parse().unwrap()).unwrap();
    let answer = || home.authority().answer(&responder, &OcspRequest::new(vec![id()], None));
    for text in [
        "UPDATE certificates SET revocation_reason = 'superseded' WHERE label = 'gone.lan'",
        "UPDATE certificates SET revocation_reason = 'keyCompromise', revoked_at = revoked_at - 1 WHERE label = 'gone.lan'",
        GOOD_AGAIN,
    ] {
        answer().unwrap();
        change(&ca, text);
        let refused = answer().unwrap_err().to_string();
        assert!(refused.contains(&serial), "{refused}");
        change(
            &ca,
            "UPDATE certificates SET revocation_reason = 'keyCompromise', revoked_at = reserved_at, listed_until = not_after \
             WHERE label = 'gone.lan'",
        );
    }
}

#[test]
fn what_is_known_since_a_restore_keeps_nobody_from_signing() {
    let ca = used();
    change(&ca, "UPDATE certificates SET not_after = not_after + 1 WHERE label = 'hub.lan'");
    is_refused(&ca, "not known", |ca| issue(ca, "hub.lan"));
    let examined = ca.home.authority().examine(None, &mut |_| ()).unwrap();
    assert!(!examined.flaws.is_empty());
    ca.home.authority().note_known_flaws(&examined, "").unwrap();
    issue(&ca, "hub.lan").unwrap();
    let newest = ca.home.authority().select(Selection::Issued, Page { limit: 1, before: None }).unwrap().pop().unwrap();
    assert_eq!(newest.label.as_deref(), Some("hub.lan"));
    assert!(LiveFiles::of(ca.home.layout(), "hub.lan").cert.exists());
}
