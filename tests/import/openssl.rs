//! `openssl ca` made it: a root alone, and a root with a CA below it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::devices::{accept, revoked};
use crate::openssl_ca::{Choice, OpensslCa, PASSPHRASE, USUAL, openssl};
use crate::support::{Answer, TestHome, files_below};
use crate::tree::Tree;

pub(crate) fn import(home: &TestHome, directory: &Path, options: &[&str]) -> Answer {
    let mut words = vec!["--json", "import", "openssl", directory.to_str().unwrap()];
    words.extend(options);
    home.hubca(&words)
}

fn passphrase_file(home: &TestHome) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = home.directory().join("old-passphrase");
    std::fs::write(&path, PASSPHRASE).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_root_moves_in_with_all_that_it_issued_and_devices_need_nothing_new() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let good = ca.issue("hub.lan", "");
    let stolen = ca.issue("nas.lan", "");
    let over = ca.issue("old.lan", "-startdate 20200101000000Z -enddate 20210101000000Z");
    let held = ca.issue("held.lan", "");
    ca.revoke("nas.lan", "-crl_reason keyCompromise");
    ca.revoke("held.lan", "-crl_hold holdInstructionReject");
    ca.run("ca -updatedb");
    ca.publish_crl();
    std::fs::remove_file(ca.path("private/old.lan.key.pem")).unwrap();
    std::fs::remove_file(ca.path("private/held.lan.key.pem")).unwrap();
    let before = Tree::of(&ca.directory);
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!(Tree::of(&ca.directory), before, "the old directory is as it was");

    let root = ca.path("certs/ca.cert.pem");
    assert_eq!(report["certificates"], json!({ "good": 1, "expired": 1, "revoked": 2 }));
    assert_eq!(report["issuing"]["issuer"], "issuing/1");
    assert_eq!(report["name"], "Physics");
    let reasons: Vec<&str> =
        report["not_taken"].as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("revoked for a time")), "{reasons:?}");
    assert!(
        reasons.iter().any(|reason| reason.contains("no good certificate")),
        "the key of what was revoked: {reasons:?}"
    );
    let der = |path: &Path| openssl(&format!("x509 -in {} -outform PEM", path.display()));
    assert_eq!(der(&home.file("root/root.crt.pem")), der(&root), "the root is the root that devices have");

    // What was issued before is there, and can be revoked.
    let listed = home.hubca(&["--json", "list"]).succeeded().json();
    let status = |serial: &str| {
        let entry = listed.as_array().unwrap().iter().find(|entry| entry["serial"] == serial).unwrap();
        entry["status"].as_str().unwrap().to_owned()
    };
    assert_eq!([&good, &over, &stolen, &held].map(|serial| status(serial)), ["good", "expired", "revoked", "revoked"]);
    let expected = [(stolen.clone(), "Key Compromise".to_owned()), (held.clone(), String::new())];
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(revoked(&home, &root, "root-1.crl"), expected);

    // Its key and certificate go on under a label.
    assert_eq!(report["labels"][0]["label"], "hub.lan");
    accept(&root, &home, "hub.lan");
    home.hubca(&["renew", "hub.lan", "--force"]).succeeded();
    accept(&root, &home, "hub.lan");
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&root, &home, "new.lan");
    let refused = home.hubca(&["issue", "--dns", "bank.example.com"]).failed_with(1);
    assert!(refused.stderr.contains("outside what this CA may vouch for"), "{refused}");
    home.hubca(&["revoke", &good, "--reason", "superseded", "--yes"]).succeeded();
    assert!(revoked(&home, &root, "root-1.crl").contains(&(good, "Superseded".to_owned())));
    let status: Value = home.hubca(&["--json", "status"]).json();
    assert!(!status.to_string().contains("crl_missing"), "{status}");
    let flaws = home.hubca(&["--json", "audit", "verify"]).succeeded().json();
    assert_eq!(flaws["findings"], json!([]), "{flaws}");
}

/// The number of a CRL. Ours are the milliseconds of their time unless they have to be above others.
fn crl_number(path: &Path) -> u64 {
    let told = openssl(&format!("crl -noout -crlnumber -in {}", path.display()));
    let digits = told.trim().strip_prefix("crlNumber=").unwrap();
    u64::from_str_radix(digits.strip_prefix("0x").unwrap_or(digits), 16).unwrap()
}

