//! Many processes at one home.

use std::{collections::HashSet, thread};

use crate::support::TestHome;

#[test]
fn sixteen_processes_times_sixty_four_issues_give_1024_of_everything() {
    let home = TestHome::with_ca::<&str>(&[]);
    let serials: Vec<String> = thread::scope(|scope| {
        let home = &home;
        let workers: Vec<_> = (0..16)
            .map(|worker| {
                scope.spawn(move || {
                    (0..64)
                        .map(|number| {
                            // Every fourth one is the next generation of a lineage that all of them share.
                            let name = if number % 4 == 0 {
                                "shared.lan".to_owned()
                            } else {
                                format!("h{worker}-{number}.lan")
                            };
                            let answer = home.hubca(&["issue", "--dns", &name, "--json"]).succeeded();
                            answer.json()["serial"].as_str().unwrap().to_owned()
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(serials.len(), 1024);
    assert_eq!(serials.iter().collect::<HashSet<_>>().len(), 1024);
    let rows = home.hubca(&["list", "--all", "--json"]).succeeded().json();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 1024 + 2);
    assert!(rows.iter().all(|row| row["status"] == "good"));
    let newest = home.hubca(&["show", "shared.lan", "--json"]).succeeded().json();
    assert_eq!(newest["generation"], 256, "{newest}");
    // One for the CA, two for the places of its issuers, and two for each CRL and each certificate.
    audit_is_whole(&home, 1 + 2 + 2 * 2 + 2 * (1024 + 2));
    let live = std::fs::read_link(home.file("live/shared.lan")).unwrap();
    assert!(live.ends_with("shared.lan/256"), "{}", live.display());
}

/// The audit log has so many entries, each following from the one before.
fn audit_is_whole(home: &TestHome, expected: i64) {
    use hubca::{
        authority::{Doors, Verdict},
        home::{Home, Layout},
        system::{SystemClock, SystemRandom},
    };
    use std::sync::Arc;
    let doors = Doors { clock: Arc::new(SystemClock), random: Arc::new(SystemRandom) };
    let opened = Home::open(Layout::new(home.path()), doors).unwrap();
    match opened.authority().verify_audit().unwrap() {
        Verdict::Whole { entries, .. } => assert_eq!(entries, expected),
        Verdict::Broken { sequence } => panic!("entry {sequence} does not follow from the one before"),
    }
}
