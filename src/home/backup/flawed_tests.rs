//! Restoring what is not as it was written: only where that is wanted, with every flaw told, and so that nothing wrong is signed.

use std::fs;

use super::{
    error::BackupError,
    restoring::{Restored, Tolerance},
    tests::{used, wish, word},
    wish::Keys,
};
use crate::{
    authority::{
        Act, Arrival, AuditSelection, CrlError, Destination, DeviceKey, ExportedLog, Flaw, FlawKind, FollowIp, Label,
        Page,
    },
    home::{
        layout::Layout,
        opened::Home,
        test_ca::{NoPassphrase, TestCa, order, server},
    },
    store::StoreError,
    system::{FileMode, files},
    x509::{CertificateList, CrlNumber},
};

fn change(home: &Home, text: &str) {
    let changed = home.authority().store().transaction::<_, StoreError>(|rows| rows.execute(text, &[]));
    assert!(changed.unwrap() > 0, "{text}");
}

/// Backs up a home, and restores it beside the backup.
fn again(home: &Home, tolerance: Tolerance) -> (tempfile::TempDir, Result<Restored, BackupError>) {
    let place = tempfile::tempdir().unwrap();
    let (path, passphrase) = (place.path().join("b.tar.age"), word("open sesame"));
    home.back_up(&path, wish(&passphrase, Keys::Take), &mut |_| ()).unwrap();
    let layout = Layout::new(place.path().join("restored"));
    let restored = Home::restore(&layout, &path, &passphrase, tolerance, home.authority().doors(), &mut |_| ());
    (place, restored)
}

/// The serial numbers in the next list of the issuing CA.
fn listed(home: &Home) -> Vec<String> {
    let published = home.publish_crl(home.issuing().unwrap(), &NoPassphrase).unwrap();
    let list = CertificateList::from_der(&fs::read(published.files.der).unwrap()).unwrap();
    list.tbs().revoked().map(|entry| entry.serial_digits()).collect()
}

#[test]
fn with_its_flaws_a_home_goes_on_and_what_was_revoked_stays_so() {
    const UNREVOKED: &str = "UPDATE certificates SET revoked_at = NULL WHERE label = 'nas.lan'";
    const UNTOLD: &str = "UPDATE audit SET detail = '{}' WHERE act = 'revoke'";
    const LOST: &str = "DELETE FROM certificates WHERE label = 'nas.lan'";
    for (texts, revocations, labels) in [
        (&["DELETE FROM audit WHERE sequence = 8"][..], 0, 0),
        (&["UPDATE audit SET detail = '{}' WHERE sequence = (SELECT MAX(sequence) FROM audit)"], 0, 0),
        (&["UPDATE certificates SET not_after = not_after + 1 WHERE label = 'hub.lan'"], 0, 0),
        (&[UNREVOKED], 1, 0),
        (&[UNREVOKED, UNTOLD], 1, 0),
        (&["UPDATE certificates SET listed_until = NULL WHERE label = 'nas.lan'"], 1, 0),
        (&["UPDATE certificates SET listed_until = 1 WHERE label = 'nas.lan'"], 1, 0),
        (&[UNREVOKED, "UPDATE certificates SET listed_until = NULL", "DELETE FROM crls"], 1, 0),
        (&[LOST], 1, 1),
        (&[LOST, UNTOLD], 1, 1),
        (&["UPDATE lineages SET names = '[{\"dns\":\"bank.lan\"}]' WHERE label = 'hub.lan'"], 0, 1),
        (&["UPDATE lineages SET generation = 7 WHERE label = 'hub.lan'"], 0, 1),
    ] {
        let (ca, _) = used();
        let nas = ca.home.authority().by_label("nas.lan", 1).unwrap().pop().unwrap().serial;
        texts.iter().for_each(|text| change(&ca.home, text));
        let (_place, refused) = again(&ca.home, Tolerance::Nothing);
        match refused {
            Err(BackupError::Unsound { source, .. }) => assert!(source.is_bearable(), "{texts:?}: {source}"),
            other => panic!("{texts:?}: {:?}", other.err()),
        }
        let (_place, restored) = again(&ca.home, Tolerance::Flaws);
        let Restored { home, flaws, set_right, serial_epoch, .. } = restored.unwrap();
        assert!(!flaws.is_empty(), "{texts:?}");
        assert_eq!((set_right.revocations, set_right.labels, serial_epoch), (revocations, labels, 2), "{texts:?}");
        let restores = AuditSelection { act: Some(Act::Restore), ..AuditSelection::default() };
        let last = home.authority().newest_audit_entries(restores, 1).unwrap().pop().unwrap();
        assert!(last.detail.contains("\"flaws\":"), "{last:?}");
        let left = home.examine(None, &mut |_| ()).unwrap().flaws;
        assert!(left.is_empty(), "{texts:?}: {left:?}");
        // It signs, and what it signs is right.
        assert!(listed(&home).contains(&nas), "{texts:?}");
        let issuer = home.issuer(&NoPassphrase).unwrap();
        let profile = server();
        assert!(home.issue(&issuer, order(&profile, &["next.lan"])).unwrap().serial.starts_with("02"));
        let names = home.authority().store().read::<_, StoreError>(|rows| {
            rows.query_row("SELECT names FROM lineages WHERE label = 'hub.lan' AND generation = 1", &[], |row| {
                row.text(0)
            })
        });
        assert_eq!(names.unwrap().as_deref(), Some("[{\"dns\":\"hub.lan\"}]"), "{texts:?}");
    }
}

