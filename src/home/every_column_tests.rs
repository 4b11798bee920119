//! Every column of every table of the ledger: what a row says that it did not say before is named, or stands here with the reason
//! why it may. A new column has to be thought about.

use std::{net::IpAddr, path::Path, thread};

use time::Duration;

use super::{
    adoption::Foundling,
    adoption_tests::{Lost, adopt, copy},
    error::HomeError,
    layout::Layout,
    moving_in::{MovedKey, MovingIn},
    opened::Home,
    order::Order,
    rotation::{NextIssuing, NextRoot, Unused},
    test_ca::{NOW, NoPassphrase, TestCa, order, san, server},
};
use crate::{
    authority::{
        Arrival, AuditSelection, Authority, BackupRecord, DeploymentOutcome, Destination, DeviceKey, FollowIp, Holder,
        InheritedCa, InheritedCertificate, IssuanceRequest, KeyPolicy, Label, Lifetime, Lineage, RecordedName,
        Revocation, StoreError, Whereabouts,
    },
    keys::{KeyPurpose, PassphraseSource, PrivateKey, Protection},
    system::SystemRandom,
    x509::{Certificate, CrlNumber, KeyAlgorithm, RevocationReason, SerialNumber, hexadecimal},
};

/// The columns in which a change is not named, with the reason.
const UNSEEN: &[(&str, &str, &str)] = &[
    ("certificates", "id", "the order in which they are listed; of what moved in it is named"),
    ("certificates", "reserved_at", "nobody reads it; of what moved in it is named"),
    ("lineages", "published", "another that there is: `renew` shows the newest again, and `status` compares the link"),
    ("crls", "signed_at", "read for whether there is a time, and that is compared"),
    ("crls", "this_update", "of a number that was given before the CA moved in nobody reads it"),
    ("crls", "next_update", "of a number that was given before the CA moved in nobody reads it"),
    ("rotations", "settled", "chains are looked at once more, or when the next step is taken; `status` compares them"),
    (
        "deployments",
        "previous",
        "none, or another that there is, to go back to if the next deployment fails; that is told then",
    ),
    ("deployments", "at", "shown, and nothing follows from it"),
    ("devices", "key_sha256", "a device that is not known again comes as a new one"),
    ("devices", "first_seen", "shown, and nothing follows from it"),
    ("devices", "last_seen", "shown, and of many devices those that came last are known first"),
    ("device_roots", "fetched_at", "read for whether there is a time, and that is compared"),
    ("device_roots", "trusted_at", "read for whether there is a time, and that is compared"),
];

#[test]
fn every_change_of_a_row_of_a_used_ledger_is_named() {
    let unseen = thread::scope(|scope| {
        let used = scope.spawn(|| {
            let (ca, place) = (TestCa::new(), tempfile::tempdir().unwrap());
            unseen_in(used(&ca, &place.path().join("copy")).authority())
        });
        let place = tempfile::tempdir().unwrap();
        let moved = unseen_in(moved_in(&place.path().join("moved")).authority());
        [used.join().unwrap(), moved].concat()
    });
    let is_listed =
        |one: &&Change| UNSEEN.iter().any(|(table, column, _)| *table == one.table && *column == one.column);
    let found: Vec<_> = unseen.iter().filter(|one| !is_listed(one)).collect();
    assert!(found.is_empty(), "{} changes are not named:\n{found:#?}", found.len());
    let is_needless = |(table, column, _): &&(&str, &str, &str)| {
        !unseen.iter().any(|one| one.table == *table && one.column == *column)
    };
    assert_eq!(UNSEEN.iter().find(is_needless), None, "every change in it is named");
}

