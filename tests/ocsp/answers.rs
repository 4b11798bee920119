//! What the responder says, in which words of HTTP, and how its certificate is kept.

use std::{
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use hubca::{store::Store, x509::RevocationReason};
use rustix::process::Signal;

use crate::{
    scene::{Scene, words},
    support::{TestHome, responder::AtWork},
};

/// What openssl makes of an answer.
pub(crate) fn ask(scene: &Scene, at_work: &AtWork, options: &[&str], certificates: &[&Path]) -> Output {
    let mut command = Command::new("openssl");
    command
        .args(["ocsp", "-url", &at_work.url, "-CAfile"])
        .arg(&scene.root)
        .arg("-issuer")
        .arg(&scene.issuing)
        .args(options);
    for certificate in certificates {
        command.arg("-cert").arg(certificate);
    }
    command.output().unwrap()
}

#[test]
fn openssl_is_told_good_and_unknown_with_and_without_a_nonce() {
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    for options in [&[][..], &["-no_nonce"], &["-sha256"], &["-sha256", "-no_nonce"]] {
        let output = ask(&scene, &at_work, options, &[&scene.good, &scene.other]);
        let said = words(&output);
        assert!(said.contains("Response verify OK"), "{options:?}: {said}");
        assert_eq!(said.matches(": good").count(), 2, "{options:?}: {said}");
        assert!(!said.contains("WARNING"), "{options:?}: {said}");
    }
    let never = ask(&scene, &at_work, &["-serial", "0x0123456789abcdef", "-no_nonce"], &[&scene.good]);
    assert!(words(&never).contains("0x0123456789abcdef: unknown"), "{}", words(&never));
    let stopped = at_work.stop(Signal::TERM);
    assert_eq!((stopped["answers"].as_u64(), stopped["errors"].as_u64()), (Some(5), Some(0)));
}

#[test]
fn the_root_answers_for_the_issuing_ca_and_nobody_for_a_stranger() {
    let (scene, stranger) = (Scene::set(&[]), Scene::set(&[]));
    let at_work = AtWork::start(&scene.home, &[]);
    let line = |scene: &Scene, issuer: &Path, certificate: &Path| {
        let output = Command::new("openssl")
            .args(["ocsp", "-url", &at_work.url, "-CAfile"])
            .arg(&scene.root)
            .arg("-issuer")
            .arg(issuer)
            .arg("-cert")
            .arg(certificate)
            .output()
            .unwrap();
        words(&output)
    };
    let said = line(&scene, &scene.root, &scene.issuing);
    assert!(said.contains("Response verify OK") && said.contains(": good"), "{said}");
    let said = line(&stranger, &stranger.issuing, &stranger.good);
    assert!(said.contains("unauthorized"), "{said}");
}

#[test]
fn a_get_is_answered_for_caches_and_what_is_not_meant_is_refused() {
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    let encoded = base64(&scene.request(&[&scene.good], &["-no_nonce"]));
    let escaped = encoded.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let get = |method: &str, path: &str, more: &str| {
        at_work.ask(format!("{method} {path} HTTP/1.1\r\nHost: any\r\nConnection: close\r\n{more}\r\n").as_bytes())
    };
    for path in [format!("/{escaped}"), format!("/{encoded}"), format!("/pki/ocsp/{escaped}"), format!("//{encoded}")] {
        let reply = get("HEAD", &path, "");
        assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/ocsp-response")), "{path}");
        assert_eq!(reply.header("cache-control"), Some("max-age=300, public, no-transform, must-revalidate"));
        for name in ["etag", "last-modified", "expires", "date"] {
            assert!(reply.header(name).is_some(), "{name}");
        }
        let tag = reply.header("etag").unwrap();
        assert_eq!(get("HEAD", &path, &format!("If-None-Match: {tag}\r\n")).status, 304);
        assert_eq!(get("HEAD", &path, "If-None-Match: \"other\"\r\n").status, 200);
    }
    for path in ["/", "/ledger.db", "/issuing-1.crl", "/../ledger.db", "/%2e%2e/ledger.db", "/%zz"] {
        assert_eq!(get("GET", path, "").status, 404, "{path}");
    }
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE"] {
        let reply = get(method, "/", "");
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, HEAD, POST")), "{method}");
    }
    let other =
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx";
    assert_eq!(at_work.ask(other.as_bytes()).status, 415);
}

#[test]
fn a_responder_is_used_again_and_its_key_is_for_nobody_else() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::set(&[]);
    let first = AtWork::start(&scene.home, &[]);
    let told = |at_work: &AtWork| at_work.event("started")["responders"].clone();
    let before = told(&first);
    assert_eq!(before.as_array().unwrap().len(), 2);
    first.stop(Signal::INT);
    let second = AtWork::start(&scene.home, &[]);
    assert_eq!(told(&second), before);
    for label in ["hubca-ocsp-issuing-1", "hubca-ocsp-root-1"] {
        let key = std::fs::metadata(scene.home.file(&format!("live/{label}/privkey.pem"))).unwrap();
        assert_eq!(key.permissions().mode() & 0o7777, 0o600, "{label}");
    }
    let labels = |options: &[&str]| {
        let listed = scene.home.hubca(&[&["list", "--json"], options].concat()).succeeded().json();
        let rows = listed.as_array().unwrap().iter();
        rows.filter(|row| row["profile"] == "ocsp-responder").count()
    };
    assert_eq!((labels(&[]), labels(&["--all"])), (0, 2));
    scene.home.hubca(&["issue", "--dns", "x.lan", "--label", "hubca-ocsp-issuing-1"]).failed_with(2);
}

