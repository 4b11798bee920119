//! A home of which something is not as it was written: its backups say so, and are restored where that is wanted.

use std::fs;

use crate::scene::Scene;

#[test]
fn what_is_not_as_it_was_written_is_restored_by_a_flag_alone_and_told_for_good() {
    let scene = Scene::new();
    for name in ["hub.lan", "nas.lan"] {
        scene.home.hubca(&["issue", "--dns", name]).succeeded();
    }
    let serial = scene.home.hubca(&["show", "nas.lan", "--json"]).succeeded().json()["serial"].clone();
    scene.home.hubca(&["revoke", "nas.lan", "--yes"]).succeeded();
    let ledger = rusqlite::Connection::open(scene.home.file("ledger.db")).unwrap();
    assert_eq!(ledger.execute("UPDATE certificates SET revoked_at = NULL WHERE label = 'nas.lan'", []).unwrap(), 1);
    drop(ledger);
    let path = scene.file("hub.tar.age");
    let place = path.to_str().unwrap();
    let made = scene.run(&["backup", place]).failed_with(3);
    assert!(made.stdout.contains("--with-flaws"), "{made}");
    let looked_at = scene.run(&["backup", "verify", place]).failed_with(3);
    assert!(
        looked_at.stdout.contains("restore --with-flaws") && !looked_at.stdout.contains("cannot be"),
        "{looked_at}"
    );
    let refused = scene.restore(&path, "again").failed_with(1);
    // The home that was named stands in what is to be typed.
    let line = format!("hubca --home {} restore --with-flaws FILE", scene.file("again").display());
    assert!(refused.error()["hints"][1].as_str().unwrap().contains(&line), "{refused}");
    assert!(!scene.file("again").exists());
    let restored = scene.restore_with(&path, "again", &["--with-flaws"]).failed_with(3).json();
    let findings = restored["findings"].as_array().unwrap();
    assert!(
        findings.iter().all(|finding| match finding["kind"].as_str() {
            Some("certificate") => finding["subject"] == serial,
            // It is due at once, of which its certificate says nothing.
            kind => kind == Some("lineage") && finding["subject"] == "nas.lan",
        }),
        "{restored}"
    );
    assert_eq!((&restored["ok"], &restored["set_right"]["revocations"]), (&false.into(), &1.into()));
    let log = scene.elsewhere("again", &["audit", "--last", "1", "--act", "restore"]).succeeded().json();
    assert_eq!((&log[0]["act"], &log[0]["detail"]["flaws"]), (&"restore".into(), &findings.len().into()));
    // What the log says was revoked is in the list that the restored home signs.
    scene.elsewhere("again", &["renew"]).succeeded();
    let list = scene.elsewhere("again", &["inspect", "again/crl/issuing-1.crl"]).succeeded();
    assert!(list.stdout.contains(serial.as_str().unwrap()), "{list}");
    // What is known is no reason to call a backup of it unsound, nor to keep more of them than are wanted.
    let again = scene.file("again.tar.age");
    let words = scene.file("passphrase");
    let line = ["backup", again.to_str().unwrap(), "--backup-passphrase-file", words.to_str().unwrap()];
    let verified = scene.elsewhere("again", &["audit", "verify"]).succeeded().json();
    assert_eq!((&verified["ok"], &verified["findings"]), (&true.into(), &serde_json::json!([])), "{verified}");
    scene.elsewhere("again", &line).succeeded();
    scene.restore(&again, "third").succeeded();
}

#[test]
fn a_ca_whose_key_is_another_is_not_restored_by_the_flag_either() {
    let (scene, other) = (Scene::new(), Scene::new());
    fs::copy(other.home.file("issuing/1/ca.key.pem"), scene.home.file("issuing/1/ca.key.pem")).unwrap();
    let path = scene.file("hub.tar.age");
    let made = scene.run(&["backup", path.to_str().unwrap()]).failed_with(3);
    assert!(!made.stdout.contains("--with-flaws"), "{made}");
    let refused = scene.restore_with(&path, "again", &["--with-flaws"]).failed_with(1);
    assert!(!refused.stderr.contains("--with-flaws"), "{refused}");
    assert!(!scene.file("again").exists() && !scene.file(".again.restoring").exists());
}

#[test]
fn hints_of_what_is_named_alone_name_no_option() {
    let scene = Scene::new();
    std::os::unix::fs::symlink("nowhere", scene.file("link")).unwrap();
    let refused = |line: &[&str], hint: &str| {
        let answer = scene.run(line);
        assert!(answer.code != Some(0) && answer.stderr.contains(hint) && !answer.stderr.contains("--out"), "{answer}");
    };
    refused(&["backup", scene.file("link").to_str().unwrap()], "give it another name, or write over it with --force");
    refused(&["backup", "/dev/null"], "hint: name a file");
    refused(&["backup", "/dev/null", "--force"], "hint: name a file");
    let answer = scene.home.hubca(&["audit", "export", "-", "--json"]).failed_with(2);
    assert!(answer.stderr.contains("`--json` and `-`") && !answer.stderr.contains("--out"), "{answer}");
    let status = scene.home.hubca(&["status", "--offline"]);
    assert!(status.stdout.replace("\n", " ").contains("backup FILE"), "{status}");
    assert!(!status.stdout.contains("hubca backup FILE"), "{status}");
}
