//! The commands: what they refuse, what they say, and that nothing is changed where they fail.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use crate::{chain::Name, scene::Scene, support::TestHome};

/// A file with a passphrase.
fn secret(home: &TestHome, name: &str) -> String {
    let path = home.directory().join(name);
    fs::write(&path, format!("{name} horse\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Every file of a home but the ledger's, with its content.
fn files(home: &TestHome) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut left = vec![home.path().to_owned()];
    while let Some(directory) = left.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                left.push(path);
            } else if !path.to_str().unwrap().contains("ledger.db") {
                found.push((path.clone(), fs::read(&path).unwrap_or_default()));
            }
        }
    }
    found.sort();
    found
}

fn is_encrypted(path: PathBuf) -> bool {
    fs::read_to_string(path).unwrap().contains("BEGIN ENCRYPTED PRIVATE KEY")
}

#[test]
fn a_wrong_passphrase_and_a_missing_key_change_nothing() {
    let home = TestHome::empty();
    let (right, wrong) = (secret(&home, "right"), secret(&home, "wrong"));
    home.hubca(&["init", "--root-passphrase-file", &right]).succeeded();
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let before = files(&home);
    let audit = || home.hubca(&["list", "--all", "--json"]).succeeded().json();
    let known = audit();
    for line in [&["rotate", "issuing"][..], &["rotate", "root", "begin"]] {
        let refused = home.hubca(&[line, &["--json", "--root-passphrase-file", &wrong]].concat()).failed_with(1);
        assert_eq!(refused.error()["kind"], "passphrase");
        assert_eq!(home.hubca(&[line, &["--json"]].concat()).failed_with(1).error()["kind"], "passphrase");
        let key = home.file("issuing/1/ca.key.pem");
        let other = home.hubca(&[line, &["--no-such", "--json"]].concat()).failed_with(2);
        assert_eq!(other.error()["kind"], "usage");
        let other = [line, &["--root-key", key.to_str().unwrap(), "--json"]].concat();
        home.hubca(&other).failed_with(1);
        home.hubca(&[line, &["--root-key", "/no/such", "--json"]].concat()).failed_with(1);
    }
    assert_eq!(files(&home), before);
    assert_eq!(audit(), known);
    let stick = home.directory().join("stick.pem");
    fs::rename(home.file("root/root.key.pem"), &stick).unwrap();
    let error = home.hubca(&["rotate", "issuing", "--json"]).failed_with(1).error();
    assert_eq!(error["kind"], "not_found");
    assert!(error["hints"].to_string().contains("--root-key"), "{error}");
    let line = ["rotate", "issuing", "--root-key", stick.to_str().unwrap(), "--root-passphrase-file", &right, "--json"];
    home.hubca(&[&line[..], &["--dry-run"]].concat()).succeeded();
    assert!(!home.file("issuing/2").exists());
    let answer = home.hubca(&line).succeeded().json();
    assert_eq!(answer["earlier"]["certificates"], 1);
    assert_eq!(answer["issuing"]["files"]["key"], home.file("issuing/2/ca.key.pem").to_str().unwrap());
    assert!(!is_encrypted(home.file("issuing/2/ca.key.pem")));
}

#[test]
fn the_new_root_has_the_passphrase_of_the_old_one_or_the_one_it_is_given() {
    let home = TestHome::empty();
    let (right, other) = (secret(&home, "right"), secret(&home, "other"));
    home.hubca(&["init", "--root-passphrase-file", &right]).succeeded();
    home.hubca(&["rotate", "root", "begin", "--root-passphrase-file", &right]).succeeded();
    assert!(is_encrypted(home.file("root/2/root.key.pem")));
    home.hubca(&["rotate", "root", "cut-over"]).succeeded();
    home.hubca(&["rotate", "root", "retire"]).succeeded();
    // The key of the new root is the root key from now on.
    home.hubca(&["rotate", "issuing", "--root-passphrase-file", &right]).succeeded();
    let stick = home.directory().join("stick");
    fs::create_dir(&stick).unwrap();
    let begin = ["rotate", "root", "begin", "--root-passphrase-file", &right, "--new-root-passphrase-file", &other];
    home.hubca(&[&begin[..], &["--root-key-out", stick.to_str().unwrap()]].concat()).succeeded();
    assert!(is_encrypted(stick.join("root-3.key.pem")) && !home.file("root/3/root.key.pem").exists());
    home.hubca(&["rotate", "root", "cut-over"]).succeeded();
    let key = stick.join("root-3.key.pem");
    let line = ["rotate", "issuing", "--root-key", key.to_str().unwrap(), "--root-passphrase-file"];
    home.hubca(&[&line[..], &[&right]].concat()).failed_with(1);
    home.hubca(&[&line[..], &[&other]].concat()).succeeded();
}