#[test]
fn serial_numbers_begin_with_an_octet_that_no_restore_has_given_whatever_the_ledger_says() {
    let (ca, _) = used();
    let (_place, first) = again(&ca.home, Tolerance::Nothing);
    let first = first.unwrap();
    assert_eq!(first.serial_epoch, 2);
    change(&first.home, "UPDATE authority SET serial_epoch = 1");
    change(&first.home, "DELETE FROM audit WHERE sequence = 8");
    let (_place, second) = again(&first.home, Tolerance::Flaws);
    assert_eq!(second.unwrap().serial_epoch, 3);
}

#[test]
fn an_octet_that_none_can_be_hides_no_other_in_the_log() {
    let (ca, _) = used();
    let (_place, first) = again(&ca.home, Tolerance::Nothing);
    let (_place, second) = again(&first.unwrap().home, Tolerance::Nothing);
    let second = second.unwrap();
    assert_eq!(second.serial_epoch, 3);
    change(&second.home, "UPDATE authority SET serial_epoch = 1");
    change(
        &second.home,
        "UPDATE audit SET detail = replace(detail, '\"serial_epoch\":2', '\"serial_epoch\":255') WHERE act = 'restore'",
    );
    let (_place, third) = again(&second.home, Tolerance::Flaws);
    assert_eq!(third.unwrap().serial_epoch, 4);
}

#[test]
fn the_next_list_is_above_what_the_log_or_a_list_tells_though_the_ledger_has_lost_it() {
    const FAR: i64 = 20_261_130_120_000;
    for text in ["UPDATE audit SET detail = '{}' WHERE act IN ('reserve-crl', 'issue-crl')", "DELETE FROM crls"] {
        let (ca, _) = used();
        let issuing = ca.home.issuing().unwrap().clone();
        let far = ca.home.authority().sign_crl::<CrlError>(&ca.issuer(), CrlNumber::new(FAR), |_| Ok(()));
        assert!(far.unwrap().0.number > FAR);
        ca.home.publish_crl(&issuing, &NoPassphrase).unwrap();
        assert!(ca.home.authority().highest_crl_number(&issuing).unwrap() > FAR);
        for lost in [text, "DELETE FROM crls WHERE 1 = 1"] {
            let store = ca.home.authority().store();
            store.transaction::<_, StoreError>(|rows| rows.execute(lost, &[])).unwrap();
        }
        let (_place, restored) = again(&ca.home, Tolerance::Flaws);
        let restored = restored.unwrap().home;
        assert!(restored.authority().highest_crl_number(&issuing).unwrap() > FAR + 86_400_000, "{text}");
        let nas = ca.home.authority().by_label("nas.lan", 1).unwrap().pop().unwrap().serial;
        assert!(listed(&restored).contains(&nas), "{text}");
    }
}

