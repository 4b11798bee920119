//! CAs of `openssl ca` that are not quite as the guides make them: nothing of them is lost, and what cannot be read is named.

use std::path::Path;

use serde_json::{Value, json};

use crate::devices::{accept, revoked};
use crate::openssl::import;
use crate::openssl_ca::{OpensslCa, USUAL, openssl};
use crate::support::TestHome;

/// The reasons that are told of a file whose name ends so.
pub(crate) fn reasons(report: &Value, file: &str) -> Vec<String> {
    let not_taken = report["not_taken"].as_array().unwrap().iter();
    let of_it = not_taken.filter(|one| one["path"].as_str().unwrap().ends_with(file));
    of_it.map(|one| one["reason"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_number_that_stands_twice_is_one_certificate_with_one_label() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    ca.issue("hub.lan", "");
    let book = std::fs::read_to_string(ca.path("index.txt")).unwrap();
    std::fs::write(ca.path("index.txt"), format!("{book}{book}")).unwrap();
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!(report["certificates"]["good"], 1);
    assert_eq!(report["labels"][0]["label"], "hub.lan");
    assert_eq!(reasons(&report, "index.txt").len(), 1);
    accept(&ca.path("certs/ca.cert.pem"), &home, "hub.lan");
    home.hubca(&["audit", "verify"]).succeeded();
}

#[test]
fn a_ca_below_whose_life_is_over_keeps_nobody_out() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below();
    let serial = below.issue("old.lan", "");
    below.revoke("old.lan", "-crl_reason keyCompromise");
    let certificate = below.path("certs/intermediate.cert.pem");
    root.run(&format!(
        "ca -batch -notext -startdate 20200101000000Z -enddate 20210101000000Z -extensions v3_ca -in {} -out {}",
        below.path("intermediate.csr.pem").display(),
        certificate.display()
    ));
    let report = import(&home, &root.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!((&report["cas"][1]["issuer"], &report["cas"][1]["key"]), (&json!("issuing/1"), &json!(false)));
    assert_eq!((&report["issuing"]["issuer"], &report["issuing"]["new"]), (&json!("issuing/2"), &json!(true)));
    let told = reasons(&report, "intermediate.key.pem");
    assert!(told.iter().any(|reason| reason.contains("from 2020-01-01 to 2021-01-01")), "{report}");
    let show = home.hubca(&["--json", "show", &serial, "--issuer", "issuing/1"]).succeeded().json();
    assert_eq!((&show["status"], &show["revocation_reason"]), (&json!("revoked"), &json!("keyCompromise")));
    home.hubca(&["issue", "--dns", "new.lan"]).succeeded();
    accept(&root.path("certs/ca.cert.pem"), &home, "new.lan");
    home.hubca(&["audit", "verify"]).succeeded();
    let status = home.hubca(&["--json", "status"]).json();
    let findings = status["findings"].as_array().unwrap();
    assert!(findings.iter().all(|finding| finding["subject"] != "issuing/1"), "{status}");
    // Without the root's key nobody is left.
    let home = TestHome::empty();
    std::fs::remove_file(root.path("private/ca.key.pem")).unwrap();
    let refused = import(&home, &root.directory, &[]).failed_with(1);
    assert!(refused.error()["message"].as_str().unwrap().contains("2021-01-01"), "{refused}");
    assert!(!home.path().exists());
}

#[test]
fn what_is_no_ca_below_the_root_moves_in_as_a_certificate() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below();
    root.run(&format!(
        "ca -batch -notext -extensions v3_server -in {} -out {}",
        below.path("intermediate.csr.pem").display(),
        below.path("certs/intermediate.cert.pem").display()
    ));
    let report = import(&home, &root.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!(report["cas"].as_array().unwrap().len(), 1);
    assert!(reasons(&report, "intermediate.cert.pem").iter().any(|reason| reason.contains("may not sign")), "{report}");
    let listed = home.hubca(&["--json", "list"]).succeeded().json();
    assert!(listed.to_string().contains("Physics Intermediate CA"), "{listed}");
    home.hubca(&["audit", "verify"]).succeeded();
}

#[test]
fn what_a_configuration_names_outside_of_the_directory_moves_in_as_well() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let config = std::fs::read_to_string(ca.path("openssl.cnf")).unwrap();
    let elsewhere = home.directory().join("elsewhere");
    std::fs::create_dir_all(elsewhere.join("issued")).unwrap();
    let config = config
        .replace("$dir/newcerts", &elsewhere.join("issued").display().to_string())
        .replace("unique_subject", &format!("crl = {}\nunique_subject", elsewhere.join("the.crl").display()));
    std::fs::write(ca.path("openssl.cnf"), config).unwrap();
    let [kept, gone] = ["hub.lan", "gone.lan"].map(|name| ca.issue(name, ""));
    let before = std::fs::read(ca.path("index.txt")).unwrap();
    ca.revoke("gone.lan", "-crl_reason keyCompromise");
    ca.run(&format!("ca -gencrl -out {}", elsewhere.join("the.crl").display()));
    // Of what it issued only the copies over there are left, and its book has forgotten a revocation.
    std::fs::write(ca.path("index.txt"), before).unwrap();
    for name in ["certs/hub.lan.cert.pem", "certs/gone.lan.cert.pem", "private/gone.lan.key.pem"] {
        std::fs::remove_file(ca.path(name)).unwrap();
    }
    let config = ca.path("openssl.cnf");
    let words = ["--no-passphrase", "--config", config.to_str().unwrap()];
    let report = import(&home, &ca.directory, &words).succeeded().json();
    assert_eq!(report["labels"][0]["label"], "hub.lan");
    let show = home.hubca(&["--json", "show", &kept]).succeeded().json();
    assert_eq!((&show["status"], show["pem"].is_string()), (&json!("good"), true));
    assert_eq!(
        revoked(&home, &ca.path("certs/ca.cert.pem"), "root-1.crl"),
        [(gone, "Key Compromise".to_owned())],
        "{report}"
    );
}

#[test]
fn a_configuration_in_several_files_is_read_as_openssl_reads_it() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    ca.issue("hub.lan", "");
    ca.revoke("hub.lan", "");
    std::fs::rename(ca.path("index.txt"), ca.path("database.txt")).unwrap();
    let config = std::fs::read_to_string(ca.path("openssl.cnf")).unwrap().replace("index.txt", "database.txt");
    std::fs::write(ca.path("parts.cnf"), config).unwrap();
    let main = home.directory().join("main.cnf");
    std::fs::write(&main, format!(".include {}\n", ca.path("parts.cnf").display())).unwrap();
    openssl(&format!("ca -config {} -updatedb", main.display()));
    let words = ["--no-passphrase", "--config", main.to_str().unwrap()];
    let report = import(&home, &ca.directory, &words).succeeded().json();
    assert_eq!(report["certificates"]["revoked"], 1, "{report}");
}

