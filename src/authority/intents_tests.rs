//! What a ledger of before the intents knew of its lineages is what it remembers of them.

use time::{Duration, macros::datetime};

use super::{
    ca::Authority,
    intent::{DeploymentOutcome, Destination, FollowIp, Intent, KeyPolicy, OwnAddresses},
    inventory::{Page, Selection},
    label::Label,
    ledger::{Identity, Ledger, MIGRATIONS},
    ledger_error::LedgerError,
    tests::doors,
};
use crate::{
    store::{Store, StoreError},
    system::FileMode,
    x509::{KeyAlgorithm, serial_number::Epoch},
};

/// A ledger of version 4 with a lineage of 90 days, one of 397, and one that ended with its issuer.
fn of_before(directory: &tempfile::TempDir) -> Authority {
    let path = directory.path().join("ledger.db");
    let store = Store::create(&path).unwrap();
    store.migrate(&MIGRATIONS[..4]).unwrap();
    let old = Ledger { store };
    let identity = Identity { name: "Test".to_owned(), epoch: Epoch::FIRST };
    old.establish(&identity, datetime!(2026-11-21 12:00 UTC)).unwrap();
    let issuer = "INSERT INTO issuers (role, ordinal, subject) VALUES ('root', 1, x'3000')";
    let day = 86_400;
    for (label, seconds) in [("short", 90 * day), ("usual", 397 * day), ("cut", 100 * day + 77)] {
        let rows = format!(
            "INSERT INTO certificates (issuer, serial, profile, label, generation, names, not_before, not_after, \
             reserved_at, issued_at) SELECT 1, '{label}', 'server', '{label}', 1, '[]', 1000, {}, 1000, 1000; \
             INSERT INTO lineages (label, names, generation, published) VALUES ('{label}', '[]', 1, 1)",
            1000 + seconds - 1
        );
        let made = old.store.transaction::<_, StoreError>(|transaction| {
            if label == "short" {
                transaction.execute_batch(issuer)?;
            }
            transaction.execute_batch(&rows)
        });
        made.unwrap();
    }
    drop(old);
    Authority::open(Ledger::open(&path).unwrap(), doors()).unwrap()
}

/// Of that ledger the log does not tell enough for an edit by itself.
fn edit(authority: &Authority, label: &Label, intent: &Intent) -> Result<bool, LedgerError> {
    authority.ledger.edit(label, intent, doors().clock.now())
}

#[test]
fn an_older_lineage_is_renewed_as_it_was_made() {
    let directory = tempfile::tempdir().unwrap();
    let authority = of_before(&directory);
    let remembered = |days| Intent {
        profile: "server".to_owned(),
        key: None,
        key_policy: KeyPolicy::New,
        days,
        own: OwnAddresses::default(),
        destination: Destination::default(),
    };
    for (label, days) in [("short", Some(90)), ("usual", None), ("cut", None)] {
        assert_eq!(authority.intent(label).unwrap(), Some(remembered(days)), "{label}");
    }
    assert_eq!(authority.intent("nobody").unwrap(), None);
    assert_eq!(authority.due(None).unwrap(), ["short", "cut", "usual"]);
    assert_eq!(authority.due(Some(Duration::days(30))).unwrap(), ["short", "cut", "usual"]);
    assert_eq!(authority.lineages().unwrap(), ["cut", "short", "usual"]);
}