#[test]
fn what_moved_in_is_told_by_the_entry_about_the_import() {
    let place = tempfile::tempdir().unwrap();
    let home = moved_in(&place.path().join("moved"));
    let acts = |selection: AuditSelection<'_>| {
        let entries = home.authority().newest_audit_entries(selection, 9).unwrap();
        entries.into_iter().map(|entry| entry.act).collect::<Vec<_>>()
    };
    let of_serial = |serial| acts(AuditSelection { serial: Some(serial), ..AuditSelection::default() });
    assert_eq!(of_serial("1001"), ["import", "revoke"]);
    assert_eq!(of_serial("1002"), ["import"]);
    assert_eq!(of_serial("1004"), [] as [&str; 0]);
    assert_eq!(acts(AuditSelection { label: Some("kept.lan"), ..AuditSelection::default() }), ["import"]);
}

/// A home in which everything was done that leaves a row, some of it in another home and adopted into this one.
fn used(ca: &TestCa, place: &Path) -> Home {
    let profile = server();
    let at: IpAddr = "192.168.0.5".parse().unwrap();
    let destination = Destination {
        out: Some("/srv/tls".to_owned()),
        combined: Some("/srv/all.pem".to_owned()),
        owner: Some("0".to_owned()),
        group: Some("0".to_owned()),
        mode: Some(crate::system::FileMode::Group),
        hook: Some("reload".to_owned()),
        hook_limit: Some(9),
        verify: vec!["hub.lan:443".to_owned()],
        server: Some("nginx".to_owned()),
    };
    let hub = || Order {
        lifetime: Lifetime::Days(90),
        destination: Some(destination.clone()),
        whereabouts: Whereabouts { here: vec![at], follow_ip: Some(FollowIp::Follow) },
        ..order(&profile, &["hub.lan", "192.168.0.5"])
    };
    ca.home.issue(&ca.issuer(), hub()).unwrap();
    for name in ["nas.lan", "old.lan", "gone.lan"] {
        ca.issue(&[name]).unwrap();
    }
    let mut home = copy(ca, place);
    for lost in [["lost.lan"], ["found.lan"]] {
        let lost = Lost::of(&ca.issue(&lost).unwrap());
        adopt(&home, &lost.foundling()).unwrap();
        if lost.names == [RecordedName::Dns("found.lan".to_owned())] {
            adopt(&home, &lost.with_key()).unwrap();
        }
    }
    // A CA that was made in the other home meanwhile, without its key.
    let mut lost = Home::open(ca.home.layout().clone(), ca.doors()).unwrap();
    let next = NextIssuing { key: KeyAlgorithm::P256, root_key: None, permit: &[], unused: Unused::PassOver };
    lost.rotate_issuing(next, &NoPassphrase).unwrap();
    let found = lost.issuing().unwrap().certificate();
    let found = Foundling { certificate: found, names: Vec::new(), label: None, key: None };
    home.adopt(&[&found], &NoPassphrase).unwrap().pop().unwrap().unwrap();
    let authority = home.authority();
    for _ in 0..2 {
        home.issue(&home.issuer(&NoPassphrase).unwrap(), hub()).unwrap();
    }
    authority.settle_deployment("hub.lan", DeploymentOutcome::RolledBack, Some("the hook failed")).unwrap();
    let mut intent = authority.intent("nas.lan").unwrap().unwrap();
    intent.key_policy = KeyPolicy::Same;
    intent.destination = Destination { out: Some("/srv/nas".to_owned()), ..Destination::default() };
    assert!(authority.edit(&Label::parse("nas.lan").unwrap(), &intent).unwrap());
    authority.await_deployment("nas.lan").unwrap();
    home.responder(home.issuing().unwrap(), &NoPassphrase).unwrap();
    for (label, reasons) in [
        ("old.lan", &[RevocationReason::Superseded, RevocationReason::KeyCompromise][..]),
        ("gone.lan", &[RevocationReason::CessationOfOperation]),
    ] {
        let record = authority.by_label(label, 1).unwrap().pop().unwrap();
        for reason in reasons {
            authority.revoke(&record, *reason).unwrap();
        }
    }
    home.publish_crl(home.issuing().unwrap(), &NoPassphrase).unwrap();
    // Signed, and not recorded.
    let key = PrivateKey::generate(KeyAlgorithm::P256, &SystemRandom).unwrap();
    let request = IssuanceRequest {
        profile: &profile,
        holder: Holder::EndEntity(san(&["sent.lan"])),
        public_key: key.public_key().clone(),
        lifetime: Lifetime::Default,
        lineage: Lineage::Elsewhere { label: Label::parse("sent.lan").ok() },
    };
    drop(authority.sign(&home.issuer(&NoPassphrase).unwrap(), &[request]).unwrap());
    meet(authority);
    let audit = authority.audit_head().unwrap();
    let backup =
        BackupRecord { made_at: NOW, path: "/srv/b.age".to_owned(), audit, without: vec!["root_key"], flaws: 0 };
    authority.note_backup(&backup).unwrap();
    authority.note_backup(&BackupRecord { path: "/srv/unsound.age".to_owned(), flaws: 3, ..backup.clone() }).unwrap();
    authority.note_restore(&backup).unwrap();
    let next =
        NextRoot { key: KeyAlgorithm::P256, root_key: None, protection: Protection::FileMode, root_key_out: None };
    home.begin_rotation(next, &NoPassphrase).unwrap();
    ca.clock.set(NOW - Duration::days(2));
    home.authority().accept_clock().unwrap().unwrap();
    home
}