#[test]
fn a_configuration_that_does_not_say_where_the_book_lies_is_refused() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let usual = std::fs::read_to_string(ca.path("openssl.cnf")).unwrap();
    let two = format!("{}[CA_other]\ndatabase = x\n", usual.replace("default_ca", "other_word"));
    let path = home.directory().join("odd.cnf");
    for (config, told) in [
        (two.as_str(), "several sections with a `database`: CA_default, CA_other"),
        (&usual.replace("$dir/index.txt", "$ENV::BOOKS/index.txt"), "needs the variable `ENV::BOOKS`"),
        (
            &usual.replace("database = ", "databank = "),
            "its section `CA_default` does not say where the `database` lies",
        ),
        ("", "no section with a `database`"),
        (".include nowhere.cnf", "nowhere.cnf"),
    ] {
        std::fs::write(&path, config).unwrap();
        let words = ["--no-passphrase", "--config", path.to_str().unwrap()];
        let refused = import(&home, &ca.directory, &words).failed_with(1);
        assert!(refused.error().to_string().contains(told), "{refused}");
        assert!(!home.path().exists());
    }
}

#[test]
fn a_ca_without_its_book_does_not_move_in_as_if_nothing_was_revoked() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    ca.issue("hub.lan", "");
    ca.revoke("hub.lan", "");
    std::fs::create_dir(ca.path("db")).unwrap();
    std::fs::rename(ca.path("index.txt"), ca.path("db/other")).unwrap();
    let refused = import(&home, &ca.directory, &["--no-passphrase"]).failed_with(1);
    assert!(refused.error().to_string().contains("what was revoked would be good again"), "{refused}");
    assert!(!home.path().exists());
    std::fs::rename(ca.path("db/other"), ca.path("db/index")).unwrap();
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!(report["certificates"]["revoked"], 1, "{report}");
}

