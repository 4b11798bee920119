//! The proof of trust: what the page says in each state, and no more.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::stage::{page, probe, root, with_second_root};
use crate::support::TestHome;
use crate::support::tools::{commands, present};
use crate::support::visitor::{Seen, VERDICT, Visitor, browser_is_here};
use crate::support::{shared::Shared, telling::PATIENCE};

fn home() -> TestHome {
    TestHome::with_ca::<&str>(&[])
}

/// The verdict after `then_verdict` as the first acts.
fn verdict(seen: &Seen) -> &str {
    seen.text(1)
}

#[test]
fn before_trust_the_page_says_not_trusted_yet_and_points_to_the_first_step() {
    if !browser_is_here() {
        return;
    }
    let home = home();
    let share = Shared::start(&home, &[]);
    let seen = Visitor::with("iphone").then_verdict().then_picture("iphone-not-yet").visits(&page(&share));
    assert_eq!(verdict(&seen), "not-yet", "{}", seen.text(0));
    assert!(seen.text(0).contains("step 1"), "{}", seen.text(0));
}

#[test]
fn who_took_the_profile_hears_a_guess_that_says_it_is_one() {
    if !browser_is_here() {
        return;
    }
    let home = home();
    let share = Shared::start(&home, &[]);
    let seen = Visitor::with("iphone")
        .then_verdict()
        .then(json!({ "download": "#step-1 a.button" }))
        .then(json!({ "wait": "[data-verdict=taken]:not([hidden])" }))
        .then_picture("iphone-taken")
        .visits(&page(&share));
    assert_eq!(verdict(&seen), "not-yet");
    assert!(seen.text(3).contains("ost likely"), "a guess must say that it is one: {}", seen.text(3));
    let fetched = share.event("fetched");
    assert_eq!(fetched["device"]["platform"], "ios", "{fetched}");
}

#[test]
fn with_the_root_in_the_store_it_turns_green_and_the_device_ledger_has_the_proof() {
    if !browser_is_here() {
        return;
    }
    let home = home();
    let share = Shared::start(&home, &[]);
    let seen = Visitor::with("ipad")
        .trusting(&[&root(&home)])
        .then_verdict()
        .then_picture("ipad-trusted")
        .visits(&page(&share));
    assert_eq!(verdict(&seen), "trusted", "{}", seen.text(0));
    assert_eq!(share.event("trusted")["root_sha256"], share.event("started")["root_sha256"]);
    let devices = home.hubca(&["list", "--devices", "--json"]).succeeded().json();
    assert_eq!(devices.as_array().unwrap().len(), 1, "{devices}");
    let device = &devices[0];
    assert_eq!(device["platform"], "ios", "an iPad says that it is a Mac, and the page knows better: {device}");
    let proven: Vec<&Value> = device["roots"].as_array().unwrap().iter().map(|root| &root["sha256"]).collect();
    assert_eq!(proven, [&share.event("started")["root_sha256"]], "{device}");
}

#[test]
fn a_foreign_root_of_the_same_name_is_no_trust() {
    if !browser_is_here() {
        return;
    }
    let (ours, foreign) = (home(), home());
    let share = Shared::start(&ours, &[]);
    let seen = Visitor::with("android").trusting(&[&root(&foreign)]).then_verdict().visits(&page(&share));
    assert_eq!(verdict(&seen), "not-yet");
}

#[test]
fn a_device_that_trusts_an_earlier_root_is_told_which() {
    if !browser_is_here() {
        return;
    }
    let home = home();
    let former = with_second_root(&home);
    let share = Shared::start(&home, &[]);
    let of = |roots: &[&std::path::Path]| {
        Visitor::with("mac")
            .trusting(roots)
            .then_verdict()
            .then_picture(&format!("mac-{}-roots", roots.len()))
            .visits(&page(&share))
    };
    let seen = of(&[&former]);
    assert_eq!(verdict(&seen), "earlier", "{}", seen.text(0));
    assert!(seen.text(0).contains("Test Hub Root CA"), "{}", seen.text(0));
    assert_eq!(verdict(&of(&[&root(&home)])), "trusted");
    assert_eq!(verdict(&of(&[&root(&home), &former])), "trusted");
    assert_eq!(verdict(&of(&[])), "not-yet");
}

