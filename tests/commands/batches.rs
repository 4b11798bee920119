//! `hubca issue --batch` for labels that are known: what no row says is as it was remembered.

use std::fs;

use serde_json::json;

use crate::support::TestHome;

#[test]
fn a_row_of_a_known_label_keeps_what_was_remembered_of_it() {
    let home = TestHome::with_ca::<&str>(&[]);
    let server = include_str!("../../profiles/server.toml");
    fs::create_dir_all(home.file("profiles")).unwrap();
    fs::write(home.file("profiles/short.toml"), server).unwrap();
    let first = ["issue", "--dns", "hub.lan", "--profile", "short", "--key", "p384", "--reuse-key", "--days", "20"];
    home.hubca(&first).succeeded();
    let path = home.directory().join("batch.csv");
    let batch = |days: &str| {
        fs::write(&path, format!("label,ip,dns,days,profile\n,,hub.lan,{days},\n,,new.lan,,\n")).unwrap();
        home.hubca(&["issue", "--batch", path.to_str().unwrap(), "--json"]).succeeded().json()
    };
    let intent = |label: &str| home.hubca(&["show", label, "--json"]).succeeded().json()["intent"].take();
    let remembered = intent("hub.lan");
    assert_eq!(remembered["days"], 20);
    let issued = batch("");
    assert_eq!(issued[0]["profile"], "short");
    assert_eq!(issued[0]["key"], home.hubca(&["show", "hub.lan", "--json"]).succeeded().json()["key"]);
    assert_eq!(intent("hub.lan"), remembered);
    let new = intent("new.lan");
    assert_eq!([&new["profile"], &new["key"], &new["key_policy"]], ["server", "p256", "new"]);
    batch("10");
    let mut shorter = remembered;
    shorter["days"] = json!(10);
    assert_eq!(intent("hub.lan"), shorter);
}

#[test]
fn a_batch_follows_no_address() {
    let home = TestHome::with_ca::<&str>(&[]);
    let path = home.directory().join("batch.csv");
    fs::write(&path, "label,ip,dns,days,profile\n,,hub.lan,,\n").unwrap();
    for option in ["--follow-ip", "--no-follow-ip"] {
        let refused = home.hubca(&["issue", "--batch", path.to_str().unwrap(), option, "--json"]).failed_with(2);
        assert!(refused.stderr.contains("edit LABEL --follow-ip"), "{refused}");
    }
    assert_eq!(home.hubca(&["list", "--json"]).succeeded().json(), json!([]));
}
