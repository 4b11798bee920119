//! A list of thousands: the ledger keeps none of its bytes, and it is made anew where its files are lost.

use std::process::Command;

use crate::support::TestHome;
use crate::support::tools::{commands, present};

const REVOKED: usize = 3_000;

#[test]
fn a_long_list_whose_files_are_lost_is_made_anew_and_a_short_one_comes_from_the_ledger() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    revoke_many(&home);
    let made = home.hubca(&["crl", "--issuer", "issuing", "--json"]).succeeded().json();
    assert_eq!(made[0]["revoked"], REVOKED);
    assert!(std::fs::metadata(home.file("crl/issuing-1.crl")).unwrap().len() > 64 * 1024);
    let root_before = std::fs::read(home.file("crl/root-1.crl")).unwrap();
    let list = std::fs::read(home.file("crl/issuing-1.crl")).unwrap();
    home.hubca(&["renew"]).succeeded();
    assert!(std::fs::read(home.file("crl/issuing-1.crl")).unwrap() == list);

    for name in ["root-1.crl", "root-1.crl.pem", "issuing-1.crl", "issuing-1.crl.pem"] {
        std::fs::remove_file(home.file(&format!("crl/{name}"))).unwrap();
    }
    home.hubca(&["renew"]).succeeded();
    assert_eq!(std::fs::read(home.file("crl/root-1.crl")).unwrap(), root_before);
    let described = home.hubca(&["inspect", home.file("crl/issuing-1.crl").to_str().unwrap(), "--json"]).succeeded();
    let reasons = described.stdout.split_whitespace().collect::<String>();
    assert_eq!(reasons.matches("\"reason\":\"superseded\"").count(), REVOKED);

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
    assert_eq!(text("-text").matches("Serial Number:").count(), REVOKED);
    let number = |text: &str| i64::from_str_radix(text.trim().trim_start_matches("crlNumber=0x"), 16).unwrap();
    assert!(number(&text("-crlnumber")) > made[0]["number"].as_i64().unwrap());
}

/// Rows as `issue` and `revoke` leave them, without the work of a key for each.
fn revoke_many(home: &TestHome) {
    let ledger = rusqlite::Connection::open(home.file("ledger.db")).unwrap();
    ledger
        .execute_batch(&format!(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {REVOKED})
             INSERT INTO certificates (issuer, serial, profile, label, generation, names, not_before, not_after,
                 reserved_at, issued_at, revoked_at, revocation_reason, listed_until)
             SELECT issuer, '01' || lower(hex(randomblob(16))), 'server', 'filler-' || n, 1, names, not_before, not_after,
                 reserved_at, issued_at, issued_at, 'superseded', not_after
             FROM certificates, numbers WHERE label = 'hub.lan';
             UPDATE issuers SET revocations = revocations + 1 WHERE role = 'issuing';"
        ))
        .unwrap();
}