/// Some guides begin the counter with a date, whose digits openssl takes for hexadecimal.
#[test]
fn the_next_list_has_a_number_above_the_counter_and_above_every_list_that_lies_there() {
    const DATE: &str = "20261130120000";
    let above = u64::from_str_radix(DATE, 16).unwrap();
    for counter in [DATE, "1000"] {
        let home = TestHome::empty();
        let ca = OpensslCa::root(home.directory(), USUAL);
        std::fs::write(ca.path("crlnumber"), format!("{DATE}\n")).unwrap();
        // Either the counter alone tells of that number, or a list alone.
        if counter != DATE {
            ca.publish_crl();
            assert_eq!(crl_number(&ca.path("crl/ca.crl.pem")), above);
            std::fs::write(ca.path("crlnumber"), format!("{counter}\n")).unwrap();
        }
        import(&home, &ca.directory, &["--no-passphrase"]).succeeded();
        let first = crl_number(&home.file("crl/root-1.crl"));
        assert!(first > above || counter == DATE && first == above, "{first:x} after {above:x}");
        home.hubca(&["crl"]).succeeded();
        assert!(crl_number(&home.file("crl/root-1.crl")) > first);
    }
}

/// What `openssl ca` does with the configuration that comes with it, as `CA.pl` calls it.
#[test]
fn a_demo_ca_moves_in_from_where_openssl_puts_it() {
    let home = TestHome::empty();
    let place = home.directory().join("old");
    for name in ["private", "newcerts", "certs", "crl"] {
        std::fs::create_dir_all(place.join("demoCA").join(name)).unwrap();
    }
    for (name, text) in [("index.txt", ""), ("serial", "01\n"), ("crlnumber", "01\n")] {
        std::fs::write(place.join("demoCA").join(name), text).unwrap();
    }
    let openssl = |command: &str| {
        let ran = Command::new("openssl").args(command.split_whitespace()).current_dir(&place).output().unwrap();
        assert!(ran.status.success(), "openssl {command}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    let new_key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    openssl(&format!(
        "req -x509 -new {new_key} -keyout demoCA/private/cakey.pem -out demoCA/cacert.pem -days 1095 -subj /O=Demo/CN=Demo"
    ));
    for name in ["hub.lan", "nas.lan"] {
        std::fs::write(place.join("names"), format!("subjectAltName=DNS:{name}\n")).unwrap();
        openssl(&format!("req -new {new_key} -keyout {name}.key -out newreq.pem -subj /CN={name}"));
        openssl(&format!("ca -batch -policy policy_anything -extfile names -days 90 -in newreq.pem -out {name}.pem"));
    }
    openssl("ca -revoke nas.lan.pem -crl_reason keyCompromise");
    openssl("ca -gencrl -out demoCA/crl.pem");
    let before = Tree::of(&place);
    let report = import(&home, &place, &["--no-passphrase"]).succeeded().json();
    assert_eq!(Tree::of(&place), before);
    assert_eq!((&report["cas"][0]["subject"], &report["cas"][0]["key"]), (&json!("O=Demo, CN=Demo"), &json!(true)));
    assert_eq!(report["certificates"], json!({ "good": 1, "expired": 0, "revoked": 1 }));
    let root = place.join("demoCA/cacert.pem");
    assert_eq!(revoked(&home, &root, "root-1.crl"), [("02".to_owned(), "Key Compromise".to_owned())]);
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&root, &home, "new.lan");
    home.hubca(&["audit", "verify"]).succeeded();
}

/// A stick is taken away afterwards, and everyday work goes on.
#[test]
fn the_root_key_moves_to_a_stick_and_never_lies_in_the_home() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let stick = home.directory().join("stick");
    let options = ["--no-passphrase", "--root-key-out", stick.to_str().unwrap()];
    let error = import(&home, &ca.directory, &options).failed_with(1).error();
    assert_eq!(error["hints"][0], format!("make it: mkdir -p {}", stick.display()), "{error}");
    assert!(!home.path().exists());
    std::fs::create_dir(&stick).unwrap();
    let report = import(&home, &ca.directory, &options).succeeded().json();
    let key = stick.join("root.key.pem");
    assert_eq!(report["root_key"], key.to_str().unwrap());
    let old = openssl(&format!("pkey -pubout -in {}", ca.path("private/ca.key.pem").display()));
    assert_eq!(openssl(&format!("pkey -pubout -in {}", key.display())), old);
    let pems: Vec<_> = files_below(home.path()).into_iter().filter(|path| path.ends_with("root.key.pem")).collect();
    assert!(pems.is_empty(), "{pems:?}");
    let away = home.directory().join("away");
    std::fs::rename(&stick, &away).unwrap();
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&ca.path("certs/ca.cert.pem"), &home, "new.lan");
    let refused = home.hubca(&["crl", "--issuer", "root"]).failed_with(1);
    assert!(refused.stderr.contains("root key"), "{refused}");
    let key = away.join("root.key.pem");
    home.hubca(&["crl", "--issuer", "root", "--root-key", key.to_str().unwrap()]).succeeded();
    home.hubca(&["audit", "verify"]).succeeded();
}