#[test]
fn what_is_known_since_a_restore_keeps_no_backup_from_being_sound_and_what_is_new_does() {
    let (ca, _) = used();
    change(&ca.home, "UPDATE audit SET detail = '{}' WHERE sequence = 8");
    change(&ca.home, "UPDATE certificates SET not_after = not_after + 1 WHERE label = 'hub.lan'");
    let (_place, restored) = again(&ca.home, Tolerance::Flaws);
    let home = restored.unwrap().home;
    let examined = home.examine(None, &mut |_| ()).unwrap();
    assert!(examined.flaws.is_empty() && examined.known.len() > 1, "{examined:?}");
    assert_eq!(examined.head, home.authority().audit_head().unwrap());
    // The log knows it on another machine, too.
    let mut text = Vec::new();
    home.authority().write_audit_log(&mut text).unwrap();
    let log = ExportedLog::read(text.as_slice(), Some(&examined.head.hash)).unwrap();
    assert!(log.flaws.is_empty() && log.known.len() == 1 && log.head == examined.head, "{log:?}");
    let text = String::from_utf8(text).unwrap().replacen("hub.lan", "hub.com", 1);
    assert_eq!(ExportedLog::read(text.as_bytes(), None).unwrap().flaws.len(), 1);
    // A backup of it is sound and tells of it, and its restore needs no word more.
    let beside = tempfile::tempdir().unwrap();
    let backup = home.back_up(&beside.path().join("b"), wish(&word("open sesame"), Keys::Leave), &mut |_| ()).unwrap();
    assert!(backup.is_sound() && backup.known == examined.known, "{backup:?}");
    let (_place, next) = again(&home, Tolerance::Nothing);
    let next = next.unwrap();
    assert!(next.flaws.is_empty() && next.known.len() == examined.known.len(), "{:?}", next.known);
    let entry = AuditSelection { act: Some(Act::KnowFlaws), ..AuditSelection::default() };
    let entry = home.authority().newest_audit_entries(entry, 1).unwrap().pop().unwrap();
    let broken = format!("entry {} of the audit log does not follow from the one before it", entry.sequence);
    let excuse = Flaw { kind: FlawKind::AuditLog, subject: entry.sequence.to_string(), message: broken }.mark("");
    for text in [
        "UPDATE audit SET detail = '{}' WHERE sequence = 5".to_owned(),
        "UPDATE certificates SET not_after = not_after + 1 WHERE label = 'nas.lan'".to_owned(),
        "UPDATE audit SET detail = replace(detail, ']', ',1]') WHERE act = 'know-flaws'".to_owned(),
        format!("UPDATE audit SET detail = replace(detail, '[', '[\"{excuse}\",') WHERE act = 'know-flaws'"),
        "DELETE FROM audit WHERE act = 'know-flaws'".to_owned(),
    ] {
        let (_place, restored) = again(&home, Tolerance::Nothing);
        let changed = restored.unwrap().home;
        change(&changed, &text);
        assert!(!changed.examine(None, &mut |_| ()).unwrap().flaws.is_empty(), "{text}");
        assert!(again(&changed, Tolerance::Nothing).1.is_err(), "{text}");
    }
}

#[test]
fn a_label_is_renewed_as_the_log_tells_whatever_its_row_says() {
    let (ca, _) = used();
    let row = |home: &Home| {
        let text =
            "SELECT names, profile, key_algorithm, key_policy, days, due_at FROM lineages WHERE label = 'hub.lan'";
        home.authority().store().read::<_, StoreError>(|rows| {
            rows.query_row(text, &[], |row| {
                let days = (row.optional_integer(4)?, row.optional_integer(5)?);
                Ok((row.text(0)?, row.optional_text(1)?, row.optional_text(2)?, row.optional_text(3)?, days))
            })
        })
    };
    let before = row(&ca.home).unwrap();
    for text in ["profile = 'client', days = 9", "key_policy = 'same'", "due_at = 4000000000", "due_at = NULL"] {
        let (ca, _) = used();
        change(&ca.home, &format!("UPDATE lineages SET {text} WHERE label = 'hub.lan'"));
        let (_place, restored) = again(&ca.home, Tolerance::Flaws);
        let restored = restored.unwrap();
        assert_eq!((row(&restored.home).unwrap(), restored.set_right.labels), (before.clone(), 1), "{text}");
    }
}

/// A home with a label that is brought somewhere, of which the log tells in one entry or in two.
fn brought() -> TestCa {
    let (ca, _) = used();
    let (authority, label) = (ca.home.authority(), Label::parse("hub.lan").unwrap());
    let mut intent = authority.intent("hub.lan").unwrap().unwrap();
    intent.destination = Destination {
        out: Some("/srv/tls".to_owned()),
        hook: Some("reload nginx".to_owned()),
        verify: vec!["hub.lan:443".to_owned()],
        ..Destination::default()
    };
    intent.own.follow_ip = FollowIp::Leave;
    assert!(authority.edit(&label, &intent).unwrap());
    ca
}

