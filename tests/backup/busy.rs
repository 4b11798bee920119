//! A home at which many are at work while its backups are made; and what is issued after a restore.

use std::collections::HashSet;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::scene::Scene;

#[test]
fn each_backup_that_was_made_while_eight_issue_can_be_restored_and_is_sound() {
    let scene = Scene::new();
    let is_over = AtomicBool::new(false);
    let mut taken = Vec::new();
    thread::scope(|scope| {
        let (home, is_over) = (&scene.home, &is_over);
        for worker in 0..8 {
            scope.spawn(move || {
                for number in 0.. {
                    if is_over.load(Ordering::SeqCst) {
                        break;
                    }
                    home.hubca(&["issue", "--dns", &format!("h{worker}-{number}.lan")]).succeeded();
                }
            });
        }
        for number in 0..BACKUPS {
            thread::sleep(Duration::from_millis(500));
            taken.push(scene.back_up(&format!("{number}.tar.age"), &["--with-leaf-keys", "--with-root-key"]));
        }
        is_over.store(true, Ordering::SeqCst);
    });
    let mut before = 0;
    for (number, path) in taken.iter().enumerate() {
        let name = format!("restored-{number}");
        let head = scene.restore(path, &name).succeeded().json()["audit"]["head"].as_str().unwrap().to_owned();
        let verified = scene.elsewhere(&name, &["audit", "verify", "--head", &head]).succeeded().json();
        let certificates = verified["certificates"].as_i64().unwrap();
        assert!(certificates >= before, "{verified}");
        before = certificates;
        let listed = scene.elsewhere(&name, &["list", "--limit", "5"]).succeeded().json();
        for entry in listed.as_array().unwrap() {
            let live = scene.file(&name).join("live").join(entry["label"].as_str().unwrap());
            // What was issued and not yet published then has its files in no place of a backup.
            if live.join("cert.pem").exists() {
                verify_by_openssl(&live, &scene.file(&name).join("root/root.crt.pem"));
            }
        }
    }
    assert!(before > 2, "nothing was issued meanwhile");
}

fn verify_by_openssl(live: &std::path::Path, root: &std::path::Path) {
    let mut openssl = Command::new("openssl");
    openssl.args(["verify", "-x509_strict", "-CAfile"]).arg(root);
    openssl.arg("-untrusted").arg(live.join("chain.pem")).arg(live.join("cert.pem"));
    let output = openssl.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn what_is_issued_after_a_restore_is_none_of_what_was_issued_after_the_backup() {
    let scene = Scene::new();
    let path = scene.back_up("hub.tar.age", &[]);
    let batch = |name: &str| {
        let file = scene.file(&format!("{name}.csv"));
        let rows: String = (0..ROWS).map(|number| format!(",,{name}-{number}.lan,,\n")).collect();
        std::fs::write(&file, format!("label,ip,dns,days,profile\n{rows}")).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let files: Vec<String> = (0..PROCESSES).map(|process| batch(&format!("p{process}"))).collect();
    let issue = |home: &str| -> HashSet<String> {
        let answers: Vec<Value> = thread::scope(|scope| {
            let scene = &scene;
            let working: Vec<_> = files
                .iter()
                .map(|file| scope.spawn(move || scene.elsewhere(home, &["issue", "--batch", file]).succeeded().json()))
                .collect();
            working.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        let serials = answers.iter().flat_map(|answer| answer.as_array().unwrap());
        serials.map(|entry| entry["serial"].as_str().unwrap().to_owned()).collect()
    };
    let lost = issue("home");
    let crl =
        |home: &str| scene.elsewhere(home, &["crl", "--issuer", "issuing"]).succeeded().json()[0]["number"].clone();
    let published = crl("home").as_i64().unwrap();
    scene.restore(&path, "again").succeeded();
    let after = issue("again");
    assert_eq!((lost.len(), after.len()), (PROCESSES * ROWS, PROCESSES * ROWS));
    assert!(lost.is_disjoint(&after));
    assert!(lost.iter().all(|serial| serial.starts_with("01")) && after.iter().all(|serial| serial.starts_with("02")));
    assert!(crl("again").as_i64().unwrap() > published);
    scene.elsewhere("again", &["audit", "verify"]).succeeded();
}

const BACKUPS: usize = 4;
const PROCESSES: usize = 4;
const ROWS: usize = 500;
