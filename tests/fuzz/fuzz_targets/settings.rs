#![no_main]
//! `hubca.toml`: whatever it says, nothing is issued or what every device takes.

use hubca::profile::builtin;
use hubca_fuzz::{judge, with_hub};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    with_hub(|hub| {
        hub.write("home/hubca.toml", bytes);
        hub.run(&["status"]);
        let Some(issued) = hub.run(&["issue", "--force", "--key", "p256", "--dns", "hub.lan"]).done() else { return };
        let profile = builtin(issued["profile"].as_str().unwrap()).unwrap().unwrap();
        let fullchain = std::fs::read(issued["files"]["fullchain"].as_str().unwrap()).unwrap();
        judge(&fullchain, &hub.root(), &issued["names"], &profile);
    });
});