#[test]
fn a_port_that_is_blocked_is_not_reachable_and_the_page_turns_green_by_itself_once_it_is_open() {
    if !browser_is_here() {
        return;
    }
    let home = home();
    let share = Shared::start(&home, &[]);
    let seen = Visitor::with("windows")
        .trusting(&[&root(&home)])
        .set("blocked", json!(probe(&share)))
        .then_verdict()
        .then_picture("windows-unreachable")
        .then(json!({ "unblock": true }))
        .then(json!({ "wait": "[data-verdict=trusted]:not([hidden])" }))
        .visits(&page(&share));
    assert_eq!(verdict(&seen), "unreachable", "{}", seen.text(0));
    assert!(seen.text(0).contains("irewall"), "{}", seen.text(0));
}

#[test]
fn once_it_is_green_the_page_offers_the_hub_and_tells_whether_it_answers() {
    if !browser_is_here() || !present("a hub by openssl", &commands(&["openssl"])) {
        return;
    }
    let home = home();
    let hub = Hub::of(&home);
    let answers = Shared::start(&home, &["--hub", &hub.address]);
    let silent = Shared::start(&home, &["--hub", "https://127.0.0.1:1/"]);
    for (share, said) in [(&answers, "answers"), (&silent, "silent")] {
        let told = format!("[data-hub-says={said}]:not([hidden])");
        let seen = Visitor::with("ipad")
            .trusting(&[&root(&home)])
            .then_verdict()
            .then(json!({ "wait": told }))
            .then(json!({ "attribute": "[data-verdict=trusted] a.button", "name": "href" }))
            .then_picture(&format!("ipad-hub-{said}"))
            .visits(&page(share));
        assert_eq!(verdict(&seen), "trusted");
        assert!(seen.text(3).starts_with("https://127.0.0.1:"), "{}", seen.text(3));
    }
}

/// A hub with a certificate of the CA, on loopback, until this is dropped.
pub(crate) struct Hub {
    server: Child,
    pub(crate) address: String,
}

impl Hub {
    pub(crate) fn of(home: &TestHome) -> Self {
        home.hubca(&["issue", "--ip", "127.0.0.1"]).succeeded();
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let live = home.file("live/127.0.0.1");
        let mut openssl = Command::new("openssl");
        openssl.arg("s_server");
        // Where a root issues by itself no CA is between, and openssl takes no empty file.
        if std::fs::metadata(live.join("chain.pem")).unwrap().len() > 0 {
            openssl.arg("-cert_chain").arg(live.join("chain.pem"));
        }
        let server = openssl
            .args(["-quiet", "-www", "-accept", &format!("127.0.0.1:{port}")])
            .arg("-cert")
            .arg(live.join("cert.pem"))
            .arg("-key")
            .arg(live.join("privkey.pem"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < deadline, "openssl does not serve");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { server, address: format!("https://127.0.0.1:{port}/") }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        let _ended = self.server.kill();
        let _reaped = self.server.wait();
    }
}

#[test]
fn when_the_share_is_gone_the_page_says_so() {
    if !browser_is_here() {
        return;
    }
    let home = home();
    let share = Shared::start(&home, &["--until", "12s"]);
    let seen = Visitor::with("iphone")
        .then_verdict()
        .then(json!({ "wait": "[data-verdict=gone]:not([hidden])" }))
        .visits(&page(&share));
    assert_eq!(verdict(&seen), "not-yet");
    assert_eq!(share.event("stopped")["event"], "stopped");
}

#[test]
fn without_a_script_the_steps_and_the_files_are_all_there() {
    if !browser_is_here() {
        return;
    }
    let home = home();
    let share = Shared::start(&home, &[]);
    let seen = Visitor::with("iphone")
        .set("script", json!(false))
        .then(json!({ "texts": ".steps .step h3" }))
        .then(json!({ "download": "#step-1 a.button" }))
        .then(json!({ "count": VERDICT }))
        .then_picture("iphone-no-script")
        .visits(&page(&share));
    let steps = seen.answer(0).as_array().unwrap();
    assert!(steps.len() >= 5, "{steps:?}");
    let file = seen.answer(1);
    assert_eq!(file["name"], "test-hub.mobileconfig");
    assert_eq!(seen.answer(2), 0, "without its script the page must claim nothing");
}