#[test]
fn without_the_root_key_the_root_is_left_out_and_said_so() {
    let home = TestHome::empty();
    let out = home.directory().join("away");
    std::fs::create_dir(&out).unwrap();
    let away = out.to_str().unwrap();
    home.hubca(&["init", "--name", "Test Hub", "--no-passphrase", "--root-key-out", away, "--json"]).succeeded();
    let at_work = AtWork::start(&home, &[]);
    let left_out = at_work.event("left_out");
    assert!(left_out["issuer"].as_str().unwrap().contains("Root"), "{left_out}");
    assert_eq!(at_work.event("started")["responders"].as_array().unwrap().len(), 1);
}

#[test]
fn nobody_is_told_of_a_root_that_was_retired_and_has_no_key_any_more() {
    let scene = Scene::set(&[]);
    for step in [&["begin", "--no-passphrase"][..], &["cut-over", "--now"]] {
        scene.home.hubca(&[&["rotate", "root"], step].concat()).succeeded();
    }
    std::fs::remove_file(scene.home.file("root/root.key.pem")).unwrap();
    // Until it is retired it is needed, and that its key is away is told.
    AtWork::start(&scene.home, &[]).event("left_out");
    scene.home.hubca(&["rotate", "root", "retire", "--force"]).succeeded();
    let at_work = AtWork::start(&scene.home, &[]);
    assert_eq!(at_work.event("started")["responders"].as_array().unwrap().len(), 3);
    assert!(at_work.lines().iter().all(|line| line["event"] != "left_out"), "{:?}", at_work.lines());
}

#[test]
fn what_another_process_revokes_is_revoked_within_a_second_also_where_it_was_said_to_be_good() {
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    let said = || words(&ask(&scene, &at_work, &["-no_nonce"], &[&scene.good]));
    assert!(said().contains(": good"), "{}", said());
    scene.revoke("hub.lan", RevocationReason::KeyCompromise);
    let started = Instant::now();
    while said().contains(": good") {
        assert!(started.elapsed() < Duration::from_secs(1));
    }
    let told = said();
    assert!(told.contains(": revoked") && told.contains("Reason: keyCompromise"), "{told}");
    assert!(told.contains("Response verify OK"), "{told}");
}

#[test]
fn a_ledger_that_takes_the_place_of_another_is_the_one_that_answers_and_without_one_nobody_does() {
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    let said = || words(&ask(&scene, &at_work, &["-no_nonce"], &[&scene.good]));
    let becomes = |wanted: &str| {
        let started = Instant::now();
        while !said().contains(wanted) {
            assert!(started.elapsed() < Duration::from_secs(5), "{wanted}: {}", said());
        }
    };
    becomes(": good");
    let (ledger, away) = (scene.home.file("ledger.db"), scene.home.directory().join("away.db"));
    Store::open(&ledger).unwrap().copy_to(&away).unwrap();
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        std::fs::remove_file(scene.home.file(name)).unwrap();
    }
    becomes("trylater");
    std::fs::rename(&away, &ledger).unwrap();
    becomes(": good");
    scene.revoke("hub.lan", RevocationReason::KeyCompromise);
    becomes(": revoked");
}

#[test]
fn what_another_process_issues_is_known_within_a_second() {
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    scene.home.hubca(&["issue", "--dns", "new.lan", "--json"]).succeeded();
    let new = scene.home.file("live/new.lan/cert.pem");
    let started = Instant::now();
    while !words(&ask(&scene, &at_work, &["-no_nonce"], &[&new])).contains(": good") {
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}

#[test]
fn a_revoked_responder_answers_no_more_also_when_no_other_can_take_its_place() {
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &[]);
    let said = || words(&ask(&scene, &at_work, &["-no_nonce"], &[&scene.good]));
    let until = |word: &str| {
        let started = Instant::now();
        while !said().contains(word) {
            assert!(started.elapsed() < Duration::from_secs(1), "{}", said());
        }
    };
    until(": good");
    let (key, away) = (scene.home.file("issuing/1/ca.key.pem"), scene.home.directory().join("ca.key.pem"));
    std::fs::rename(&key, &away).unwrap();
    scene.revoke("hubca-ocsp-issuing-1", RevocationReason::KeyCompromise);
    until("unauthorized");
    assert!(at_work.event("left_out")["issuer"].as_str().unwrap().contains("Issuing"));
    let of_the_root = Command::new("openssl")
        .args(["ocsp", "-url", &at_work.url, "-CAfile"])
        .arg(&scene.root)
        .arg("-issuer")
        .arg(&scene.root)
        .arg("-cert")
        .arg(&scene.issuing)
        .output()
        .unwrap();
    assert!(words(&of_the_root).contains(": good"), "{}", words(&of_the_root));
    std::fs::rename(&away, &key).unwrap();
    scene.revoke("nas.lan", RevocationReason::Superseded);
    until(": good");
    assert!(said().contains("Response verify OK"), "{}", said());
}

/// RFC 4648 4.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let word = three.iter().fold(0_u32, |word, octet| word << 8 | u32::from(*octet)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= three.len() { letter as char } else { '=' });
        }
    }
    text
}
