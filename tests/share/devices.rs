//! The device ledger: what a visit leaves in it, that a device is known again, and that nothing is left where that is wished.

use serde_json::{Value, json};

use crate::support::{
    TestHome,
    shared::{Shared, prove, request},
};

const IPAD: &str = "User-Agent: Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X)\tSafari/604.1 <script>alert(1)</script>";

fn devices(home: &TestHome) -> Value {
    home.hubca(&["list", "--devices", "--json"]).succeeded().json()
}

/// Comes, is named, fetches the profile and proves its trust.
fn visit_whole(home: &TestHome, shared: &Shared, cookie: Option<&str>) -> Option<String> {
    let cookie_header = cookie.map(|cookie| format!("Cookie: {cookie}"));
    let headers: Vec<&str> = [IPAD].into_iter().chain(cookie_header.as_deref()).collect();
    let (token, given) = shared.visit(&headers);
    shared.get(&format!("/visit/{token}"), &headers);
    let name = "name=Anna%27s+iPad%1b%5b31m%e2%80%ae";
    shared.ask(&request("POST", &format!("/name/{token}"), &shared.host(), &headers, name));
    shared.get(&format!("/test-hub.mobileconfig?visit={token}"), &headers);
    let root = std::fs::read_to_string(home.file("root/root.crt.pem")).unwrap();
    assert_eq!(prove(&root, shared.tls_port, &token).unwrap(), "trusted");
    given
}

#[test]
fn a_visit_leaves_who_came_what_was_fetched_and_what_was_proven() {
    let home = TestHome::with_ca::<&str>(&[]);
    assert_eq!(devices(&home), json!([]));
    let shared = Shared::start(&home, &[]);
    // Who only looks, or gives up, leaves nothing.
    for _ in 0..20 {
        shared.visit(&[]);
    }
    let cookie = visit_whole(&home, &shared, None).unwrap();
    visit_whole(&home, &shared, Some(&cookie));
    let trusted = shared.event("trusted");
    assert_eq!(trusted["device"]["name"], "Anna's iPad[31m");
    assert_eq!(trusted["device"]["platform"], "ios");
    let lines = shared.stop();
    let told: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(told, ["started", "visit", "named", "fetched", "trusted", "named", "stopped"]);
    let found = devices(&home);
    let [device] = found.as_array().unwrap().as_slice() else { panic!("{found}") };
    assert_eq!(device["name"], "Anna's iPad[31m");
    assert_eq!(device["address"], "127.0.0.1");
    assert_eq!(device["user_agent"], IPAD.trim_start_matches("User-Agent: ").replace('\t', " "));
    let [root] = device["roots"].as_array().unwrap().as_slice() else { panic!("{device}") };
    assert_eq!(
        (&root["current"], root["fetched_at"].is_string(), root["trusted_at"].is_string()),
        (&json!(true), true, true)
    );
    let words = home.hubca(&["list", "--devices"]).succeeded().stdout;
    assert!(words.contains("Anna's") && words.contains("iPad[31m") && words.contains("proven on "), "{words}");
    assert!(!words.contains('\u{202e}') && !words.contains('\u{1b}'));

    // On another day the same device is the same row, with its name.
    let again = Shared::start(&home, &[]);
    let (token, given) = again.visit(&[IPAD, &format!("Cookie: {cookie}")]);
    assert_eq!(given, None, "its cookie is known");
    again.get(&format!("/visit/{token}"), &[IPAD]);
    assert_eq!(again.event("visit")["device"]["name"], "Anna's iPad[31m");
    again.stop();
    assert_eq!(devices(&home).as_array().unwrap().len(), 1);
    // Neither the cookie nor any part of it is in the home.
    let word = cookie.split('=').nth(1).unwrap();
    for file in ["ledger.db", "ledger.db-wal"] {
        let bytes = std::fs::read(home.file(file)).unwrap_or_default();
        assert!(!bytes.windows(32).any(|window| window == &word.as_bytes()[..32]), "{file}");
    }
}

#[test]
fn where_nothing_is_recorded_there_is_no_cookie_and_no_row() {
    let home = TestHome::with_ca::<&str>(&[]);
    let shared = Shared::start(&home, &["--no-record"]);
    assert_eq!(visit_whole(&home, &shared, None), None);
    // A cookie of another day is not looked at.
    assert_eq!(visit_whole(&home, &shared, Some("hubca_device=00")), None);
    assert_eq!(shared.event("trusted")["device"]["id"], json!(null));
    let (token, _) = shared.visit(&[]);
    let named = shared.ask(&request("POST", &format!("/name/{token}"), &shared.host(), &[], "name=x"));
    assert_eq!(named.status, 404);
    let lines = shared.stop();
    assert!(lines.iter().all(|line| line["event"] != "named"));
    assert_eq!(devices(&home), json!([]));
}

#[test]
fn devices_do_not_go_with_the_other_selections() {
    let home = TestHome::with_ca::<&str>(&[]);
    for other in [&["--all"][..], &["--revoked"], &["--expiring", "30"]] {
        home.hubca(&[&["list", "--devices"], other].concat()).failed_with(2);
    }
    let words = home.hubca(&["list", "--devices"]).succeeded().stdout;
    assert!(words.contains("hubca --home") && words.contains("share opens it"), "{words}");
}