#[test]
fn keys_under_every_encryption_of_openssl_open() {
    let rsa = "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048";
    let sealed = |options: &'static str| Choice { sealed: options, ..USUAL };
    for choice in [
        sealed("ec -des3 -passout pass:open_sesame"),
        Choice { key: rsa, sealed: "rsa -traditional -aes256 -passout pass:open_sesame", ..USUAL },
        sealed("pkcs8 -topk8 -v2 aes-256-cbc -passout pass:open_sesame"),
        sealed("pkcs8 -topk8 -v2 des3 -passout pass:open_sesame"),
    ] {
        let home = TestHome::empty();
        let ca = OpensslCa::root(home.directory(), choice);
        let nobody = import(&home, &ca.directory, &["--no-passphrase"]).failed_with(1);
        assert_eq!(nobody.error()["kind"], "passphrase");
        assert!(nobody.error()["hints"][0].as_str().unwrap().contains("--source-passphrase-file"), "{nobody}");
        assert!(!home.path().exists(), "nothing is left");
        let file = passphrase_file(&home);
        let options = ["--source-passphrase-file", &file, "--root-passphrase-file", &file];
        let report = import(&home, &ca.directory, &options).succeeded().json();
        assert_eq!(report["root_key_encrypted"], true);
        let key = std::fs::read_to_string(home.file("root/root.key.pem")).unwrap();
        assert!(key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
        accept(&ca.path("certs/ca.cert.pem"), &home, "hub.lan");
    }
}

#[test]
fn a_ca_below_moves_in_with_its_own_books() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below();
    let serial = below.issue("hub.lan", "");
    below.issue("nas.lan", "");
    below.revoke("hub.lan", "-crl_reason superseded");
    let report = import(&home, &root.directory, &["--no-passphrase"]).succeeded().json();
    let issuers: Vec<&str> =
        report["cas"].as_array().unwrap().iter().map(|ca| ca["issuer"].as_str().unwrap()).collect();
    assert_eq!(issuers, ["root/1", "issuing/1"]);
    assert_eq!(
        report["issuing"],
        json!({
            "issuer": "issuing/2", "new": true, "scope": report["issuing"]["scope"], "not_after": report["issuing"]["not_after"],
        })
    );
    let certificate = below.path("certs/intermediate.cert.pem");
    assert_eq!(revoked(&home, &certificate, "issuing-1.crl"), [(serial, "Superseded".to_owned())]);
    assert!(revoked(&home, &root.path("certs/ca.cert.pem"), "root-1.crl").is_empty());
    accept(&root.path("certs/ca.cert.pem"), &home, "nas.lan");
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&root.path("certs/ca.cert.pem"), &home, "new.lan");
}

#[test]
fn without_the_root_key_the_ca_below_issues() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    root.below();
    std::fs::remove_file(root.path("private/ca.key.pem")).unwrap();
    let report = import(&home, &root.directory, &[]).succeeded().json();
    assert_eq!((&report["issuing"]["issuer"], &report["issuing"]["new"]), (&json!("issuing/1"), &json!(false)));
    assert_eq!(report["root_key"], Value::Null);
    let told = TestHome::empty().hubca(&["import", "openssl", root.directory.to_str().unwrap(), "--dry-run"]);
    let words = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("issuing/1, as it is it has no limits: the key of the root is not there"), "{told}");
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&root.path("certs/ca.cert.pem"), &home, "new.lan");
}

