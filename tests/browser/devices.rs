//! Each device finds its own path, in its own language, on its own screen, in light and in dark.

use serde_json::{Value, json};

use crate::stage::{page, probe};
use crate::support::TestHome;
use crate::support::shared::Shared;
use crate::support::visitor::{Seen, Visitor, browser_is_here};

const DEVICES: [(&str, &str); 8] = [
    ("iphone", "ios"),
    ("narrow", "ios"),
    ("ipad", "ios"),
    ("mac", "macos"),
    ("android", "android"),
    ("windows", "windows"),
    ("linux", "linux"),
    ("firefox", "firefox"),
];

fn share() -> (TestHome, Shared) {
    let home = TestHome::with_ca::<&str>(&[]);
    let share = Shared::start(&home, &[]);
    (home, share)
}

#[test]
fn each_device_is_shown_its_own_path_first() {
    if !browser_is_here() {
        return;
    }
    let (_home, share) = share();
    for (device, platform) in DEVICES {
        let seen = Visitor::with(device)
            .then_verdict()
            .then(json!({ "attribute": "main", "name": "data-device" }))
            .then(json!({ "attribute": "#step-1 a.button", "name": "href" }))
            .then(json!({ "count": "#devices a" }))
            .then_picture(&format!("{device}-first"))
            .visits(&page(&share));
        assert_eq!(seen.answer(2), platform, "{device}");
        let file = seen.text(3);
        // What Safari saves as `.crt.html` is never offered to an iPhone or iPad.
        assert_eq!(platform == "ios" || platform == "macos", file.contains(".mobileconfig"), "{device}: {file}");
        assert_eq!(seen.answer(4), 5, "{device}: the other devices are one tap away");
        is_quiet(&seen, device, &share);
    }
}

#[test]
fn every_screen_passes_the_accessibility_check_and_fits_its_width() {
    if !browser_is_here() {
        return;
    }
    let (_home, share) = share();
    for (device, dark, locale) in [
        ("iphone", false, "en-US"),
        ("narrow", true, "de-DE"),
        ("ipad", true, "en-US"),
        ("mac", false, "de-DE"),
        ("android", true, "en-US"),
        ("windows", false, "en-US"),
        ("linux", true, "de-DE"),
    ] {
        let mut visitor = Visitor::with(device).set("dark", json!(dark)).set("locale", json!(locale)).then_verdict();
        for screen in 1..=STEPS {
            visitor = visitor
                .then(json!({ "axe": true }))
                .then(json!({ "width": true }))
                .then_picture(&format!("{device}-{locale}-{}-{screen}", if dark { "dark" } else { "light" }));
            if screen < STEPS {
                visitor = visitor.then(json!({ "click": "[data-walk=next]" }));
            }
        }
        let seen = visitor.visits(&page(&share));
        for screen in 0..STEPS {
            let (violations, width) = (seen.answer(2 + 3 * screen), seen.answer(3 + 3 * screen));
            assert_eq!(violations, &json!([]), "{device}, {locale}, screen {}", screen + 1);
            assert!(width[0].as_i64() <= width[1].as_i64(), "{device}: the page is wider than the screen: {width}");
        }
    }
}

#[test]
fn the_second_switch_is_a_screen_of_its_own_and_the_steps_are_walked_by_keyboard() {
    if !browser_is_here() {
        return;
    }
    let (_home, share) = share();
    let visible = "[...document.querySelectorAll('.steps .step')].filter(step => step.offsetParent).length";
    let mut visitor = Visitor::with("iphone").then_verdict().then(json!({ "evaluate": visible }));
    for _ in 0..4 {
        visitor = visitor
            .then(json!({ "evaluate": "document.querySelector('[data-walk=next]').click()" }))
            .then(json!({ "evaluate": visible }))
            .then(json!({ "evaluate": "document.activeElement.innerText" }));
    }
    let seen = visitor.visits(&page(&share));
    assert_eq!(seen.answer(2), 1, "one step a screen");
    let headings: Vec<&Value> = (0..4).map(|step| seen.answer(5 + 3 * step)).collect();
    assert!((0..4).all(|step| seen.answer(4 + 3 * step) == 1), "one step a screen");
    assert!(headings.iter().any(|heading| *heading == "Turn on full trust"), "{headings:?}");
}

#[test]
fn german_is_spoken_where_it_is_asked_for() {
    if !browser_is_here() {
        return;
    }
    let (_home, share) = share();
    let seen = Visitor::with("iphone")
        .set("locale", json!("de-AT"))
        .then_verdict()
        .then(json!({ "attribute": "html", "name": "lang" }))
        .then(json!({ "click": ".languages a[lang=en]" }))
        .then(json!({ "wait": "html[lang=en] body" }))
        .visits(&page(&share));
    assert_eq!(seen.answer(2), "de");
    assert!(seen.text(4).contains("Get the profile"), "{}", seen.text(4));
}

/// Nothing popped up, nothing was complained of but what the probes are for, and nothing came from outside.
fn is_quiet(seen: &Seen, device: &str, share: &Shared) {
    assert!(seen.dialogs.is_empty(), "{device}: {:?}", seen.dialogs);
    let of_probe = |complaint: &&String| !complaint.contains("ERR_CERT_AUTHORITY_INVALID");
    let complaints: Vec<_> = seen.complaints.iter().filter(of_probe).collect();
    assert!(complaints.is_empty(), "{device}: {complaints:?}");
    let probe = probe(share);
    let ours = [page(share), format!("https://{probe}/"), format!("wss://{probe}/"), "data:".to_owned()];
    let outside: Vec<_> = seen.requests.iter().filter(|url| !ours.iter().any(|start| url.starts_with(start))).collect();
    assert!(outside.is_empty(), "{device} went outside: {outside:?}");
}

/// The fewest steps that any device has.
const STEPS: usize = 3;
