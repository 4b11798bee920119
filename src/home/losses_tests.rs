//! Files that somebody removed or replaced, and what the next renewal does about them.

use std::fs;

use super::*;
use crate::{
    authority::Destination,
    home::{
        order::Order,
        outside::Outside,
        renewal::{Need, Reason, Renewal, RenewalWish},
        survey::{FindingKind, SurveyOptions},
        test_ca::{NoPassphrase, TestCa, order, server},
    },
    keys::KeyError,
    system::{Ended, Ending, Errand, FileMode, ProcessError, Processes, SystemNetwork, files::replace},
    x509::RevocationReason,
};

/// A machine on which every hook does as it should.
struct Good;

impl Processes for Good {
    fn run(&self, _: &Errand) -> Result<Ended, ProcessError> {
        Ok(Ended { how: Ending::Code(0), output: String::new() })
    }
}

fn renew(ca: &TestCa) -> Vec<(Need, Renewal)> {
    let wish = RenewalWish::default();
    let outside = Outside {
        network: &SystemNetwork,
        processes: &Good,
        hook_limit: None,
        verify_limit: std::time::Duration::from_millis(300),
    };
    let needy = ca.home.needy(&wish).unwrap();
    let renewed = needy.iter().map(|candidate| {
        (candidate.need, ca.home.renew(candidate, Some(&ca.issuer()), &wish, &outside).unwrap().unwrap())
    });
    renewed.collect()
}

fn found(ca: &TestCa) -> Vec<FindingKind> {
    let lost =
        [FindingKind::GenerationLost, FindingKind::LiveLost, FindingKind::ChainDiffers, FindingKind::CopiesDiffer];
    let survey = ca.home.survey(SurveyOptions::default()).unwrap();
    assert_eq!(survey.is_ok(), !survey.findings.iter().any(|finding| lost.contains(&finding.kind)));
    survey.findings.into_iter().map(|finding| finding.kind).filter(|kind| lost.contains(kind)).collect()
}

fn with_copies(place: &Path) -> TestCa {
    let ca = TestCa::new();
    let copies = Destination {
        out: Some(place.join("tls").to_str().unwrap().to_owned()),
        combined: Some(place.join("hub.pem").to_str().unwrap().to_owned()),
        hook: Some("reload".to_owned()),
        ..Destination::default()
    };
    let profile = server();
    ca.home.issue(&ca.issuer(), Order { destination: Some(copies), ..order(&profile, &["hub.lan"]) }).unwrap();
    ca.issue(&["nas.lan"]).unwrap();
    assert_eq!(renew(&ca).len(), 1);
    assert!(renew(&ca).is_empty() && found(&ca).is_empty());
    ca
}

#[test]
fn a_generation_that_is_gone_or_empty_has_a_successor() {
    let place = tempfile::tempdir().unwrap();
    let ca = with_copies(place.path());
    let newest = |label: &str| {
        let record = ca.home.authority().by_label(label, 1).unwrap().remove(0);
        ca.home.layout().generation(label, record.generation.unwrap())
    };
    let all = || fs::remove_dir_all(ca.home.layout().lineage("hub.lan")).unwrap();
    let key = || replace(&newest("hub.lan").join("privkey.pem"), b"", FileMode::Secret).unwrap();
    let chain = || fs::remove_file(newest("hub.lan").join("chain.pem")).unwrap();
    let other = || {
        fs::copy(newest("nas.lan").join("cert.pem"), newest("hub.lan").join("cert.pem")).unwrap();
    };
    let no_key = || replace(&newest("hub.lan").join("privkey.pem"), NO_KEY, FileMode::Secret).unwrap();
    let other_key = || {
        fs::copy(newest("nas.lan").join("privkey.pem"), newest("hub.lan").join("privkey.pem")).unwrap();
    };
    for lose in [&all as &dyn Fn(), &key, &chain, &other, &no_key, &other_key] {
        lose();
        assert_eq!(found(&ca), [FindingKind::GenerationLost]);
        let renewed = renew(&ca);
        assert_eq!(renewed[0].0, Need::Certificate(Reason::Lost));
        assert!(renewed[0].1.issued.is_some() && renewed[0].1.is_good() && renewed.len() == 1);
        assert!(renew(&ca).is_empty() && found(&ca).is_empty());
        let copy = fs::read(place.path().join("tls/privkey.pem")).unwrap();
        assert_eq!(copy, fs::read(ca.home.layout().live_link("hub.lan").join("privkey.pem")).unwrap());
    }
}