#[test]
fn steps_out_of_turn_are_refused_and_the_same_step_again_is_none() {
    let scene = Scene::new(&[]);
    let refused = |step: &str| {
        let error = scene.home.hubca(&["rotate", "root", step, "--json"]).failed_with(1).error();
        assert!(!error["hints"].as_array().unwrap().is_empty(), "{error}");
        error["message"].as_str().unwrap().to_owned()
    };
    for step in ["cut-over", "retire", "abandon"] {
        assert_eq!(refused(step), "no change of root is under way");
    }
    assert_eq!(scene.rotate(&[])["state"], "none");
    scene.issue(&Name::dns("hub.lan"));
    assert!(scene.home.hubca(&["rotate", "root", "begin"]).failed_with(1).stderr.contains("--no-passphrase"));
    let begun = scene.rotate(&["begin", "--no-passphrase"]);
    assert_eq!((&begun["taken"], &begun["state"]), (&true.into(), &"begun".into()));
    assert_eq!(begun["chains"], serde_json::json!(["hub.lan"]));
    let again = scene.rotate(&["begin"]);
    assert_eq!((&again["taken"], &again["roots"]), (&false.into(), &begun["roots"]), "no second new root by accident");
    assert!(refused("retire").contains("not cut over"));
    assert_eq!(scene.rotate(&["cut-over"])["taken"], true);
    assert_eq!(scene.rotate(&["cut-over"])["taken"], false);
    assert!(refused("abandon").contains("cut over"));
    assert_eq!(refused("retire"), "of the certificates in use, 1 still lead to the old root");
    scene.issue(&Name::dns("hub.lan"));
    assert_eq!(scene.rotate(&["retire"])["taken"], true);
    assert_eq!(scene.rotate(&["retire"])["taken"], false);
    let roots = scene.rotate(&[])["roots"].clone();
    let standing: Vec<_> = roots.as_array().unwrap().iter().map(|root| root["standing"].as_str().unwrap()).collect();
    assert_eq!(standing, ["in_force", "earlier"]);
}

#[test]
fn a_root_below_which_no_two_cas_may_stand_is_followed_by_none() {
    let scene = Scene::new(&[]);
    let mut root = rcgen::CertificateParams::default();
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(1));
    let root = root.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap();
    let ledger = rusqlite::Connection::open(scene.home.file("ledger.db")).unwrap();
    let short = "UPDATE issuers SET certificate = ?1 WHERE role = 'root'";
    assert_eq!(ledger.execute(short, [root.der().as_ref()]).unwrap(), 1);
    let count = || ledger.query_row("SELECT COUNT(*) FROM issuers", [], |row| row.get::<_, i64>(0)).unwrap();
    fs::write(scene.home.file("root/root.crt.pem"), hubca::x509::pem::encode("CERTIFICATE", root.der())).unwrap();
    let (before, cas) = (files(&scene.home), count());
    // Before a passphrase is asked for.
    let error = scene.home.hubca(&["rotate", "root", "begin", "--json"]).failed_with(1).error();
    assert_eq!(error["kind"], "refused");
    assert!(error["message"].as_str().unwrap().contains("path length is 1"), "{error}");
    assert_eq!((files(&scene.home), count()), (before, cas));
}

#[test]
fn the_same_rotation_again_makes_no_third_ca() {
    let scene = Scene::new(&[]);
    scene.issue(&Name::dns("hub.lan"));
    let rotate = |options: &[&str]| {
        let line = [&["rotate", "issuing", "--json"], options].concat();
        scene.home.hubca(&line).succeeded().json()
    };
    let made = rotate(&[]);
    assert_eq!(made["taken"], true);
    for options in [&[][..], &["--dry-run"], &["--root-key", "/no/such"], &["--now"]] {
        let again = rotate(options);
        assert_eq!((&again["taken"], &again["issuing"]), (&false.into(), &made["issuing"]), "{options:?}");
        assert_eq!(again["earlier"]["serial"], made["earlier"]["serial"]);
    }
    // The last of them has moved a server over: now it is in use.
    assert_eq!(rotate(&["--dry-run"])["issuing"], serde_json::Value::Null);
    assert_eq!(rotate(&[])["taken"], true);
    assert_eq!(rotate(&["--force"])["taken"], true);
    assert!(scene.home.file("issuing/4").exists() && !scene.home.file("issuing/5").exists());
}