#[test]
fn a_root_that_allows_no_ca_below_it_issues_itself() {
    let home = TestHome::empty();
    let extensions = USUAL.root.replace("CA:TRUE", "CA:TRUE,pathlen:0");
    let root = OpensslCa::root(home.directory(), Choice { root: &extensions, ..USUAL });
    let limited = import(&home, &root.directory, &["--no-passphrase", "--permit", "example.com"]).failed_with(1);
    assert!(limited.error()["message"].as_str().unwrap().contains("allows no CA below it"), "{limited}");
    let report = import(&home, &root.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!((&report["issuing"]["issuer"], &report["issuing"]["scope"]), (&json!("root/1"), &Value::Null));
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    accept(&root.path("certs/ca.cert.pem"), &home, "hub.lan");
    home.hubca(&["renew", "hub.lan", "--force"]).succeeded();
    home.hubca(&["revoke", "hub.lan", "--yes"]).succeeded();
    assert_eq!(revoked(&home, &root.path("certs/ca.cert.pem"), "root-1.crl").len(), 1);
    let status = home.hubca(&["--json", "status"]).json().to_string();
    assert!(
        status.contains("issuing_root_unprotected") && !status.contains("\"root_key_unprotected\",\"s"),
        "{status}"
    );
    home.hubca(&["renew", "--install-timer", "--print", "--with", "systemd"]).succeeded();
    let passphrase = passphrase_file(&home);
    home.hubca(&["key", "protect", "root", "--root-passphrase-file", &passphrase]).succeeded();
    let timer =
        ["--json", "renew", "--install-timer", "--print", "--with", "systemd", "--passphrase-file", &passphrase];
    let locked = home.hubca(&timer).failed_with(1).error().to_string();
    assert!(locked.contains("given to no timer") && locked.contains("key unprotect root"), "{locked}");
    home.hubca(&["renew", "hub.lan", "--force", "--root-passphrase-file", &passphrase]).succeeded();
    let change = ["--json", "rotate", "root", "begin", "--root-passphrase-file", &passphrase, "--yes"];
    let message = home.hubca(&change).failed_with(1).error().to_string();
    assert!(message.contains("its path length is 0"), "{message}");
    home.hubca(&["key", "unprotect", "root", "--root-passphrase-file", &passphrase]).succeeded();
    let message = home.hubca(&["rotate", "issuing", "--yes"]).failed_with(1);
    assert!(message.stderr.contains("allows 0 CAs below it"), "{message}");
}

#[test]
fn a_configuration_says_where_things_lie() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    ca.issue("hub.lan", "");
    for (from, to) in [("index.txt", "book"), ("certs/ca.cert.pem", "the-root"), ("private/ca.key.pem", "the-key")] {
        std::fs::rename(ca.path(from), ca.path(to)).unwrap();
    }
    // It was moved since, and its configuration names the old place.
    let config = std::fs::read_to_string(ca.path("openssl.cnf")).unwrap();
    let config = config.replace(ca.directory.to_str().unwrap(), "/root/elsewhere");
    let config = config.replace("$dir/index.txt", "$dir/book").replace("$dir/certs/ca.cert.pem", "$dir/the-root");
    let config = config.replace("$dir/private/ca.key.pem", "$dir/the-key");
    let path = home.directory().join("the.cnf");
    std::fs::write(&path, config).unwrap();
    let report =
        import(&home, &ca.directory, &["--no-passphrase", "--config", path.to_str().unwrap()]).succeeded().json();
    assert_eq!(report["certificates"]["good"], 1);
}

#[test]
fn a_dry_run_tells_all_and_does_nothing() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    ca.issue("hub.lan", "");
    let report = import(&home, &ca.directory, &["--dry-run"]).succeeded().json();
    assert_eq!((&report["dry_run"], &report["certificates"]["good"]), (&json!(true), &json!(1)));
    assert!(!home.path().exists());
    let told = home.hubca(&["import", "openssl", ca.directory.to_str().unwrap(), "--dry-run"]).succeeded();
    assert!(told.stdout.contains("would move in") && told.stdout.contains("nothing was done"), "{told}");
}