#[test]
fn a_generation_that_is_gone_before_it_arrived_stops_no_renewal() {
    let ca = TestCa::new();
    let destination = Some(Destination { hook: Some("reload".to_owned()), ..Destination::default() });
    let profile = server();
    ca.home.issue(&ca.issuer(), Order { destination, ..order(&profile, &["hub.lan"]) }).unwrap();
    fs::remove_dir_all(ca.home.layout().archive()).unwrap();
    assert_eq!(renew(&ca)[0].0, Need::Certificate(Reason::Lost));
    assert!(renew(&ca).is_empty());
}

#[test]
fn a_key_that_is_anothers_is_brought_to_no_server_and_kept_for_nothing() {
    let place = tempfile::tempdir().unwrap();
    let ca = with_copies(place.path());
    let live = |label: &str| ca.home.layout().live_link(label).join("privkey.pem");
    let (own, others) = (fs::read(live("hub.lan")).unwrap(), fs::read(live("nas.lan")).unwrap());
    fs::copy(live("nas.lan"), live("hub.lan")).unwrap();
    let outside = Outside {
        network: &SystemNetwork,
        processes: &Good,
        hook_limit: None,
        verify_limit: std::time::Duration::from_millis(300),
    };
    let lock = ca.home.lock_label("hub.lan").unwrap();
    let refused = ca.home.deploy(&lock, "hub.lan", &outside).unwrap_err();
    assert!(matches!(refused, HomeError::Key(KeyError::OtherKey { .. })), "{refused:?}");
    assert_eq!(fs::read(place.path().join("tls/privkey.pem")).unwrap(), own);
    drop(lock);
    let wish = RenewalWish { key_policy: Some(crate::authority::KeyPolicy::Same), ..RenewalWish::default() };
    let needy = ca.home.needy(&wish).unwrap();
    ca.home.renew(&needy[0], Some(&ca.issuer()), &wish, &outside).unwrap().unwrap();
    let key = fs::read(live("hub.lan")).unwrap();
    assert!(key != own && key != others && fs::read(place.path().join("tls/privkey.pem")).unwrap() == key);
    assert!(renew(&ca).is_empty() && found(&ca).is_empty());
}

#[test]
fn a_chain_that_is_another_is_written_anew_and_no_certificate_is_made() {
    let place = tempfile::tempdir().unwrap();
    let ca = with_copies(place.path());
    let file = |label: &str, name: &str| ca.home.layout().live_link(label).join(name);
    for label in ["hub.lan", "nas.lan"] {
        for name in ["chain.pem", "fullchain.pem"] {
            let whole = fs::read(file(label, name)).unwrap();
            replace(&file(label, name), b"hi", FileMode::Secret).unwrap();
            assert_eq!(found(&ca), [FindingKind::ChainDiffers]);
            let renewed = renew(&ca);
            assert!(renewed[0].0 == Need::Chain && renewed[0].1.issued.is_none() && renewed[0].1.is_good());
            assert_eq!(renewed[0].1.deployed.is_some(), label == "hub.lan");
            assert_eq!(fs::read(file(label, name)).unwrap(), whole);
            assert!(renew(&ca).is_empty() && found(&ca).is_empty());
        }
    }
}

#[test]
fn a_chain_that_is_another_is_mended_on_the_way_to_the_server() {
    let place = tempfile::tempdir().unwrap();
    let ca = with_copies(place.path());
    let chain = ca.home.layout().live_link("hub.lan").join("chain.pem");
    let whole = fs::read(&chain).unwrap();
    replace(&chain, b"hi", FileMode::Secret).unwrap();
    ca.home.authority().await_deployment("hub.lan").unwrap();
    let renewed = renew(&ca);
    assert!(renewed[0].0 == Need::Deployment && renewed[0].1.is_good());
    assert_eq!(fs::read(place.path().join("tls/chain.pem")).unwrap(), whole);
    assert!(renew(&ca).is_empty() && found(&ca).is_empty());
}

#[test]
fn a_key_that_is_gone_is_not_kept_and_one_that_is_there_is() {
    let ca = TestCa::new();
    let profile = server();
    let kept = Order { key_policy: crate::authority::KeyPolicy::Same, ..order(&profile, &["hub.lan"]) };
    ca.home.issue(&ca.issuer(), kept).unwrap();
    let live = ca.home.layout().live_link("hub.lan");
    let key = fs::read(live.join("privkey.pem")).unwrap();
    for (file, is_kept) in [("cert.pem", true), ("privkey.pem", false)] {
        fs::remove_file(live.join(file)).unwrap();
        assert_eq!(renew(&ca)[0].0, Need::Certificate(Reason::Lost));
        assert_eq!(fs::read(live.join("privkey.pem")).unwrap() == key, is_kept);
    }
}

