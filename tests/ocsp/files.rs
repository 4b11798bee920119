//! The CRLs and the certificates of the CAs as files, and nothing else of the home.

use std::{fs, time::Instant};

use crate::{
    scene::Scene,
    support::{responder::AtWork, telling::PATIENCE},
};

#[test]
fn the_lists_alone_are_served_without_any_key() {
    let scene = Scene::set(&[]);
    for key in ["root/root.key.pem", "root/1/root.key.pem", "issuing/1/ca.key.pem"] {
        let _ = fs::remove_file(scene.home.file(key));
    }
    let at_work = AtWork::run(&scene.home, &["crl", "serve"], &[]);
    assert_eq!(at_work.event("started")["responders"], serde_json::json!([]));
    let ask = |method: &str| {
        at_work.ask(format!("{method} /issuing-1.crl HTTP/1.1\r\nHost: any\r\nConnection: close\r\n\r\n").as_bytes())
    };
    assert_eq!(ask("GET").status, 200);
    assert_eq!((ask("POST").status, ask("POST").header("allow")), (405, Some("GET, HEAD")));
    assert_eq!(at_work.stop(rustix::process::Signal::INT)["files"].as_u64(), Some(1));
}

#[test]
fn lists_and_certificates_are_there_with_their_types_and_follow_the_files() {
    let scene = Scene::set(&[]);
    let at_work = AtWork::start(&scene.home, &["--with-crl"]);
    let get = |path: &str, more: &str| {
        at_work.ask(format!("HEAD {path} HTTP/1.1\r\nHost: any\r\nConnection: close\r\n{more}\r\n").as_bytes())
    };
    for (path, media_type) in [
        ("/issuing-1.crl", "application/pkix-crl"),
        ("/root-1.crl", "application/pkix-crl"),
        ("/pki/issuing-1.crl.pem", "application/x-pem-file"),
        ("/root-1.crt", "application/pkix-cert"),
        ("/issuing-1.crt", "application/pkix-cert"),
    ] {
        let reply = get(path, "");
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(media_type)), "{path}");
        let (tag, modified) = (reply.header("etag").unwrap(), reply.header("last-modified").unwrap());
        assert_eq!(get(path, &format!("If-None-Match: {tag}\r\n")).status, 304, "{path}");
        assert_eq!(get(path, &format!("If-Modified-Since: {modified}\r\n")).status, 304, "{path}");
    }
    for path in
        ["/", "/crl/", "/ledger.db", "/issuing-2.crl", "/hubca.toml", "/..%2fledger.db", "/../issuing/1/ca.key.pem"]
    {
        assert_eq!(get(path, "").status, 404, "{path}");
    }
    // Whatever lies there is handed out: the list of the root in the place of the other.
    let before = get("/issuing-1.crl", "").header("etag").unwrap().to_owned();
    let other = fs::read(scene.home.file("crl/root-1.crl")).unwrap();
    let (new, place) = (scene.home.file("crl/new"), scene.home.file("crl/issuing-1.crl"));
    fs::write(&new, other).unwrap();
    fs::rename(new, place).unwrap();
    let started = Instant::now();
    while get("/issuing-1.crl", "").header("etag") == Some(&before) {
        assert!(started.elapsed() < PATIENCE);
    }
}
