//! What an old root may vouch for: it binds the CA below it, and is told where a name is refused.

use serde_json::json;

use crate::devices::accept;
use crate::openssl::import;
use crate::openssl_ca::{Choice, OpensslCa, USUAL};
use crate::support::TestHome;

#[test]
fn the_limits_of_a_root_are_told_and_bind_the_ca_below_it() {
    let home = TestHome::empty();
    let extensions = format!("{}\nnameConstraints=critical,permitted;DNS:lan", USUAL.root);
    let ca = OpensslCa::root(home.directory(), Choice { root: &extensions, ..USUAL });
    let directory = ca.directory.to_str().unwrap();
    let told = home.hubca(&["import", "openssl", directory, "--no-passphrase"]).succeeded();
    let page = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(page.contains("the root itself permits lan, which binds this CA as well"), "{told}");
    assert!(page.contains("no limits for every IPv4 address and IPv6 address"), "{told}");
    let refused = home.hubca(&["issue", "--dns", "x.local"]).failed_with(1);
    assert!(refused.stderr.contains("its scope is lan") && !refused.stderr.contains("no addresses"), "{refused}");
    home.hubca(&["issue", "--dns", "x.lan", "--ip", "192.168.0.1"]).succeeded();
    accept(&ca.path("certs/ca.cert.pem"), &home, "x.lan");
}

#[test]
fn a_name_outside_of_the_scope_is_renewed_once_another_ca_below_the_root_may_vouch_for_it() {
    let home = TestHome::empty();
    let ca = OpensslCa::root(home.directory(), USUAL);
    ca.issue("hub.example.org", "");
    let words = ["import", "openssl", ca.directory.to_str().unwrap(), "--no-passphrase"];
    let told = home.hubca(&words).succeeded();
    let told = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let command = "rotate issuing --permit hub.example.org";
    assert!(told.contains(command), "{told}");
    let refused = home.hubca(&["--json", "renew", "hub.example.org", "--force"]).failed_with(1);
    assert!(refused.stdout.contains(command) || refused.stderr.contains(command), "{refused}");
    let made = home.hubca(&["--json", "rotate", "issuing", "--permit", "hub.example.org"]).succeeded().json();
    assert!(made["scope"]["dns"].as_array().unwrap().contains(&json!("hub.example.org")), "{made}");
    let again = home.hubca(&["--json", "rotate", "issuing", "--permit", "hub.example.org"]).succeeded().json();
    assert_eq!(again["taken"], false, "it may already");
    home.hubca(&["renew", "hub.example.org", "--force"]).succeeded();
    accept(&ca.path("certs/ca.cert.pem"), &home, "hub.example.org");
}

/// Old roots with limits often say nothing of addresses.
#[test]
fn below_a_root_that_leaves_addresses_open_another_ca_can_issue_and_gets_what_the_root_allows() {
    let home = TestHome::empty();
    let limits = "nameConstraints=critical,permitted;DNS:lan,permitted;DNS:example.org,excluded;DNS:secret.lan";
    let extensions = format!("{}\n{limits}", USUAL.root);
    let ca = OpensslCa::root(home.directory(), Choice { root: &extensions, ..USUAL });
    import(&home, &ca.directory, &["--no-passphrase", "--permit", "lan", "--permit-only"]).succeeded();
    let rotate = |permit: &str| home.hubca(&["--json", "rotate", "issuing", "--force", "--permit", permit]);
    let refused = home.hubca(&["issue", "--dns", "www.example.org"]).failed_with(1);
    assert!(refused.stderr.contains("rotate issuing --permit www.example.org"), "{refused}");
    let made = rotate("www.example.org").succeeded().json();
    assert_eq!(made["scope"]["dns"], json!(["lan", "www.example.org"]), "{made}");
    home.hubca(&["issue", "--dns", "www.example.org"]).succeeded();
    accept(&ca.path("certs/ca.cert.pem"), &home, "www.example.org");
    let made = rotate("192.168.7.0/24").succeeded().json();
    assert_eq!(made["scope"]["ip"], json!(["192.168.7.0/24"]), "{made}");
    for outside in ["example.com", "a.secret.lan"] {
        let error = rotate(outside).failed_with(1).error();
        assert!(error["message"].as_str().unwrap().contains("is outside what `root/1` may vouch for"), "{error}");
    }
    assert_eq!(home.hubca(&["--json", "rotate", "issuing", "--force"]).succeeded().json()["scope"], made["scope"]);
}

