//! A CA that was made after a backup comes back into the home that was restored from it, and what it issued with it.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::scene::{Scene, secret};
use crate::support::responder::AtWork;

/// A home that was backed up, made another issuing CA, issued two by it and lost its disk: `saved` is what was saved of it.
fn lost() -> Scene {
    let scene = Scene::new();
    scene.home.hubca(&["issue", "--dns", "before.lan"]).succeeded();
    let path = scene.back_up("hub.tar.age", &["--with-leaf-keys", "--with-root-key"]);
    scene.home.hubca(&["rotate", "issuing"]).succeeded();
    for name in ["hub.lan", "nas.lan"] {
        let out = scene.file(name);
        scene.home.hubca(&["issue", "--dns", name, "--out", out.to_str().unwrap()]).succeeded();
    }
    fs::rename(scene.home.path(), scene.file("saved")).unwrap();
    scene.restore(&path, "home").succeeded();
    scene
}

fn word(scene: &Scene, name: &str) -> String {
    scene.file(name).to_str().unwrap().to_owned()
}

fn json_of(scene: &Scene, line: &[&str]) -> Value {
    scene.home.hubca(&[line, &["--json"]].concat()).succeeded().json()
}

/// What became of each certificate: its outcome, what it is or its label, its issuer, and its key.
fn about(answer: &Value) -> Vec<Value> {
    let entries = answer["certificates"].as_array().unwrap().iter();
    let mut told: Vec<Value> = entries
        .map(|entry| {
            let what = if entry["ca"].is_null() { &entry["label"] } else { &entry["ca"] };
            json!([entry["outcome"], what, entry["issuer"], entry["key"]])
        })
        .collect();
    told.sort_by_key(Value::to_string);
    told
}

#[test]
fn a_saved_home_gives_back_its_ca_and_what_that_issued() {
    let scene = lost();
    let saved = word(&scene, "saved");
    let planned = json_of(&scene, &["adopt", &saved, "--dry-run"]);
    assert_eq!(json_of(&scene, &["list"]).as_array().unwrap().len(), 1);
    let adopted = json_of(&scene, &["adopt", &saved]);
    let expected = vec![
        json!(["adopted", "hub.lan", "issuing/2", "kept"]),
        json!(["adopted", "nas.lan", "issuing/2", "kept"]),
        json!(["adopted", { "path": "issuing/2", "issues": true }, "root/1", "kept"]),
        json!(["known", null, "issuing/1", null]),
    ];
    assert_eq!((about(&planned), about(&adopted)), (expected.clone(), expected));
    for file in ["ca.crt.pem", "ca.key.pem"] {
        let read = |home: &str| fs::read(scene.file(home).join("issuing/2").join(file)).unwrap();
        assert_eq!(read("home"), read("saved"), "{file}");
    }
    // Its list is due, and is above all that it has signed.
    json_of(&scene, &["renew"]);
    let number = |home: &str| {
        let path = scene.file(home).join("crl/issuing-2.crl");
        let list = json_of(&scene, &["inspect", path.to_str().unwrap()]);
        list["objects"][0]["number"].to_string().trim_matches('"').to_owned()
    };
    let (before, after) = (number("saved"), number("home"));
    assert!(before.len() <= after.len() && before < after, "{before} {after}");
    assert_eq!(check(&scene, "nas.lan"), (true, String::new()));
    json_of(&scene, &["revoke", "nas.lan", "--reason", "keyCompromise"]);
    let (taken, words) = check(&scene, "nas.lan");
    assert!(!taken && words.contains("certificate revoked"), "{words}");
    assert_eq!(check(&scene, "hub.lan"), (true, String::new()));
    let responder = AtWork::start(&scene.home, &[]);
    assert!(ask(&scene, &responder, "nas.lan").contains(": revoked"));
    assert!(ask(&scene, &responder, "hub.lan").contains(": good"));
    drop(responder);
    let renewed = json_of(&scene, &["renew", "hub.lan", "--force"]);
    assert_eq!(renewed[0]["outcome"], "renewed");
    let live = scene.home.file("live/hub.lan");
    assert_eq!(verify(&scene, &live, &live.join("chain.pem")), (true, String::new()));
    assert!(
        fs::read_to_string(live.join("chain.pem"))
            .unwrap()
            .contains(text_of(&scene, "saved/issuing/2/ca.crt.pem").trim())
    );
    assert_eq!(json_of(&scene, &["audit", "verify"])["ok"], true);
    // All of it is in the next backup.
    let backup = scene.back_up("next.tar.age", &[]);
    scene.restore(&backup, "again").succeeded();
    scene.elsewhere("again", &["issue", "--dns", "more.lan"]).succeeded();
    let more = scene.file("again/live/more.lan");
    assert_eq!(verify(&scene, &more, &scene.file("saved/issuing/2/ca.crt.pem")), (true, String::new()));
    assert_eq!(scene.elsewhere("again", &["audit", "verify"]).succeeded().json()["ok"], true);
    for known in ["saved/issuing/2/ca.crt.pem", "saved/issuing/2"] {
        let again = json_of(&scene, &["adopt", &word(&scene, known)]);
        assert_eq!(about(&again), [json!(["known", null, "root/1", null])], "{known}");
    }
}

