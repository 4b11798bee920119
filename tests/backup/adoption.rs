//! What was issued after a backup comes back into the home that was restored from it.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::scene::Scene;
use crate::support::responder::AtWork;

/// A home that was backed up, issued three more, and is lost: their files are all that is left of them.
fn lost() -> Scene {
    let scene = Scene::new();
    scene.home.hubca(&["issue", "--dns", "before.lan"]).succeeded();
    let path = scene.back_up("hub.tar.age", &["--with-leaf-keys", "--with-root-key"]);
    for name in ["hub.lan", "nas.lan", "desk.lan"] {
        let out = scene.file(name);
        scene.home.hubca(&["issue", "--dns", name, "--out", out.to_str().unwrap()]).succeeded();
    }
    fs::remove_dir_all(scene.home.path()).unwrap();
    scene.restore(&path, "home").succeeded();
    scene
}

fn word(scene: &Scene, name: &str) -> String {
    scene.file(name).to_str().unwrap().to_owned()
}

fn json_of(scene: &Scene, line: &[&str]) -> Value {
    scene.home.hubca(&[line, &["--json"]].concat()).succeeded().json()
}

#[test]
fn what_was_issued_after_the_backup_is_adopted_revoked_and_renewed() {
    let scene = lost();
    let (hub, nas, desk) =
        (word(&scene, "hub.lan/fullchain.pem"), word(&scene, "nas.lan/cert.pem"), word(&scene, "desk.lan"));
    let unknown = scene.home.hubca(&["revoke", &hub, "--json"]).failed_with(1);
    assert!(unknown.error()["hints"][0].as_str().unwrap().ends_with(&format!("adopt {hub}")), "{unknown}");
    // Of this one the key is gone.
    fs::remove_file(scene.file("nas.lan/privkey.pem")).unwrap();
    let planned = json_of(&scene, &["adopt", &hub, &nas, &desk, "--dry-run"]);
    assert_eq!(json_of(&scene, &["list", "--all"]).as_array().unwrap().len(), 3);
    let adopted = json_of(&scene, &["adopt", &hub, &nas, &desk]);
    let about = |answer: &Value| -> Value {
        let entries = answer["certificates"].as_array().unwrap().iter();
        entries.map(|entry| json!([entry["outcome"], entry["label"], entry["key"], entry["issuer"]])).collect()
    };
    let expected = json!([
        ["adopted", "hub.lan", "kept", "issuing/1"],
        ["adopted", "nas.lan", "absent", "issuing/1"],
        ["adopted", "desk.lan", "kept", "issuing/1"],
    ]);
    assert_eq!((about(&planned), about(&adopted)), (expected.clone(), expected));
    assert_eq!((&planned["dry_run"], &adopted["dry_run"]), (&true.into(), &false.into()));
    for label in ["hub.lan", "desk.lan"] {
        let (kept, lost) = (scene.home.file(&format!("live/{label}")), scene.file(label));
        for name in ["privkey.pem", "fullchain.pem"] {
            assert_eq!(fs::read(kept.join(name)).unwrap(), fs::read(lost.join(name)).unwrap(), "{label} {name}");
        }
    }
    let serial = |label: &str| json_of(&scene, &["show", label])["serial"].as_str().unwrap().to_owned();
    let told = json_of(&scene, &["inspect", &nas]);
    assert_eq!(told["objects"][0]["serial"], serial("nas.lan"));
    let again = json_of(&scene, &["adopt", &hub]);
    assert_eq!(
        (&again["certificates"][0]["outcome"], again["certificates"].as_array().unwrap().len()),
        (&"known".into(), 1)
    );
    // The responder and openssl see what became of each.
    let responder = AtWork::start(&scene.home, &[]);
    let asked = |name: &str| ask(&scene, &responder, &scene.file(name).join("cert.pem"));
    assert!(asked("nas.lan").contains(": good") && asked("hub.lan").contains(": good"));
    scene.home.hubca(&["crl"]).succeeded();
    assert_eq!(check(&scene, "nas.lan"), (true, String::new()));
    json_of(&scene, &["revoke", &nas, "--reason", "keyCompromise"]);
    assert!(asked("nas.lan").contains(": revoked") && asked("hub.lan").contains(": good"));
    let (taken, words) = check(&scene, "nas.lan");
    assert!(!taken && words.contains("certificate revoked"), "{words}");
    assert_eq!(check(&scene, "hub.lan"), (true, String::new()));
    let mut crl = Command::new("openssl");
    crl.args(["crl", "-noout", "-text", "-in"]).arg(scene.home.file("crl/issuing-1.crl.pem"));
    let crl = String::from_utf8(output(&mut crl).stdout).unwrap();
    assert!(
        crl.contains(&serial("nas.lan").to_uppercase()) && !crl.contains(&serial("hub.lan").to_uppercase()),
        "{crl}"
    );
    let before = serial("hub.lan");
    let renewed = json_of(&scene, &["renew", "hub.lan", "--force"]);
    assert_eq!(renewed[0]["outcome"], "renewed");
    assert!(before.starts_with("01") && serial("hub.lan").starts_with("02"));
    let verified = json_of(&scene, &["audit", "verify"]);
    assert_eq!(verified["ok"], true, "{verified}");
    assert_eq!(json_of(&scene, &["audit", "--act", "adopt"]).as_array().unwrap().len(), 3);
}