#[test]
fn lines_that_are_none_are_named_and_the_others_move_in() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let mut book = std::fs::read_to_string(ca.path("index.txt")).unwrap();
    book.push_str("V\t271229201530Z\t\tABCDEF\tunknown\t/CN=lost.lan\r\n");
    book.push_str("nonsense\n");
    book.push_str("R\t271229201530Z\t261129201530Z,keyTime,20260101000000Z\t0B\tunknown\t/CN=\\xC3\\xA9t\\xC3\\xA9\n");
    book.push_str("V\t271229201530Z\t\t0B\tunknown\t/CN=twice.lan");
    std::fs::write(ca.path("index.txt"), book).unwrap();
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    let lines: Vec<i64> =
        report["not_taken"].as_array().unwrap().iter().filter_map(|one| one["line"].as_i64()).collect();
    assert_eq!(lines, [2, 3, 4], "{report}");
    let show = home.hubca(&["--json", "show", "0b"]).succeeded().json();
    assert_eq!((&show["subject"], &show["status"]), (&json!("/CN=été"), &json!("revoked")));
    assert_eq!(
        (&show["not_before"], &show["pem"], &show["revocation_reason"]),
        (&Value::Null, &Value::Null, &json!("keyCompromise"))
    );
    assert_eq!(
        revoked(&home, &ca.path("certs/ca.cert.pem"), "root-1.crl"),
        [("0b".to_owned(), "Key Compromise".to_owned())]
    );
    home.hubca(&["revoke", "abcdef", "--yes"]).succeeded();
    let numbers: Vec<String> =
        revoked(&home, &ca.path("certs/ca.cert.pem"), "root-1.crl").into_iter().map(|(serial, _)| serial).collect();
    assert_eq!(numbers, ["0b", "abcdef"], "also of what is known by its line alone");
    home.hubca(&["audit", "verify"]).succeeded();
}

#[test]
fn an_old_root_is_followed_by_a_new_one_in_steps_and_devices_lose_nothing() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    ca.issue("hub.lan", "");
    import(&home, &ca.directory, &["--no-passphrase"]).succeeded();
    let old = ca.path("certs/ca.cert.pem");
    home.hubca(&["rotate", "root", "begin", "--no-passphrase", "--yes"]).succeeded();
    accept(&old, &home, "hub.lan");
    home.hubca(&["rotate", "root", "cut-over", "--now", "--yes"]).succeeded();
    home.hubca(&["renew", "hub.lan", "--force"]).succeeded();
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    for label in ["hub.lan", "new.lan"] {
        accept(&old, &home, label);
        accept(&home.file("root/2/root.crt.pem"), &home, label);
    }
    home.hubca(&["rotate", "root", "retire", "--yes"]).succeeded();
    accept(&home.file("root/2/root.crt.pem"), &home, "new.lan");
    home.hubca(&["audit", "verify"]).succeeded();
}

#[test]
fn what_only_the_last_crl_revokes_stays_revoked() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let serials = ["hub.lan", "nas.lan", "gone.lan", "held.lan"].map(|name| ca.issue(name, ""));
    let before = std::fs::read_to_string(ca.path("index.txt")).unwrap();
    ca.revoke("gone.lan", "");
    ca.publish_crl();
    let earlier = std::fs::read(ca.path("crl/ca.crl.pem")).unwrap();
    ca.revoke("nas.lan", "-crl_reason keyCompromise");
    ca.revoke("held.lan", "-crl_hold holdInstructionReject");
    ca.publish_crl();
    std::fs::write(ca.path("crl/earlier.crl.pem"), earlier).unwrap();
    // The index of an earlier day, from which two lines were lost besides, and the certificates of one of them.
    let lines = before.lines().filter(|line| !line.contains("gone.lan") && !line.contains("held.lan"));
    std::fs::write(ca.path("index.txt"), lines.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    for path in ["certs/gone.lan.cert.pem".to_owned(), format!("newcerts/{}.pem", serials[2].to_uppercase())] {
        std::fs::remove_file(ca.path(&path)).unwrap();
    }
    // A list by nobody who moves in, and one that somebody has changed.
    let other = OpensslCa::root(&ca.path("certs"), USUAL);
    other.publish_crl();
    let foreign = std::fs::read(other.path("crl/ca.crl.pem")).unwrap();
    std::fs::remove_dir_all(&other.directory).unwrap();
    std::fs::write(ca.path("crl/foreign.crl.pem"), foreign).unwrap();

    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!(report["certificates"], json!({ "good": 1, "expired": 0, "revoked": 3 }));
    let mut expected = [(&serials[1], "Key Compromise"), (&serials[2], ""), (&serials[3], "")]
        .map(|(serial, reason)| (serial.clone(), reason.to_owned()));
    expected.sort();
    assert_eq!(revoked(&home, &ca.path("certs/ca.cert.pem"), "root-1.crl"), expected);
    let told = report["not_taken"].to_string();
    for part in ["not in any index: 1 of the certificates", "revoked for a time", "does not verify"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    let show = home.hubca(&["--json", "show", &serials[2]]).succeeded().json();
    assert_eq!((&show["status"], &show["names"], &show["pem"]), (&json!("revoked"), &json!([]), &Value::Null));
    home.hubca(&["audit", "verify"]).succeeded();
    let labels: Vec<&str> =
        report["labels"].as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["hub.lan"], "no key of what is revoked goes on");
}

