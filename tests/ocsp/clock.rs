//! A clock that leaps while the responder is at work, and is put right.

use std::{fs, path::Path, time::Duration};

use hubca::system::{Clock, SystemClock};

use crate::{
    answers::ask,
    scene::{Scene, words},
    support::{
        other_clock,
        responder::AtWork,
        tools::{commands, present},
    },
};

/// How many certificates responders have had.
fn responders(scene: &Scene) -> usize {
    let listed = scene.home.hubca(&["list", "--all", "--json"]).succeeded().json();
    listed.as_array().unwrap().iter().filter(|row| row["profile"] == "ocsp-responder").count()
}

#[test]
fn a_leap_of_the_clock_makes_no_responder_and_its_end_finds_all_as_it_was() {
    if !present("a responder under other clocks", &commands(&["faketime", "openssl"])) {
        return;
    }
    let scene = Scene::set(&[]);
    let offset = scene.home.directory().join("offset");
    fs::write(&offset, "+0").unwrap();
    // What was looked at a moment ago is not looked at again.
    let set = |by: &str| {
        fs::write(&offset, by).unwrap();
        std::thread::sleep(Duration::from_millis(300));
    };
    let environment = [
        ("LD_PRELOAD", other_clock::library().to_owned()),
        ("FAKETIME_TIMESTAMP_FILE", offset.to_str().unwrap().to_owned()),
        ("FAKETIME_NO_CACHE", "1".to_owned()),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ];
    let at_work = AtWork::under(&scene.home, &["ocsp", "serve"], &[], &environment);
    let certificates: &[&Path] = &[&scene.good];
    let is_good = || words(&ask(&scene, &at_work, &[], certificates)).contains(": good");
    assert!(is_good());
    let before = responders(&scene);
    for by in ["+60d", "+61d", "+200d"] {
        set(by);
        ask(&scene, &at_work, &[], certificates);
    }
    at_work.event("clock_leapt");
    set("+0");
    assert!(is_good());
    assert_eq!(responders(&scene), before);
    let leaps = at_work.lines().iter().filter(|line| line["event"] == "clock_leapt").count();
    assert_eq!(leaps, 1, "it is told once: {:?}", at_work.lines());
    scene.home.hubca(&["revoke", "hub.lan", "--reason", "keyCompromise"]).succeeded();
    set("+0");
    let said = words(&ask(&scene, &at_work, &[], certificates));
    assert!(said.contains(": revoked"), "{said}");
}

#[test]
fn whoever_says_that_the_clock_is_right_is_answered_at_once() {
    if !present("a responder under other clocks", &commands(&["faketime", "openssl"])) {
        return;
    }
    let scene = Scene::set(&[]);
    let ahead = [("LD_PRELOAD", other_clock::library().to_owned()), ("FAKETIME", "+400d".to_owned())];
    drop(AtWork::under(&scene.home, &["ocsp", "serve"], &[], &ahead));
    let at_work = AtWork::under(&scene.home, &["ocsp", "serve"], &[], &[]);
    let said = || words(&ask(&scene, &at_work, &[], &[&scene.good]));
    assert!(said().contains("trylater"), "{}", said());
    let told = at_work.event("responder_not_renewed");
    let reason = told["reason"].as_str().unwrap();
    let date = SystemClock.now().date().to_string();
    assert!(reason.contains(&format!("the clock says {date}T")) && !reason.contains("+00:00"), "{reason}");
    scene.home.hubca(&["audit", "accept-clock", "--today", &date]).succeeded();
    std::thread::sleep(Duration::from_millis(300));
    assert!(said().contains(": good"), "{}", said());
}