#[test]
fn from_a_servers_chain_a_ca_comes_back_without_its_key_and_its_servers_move_over() {
    let scene = lost();
    let hub = word(&scene, "hub.lan/fullchain.pem");
    let adopted = json_of(&scene, &["adopt", &hub]);
    assert_eq!(
        about(&adopted),
        [
            json!(["adopted", "hub.lan", "issuing/2", "kept"]),
            json!(["adopted", { "path": "issuing/2", "issues": false }, "root/1", "absent"]),
        ]
    );
    // The older one goes on, and nothing that runs at night fails for the other.
    scene.home.hubca(&["renew"]).succeeded();
    scene.home.hubca(&["crl"]).succeeded();
    assert!(!scene.home.file("crl/issuing-2.crl").exists());
    let refused = scene.home.hubca(&["crl", "--issuer", "issuing/2"]).failed_with(1);
    assert!(refused.stderr.contains("adopt CERTIFICATE --key FILE"), "{refused}");
    let kinds = || -> Vec<Value> {
        let status = scene.home.hubca(&["status", "--json"]).json();
        status["findings"].as_array().unwrap().iter().map(|finding| finding["kind"].clone()).collect()
    };
    assert!(kinds().contains(&"ca_keyless".into()), "{:?}", kinds());
    let told = scene.home.hubca(&["revoke", "hub.lan", "--reason", "superseded"]).succeeded();
    assert!(told.stderr.contains("no CRL can say so") && told.stderr.contains("revoke issuing/2"), "{told}");
    // What it issued is shut out by the root, and the server gets another.
    json_of(&scene, &["revoke", "issuing/2", "--reason", "superseded"]);
    let renewed = json_of(&scene, &["renew"]);
    assert_eq!((&renewed[0]["label"], &renewed[0]["outcome"]), (&"hub.lan".into(), &"renewed".into()));
    assert!(!kinds().iter().any(|kind| kind == "ca_keyless" || kind == "ca_revoked"), "{:?}", kinds());
    let mut openssl = Command::new("openssl");
    openssl.args(["verify", "-crl_check", "-CAfile"]).arg(scene.home.file("root/root.crt.pem"));
    openssl.arg("-CRLfile").arg(scene.home.file("crl/root-1.crl.pem"));
    let (taken, words) = said(openssl.arg(scene.home.file("issuing/2/ca.crt.pem")));
    assert!(!taken && words.contains("certificate revoked"), "{words}");
    assert_eq!(verify_all(&scene, &scene.home.file("live/hub.lan")), (true, String::new()));
    assert_eq!(json_of(&scene, &["audit", "verify"])["ok"], true);
}

#[test]
fn a_key_that_is_found_later_makes_it_the_one_that_issues() {
    let scene = lost();
    let (ca, key) = (word(&scene, "saved/issuing/2/ca.crt.pem"), scene.file("saved/issuing/2/ca.key.pem"));
    // Under a passphrase that nobody said.
    let mut locking = Command::new("openssl");
    locking.args(["pkcs8", "-topk8", "-passout", "pass:lost and found", "-in"]).arg(&key);
    let locked = locking.output().unwrap().stdout;
    assert!(!locked.is_empty());
    fs::write(&key, locked).unwrap();
    let adopted = json_of(&scene, &["adopt", &ca]);
    assert_eq!(about(&adopted), [json!(["adopted", { "path": "issuing/2", "issues": false }, "root/1", "absent"])]);
    let why = adopted["certificates"][0]["key_reason"].as_str().unwrap();
    assert!(why.contains("ca.key.pem` is under a passphrase"), "{why}");
    scene.home.hubca(&["issue", "--dns", "first.lan"]).succeeded();
    let words = secret(scene.home.directory(), "words", "lost and found");
    let line = ["adopt", &ca, "--key", key.to_str().unwrap(), "--source-passphrase-file", &words];
    let adopted = json_of(&scene, &line);
    assert_eq!(about(&adopted), [json!(["adopted", { "path": "issuing/2", "issues": true }, "root/1", "kept"])]);
    scene.home.hubca(&["issue", "--dns", "second.lan"]).succeeded();
    for (name, issuer) in [("first.lan", "home/issuing/1"), ("second.lan", "home/issuing/2")] {
        let ca = scene.file(issuer).join("ca.crt.pem");
        assert_eq!(verify(&scene, &scene.home.file("live").join(name), &ca), (true, String::new()), "{name}");
    }
    assert_eq!(json_of(&scene, &["audit", "verify"])["ok"], true);
}