fn meet(authority: &Authority) {
    let key = DeviceKey::of(b"cookie");
    let [address, platform, user_agent] = ["192.168.0.23", "ios", "Mozilla/5.0 (iPad)"].map(str::to_owned);
    authority.meet_device(&Arrival { key, address, platform, user_agent }).unwrap();
    authority.name_device(&key, "Anna's iPad").unwrap();
    let root = authority.root().unwrap().certificate().clone();
    authority.device_fetched(&key, &root).unwrap();
    authority.device_trusts(&key, &root).unwrap();
}

/// A CA that moved in, with what was done to its rows since.
fn moved_in(place: &Path) -> Home {
    let old = TestCa::new();
    let [kept, lone, index] =
        [["kept.lan"], ["lone.lan"], ["index.lan"]].map(|name| Lost::of(&old.issue(&name).unwrap()));
    let cas: Vec<_> = old.home.authority().cas().iter().map(|ca| ca.certificate().clone()).collect();
    let key = |path| {
        let text = std::fs::read(path).unwrap();
        Some(PrivateKey::from_pem(&text, || NoPassphrase.passphrase(&KeyPurpose::Issuing)).unwrap())
    };
    let layout = old.home.layout();
    let keys = [key(layout.root_key(1)), key(layout.issuing_key(1))];
    let cas: Vec<_> =
        cas.into_iter().map(|certificate| InheritedCa { certificate, crl_number: CrlNumber::new(7) }).collect();
    let moved = [MovedKey {
        label: Label::parse("kept.lan").unwrap(),
        issuer: 1,
        certificate: kept.certificate.clone(),
        names: kept.names.clone(),
        key: kept.key,
    }];
    let account = serde_json::json!({ "from": "openssl" });
    let moving = MovingIn {
        name: "Old Hub",
        cas: &cas,
        keys: &keys,
        kept: &moved,
        successor: None,
        root_protection: Protection::FileMode,
        root_key_out: None,
        account: &account,
    };
    let row = |serial: SerialNumber, certificate: Option<&Certificate>, revocation| InheritedCertificate {
        issuer: 1,
        serial_number: serial,
        subject: format!("/CN={serial}"),
        names: vec![RecordedName::Dns("x.lan".to_owned())],
        not_after: certificate.map_or(NOW + Duration::days(30), |known| known.tbs().validity().not_after()),
        certificate: certificate.cloned(),
        revocation,
        label: None,
    };
    let serial = |text: &str| text.parse::<SerialNumber>().unwrap();
    let superseded = Revocation { at: NOW - Duration::days(3), reason: RevocationReason::Superseded };
    let serial_of = |certificate: &Certificate| certificate.tbs().serial_number().unwrap();
    let issued = vec![
        InheritedCertificate {
            names: kept.names.clone(),
            label: Label::parse("kept.lan").ok(),
            ..row(serial_of(&kept.certificate), Some(&kept.certificate), None)
        },
        InheritedCertificate {
            names: lone.names.clone(),
            ..row(serial_of(&lone.certificate), Some(&lone.certificate), None)
        },
        row(serial_of(&index.certificate), None, None),
        row(serial("1001"), None, None),
        row(serial("1002"), None, Some(superseded)),
        row(serial("1003"), None, Some(superseded)),
    ];
    let mut issued = issued.into_iter().map(Ok::<_, HomeError>);
    let home = Home::move_in(Layout::new(place), old.doors(), &moving, &mut issued).unwrap();
    adopt(&home, &lone.with_key()).unwrap();
    for (number, reason) in [("1001", RevocationReason::Unspecified), ("1003", RevocationReason::KeyCompromise)] {
        let record = home.authority().by_serial(&serial(number).to_string()).unwrap().pop().unwrap();
        home.authority().revoke(&record, reason).unwrap();
    }
    home
}

