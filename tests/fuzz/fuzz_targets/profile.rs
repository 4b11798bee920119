#![no_main]
//! An operator's profile: what is read makes no CA, and what is issued by it is as it says.

use hubca::profile::Profile;
use hubca_fuzz::{judge, with_hub};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(profile) = Profile::parse("own", text) else { return };
    assert!(!profile.makes_ca() && (1..=825).contains(&profile.days()));
    with_hub(|hub| {
        hub.write("home/profiles/own.toml", text.as_bytes());
        let words = ["issue", "--force", "--profile", "own", "--ip", "192.168.0.1", "--dns", "hub.lan"];
        let Some(issued) = hub.run(&words).done() else { return };
        let fullchain = std::fs::read(issued["files"]["fullchain"].as_str().unwrap()).unwrap();
        judge(&fullchain, &hub.root(), &issued["names"], &profile);
    });
});
