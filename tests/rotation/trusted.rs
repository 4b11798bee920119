//! Every server at every step, asked about by every verifier with every set of roots.

use std::fs;

use crate::{
    chain::{Case, Name},
    scene::{Scene, Store, case},
    witness::{self, present},
};

#[test]
fn clients_with_either_root_or_both_are_served_at_every_step_of_a_change() {
    change(&[], &[]);
}

#[test]
fn so_they_are_where_a_root_of_rsa_follows_one_of_p384() {
    change(&["--key", "p384"], &["--key", "rsa2048"]);
}

#[test]
fn so_they_are_where_a_root_of_p256_follows_one_of_rsa() {
    change(&["--key", "rsa2048", "--nc-compat"], &[]);
}

/// A whole change of root, with what each server sent at each step shown to every verifier.
#[track_caller]
fn change(of_old: &[&str], of_new: &[&str]) {
    let mut scene = Scene::new(of_old);
    let (first, second, third) = (Name::dns("hub.lan"), Name::ip("192.168.0.7"), Name::dns("nas.home.arpa"));
    let mut shown = Vec::new();
    let mut show = |scene: &mut Scene, step: &str, names: &[&Name], served: &'static [Store]| {
        for name in names {
            shown.push((format!("{step}: {name}"), scene.served(name), (*name).clone(), served));
        }
    };
    [&first, &second].iter().for_each(|name| scene.issue(name));
    show(&mut scene, "before", &[&first, &second], &[Store::Old, Store::Both]);
    scene.begin(of_new);
    let all = &[Store::Old, Store::New, Store::Both];
    scene.issue(&third);
    show(&mut scene, "begun", &[&first, &third], all);
    scene.rotate(&["cut-over"]);
    show(&mut scene, "cut over", &[&first, &second], all);
    scene.issue(&first);
    show(&mut scene, "half moved", &[&first, &second], all);
    [&second, &third].iter().for_each(|name| scene.issue(name));
    show(&mut scene, "all moved", &[&first, &second, &third], all);
    scene.rotate(&["retire"]);
    show(&mut scene, "retired", &[&first, &second], &[Store::New, Store::Both]);

    let mut cases = Vec::new();
    for (title, chain, name, served) in &shown {
        for store in Store::ALL {
            let expected = served.contains(&store);
            cases.push((expected, case(&format!("{title}, {store:?}"), chain, scene.store(store), name)));
        }
    }
    ask(&cases);
}

/// Every verifier says of every case what is expected.
#[track_caller]
pub(crate) fn ask(cases: &[(bool, Case)]) {
    let asked: Vec<Case> = cases.iter().map(|(_, case)| case.clone()).collect();
    let mut wrong = Vec::new();
    for witness in witness::verifiers() {
        if !present(witness.name(), &witness.needs()) {
            continue;
        }
        for ((expected, case), verdict) in cases.iter().zip(witness.judge(&asked)) {
            if verdict.is_acceptance() != *expected {
                wrong.push(format!("{}: {}: {verdict:?}", witness.name(), case.title));
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong: {wrong:#?}", wrong.len());
}

/// `check` knows both roots, and has no word against what is served at any step.
#[test]
fn check_finds_nothing_in_a_chain_with_a_cross_certificate() {
    let scene = Scene::new(&[]);
    let name = Name::dns("hub.lan");
    scene.issue(&name);
    let check = || {
        let fullchain = scene.home.file("live/hub.lan/fullchain.pem");
        let answer = scene.home.hubca(&["check", fullchain.to_str().unwrap(), "--json"]).succeeded().json();
        assert_eq!(answer["findings"], serde_json::json!([]), "{answer}");
        answer["certificates"].as_array().unwrap().len()
    };
    assert_eq!(check(), 3);
    scene.begin(&[]);
    assert_eq!(check(), 4);
    scene.rotate(&["cut-over"]);
    assert_eq!(check(), 4);
    scene.issue(&name);
    assert_eq!(check(), 4);
    scene.rotate(&["retire"]);
    assert_eq!(check(), 3);
    assert!(fs::read_to_string(scene.home.file("live/hub.lan/chain.pem")).unwrap().matches("BEGIN").count() == 1);
}