#[test]
fn a_link_that_is_gone_is_put_back_and_no_certificate_is_made() {
    let place = tempfile::tempdir().unwrap();
    let ca = with_copies(place.path());
    let link = ca.home.layout().live_link("nas.lan");
    let whole = || fs::remove_dir_all(ca.home.layout().live()).unwrap();
    let one = || fs::remove_file(&link).unwrap();
    let dangling = || {
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
    };
    for (lose, labels) in [(&whole as &dyn Fn(), 2), (&one, 1), (&dangling, 1)] {
        lose();
        assert_eq!(found(&ca), vec![FindingKind::LiveLost; labels]);
        let renewed = renew(&ca);
        assert_eq!(renewed.len(), labels);
        assert!(renewed.iter().all(|(need, renewal)| *need == Need::Link && renewal.issued.is_none()));
        assert!(link.join("privkey.pem").exists() && renew(&ca).is_empty() && found(&ca).is_empty());
    }
}

#[test]
fn a_link_that_is_gone_is_missed_beside_those_of_labels_that_have_ended() {
    let ca = TestCa::new();
    for name in ["gone.lan", "hub.lan", "nas.lan"] {
        ca.issue(&[name]).unwrap();
    }
    let record = ca.home.authority().by_label("gone.lan", 1).unwrap().remove(0);
    ca.home.authority().revoke(&record, RevocationReason::CessationOfOperation).unwrap();
    ca.home.responder(ca.home.issuing().unwrap(), &NoPassphrase).unwrap();
    for label in ["hub.lan", "nas.lan"] {
        fs::remove_file(ca.home.layout().live_link(label)).unwrap();
    }
    let missed = ca.home.missing_links(HashSet::new()).unwrap();
    assert_eq!(missed.iter().map(|(label, _)| label.as_str()).collect::<Vec<_>>(), ["hub.lan", "nas.lan"]);
    assert_eq!(renew(&ca).len(), 2);
}

#[test]
fn a_copy_that_is_gone_or_was_replaced_is_brought_once_more() {
    let place = tempfile::tempdir().unwrap();
    let ca = with_copies(place.path());
    let (key, combined) = (place.path().join("tls/privkey.pem"), place.path().join("hub.pem"));
    let content = fs::read(&key).unwrap();
    let gone = || fs::remove_dir_all(place.path().join("tls")).unwrap();
    let replaced = || replace(&combined, b"another", FileMode::Secret).unwrap();
    for lose in [&gone as &dyn Fn(), &replaced] {
        lose();
        assert_eq!(found(&ca), [FindingKind::CopiesDiffer]);
        let renewed = renew(&ca);
        assert!(renewed[0].0 == Need::Copies && renewed[0].1.issued.is_none() && renewed[0].1.is_good());
        assert!(renewed[0].1.deployed.as_ref().unwrap().hook.is_some());
        assert!(fs::read(&key).unwrap() == content && fs::read(&combined).unwrap().starts_with(&content));
        assert!(renew(&ca).is_empty() && found(&ca).is_empty());
    }
}

#[test]
fn a_link_and_a_copy_that_are_gone_together_are_back_together() {
    let place = tempfile::tempdir().unwrap();
    let ca = with_copies(place.path());
    fs::remove_file(ca.home.layout().live_link("hub.lan")).unwrap();
    fs::remove_file(place.path().join("hub.pem")).unwrap();
    assert_eq!(found(&ca), [FindingKind::LiveLost]);
    let renewed = renew(&ca);
    assert!(renewed[0].0 == Need::Link && renewed[0].1.issued.is_none() && renewed[0].1.deployed.is_some());
    assert!(renew(&ca).is_empty() && found(&ca).is_empty());
}

#[test]
fn where_there_are_many_lineages_others_are_looked_at_each_day() {
    let ca = TestCa::new();
    for number in 0..5 {
        ca.issue(&[&format!("n{number}.lan")]).unwrap();
    }
    let mut seen: HashSet<String> = HashSet::new();
    for _ in 0..3 {
        let turn = ca.home.authority().kept_files_in_turn(2).unwrap();
        assert!((1..=2).contains(&turn.len()));
        seen.extend(turn.into_iter().map(|files| files.label));
        ca.clock.advance(std::time::Duration::from_secs(86_400));
    }
    assert_eq!(seen.len(), 5);
}

/// A block that is in PEM and no key.
const NO_KEY: &[u8] = b"-----BEGIN X-----\nAAAA\n-----END X-----\n";