#[test]
fn a_copy_of_a_ca_in_its_own_directory_is_no_ca_below_it() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    ca.issue("hub.lan", "");
    let copy = ca.path("backup-2024");
    for (directory, name) in [("certs", "certs/ca.cert.pem"), ("private", "private/ca.key.pem"), ("", "index.txt")] {
        std::fs::create_dir_all(copy.join(directory)).unwrap();
        std::fs::copy(ca.path(name), copy.join(name)).unwrap();
    }
    std::fs::create_dir(ca.path("old")).unwrap();
    std::fs::copy(ca.path("index.txt"), ca.path("old/index.txt")).unwrap();
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!(report["cas"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!((&report["issuing"]["issuer"], &report["issuing"]["new"]), (&json!("issuing/1"), &json!(true)));
    assert!(reasons(&report, "backup-2024/certs/ca.cert.pem")[0].contains("moves in already"), "{report}");
    assert!(reasons(&report, "old/index.txt")[0].contains("is not read"), "{report}");
    let key = |path: &Path| openssl(&format!("pkey -in {} -pubout", path.display()));
    assert_ne!(key(&home.file("issuing/1/ca.key.pem")), key(&ca.path("private/ca.key.pem")));
    accept(&ca.path("certs/ca.cert.pem"), &home, "hub.lan");
}

#[test]
fn a_link_that_is_the_key_itself_is_followed_and_no_other() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let stick = home.directory().join("stick.key");
    let key = ca.path("private/ca.key.pem");
    std::fs::rename(&key, &stick).unwrap();
    std::os::unix::fs::symlink(&stick, &key).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", ca.path("certs/elsewhere")).unwrap();
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!(report["issuing"]["new"], true);
    assert_eq!(reasons(&report, "ca.key.pem"), [""; 0]);
    assert!(reasons(&report, "certs/elsewhere")[0].contains("leads out"), "{report}");
}

#[test]
fn a_key_is_found_whatever_its_file_is_called_and_however_it_is_written() {
    for rename in [rename as fn(&Path, &Path), to_der] {
        for name in ["serial.lan.key", "www.key.old", "deep.md"] {
            let home = TestHome::empty();
            let ca = OpensslCa::root(home.directory(), USUAL);
            ca.issue("hub.lan", "");
            rename(&ca.path("private/hub.lan.key.pem"), &ca.path("private").join(name));
            let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
            assert_eq!(report["labels"][0]["label"], "hub.lan", "{name}: {report}");
            assert_eq!(report["not_taken"], json!([]), "{name}");
        }
    }
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    to_der(&ca.path("private/ca.key.pem"), &ca.path("private/ca.key.der"));
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!((&report["issuing"]["new"], &report["cas"][0]["key"]), (&json!(true), &json!(true)), "{report}");
}

fn rename(from: &Path, to: &Path) {
    std::fs::rename(from, to).unwrap();
}

fn to_der(from: &Path, to: &Path) {
    openssl(&format!("pkey -in {} -outform DER -out {}", from.display(), to.display()));
    std::fs::remove_file(from).unwrap();
}

#[test]
fn a_root_with_the_serial_number_zero_is_one_that_devices_take() {
    let home = TestHome::empty();
    let [cert, key] = ["root.crt", "root.key"].map(|name| home.directory().join(name).display().to_string());
    openssl(&format!(
        "req -x509 -newkey rsa:2048 -nodes -set_serial 0 -days 3650 -subj /CN=Old -addext \
         keyUsage=critical,keyCertSign,cRLSign -keyout {key} -out {cert}"
    ));
    let words = ["--json", "import", "pem", "--root-cert", &cert, "--root-key", &key, "--no-passphrase"];
    let report = home.hubca(&words).succeeded().json();
    let rules: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    assert!(!rules.contains(&"serial"), "{report}");
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    accept(Path::new(&cert), &home, "hub.lan");
}