#[test]
fn a_change_that_is_given_up_leaves_everything_as_it_was() {
    let mut scene = Scene::new(&[]);
    let name = Name::dns("hub.lan");
    scene.issue(&name);
    let before = fs::read(scene.served(&name).issuing).unwrap();
    scene.begin(&[]);
    assert_ne!(fs::read(scene.served(&name).issuing).unwrap(), before);
    assert_eq!(scene.rotate(&["abandon"])["state"], "none");
    assert_eq!(fs::read(scene.served(&name).issuing).unwrap(), before);
    scene.begin(&[]);
    assert!(scene.home.file("root/3/root.crt.pem").exists());
}

#[test]
fn a_lineage_whose_chain_was_not_written_is_finished_by_the_same_step() {
    let scene = Scene::new(&[]);
    scene.issue(&Name::dns("a.lan"));
    scene.issue(&Name::dns("b.lan"));
    let before = fs::read(scene.home.file("live/b.lan/chain.pem")).unwrap();
    scene.begin(&[]);
    // As if it had been stopped between the two: the one file was not written yet.
    fs::write(scene.home.file("live/b.lan/chain.pem"), before).unwrap();
    assert_eq!(scene.rotate(&["begin"])["chains"], serde_json::json!(["b.lan"]));
    assert_eq!(scene.rotate(&["begin"])["chains"], serde_json::json!([]));
}

#[test]
fn servers_move_over_at_once_where_that_is_wanted() {
    let scene = Scene::new(&[]);
    let names = [Name::dns("a.lan"), Name::ip("192.168.0.7")];
    names.iter().for_each(|name| scene.issue(name));
    let out = scene.home.directory().join("server");
    let copy = ["issue", "--dns", "c.lan", "--out", out.to_str().unwrap()];
    scene.home.hubca(&copy).succeeded();
    let answer = scene.home.hubca(&["rotate", "issuing", "--now", "--json"]).succeeded().json();
    let moved: Vec<_> = answer["moved"].as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap()).collect();
    assert_eq!(moved, ["192.168.0.7", "a.lan", "c.lan"]);
    let second = fs::read(scene.home.file("issuing/2/ca.crt.pem")).unwrap();
    assert_eq!(fs::read(out.join("chain.pem")).unwrap(), second);
    scene.begin(&[]);
    let chain = fs::read(out.join("chain.pem")).unwrap();
    assert!(chain.starts_with(&second) && chain.len() > second.len(), "the copy has the new chain as well");
    let answer = scene.rotate(&["cut-over", "--now"]);
    assert_eq!((answer["moved"].as_array().unwrap().len(), &answer["below_old"]), (3, &serde_json::json!([])));
    let third = fs::read(scene.home.file("issuing/3/ca.crt.pem")).unwrap();
    assert!(fs::read(out.join("chain.pem")).unwrap().starts_with(&third));
    // Once more: nobody is left to move.
    assert_eq!(scene.rotate(&["cut-over", "--now"])["moved"], serde_json::json!([]));
    scene.rotate(&["retire"]);
    assert_eq!(fs::read(out.join("chain.pem")).unwrap(), third);
}

#[test]
fn what_a_revoked_ca_issued_is_not_called_good_and_its_successor_says_that_servers_want_theirs_now() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let shown = || home.hubca(&["show", "hub.lan", "--json"]).succeeded().json();
    assert_eq!((&shown()["status"], &shown()["issuer_revoked"]), (&"good".into(), &false.into()));
    let ca = home.file("issuing/1/ca.crt.pem");
    home.hubca(&["revoke", ca.to_str().unwrap(), "--reason", "cACompromise"]).succeeded();
    assert_eq!((&shown()["begun"], &shown()["issuer_revoked"]), (&true.into(), &true.into()));
    let listed = home.hubca(&["list"]).succeeded();
    assert!(listed.stdout.contains("CA revoked") && !listed.stdout.contains("good"), "{listed}");
    let password = secret(&home, "a password for the file");
    let line = ["export", "p12", "hub.lan", "--password-file", &password, "--out", "hub.p12", "--json"];
    let refused = home.hubca(&line).failed_with(1).error();
    assert!(refused["message"].as_str().unwrap().contains("a CA that was revoked"), "{refused}");
    assert!(refused["hints"].to_string().contains("renew hub.lan"), "{refused}");
    let made = home.hubca(&["rotate", "issuing"]).succeeded();
    assert!(
        made.stdout.contains("nobody has to trust what it issued") && made.stdout.contains("move over now"),
        "{made}"
    );
    assert_eq!(home.hubca(&["renew", "--json"]).succeeded().json()[0]["outcome"], "renewed");
    assert_eq!((&shown()["status"], &shown()["issuer_revoked"]), (&"good".into(), &false.into()));
    home.hubca(&line).succeeded();
}