#[test]
fn what_cannot_be_adopted_is_named_and_the_others_are() {
    let scene = lost();
    let other = Scene::new();
    other.home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let foreign = other.home.file("live/hub.lan/cert.pem").to_str().unwrap().to_owned();
    let (hub, root) = (word(&scene, "hub.lan/cert.pem"), scene.home.file("root/root.crt.pem"));
    let root = root.to_str().unwrap();
    let entries = || json_of(&scene, &["audit", "verify"])["entries"].clone();
    let (before, junk, large) = (entries(), word(&scene, "junk"), word(&scene, "large"));
    fs::write(&junk, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n").unwrap();
    fs::write(&large, vec![b'x'; 1024 * 1024 + 1]).unwrap();
    let key = other.home.file("live/hub.lan/privkey.pem");
    for (line, told) in [
        (&["adopt", &foreign][..], "which is no CA of this home"),
        (&["adopt", root], "the certificate of the CA itself: root/1"),
        (&["adopt", &junk], "cannot adopt"),
        (&["adopt", &large], "cannot adopt"),
        (&["adopt", "/nowhere.pem"], "cannot adopt"),
        (&["adopt", &hub, "--key", key.to_str().unwrap()], "belongs to none of the certificates"),
    ] {
        let refused = scene.home.hubca(line).failed_with(1);
        let words = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(told), "{refused}");
    }
    scene.home.hubca(&["adopt"]).failed_with(2);
    assert_eq!(entries(), before);
    let mixed = scene.home.hubca(&["adopt", &foreign, &hub, &junk, "--json"]).failed_with(1).json();
    let outcomes: Vec<_> = mixed["certificates"].as_array().unwrap().iter().map(|entry| &entry["outcome"]).collect();
    assert_eq!(outcomes, ["refused", "adopted", "refused"]);
    assert_eq!(mixed["certificates"][0]["error"]["kind"], "refused");
    // From a pipe, in DER, and with a key that lies elsewhere.
    let der = scene.file("desk.der");
    let mut converting = Command::new("openssl");
    converting.args(["x509", "-outform", "DER", "-in", "cert.pem", "-out"]).arg(&der);
    assert!(output(converting.current_dir(scene.file("desk.lan"))).status.success());
    let key = word(&scene, "desk.lan/privkey.pem");
    let mut adopting = scene.home.command();
    adopting.args(["adopt", "-", "--key", &key, "--json"]).stdin(Stdio::from(fs::File::open(&der).unwrap()));
    let adopted: Value = serde_json::from_slice(&output(&mut adopting).stdout).unwrap();
    assert_eq!(
        (&adopted["certificates"][0]["label"], &adopted["certificates"][0]["key"]),
        (&"desk.lan".into(), &"kept".into())
    );
    scene.home.hubca(&["audit", "verify"]).succeeded();
}

/// What openssl understands of the responder's answer.
fn ask(scene: &Scene, responder: &AtWork, certificate: &Path) -> String {
    let mut openssl = Command::new("openssl");
    openssl.args(["ocsp", "-url", &responder.url, "-issuer"]).arg(scene.home.file("issuing/1/ca.crt.pem"));
    openssl.arg("-cert").arg(certificate).arg("-CAfile").arg(scene.home.file("root/root.crt.pem"));
    let said = output(&mut openssl);
    String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).into_owned()
}

/// Whether openssl takes a certificate by the lists of the home, and what it says otherwise.
fn check(scene: &Scene, name: &str) -> (bool, String) {
    let mut openssl = Command::new("openssl");
    openssl.args(["verify", "-crl_check", "-CAfile"]).arg(scene.home.file("root/root.crt.pem"));
    openssl.arg("-CRLfile").arg(scene.home.file("crl/issuing-1.crl.pem"));
    openssl.arg("-untrusted").arg(scene.file(name).join("chain.pem")).arg(scene.file(name).join("cert.pem"));
    let said = output(&mut openssl);
    (said.status.success(), String::from_utf8_lossy(&said.stderr).into_owned())
}

fn output(command: &mut Command) -> std::process::Output {
    command.output().unwrap()
}
