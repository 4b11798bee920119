//! A list of a hundred thousand: the ledger keeps none of its bytes, and it is made anew where its files are lost.

use std::process::Command;

use hubca::x509::certificate::sha256;

use crate::support::TestHome;
use crate::support::tools::{commands, present};

const REVOKED: usize = 100_000;

#[test]
fn a_long_list_whose_files_are_lost_is_made_anew_and_a_short_one_comes_from_the_ledger() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    revoke_many(&home);
    let made = home.hubca(&["crl", "--issuer", "issuing", "--json"]).succeeded().json();
    assert_eq!(made[0]["revoked"], REVOKED);
    assert!(std::fs::metadata(home.file("crl/issuing-1.crl")).unwrap().len() > 4 * 1024 * 1024);
    let root_before = std::fs::read(home.file("crl/root-1.crl")).unwrap();
    let list = std::fs::read(home.file("crl/issuing-1.crl")).unwrap();
    home.hubca(&["renew"]).succeeded();
    assert!(std::fs::read(home.file("crl/issuing-1.crl")).unwrap() == list);

    for name in ["root-1.crl", "root-1.crl.pem", "issuing-1.crl", "issuing-1.crl.pem"] {
        std::fs::remove_file(home.file(&format!("crl/{name}"))).unwrap();
    }
    home.hubca(&["renew"]).succeeded();
    assert_eq!(std::fs::read(home.file("crl/root-1.crl")).unwrap(), root_before);

    if !present("long CRLs", &commands(&["openssl"])) {
        return;
    }
    let text = |option: &str| {
        let output = Command::new("openssl")
            .args(["crl", "-in", home.file("crl/issuing-1.crl.pem").to_str().unwrap(), "-noout", option])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let told = text("-text");
    assert_eq!(told.matches("Serial Number:").count(), REVOKED);
    assert_eq!(told.matches("Superseded").count(), REVOKED);
    let number = |text: &str| i64::from_str_radix(text.trim().trim_start_matches("crlNumber=0x"), 16).unwrap();
    assert!(number(&text("-crlnumber")) > made[0]["number"].as_i64().unwrap());
}

/// Rows and entries as `issue` and `revoke` leave them, without the work of a key for each.
fn revoke_many(home: &TestHome) {
    let mut ledger = rusqlite::Connection::open(home.file("ledger.db")).unwrap();
    let rows = ledger.transaction().unwrap();
    rows.execute_batch(&format!(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {REVOKED})
         INSERT INTO certificates (issuer, serial, profile, label, generation, names, not_before, not_after,
             reserved_at, issued_at, revoked_at, revocation_reason, listed_until)
         SELECT issuer, '01' || lower(hex(randomblob(16))), 'server', 'filler-' || n, 1, names, not_before, not_after,
             reserved_at, issued_at, issued_at, 'superseded', not_after
         FROM certificates, numbers WHERE label = 'hub.lan';
         UPDATE issuers SET revocations = revocations + {REVOKED} WHERE role = 'issuing';"
    ))
    .unwrap();
    let newest = "SELECT sequence, at, hash FROM audit ORDER BY sequence DESC LIMIT 1";
    let (mut sequence, at, mut hash): (i64, i64, Vec<u8>) =
        rows.query_row(newest, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let mut revoked = rows.prepare("SELECT serial, issuer, revoked_at FROM certificates WHERE revoked_at > 0").unwrap();
    let mut enter = rows.prepare("INSERT INTO audit VALUES (?1, ?2, 'revoke', ?3, ?4)").unwrap();
    let mut answer = revoked.query([]).unwrap();
    while let Some(row) = answer.next().unwrap() {
        let (serial, issuer, since): (String, i64, i64) =
            (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
        let detail = format!(
            r#"{{"serial":"{serial}","issuer":{issuer},"reason":"superseded","row":{{"revoked_at":{since}}}}}"#
        );
        sequence += 1;
        let mut text = Vec::new();
        for part in [sequence.to_string().as_bytes(), at.to_string().as_bytes(), b"revoke", detail.as_bytes(), &hash] {
            text.extend((part.len() as u64).to_be_bytes());
            text.extend(part);
        }
        hash = sha256(&text).to_vec();
        enter.execute(rusqlite::params![sequence, at, detail, hash]).unwrap();
    }
    drop((answer, enter));
    drop(revoked);
    rows.commit().unwrap();
}
