#![no_main]
//! `hubca issue --batch`: a row is refused by its line, or all of them become certificates that every device takes.

use hubca::profile::builtin;
use hubca_fuzz::{judge, with_hub};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    with_hub(|hub| {
        let batch = hub.write("batch.csv", bytes);
        let Some(issued) = hub.run(&["issue", "--force", "--batch", &batch]).done() else { return };
        for one in issued.as_array().unwrap() {
            let profile = builtin(one["profile"].as_str().unwrap()).unwrap().unwrap();
            let fullchain = std::fs::read(one["files"]["fullchain"].as_str().unwrap()).unwrap();
            judge(&fullchain, &hub.root(), &one["names"], &profile);
        }
    });
});