#[test]
fn a_root_that_was_made_since_is_refused_with_what_to_do_instead() {
    let scene = lost();
    scene.elsewhere("saved", &["rotate", "root", "begin", "--no-passphrase"]).succeeded();
    scene.elsewhere("saved", &["issue", "--dns", "late.lan"]).succeeded();
    let entries = || json_of(&scene, &["audit", "verify"])["entries"].clone();
    let before = entries();
    for (name, told) in [
        ("saved/root/2/root.crt.pem", "which signed itself"),
        ("saved/issuing/3/ca.crt.pem", "which no root of this home signed"),
    ] {
        let refused = scene.home.hubca(&["adopt", &word(&scene, name)]).failed_with(1);
        let words = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(told), "{refused}");
    }
    assert_eq!(entries(), before);
    // What lies where the CA would be is not taken for it.
    fs::create_dir(scene.home.file("issuing/2")).unwrap();
    let refused = scene.home.hubca(&["adopt", &word(&scene, "saved/issuing/2")]).failed_with(1);
    assert!(refused.stderr.contains("issuing/2` is there"), "{refused}");
    assert_eq!(entries(), before);
}

fn text_of(scene: &Scene, name: &str) -> String {
    fs::read_to_string(scene.file(name)).unwrap()
}

/// What openssl understands of the responder's answer.
fn ask(scene: &Scene, responder: &AtWork, name: &str) -> String {
    let mut openssl = Command::new("openssl");
    openssl.args(["ocsp", "-url", &responder.url, "-issuer"]).arg(scene.home.file("issuing/2/ca.crt.pem"));
    openssl.arg("-cert").arg(scene.file(name).join("cert.pem"));
    openssl.arg("-CAfile").arg(scene.home.file("root/root.crt.pem"));
    let said = openssl.output().unwrap();
    String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned()
}

/// Whether openssl takes a certificate by the newest list of its CA, and what it says otherwise.
fn check(scene: &Scene, name: &str) -> (bool, String) {
    let mut openssl = Command::new("openssl");
    openssl.args(["verify", "-crl_check", "-CAfile"]).arg(scene.home.file("root/root.crt.pem"));
    openssl.arg("-CRLfile").arg(scene.home.file("crl/issuing-2.crl.pem"));
    openssl.arg("-untrusted").arg(scene.file(name).join("chain.pem")).arg(scene.file(name).join("cert.pem"));
    said(&mut openssl)
}

/// Whether openssl takes a certificate and the CA above it by the lists of that and the root.
fn verify_all(scene: &Scene, files: &Path) -> (bool, String) {
    let mut openssl = Command::new("openssl");
    openssl.args(["verify", "-crl_check_all", "-CAfile"]).arg(scene.home.file("root/root.crt.pem"));
    for list in ["root-1", "issuing-1"] {
        openssl.arg("-CRLfile").arg(scene.home.file(&format!("crl/{list}.crl.pem")));
    }
    openssl.arg("-untrusted").arg(files.join("chain.pem")).arg(files.join("cert.pem"));
    said(&mut openssl)
}

/// Whether openssl takes a certificate below a CA.
fn verify(scene: &Scene, files: &Path, ca: &Path) -> (bool, String) {
    let mut openssl = Command::new("openssl");
    openssl.args(["verify", "-CAfile"]).arg(scene.file("home/root/root.crt.pem"));
    said(openssl.arg("-untrusted").arg(ca).arg(files.join("cert.pem")))
}

fn said(openssl: &mut Command) -> (bool, String) {
    let said = openssl.output().unwrap();
    (said.status.success(), String::from_utf8_lossy(&said.stderr).into_owned())
}
