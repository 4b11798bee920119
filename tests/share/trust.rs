//! The port that proves trust: whom it convinces, what it says, and what it takes.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::json;

use crate::support::{
    TestHome,
    shared::{Reply, Shared, connect, connect_trusting, prove, request},
    tools::{commands, present},
};

fn root_of(home: &TestHome) -> String {
    std::fs::read_to_string(home.file("root/root.crt.pem")).unwrap()
}

#[test]
fn a_visitor_that_trusts_the_root_proves_it_and_one_that_does_not_cannot() {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let (token, _) = shared.visit(&[]);
    let since = |moment: u64| -> (serde_json::Value, u64) {
        let reply = shared.get(&format!("/visit/{token}?since={moment}"), &[]);
        let mut sight: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
        let moment = sight.as_object_mut().unwrap().remove("moment").unwrap().as_u64().unwrap();
        (sight, moment)
    };
    let sight = |connection, handshake, fetched| json!({ "connection": connection, "handshake": handshake, "fetched": fetched });
    let (seen, start) = since(0);
    assert_eq!(seen, sight(false, "none", false));
    let strange = TestHome::with_ca::<&str>(&[]);
    // The visitor is gone before the server has read its refusal.
    let settle = || std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(prove(&root_of(&strange), shared.tls_port, &token).is_err());
    settle();
    let (seen, refused) = since(start);
    assert_eq!(seen, sight(true, "refused", false));
    assert_eq!(since(start).0, seen, "another window of the browser is told as much");
    assert_eq!(since(refused).0, sight(false, "none", false));
    drop(connect(shared.tls_port));
    settle();
    let (seen, connected) = since(refused);
    assert_eq!(seen, sight(true, "none", false));
    shared.get(&format!("/test-hub.mobileconfig?visit={token}"), &[]);
    assert!(shared.lines().iter().all(|line| line["event"] != "trusted"));
    assert_eq!(prove(&root_of(&home), shared.tls_port, &token).unwrap(), "trusted");
    assert_eq!(since(connected).0, sight(true, "completed", true));
    let trusted = shared.event("trusted");
    assert_eq!(trusted["root"], "current");
    assert_eq!(trusted["device"]["platform"], json!(null), "this visitor never said what it is");
    // A second proof is no news.
    prove(&root_of(&home), shared.tls_port, &token).unwrap();
    let told = shared.stop();
    assert_eq!(told.iter().filter(|line| line["event"] == "trusted").count(), 1);
}

#[test]
fn a_request_on_the_tls_port_is_answered_to_any_script_and_only_there() {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let (token, _) = shared.visit(&[]);
    let root = root_of(&home);
    let host = format!("127.0.0.1:{}", shared.tls_port);
    let ask = |bytes: &[u8]| {
        let mut stream = connect_trusting(&root, shared.tls_port);
        stream.write_all(bytes).unwrap();
        Reply::read(&mut stream)
    };
    let probe = format!("/probe/{token}");
    let reply = ask(&request("GET", &probe, &host, &[], ""));
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (204, Some("*")));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    for path in ["/", "/page.js", "/probe/", "/probe/x", "/test-hub.crt", &format!("/visit/{token}")] {
        let reply = ask(&request("GET", path, &host, &[], ""));
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (404, None), "{path}");
    }
    assert_eq!(ask(&request("POST", &probe, &host, &[], "x")).status, 405);
    assert_eq!(ask(&request("GET", &probe, &shared.host(), &[], "")).status, 421, "the host of the page");
    let upgrade = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
    for (headers, host) in [
        (vec!["Upgrade: websocket"], &host),
        (vec!["Upgrade: h2c", upgrade[1], upgrade[2]], &host),
        (vec![upgrade[0], "Sec-WebSocket-Version: 8", upgrade[2]], &host),
        (vec![upgrade[0], upgrade[1]], &host),
    ] {
        let asked = request("GET", &probe, host, &headers, "");
        let asked = String::from_utf8(asked).unwrap().replace("Connection: close", "Connection: Upgrade, close");
        let reply = ask(asked.as_bytes());
        assert!(matches!(reply.status, 400 | 426), "{headers:?}: {reply:?}");
    }
    assert!(prove(&root, shared.tls_port, "x").unwrap().contains("404"));
    assert_eq!(prove(&root, shared.tls_port, &token).unwrap(), "trusted");
}

#[test]
fn openssl_trusts_the_chain_with_the_root_over_tls_1_2_and_1_3_and_gets_no_older_version() {
    if !present("openssl", &commands(&["openssl"])) {
        return;
    }
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let root = home.file("root/root.crt.pem");
    let connected = |options: &[&str]| {
        let output = Command::new("openssl")
            .args(["s_client", "-connect", &format!("127.0.0.1:{}", shared.tls_port), "-verify_return_error"])
            .args(["-verify_ip", "127.0.0.1", "-x509_strict"])
            .args(options)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let trusting = ["-CAfile", root.to_str().unwrap()];
    for version in ["-tls1_2", "-tls1_3"] {
        let (is_connected, said) = connected(&[&trusting[..], &[version]].concat());
        assert!(is_connected && said.contains("Verify return code: 0 (ok)"), "{version}: {said}");
        assert!(said.contains("0 s:") && said.contains("1 s:") && !said.contains("2 s:"), "two certificates: {said}");
    }
    for version in ["-tls1", "-tls1_1"] {
        // Below its usual level openssl itself would agree to the old versions.
        let (is_connected, said) = connected(&[&trusting[..], &[version, "-cipher", "ALL:@SECLEVEL=0"]].concat());
        assert!(!is_connected, "{version}: {said}");
    }
    assert!(!connected(&["-CAfile", "/dev/null"]).0);
}

#[test]
fn the_certificate_of_the_page_is_recorded_and_listed_only_among_all() {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &[]);
    let serial = shared.event("started")["probes"][0]["serial"].clone();
    let listed = |options: &[&str]| home.hubca(&[&["list", "--json"], options].concat()).succeeded().json();
    assert_eq!(listed(&[]), json!([]));
    assert_eq!(listed(&["--expiring", "30"]), json!([]));
    let all = listed(&["--all"]);
    let page = all.as_array().unwrap().iter().find(|row| row["serial"] == serial).unwrap().clone();
    assert_eq!(
        (&page["label"], &page["status"], &page["generation"]),
        (&json!("hubca-share"), &json!("good"), &json!(null))
    );
    assert_eq!(page["names"], json!([{ "ip": "127.0.0.1" }]));
    // No file of it anywhere.
    assert!(!home.file("live").exists() && !home.file("archive").exists());
}
