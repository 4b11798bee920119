//! How it ends: at its time, by a signal, or because nobody listens; and that every port is free then.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    process::Stdio,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use serde_json::json;

use crate::support::{
    TestHome,
    shared::{Reply, Shared, connect, request},
};

fn assert_free(ports: [u16; 2]) {
    for port in ports {
        TcpListener::bind(("127.0.0.1", port)).unwrap();
    }
}

#[test]
fn it_ends_at_its_time_and_by_each_signal_and_leaves_no_port() {
    let home = TestHome::with_ca::<&str>(&[]);
    let started = Instant::now();
    let mut timed = Shared::start(&home, &["--until", "2s"]);
    // Open connections do not hold it up.
    let (_idle, _idle_tls) = (timed.connect(), connect(timed.tls_port));
    assert_eq!(timed.get("/", &[]).status, 200);
    assert_eq!(timed.ended(), Some(0));
    assert!(
        (Duration::from_millis(1500)..Duration::from_secs(10)).contains(&started.elapsed()),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(timed.event("stopped")["reason"], json!("time"));
    assert_free([timed.port, timed.tls_port]);
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut shared = Shared::start(&home, &[]);
        let _open = (shared.connect(), connect(shared.tls_port));
        assert_eq!(shared.get("/", &[]).status, 200);
        let asked = Instant::now();
        shared.signal(signal);
        assert_eq!(shared.ended(), Some(0));
        assert!(asked.elapsed() < Duration::from_secs(5), "{signal:?}: {:?}", asked.elapsed());
        assert_eq!(shared.event("stopped")["reason"], json!("stopped"));
        assert_free([shared.port, shared.tls_port]);
    }
}

#[test]
fn a_port_that_is_taken_is_named_and_nothing_is_issued() {
    let home = TestHome::with_ca::<&str>(&[]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let bind = format!("127.0.0.1:{port}");
    let refused = home.hubca(&["share", "--bind", &bind, "--json"]).failed_with(1);
    assert_eq!(refused.error()["kind"], "network");
    assert!(refused.error()["message"].as_str().unwrap().contains(&port.to_string()), "{refused}");
    let tls = home.hubca(&["share", "--bind", "127.0.0.1:0", "--tls-port", &port.to_string(), "--json"]).failed_with(1);
    assert!(tls.error()["hints"].to_string().contains("--tls-port"), "{tls}");
    home.hubca(&["share", "--bind", "192.0.2.1"]).failed_with(2);
    home.hubca(&["share", "--bind", "127.0.0.1:0", "--qr", "/no/such/place/page.png"]).failed_with(1);
    assert_eq!(home.hubca(&["list", "--all", "--json"]).succeeded().json().as_array().unwrap().len(), 2);
}

#[test]
fn a_wrong_passphrase_and_an_address_outside_the_scope_are_refused_before_anything_is_issued() {
    let home = TestHome::with_ca(&["--permit-only", "--permit", "192.168.0.0/16"]);
    let outside = home.hubca(&["share", "--bind", "127.0.0.1:0", "--json"]).failed_with(1);
    assert_eq!(outside.error()["kind"], "refused");
    assert!(outside.error()["hints"].to_string().contains("--permit 127.0.0.1/32"), "{outside}");
    let home = TestHome::with_ca::<&str>(&[]);
    let secret = home.directory().join("secret");
    std::fs::write(&secret, "correct horse\n").unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let with_secret = |words: &[&str]| {
        let line = [words, &["--passphrase-file", secret.to_str().unwrap(), "--json"]].concat();
        home.hubca(&line)
    };
    with_secret(&["key", "protect", "issuing"]).succeeded();
    let shut = home.hubca(&["share", "--bind", "127.0.0.1:0", "--json"]).failed_with(1);
    assert_eq!(shut.error()["kind"], "passphrase");
    let mut opened = Shared::start(&home, &["--until", "1s", "--passphrase-file", secret.to_str().unwrap()]);
    assert_eq!(opened.ended(), Some(0));
    std::fs::write(&secret, "wrong horse\n").unwrap();
    let wrong = with_secret(&["share", "--bind", "127.0.0.1:0"]).failed_with(1);
    assert_eq!(wrong.error()["kind"], "passphrase");
    assert_eq!(home.hubca(&["list", "--all", "--json"]).succeeded().json().as_array().unwrap().len(), 3);
}

#[test]
fn a_ledger_that_another_process_holds_does_not_hold_up_the_end() {
    let home = TestHome::with_ca::<&str>(&[]);
    let mut shared = Shared::start(&home, &[]);
    let ledger = rusqlite::Connection::open(home.file("ledger.db")).unwrap();
    ledger.execute_batch("BEGIN IMMEDIATE").unwrap();
    for _ in 0..6 {
        let (token, _) = shared.visit(&[]);
        assert_eq!(shared.get(&format!("/visit/{token}"), &[]).status, 200);
    }
    let asked = Instant::now();
    shared.signal(Signal::INT);
    assert_eq!(shared.ended(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(15), "{:?}", asked.elapsed());
    assert_free([shared.port, shared.tls_port]);
    let reason = shared.event("not_recorded")["reason"].to_string();
    assert!(reason.contains("for 5 seconds"), "{reason}");
}

#[test]
fn it_ends_when_whoever_reads_has_gone() {
    let home = TestHome::with_ca::<&str>(&[]);
    let mut process = home
        .command()
        .args(["share", "--bind", "127.0.0.1:0", "--tls-port", "0", "--json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(process.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    drop(output);
    let started: serde_json::Value = serde_json::from_str(&line).unwrap();
    let port = started["address"].as_str().unwrap().trim_end_matches('/').rsplit(':').next().unwrap().parse().unwrap();
    // The next thing that there is to tell is what it ends at.
    let mut visitor = connect(port);
    visitor.write_all(&request("GET", "/test-hub.crt", &format!("127.0.0.1:{port}"), &[], "")).unwrap();
    assert_eq!(Reply::read(&mut visitor).status, 200);
    let deadline = Instant::now() + Duration::from_secs(20);
    while process.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it goes on for nobody");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(process.wait().unwrap().success());
}

#[test]
fn words_are_told_line_by_line_with_the_code_the_address_and_the_fingerprint() {
    let home = TestHome::with_ca::<&str>(&["--unconstrained"]);
    let picture = home.directory().join("page.svg");
    let line = ["share", "--bind", "127.0.0.1:0", "--until", "1s", "--qr", picture.to_str().unwrap()];
    let told = home.hubca(&line).succeeded();
    let root = home.hubca(&["export", "pem", "--json"]).succeeded().json();
    let words = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("http://127.0.0.1:") && words.contains(root["root_words"].as_str().unwrap()), "{told}");
    assert!(words.contains("can vouch for any site on the internet"), "{told}");
    assert!(told.stdout.contains('▄') && told.stdout.contains("the time is over"), "{told}");
    assert!(std::fs::read_to_string(&picture).unwrap().contains("<svg"));
    home.hubca(&line).failed_with(1);
    home.hubca(&[&line[..], &["--force"]].concat()).succeeded();
    let quiet = home.hubca(&["share", "--bind", "127.0.0.1:0", "--until", "1s", "--quiet"]).succeeded();
    assert_eq!(quiet.stdout.lines().count(), 1, "{quiet}");
    assert!(quiet.stdout.starts_with("http://127.0.0.1:"), "{quiet}");
}