#[test]
fn a_certificate_with_the_number_of_the_root_is_named_and_not_lost_without_a_word() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    let number = ca.serial(&ca.path("certs/ca.cert.pem"));
    std::fs::write(ca.path("serial"), format!("{number}\n")).unwrap();
    assert_eq!(ca.issue("hub.lan", ""), number);
    ca.issue("nas.lan", "");
    let report = import(&home, &ca.directory, &["--no-passphrase", "--dry-run"]).succeeded().json();
    assert_eq!((&report["certificates"]["good"], report["labels"].as_array().unwrap().len()), (&json!(1), 1));
    assert!(reasons(&report, "index.txt")[0].contains("of the root itself"), "{report}");
    assert!(reasons(&report, "hub.lan.cert.pem")[0].contains("of the root itself"), "{report}");
    ca.revoke("hub.lan", "");
    ca.publish_crl();
    let report = import(&home, &ca.directory, &["--no-passphrase"]).succeeded().json();
    for file in ["index.txt", "ca.crl.pem"] {
        let told = reasons(&report, file);
        assert!(told.len() == 1 && told[0].contains("without revoking the root"), "{file}: {report}");
    }
    assert_eq!(report["certificates"], json!({ "good": 1, "expired": 0, "revoked": 0 }));
    assert_eq!(revoked(&home, &ca.path("certs/ca.cert.pem"), "root-1.crl"), []);
    home.hubca(&["audit", "verify"]).succeeded();
}

#[test]
fn a_ca_some_directories_below_moves_in_with_its_book() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below();
    let serial = below.issue("old.lan", "");
    below.revoke("old.lan", "-crl_reason keyCompromise");
    std::fs::create_dir_all(root.path("cas/physics")).unwrap();
    std::fs::rename(&below.directory, root.path("cas/physics/intermediate")).unwrap();
    let report = import(&home, &root.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!((&report["cas"][1]["issuer"], &report["certificates"]["revoked"]), (&json!("issuing/1"), &json!(1)));
    assert_eq!(reasons(&report, "index.txt"), [""; 0], "{report}");
    let show = home.hubca(&["--json", "show", &serial, "--issuer", "issuing/1"]).succeeded().json();
    assert_eq!(show["revocation_reason"], "keyCompromise");
}

#[test]
fn a_copy_of_a_ca_that_is_older_takes_nothing_back() {
    let home = TestHome::empty();
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below();
    let old = below.issue("dead.lan", "");
    // The copy comes first by its name, and knows nothing of what follows.
    copy(&below.directory, &root.path("backup-2024"));
    below.revoke("dead.lan", "-crl_reason keyCompromise");
    let new = below.issue("new.lan", "");
    let report = import(&home, &root.directory, &["--no-passphrase"]).succeeded().json();
    assert_eq!(report["cas"].as_array().unwrap().len(), 2, "{report}");
    assert_eq!(report["certificates"], json!({ "good": 2, "expired": 0, "revoked": 1 }), "{report}");
    let labels: Vec<&str> =
        report["labels"].as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["new.lan"]);
    let status = |serial: &str| {
        home.hubca(&["--json", "show", serial, "--issuer", "issuing/1"]).succeeded().json()["status"].clone()
    };
    assert_eq!((status(&old), status(&new)), (json!("revoked"), json!("good")));
    let told = reasons(&report, "intermediate.cert.pem");
    assert!(told.iter().any(|reason| reason.contains("is read for the same CA")), "{report}");
    assert_eq!(reasons(&report, "index.txt"), [""; 0], "{report}");
    let list = below.path("certs/intermediate.cert.pem");
    assert_eq!(revoked(&home, &list, "issuing-1.crl"), [(old, "Key Compromise".to_owned())]);
    home.hubca(&["audit", "verify"]).succeeded();
}

fn copy(from: &Path, to: &Path) {
    let copied = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(copied.success());
}