/// The limits of a root may be all that it may not vouch for.
#[test]
fn what_is_shut_out_is_told_with_the_rest_of_the_scope() {
    let refused = |limits: &str, issuing: &[&str], name: &[&str], told: &str| {
        let home = TestHome::empty();
        let extensions = format!("{}\nnameConstraints=critical,{limits}", USUAL.root);
        let ca = OpensslCa::root(home.directory(), Choice { root: &extensions, ..USUAL });
        import(&home, &ca.directory, &[&["--no-passphrase"], issuing].concat()).succeeded();
        let mut words = vec!["--json", "issue"];
        words.extend(name);
        let error = home.hubca(&words).failed_with(1).error();
        assert_eq!(error["causes"][0], told, "{error}");
    };
    let corp = "excluded;DNS:corp,excluded;DNS:secret.lan,excluded;DNS:a.lan,excluded;DNS:b.lan";
    refused(corp, &[], &["--dns", "b.secret.lan"], "its scope is every name, but not secret.lan, corp, a.lan …");
    let all = "excluded;IP:10.0.0.0/255.0.0.0";
    refused(all, &[], &["--ip", "10.1.1.1"], "its scope is every address, but not 10.0.0.0/8");
    let some = "permitted;DNS:lan,permitted;IP:10.0.0.0/255.0.0.0,excluded;DNS:secret.lan";
    let told = "its scope is 10.0.0.0/8 and lan, but not secret.lan";
    refused(some, &["--permit", "lan", "--permit-only"], &["--dns", "b.secret.lan"], told);
}

/// A CA below that moves in as it is shows its scope like any other.
#[test]
fn a_scope_of_exclusions_alone_is_told_in_words_and_in_json() {
    let home = TestHome::empty();
    let extensions = format!("{}\nnameConstraints=critical,excluded;DNS:secret.lan", USUAL.root);
    let root = OpensslCa::root(home.directory(), USUAL);
    let below = root.below_with("intermediate", "Physics_Intermediate_CA", &extensions);
    let stick = home.directory().join("stick.pem");
    std::fs::rename(root.path("private/ca.key.pem"), &stick).unwrap();
    import(&home, &below.directory, &[]).failed_with(1);
    import(&home, &root.directory, &[]).succeeded();
    let rotate = |words: &[&str]| {
        let mut all = vec!["rotate", "issuing", "--dry-run", "--root-key", stick.to_str().unwrap()];
        all.extend(words);
        home.hubca(&all)
    };
    let error = home.hubca(&["--json", "issue", "--dns", "b.secret.lan"]).failed_with(1).error();
    assert_eq!(error["causes"][0], "its scope is every name, but not secret.lan", "{error}");
    let way_out = "rotate issuing --permit secret.lan";
    assert!(error["hints"][0].as_str().unwrap().contains(way_out), "{error}");
    let told = rotate(&["--permit", "secret.lan"]).succeeded();
    assert!(told.stdout.contains("vouches for   secret.lan; no addresses"), "{told}");
    rotate(&["--permit", "b.secret.lan"]).failed_with(2);
    for nothing in [".", "*", "*."] {
        let told = rotate(&["--permit", nothing]).failed_with(2);
        assert!(told.stderr.contains("--permit example.com"), "{nothing}: {told}");
    }
}