#[test]
fn a_label_is_brought_where_the_log_tells_and_no_command_is_run_that_its_row_alone_says() {
    const SOMETHING: &str = "UPDATE certificates SET not_after = not_after + 1 WHERE label = 'nas.lan'";
    for text in [
        "UPDATE deployments SET hook = 'sh -c evil'",
        "UPDATE deployments SET out = '/etc', combined = '/etc/passwd'",
        "UPDATE deployments SET file_mode = '7777'",
        "UPDATE deployments SET verify = '[7]'",
        "UPDATE deployments SET hook_limit = 100000",
        "UPDATE deployments SET server = 'nginx'",
        "UPDATE own_addresses SET follow_ip = 'follow', had = '[\"10.0.0.1\"]'",
        "DELETE FROM deployments",
        "DELETE FROM own_addresses",
        SOMETHING,
    ] {
        let ca = brought();
        let before = ca.home.authority().intent("hub.lan").unwrap().unwrap();
        ca.home.authority().store().without_constraints();
        change(&ca.home, text);
        let (_place, restored) = again(&ca.home, Tolerance::Flaws);
        let Restored { home, set_right, .. } = restored.unwrap();
        assert_eq!(home.authority().intent("hub.lan").unwrap().unwrap(), before, "{text}");
        let destinations = usize::from(text.contains("deployments"));
        assert_eq!(
            (set_right.destinations, set_right.labels),
            (destinations, usize::from(text.contains("own"))),
            "{text}"
        );
        assert_eq!(set_right.forgotten, [], "{text}");
        let examined = home.examine(None, &mut |_| ()).unwrap();
        assert!(examined.flaws.is_empty(), "{text}: {:?}", examined.flaws);
        assert_eq!(examined.known.is_empty(), text != SOMETHING, "{text}: {:?}", examined.known);
    }
}

#[test]
fn where_nobody_knows_for_sure_where_a_label_was_brought_it_is_brought_nowhere_and_named() {
    const EVIL: &str = "UPDATE deployments SET hook = 'sh -c evil'";
    const LAST: &str = "WHERE sequence = (SELECT MAX(sequence) FROM audit)";
    for (texts, is_known) in [
        // The entry itself is another: it says what the row says, and proves nothing.
        (
            &[EVIL, "UPDATE audit SET detail = replace(detail, 'reload nginx', 'sh -c evil') WHERE act = 'edit'"][..],
            false,
        ),
        (&["UPDATE audit SET detail = replace(detail, 'reload nginx', 'sh -c evil') WHERE act = 'edit'"], false),
        // The entry that told is lost, and one that follows shows it.
        (&[EVIL, "DELETE FROM audit WHERE act = 'edit'"], false),
        // The log told otherwise later, perhaps; the row says what a whole entry told.
        (&["UPDATE audit SET detail = '{}' WHERE act = 'backup'"], true),
        (&[EVIL, "UPDATE audit SET detail = '{}' WHERE act = 'backup'"], false),
        (&["DELETE FROM deployments", "UPDATE audit SET detail = '{}' WHERE act = 'backup'"], false),
    ] {
        let ca = brought();
        // Something comes after it.
        let place = tempfile::tempdir().unwrap();
        let passphrase = word("open sesame");
        ca.home.back_up(&place.path().join("b"), wish(&passphrase, Keys::Leave), &mut |_| ()).unwrap();
        ca.home.back_up(&place.path().join("c"), wish(&passphrase, Keys::Leave), &mut |_| ()).unwrap();
        texts.iter().for_each(|text| change(&ca.home, text));
        assert!(ca.home.authority().audit_end().is_ok(), "{LAST}");
        let (_place, restored) = again(&ca.home, Tolerance::Flaws);
        let Restored { home, set_right, .. } = restored.unwrap();
        let labels: Vec<_> = set_right.forgotten.iter().map(|forgotten| forgotten.label.as_str()).collect();
        assert_eq!(labels, if is_known { &[][..] } else { &["hub.lan"] }, "{texts:?}");
        let destination = home.authority().intent("hub.lan").unwrap().unwrap().destination;
        assert_eq!(destination.is_nowhere(), !is_known, "{texts:?}: {destination:?}");
        assert!(home.examine(None, &mut |_| ()).unwrap().flaws.is_empty(), "{texts:?}");
        // Said anew, it is as any other.
        let mut intent = home.authority().intent("hub.lan").unwrap().unwrap();
        intent.destination.hook = Some("reload nginx".to_owned());
        assert!(home.authority().edit(&Label::parse("hub.lan").unwrap(), &intent).unwrap());
        let (_place, next) = again(&home, Tolerance::Nothing);
        let next = next.unwrap();
        assert_eq!(next.set_right.forgotten, [], "{texts:?}");
        assert_eq!(next.home.authority().intent("hub.lan").unwrap().unwrap().destination, intent.destination);
    }
}