/// A change of which an examination said nothing.
#[derive(Clone, Debug)]
struct Change {
    table: String,
    /// None where a row is gone, or there twice.
    column: String,
    #[expect(dead_code, reason = "it is told where the test fails")]
    what: String,
}

/// Changes each value of each row, takes each row away and puts each there twice, one after the other; tells what is not named.
fn unseen_in(authority: &Authority) -> Vec<Change> {
    authority.store().without_constraints();
    assert_eq!(authority.examine(None, &mut |_| ()).unwrap().flaws, []);
    let mut changing = Changing { authority, unseen: Vec::new() };
    // Another version of the schema is seen when the ledger is opened, and nothing works with it.
    let tables =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('sqlite_sequence', 'schema_version')";
    for table in changing.texts(tables) {
        let columns = changing.texts(&format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"));
        let rows = changing.texts(&format!("SELECT CAST(rowid AS TEXT) FROM {table} ORDER BY rowid"));
        // Of the log each entry is in the same chain.
        for row in rows.iter().step_by(if table == "audit" { 20 } else { 1 }) {
            columns.iter().for_each(|column| changing.change(&table, column, row));
            changing.delete(&table, &columns, row);
            changing.double(&table, &columns, row);
        }
    }
    assert_eq!(authority.examine(None, &mut |_| ()).unwrap().flaws, [], "all was put back");
    changing.unseen
}

struct Changing<'a> {
    authority: &'a Authority,
    unseen: Vec<Change>,
}

