//! The device ledger: first times are kept with their audit entries, and a ledger of before it takes them as well.

use std::{path::Path, sync::Arc};

use time::macros::datetime;

use super::*;
use crate::{
    authority::{
        audit_chain::Verdict,
        ca::Doors,
        ledger::MIGRATIONS,
        tests::{authority, doors},
    },
    store::Store,
    system::FixedClock,
};

const EVERYTHING: Page = Page { limit: u32::MAX, before: None };

fn arrival(word: &[u8]) -> Arrival {
    Arrival {
        key: DeviceKey::of(word),
        address: "192.168.0.23".to_owned(),
        platform: "ios".to_owned(),
        user_agent: "Mozilla/5.0 (iPad)\u{1b}[31m".to_owned(),
    }
}

fn acts(authority: &Authority) -> Vec<String> {
    let acts = authority.store().read::<_, StoreError>(|transaction| {
        transaction.query("SELECT act FROM audit WHERE sequence > 7 ORDER BY sequence", &[], |row| row.text(0))
    });
    acts.unwrap()
}

#[test]
fn each_first_time_is_kept_with_its_entry_and_no_second_one() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority(&directory);
    let root = authority.root().unwrap().certificate().clone();
    let key = arrival(b"one").key;
    for _ in 0..3 {
        authority.device_fetched(&key, &root).unwrap();
        authority.device_trusts(&key, &root).unwrap();
        authority.name_device(&key, "nobody yet").unwrap();
    }
    assert_eq!(acts(&authority), [] as [&str; 0], "a device that never came has nothing to tell");
    let met = authority.meet_device(&arrival(b"one")).unwrap();
    assert_eq!((met.name.as_deref(), met.user_agent.as_str()), (None, "Mozilla/5.0 (iPad)[31m"));
    for _ in 0..3 {
        authority.device_fetched(&key, &root).unwrap();
        authority.device_trusts(&key, &root).unwrap();
        authority.name_device(&key, "  Anna's\u{202e} iPad\n").unwrap();
    }
    authority.meet_device(&arrival(b"two")).unwrap();
    assert_eq!(acts(&authority), ["meet-device", "fetch-root", "prove-trust", "name-device", "meet-device"]);
    let devices = authority.devices(EVERYTHING).unwrap();
    let [second, first] = devices.as_slice() else { panic!("{devices:?}") };
    assert_eq!((second.name.as_deref(), second.roots.len()), (None, 0));
    assert_eq!(first.name.as_deref(), Some("Anna's iPad"));
    let now = datetime!(2026-11-21 12:00 UTC);
    let about = DeviceRoot { sha256: root.fingerprint(), fetched_at: Some(now), trusted_at: Some(now) };
    assert_eq!(first.roots, [about]);
    authority.name_device(&key, " ").unwrap();
    assert_eq!(authority.devices(Page { limit: 1, before: Some(second.place) }).unwrap()[0].name, None);
    assert!(matches!(authority.verify_audit().unwrap(), Verdict::Whole { entries: 13, .. }));
}

#[test]
fn a_device_that_comes_again_is_the_same_one() {
    let directory = tempfile::tempdir().unwrap();
    let authority = authority(&directory);
    authority.meet_device(&arrival(b"one")).unwrap();
    authority.name_device(&arrival(b"one").key, "Anna's iPad").unwrap();
    drop(authority);
    let later = datetime!(2027-01-02 03:04:05 UTC);
    let ledger = Ledger::open(&directory.path().join("ledger.db")).unwrap();
    let authority = Authority::open(ledger, Doors { clock: Arc::new(FixedClock::at(later)), ..doors() }).unwrap();
    assert_eq!(authority.known_devices(10).unwrap(), [arrival(b"one").key]);
    let again = authority.meet_device(&Arrival { address: "fd00::5".to_owned(), ..arrival(b"one") }).unwrap();
    assert_eq!((again.place, again.name.as_deref(), again.address.as_str()), (1, Some("Anna's iPad"), "fd00::5"));
    assert_eq!((again.first_seen, again.last_seen), (datetime!(2026-11-21 12:00 UTC), later));
}

#[test]
fn a_ledger_of_before_the_devices_takes_them_when_it_is_opened() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("old.db");
    let root = authority(&directory).root().unwrap().certificate().clone();
    let store = Store::create(&path).unwrap();
    store.migrate(&MIGRATIONS[..1]).unwrap();
    drop(store);
    take_over(&path, &directory.path().join("ledger.db"));
    let authority = Authority::open(Ledger::open(&path).unwrap(), doors()).unwrap();
    assert_eq!(authority.root().unwrap().certificate(), &root);
    assert!(authority.devices(EVERYTHING).unwrap().is_empty());
    authority.meet_device(&arrival(b"one")).unwrap();
    authority.device_trusts(&arrival(b"one").key, &root).unwrap();
    assert_eq!(authority.devices(EVERYTHING).unwrap()[0].roots[0].fetched_at, None);
    assert!(matches!(authority.verify_audit().unwrap(), Verdict::Whole { entries: 9, .. }));
}

/// Fills an older ledger with what a newer one has in the same columns.
fn take_over(older: &Path, newer: &Path) {
    let ledger = rusqlite::Connection::open(older).unwrap();
    ledger.execute("ATTACH DATABASE $1 AS newer", [newer.to_str().unwrap()]).unwrap();
    for table in ["authority", "issuers", "certificates", "audit"] {
        let columns: String = ledger
            .query_row("SELECT group_concat(name) FROM pragma_table_info($1, 'main')", [table], |row| row.get(0))
            .unwrap();
        let copied = format!("INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}");
        ledger.execute(&copied, []).unwrap();
    }
}