#[test]
fn a_device_is_what_the_log_tells_and_one_of_which_it_tells_nothing_is_forgotten() {
    let texts = [
        "UPDATE devices SET name = 'mine', platform = 'tv'",
        "UPDATE device_roots SET trusted_at = 5",
        "DELETE FROM device_roots",
        "INSERT INTO device_roots (device, root, trusted_at) VALUES (1, 'other', 5)",
        "INSERT INTO devices (id, key_sha256, address, platform, user_agent, first_seen, last_seen) \
         VALUES (7, 'k', '10.0.0.7', 'ios', 'x', 1, 1)",
    ];
    for text in texts {
        let (ca, _) = used();
        let authority = ca.home.authority();
        let arrival = Arrival {
            key: DeviceKey::of(b"word"),
            address: "10.0.0.5".to_owned(),
            platform: "ios".to_owned(),
            user_agent: "Safari".to_owned(),
        };
        authority.meet_device(&arrival).unwrap();
        authority.device_fetched(&arrival.key, ca.home.root().unwrap().certificate()).unwrap();
        let devices = |home: &Home| {
            let mut devices = home.authority().devices(Page { limit: 9, before: None }).unwrap();
            devices.iter_mut().for_each(|device| device.last_seen = device.first_seen);
            devices
        };
        let before = devices(&ca.home);
        change(&ca.home, text);
        let (_place, restored) = again(&ca.home, Tolerance::Flaws);
        let Restored { home, set_right, .. } = restored.unwrap();
        assert_eq!((devices(&home), set_right.devices), (before, 1), "{text}");
        let examined = home.examine(None, &mut |_| ()).unwrap();
        assert!(examined.flaws.is_empty() && examined.known.is_empty(), "{text}: {examined:?}");
    }
}

#[test]
fn a_time_that_the_log_cannot_have_had_holds_nothing_up() {
    for places in ["0", "0, 1", "1", "0, 1, 2, 3", "0, 2"] {
        let (ca, _) = used();
        let newest = "(SELECT MAX(sequence) FROM audit)";
        let text = format!("UPDATE audit SET at = at + 2147483648 WHERE {newest} - sequence IN ({places})");
        change(&ca.home, &text);
        let (_place, restored) = again(&ca.home, Tolerance::Flaws);
        let home = restored.unwrap().home;
        assert_eq!(home.authority().clock_behind().unwrap(), None, "{places}");
        let issuer = home.issuer(&NoPassphrase).unwrap();
        home.issue(&issuer, order(&server(), &["next.lan"])).unwrap();
        assert!(home.examine(None, &mut |_| ()).unwrap().flaws.is_empty(), "{places}");
    }
}

#[test]
fn the_octets_of_the_numbers_that_were_reserved_are_known_though_no_restore_is() {
    let (ca, _) = used();
    let (_place, first) = again(&ca.home, Tolerance::Nothing);
    let (_place, second) = again(&first.unwrap().home, Tolerance::Nothing);
    let home = second.unwrap().home;
    let issuer = home.issuer(&NoPassphrase).unwrap();
    assert!(home.issue(&issuer, order(&server(), &["next.lan"])).unwrap().serial.starts_with("03"));
    change(&home, "UPDATE authority SET serial_epoch = 1");
    change(&home, "UPDATE audit SET detail = '{}' WHERE act = 'restore'");
    let (_place, third) = again(&home, Tolerance::Flaws);
    assert_eq!(third.unwrap().serial_epoch, 4);
}

#[test]
fn where_a_ca_or_its_key_is_another_nothing_is_restored_in_any_way() {
    let (ca, _) = used();
    let other = TestCa::new();
    let key = ca.home.layout().issuing_key(1);
    files::replace(&key, &fs::read(other.home.layout().issuing_key(1)).unwrap(), FileMode::Secret).unwrap();
    let (place, refused) = again(&ca.home, Tolerance::Flaws);
    match refused {
        Err(BackupError::Unsound { source, .. }) => assert!(!source.is_bearable(), "{source}"),
        other => panic!("{:?}", other.err()),
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}