#[test]
fn a_ca_below_under_another_passphrase_is_known_and_its_key_is_not_taken() {
    let home = TestHome::empty();
    let choice = Choice { sealed: "ec -aes256 -passout pass:open_sesame", ..USUAL };
    let root = OpensslCa::root(home.directory(), choice);
    let below = root.below();
    let serial = below.issue("hub.lan", "");
    below.revoke("hub.lan", "-crl_reason superseded");
    let (key, plain) = (below.path("private/intermediate.key.pem"), home.directory().join("plain.key"));
    std::fs::rename(&key, &plain).unwrap();
    openssl(&format!("ec -aes256 -passout pass:another_word -in {} -out {}", plain.display(), key.display()));
    let file = passphrase_file(&home);
    let words = ["--source-passphrase-file", &file, "--no-passphrase"];
    let report = import(&home, &root.directory, &words).succeeded().json();
    assert_eq!((&report["cas"][1]["key"], &report["cas"][1]["key_encrypted"]), (&json!(false), &Value::Null));
    assert_eq!((&report["issuing"]["issuer"], &report["issuing"]["new"]), (&json!("issuing/2"), &json!(true)));
    let told = report["not_taken"].to_string();
    assert!(told.contains("intermediate.key.pem") && told.contains("the passphrase does not open it"), "{told}");
    let show = home.hubca(&["--json", "show", &serial, "--issuer", "issuing/1"]).succeeded().json();
    assert_eq!(show["status"], "revoked");
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&root.path("certs/ca.cert.pem"), &home, "new.lan");
    home.hubca(&["audit", "verify"]).succeeded();
}

#[test]
fn that_the_key_of_an_old_ca_below_lies_open_is_told() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    root.below();
    let told = home.hubca(&["import", "openssl", root.directory.to_str().unwrap(), "--no-passphrase"]).succeeded();
    assert!(told.stdout.contains("its key lies without a passphrase"), "{told}");
}

#[test]
fn subjects_that_openssl_writes_in_its_index_are_read_as_they_were_meant() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let usual = std::fs::read_to_string(ca.path("openssl.cnf")).unwrap();
    let (key, request) = (ca.path("any.key"), ca.path("any.csr"));
    let mut expected = Vec::new();
    // A T61String, a UTF8String, and what has a meaning of its own in an index.
    for (mask, subject) in [
        ("nombstr", "/O=Küche/CN=Zürich"),
        ("utf8only", "/O=Küche/CN=Zürich"),
        ("utf8only", "/CN=a\tb,c=d;#"),
        ("utf8only", "/CN=日本"),
    ] {
        std::fs::write(ca.path("openssl.cnf"), usual.replace("utf8only", mask)).unwrap();
        let (key, request) = (key.display(), request.display());
        let words =
            format!("req -utf8 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {key} -out {request}");
        let config = ca.path("openssl.cnf");
        let made = Command::new("openssl")
            .args(words.split(' '))
            .args(["-config", config.to_str().unwrap(), "-subj", subject])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let serial = std::fs::read_to_string(ca.path("serial")).unwrap().trim().to_lowercase();
        ca.run(&format!("ca -batch -notext -extensions v3_server -in {request} -out {}", ca.path("any.pem").display()));
        expected.push((serial, subject));
    }
    for left in ["any.key", "any.csr", "any.pem"] {
        std::fs::remove_file(ca.path(left)).unwrap();
    }
    std::fs::remove_dir_all(ca.path("newcerts")).unwrap();
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!(report["not_taken"], json!([]));
    for (serial, subject) in expected {
        let show = home.hubca(&["--json", "show", &serial]).succeeded().json();
        assert_eq!(show["subject"], subject, "{serial}");
    }
}