#[test]
fn what_is_edited_is_remembered_and_stands_in_the_audit_log() {
    let directory = tempfile::tempdir().unwrap();
    let authority = of_before(&directory);
    let destination = Destination {
        server: Some("nginx".to_owned()),
        out: Some("/etc/nginx/tls".to_owned()),
        combined: Some("/etc/haproxy/hub.pem".to_owned()),
        owner: Some("root".to_owned()),
        group: Some("33".to_owned()),
        mode: Some(FileMode::GroupReadOnly),
        hook: Some("systemctl reload nginx".to_owned()),
        hook_limit: Some(90),
        verify: vec!["hub.lan:443".to_owned()],
    };
    let intent = Intent {
        profile: "server".to_owned(),
        key: Some(KeyAlgorithm::P384),
        key_policy: KeyPolicy::Same,
        days: Some(30),
        own: OwnAddresses { had: vec![[10, 0, 0, 5].into()], follow_ip: FollowIp::Follow },
        destination,
    };
    let label = Label::parse("short").unwrap();
    assert!(edit(&authority, &label, &intent).unwrap());
    assert_eq!(authority.intent("short").unwrap(), Some(intent.clone()));
    assert!(!edit(&authority, &Label::parse("nobody").unwrap(), &intent).unwrap());
    let entries = authority.store().read::<_, StoreError>(|transaction| {
        transaction
            .query("SELECT act, detail FROM audit WHERE sequence > 1", &[], |row| Ok((row.text(0)?, row.text(1)?)))
    });
    let [(act, detail)] = &entries.unwrap()[..] else { panic!("one change, one entry") };
    assert_eq!(act, "edit");
    assert!(detail.contains("systemctl reload nginx") && detail.contains("\"0440\""), "{detail}");
    // Nothing was deployed yet, so nothing became of it.
    assert_eq!(authority.deployment("short").unwrap(), None);
    authority.await_deployment("short").unwrap();
    assert_eq!(authority.deployment("short").unwrap().unwrap().outcome, DeploymentOutcome::Pending);
    assert_eq!(authority.unfinished_deployments().unwrap().len(), 1);
    let nowhere = Intent { destination: Destination::default(), ..intent };
    assert!(edit(&authority, &label, &nowhere).unwrap());
    assert_eq!(authority.intent("short").unwrap(), Some(nowhere));
    assert!(authority.unfinished_deployments().unwrap().is_empty());
}

#[test]
fn lineages_are_found_by_the_server_that_they_are_for() {
    let directory = tempfile::tempdir().unwrap();
    let authority = of_before(&directory);
    let intent = authority.intent("short").unwrap().unwrap();
    for (label, server) in [("usual", "jupyterhub"), ("short", "jupyterhub"), ("cut", "nginx")] {
        let destination = Destination { server: Some(server.to_owned()), ..Destination::default() };
        let intent = Intent { destination, ..intent.clone() };
        assert!(edit(&authority, &Label::parse(label).unwrap(), &intent).unwrap());
    }
    let found = |server, limit| {
        let found = authority.select(Selection::For { server }, Page { limit, before: None }).unwrap();
        found.into_iter().filter_map(|record| record.label).collect::<Vec<_>>()
    };
    assert_eq!(found("jupyterhub", 9), ["short", "usual"]);
    assert_eq!(found("jupyterhub", 1), ["short"]);
    assert_eq!(found("nginx", 9), ["cut"]);
    assert!(found("caddy", 9).is_empty());
}

#[test]
fn what_an_older_program_dated_ahead_when_it_was_revoked_is_due_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ledger.db");
    let store = Store::create(&path).unwrap();
    store.migrate(&MIGRATIONS[..7]).unwrap();
    let old = Ledger { store };
    let now = datetime!(2026-11-21 12:00 UTC);
    old.establish(&Identity { name: "Test".to_owned(), epoch: Epoch::FIRST }, now).unwrap();
    let ahead = (now + Duration::days(800)).unix_timestamp();
    // The certificate of the second issuer was revoked; and those of one label by the first, of another for good.
    let mut rows =
        "INSERT INTO issuers (id, role, ordinal, subject, certificate) VALUES (1, 'issuing', 1, x'3000', x'01'), \
                    (2, 'issuing', 2, x'3000', x'02');"
            .to_owned();
    for (label, issuer, revoked, due) in [
        ("ca", 1, true, None),
        ("revoked", 1, true, Some(ahead)),
        ("gone", 1, true, None),
        ("good", 1, false, Some(ahead)),
        ("below", 2, false, Some(ahead)),
    ] {
        let number = |number: Option<i64>| number.map_or("NULL".to_owned(), |number| number.to_string());
        let (revoked, due) = (number(revoked.then_some(ahead)), number(due));
        rows += &format!(
            "INSERT INTO certificates (issuer, serial, profile, label, generation, names, not_before, not_after, \
             certificate, reserved_at, issued_at, revoked_at) VALUES ({issuer}, '{label}', 'server', '{label}', 1, '[]', \
             1000, {ahead}, x'02', 1000, 1000, {revoked}); INSERT INTO lineages (label, names, generation, published, \
             due_at) VALUES ('{label}', '[]', 1, 1, {due});"
        );
    }
    old.store.transaction::<_, StoreError>(|transaction| transaction.execute_batch(&rows)).unwrap();
    drop(old);
    let ledger = Ledger::open(&path).unwrap();
    let due = "SELECT label FROM lineages WHERE due_at <= 0 ORDER BY label";
    let due: Vec<String> = ledger.store.read::<_, StoreError>(|it| it.query(due, &[], |row| row.text(0))).unwrap();
    assert_eq!(due, ["below", "revoked"]);
}