impl Changing<'_> {
    fn change(&mut self, table: &str, column: &str, row: &str) {
        let text = |what: &str| self.texts(&format!("SELECT {what} FROM {table} WHERE rowid = {row}")).remove(0);
        let (kind, before) = (text(&format!("typeof({column})")), text(&format!("quote({column})")));
        let notnull =
            format!("SELECT CAST(\"notnull\" OR pk AS TEXT) FROM pragma_table_info('{table}') WHERE name = '{column}'");
        let declared = format!("SELECT type FROM pragma_table_info('{table}') WHERE name = '{column}'");
        let mut others = match kind.as_str() {
            "integer" => [0, 30].map(|bit| format!("{}", before.parse::<i64>().unwrap() ^ 1 << bit)).to_vec(),
            "text" => vec![format!("CAST(x'{}' AS TEXT)", flipped(&text(&format!("hex({column})"))))],
            "blob" => vec![format!("x'{}'", flipped(&text(&format!("hex({column})"))))],
            _ => match self.texts(&declared).remove(0).as_str() {
                "TEXT" => vec!["'a'".to_owned()],
                "BLOB" => vec!["x'30'".to_owned()],
                _ => vec!["1".to_owned()],
            },
        };
        if kind != "null" && self.texts(&notnull).remove(0) == "0" {
            others.push("NULL".to_owned());
        }
        for other in others {
            if !self.run(&format!("UPDATE {table} SET {column} = {other} WHERE rowid = {row}")) {
                continue;
            }
            self.examine(table, column, format!("row {row}: {before} -> {other}"));
            // Where the column is the number of the row itself, that is another now.
            let is_number = self.run(&format!("UPDATE {table} SET {column} = {before} WHERE rowid = {row}"));
            if !is_number {
                assert!(self.run(&format!("UPDATE {table} SET {column} = {before} WHERE rowid = {other}")));
            }
        }
    }

    fn delete(&mut self, table: &str, columns: &[String], row: &str) {
        let values: Vec<String> = columns
            .iter()
            .map(|column| self.texts(&format!("SELECT quote({column}) FROM {table} WHERE rowid = {row}")).remove(0))
            .collect();
        assert!(self.run(&format!("DELETE FROM {table} WHERE rowid = {row}")));
        self.examine(table, "", format!("row {row} is gone"));
        let (names, values) = (columns.join(", "), values.join(", "));
        // Of a table whose first column is the number of the row it is the same.
        let is_number = self.run(&format!("INSERT INTO {table} ({names}) VALUES ({values})"));
        assert!(is_number, "{table} {row}");
    }

    fn double(&mut self, table: &str, columns: &[String], row: &str) {
        let values: Vec<String> = columns
            .iter()
            .map(|column| match (table, column.as_str()) {
                (_, "id" | "sequence") => format!("(SELECT MAX({column}) + 1 FROM {table})"),
                ("crls", "number") | ("issuers", "ordinal") => format!("{column} + 1000"),
                ("certificates", "serial")
                | ("lineages" | "deployments" | "own_addresses", "label")
                | ("devices", "key_sha256")
                | ("device_roots", "root") => "'another'".to_owned(),
                ("certificates", "generation") => "generation + 1000".to_owned(),
                _ => column.clone(),
            })
            .collect();
        let values = values.join(", ");
        let last = self.texts(&format!("SELECT CAST(MAX(rowid) AS TEXT) FROM {table}")).remove(0);
        if self.run(&format!("INSERT INTO {table} SELECT {values} FROM {table} WHERE rowid = {row}")) {
            self.examine(table, "", format!("row {row} is there twice"));
            assert!(self.run(&format!("DELETE FROM {table} WHERE rowid > {last}")));
        }
    }

    fn examine(&mut self, table: &str, column: &str, what: String) {
        if self.authority.examine(None, &mut |_| ()).is_ok_and(|examined| examined.flaws.is_empty()) {
            self.unseen.push(Change { table: table.to_owned(), column: column.to_owned(), what });
        }
    }

    fn texts(&self, text: &str) -> Vec<String> {
        self.authority.store().read::<_, StoreError>(|rows| rows.query(text, &[], |row| row.text(0))).unwrap()
    }

    /// Whether a statement changed a row: what is unique may stand in its way.
    fn run(&self, text: &str) -> bool {
        let changed = self.authority.store().transaction::<_, StoreError>(|rows| rows.execute(text, &[]));
        changed.is_ok_and(|changed| changed > 0)
    }
}

/// With one bit turned over in the middle.
fn flipped(hex: &str) -> String {
    let octet = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    let mut octets: Vec<u8> = (0..hex.len() / 2).map(octet).collect();
    let middle = octets.len() / 2;
    match octets.get_mut(middle) {
        Some(octet) => *octet ^= 1,
        None => octets.push(b'a'),
    }
    hexadecimal(&octets)
}
