//! Rotation at home as it is found: devices that trust an earlier root only, and CAs that a clock which was ahead has dated.

use super::{
    tests::{NEW, NEXT, reopened, served},
    *,
};
use crate::{
    authority::{Arrival, DeviceKey, IssueError, Refusal, RotationError},
    home::{
        crl::CrlOutcome,
        renewal::{Need, Reason, RenewalWish},
        survey::{FindingKind, SurveyOptions},
        test_ca::{NOW, NoPassphrase, TestCa, order, server},
    },
};

fn device(octet: u8) -> Arrival {
    Arrival {
        key: DeviceKey::of(&[octet]),
        address: format!("192.168.0.{octet}"),
        platform: "ios".to_owned(),
        user_agent: "Safari".to_owned(),
    }
}

/// What is found about devices.
fn behind(home: &Home) -> Option<String> {
    let survey = home.survey(SurveyOptions::default()).unwrap();
    let found = survey.findings.into_iter().find(|finding| finding.kind == FindingKind::DevicesBehind);
    found.map(|finding| finding.message)
}

#[test]
fn a_root_that_a_clock_which_was_ahead_retired_hides_no_device_that_comes_today() {
    let ca = TestCa::new();
    let mut home = reopened(&ca);
    let old = home.root().unwrap().certificate().clone();
    home.authority().meet_device(&device(7)).unwrap();
    home.authority().device_trusts(&device(7).key, &old).unwrap();
    home.begin_rotation(NEW, &NoPassphrase).unwrap();
    home.cut_over().unwrap();
    ca.clock.set(NOW + Duration::days(700));
    home.retire_root(StillNeeded::Overrule).unwrap();
    ca.clock.set(NOW + Duration::hours(1));
    home.authority().accept_clock().unwrap().unwrap();
    let home = reopened(&ca);
    assert_eq!(behind(&home), None);
    ca.clock.set(NOW + Duration::hours(2));
    home.authority().meet_device(&device(7)).unwrap();
    assert_eq!(behind(&home).unwrap(), "`192.168.0.7` trusts an earlier root only");
}

#[test]
fn who_retires_a_root_lets_go_of_the_devices_that_never_return() {
    let ca = TestCa::new();
    let mut home = reopened(&ca);
    let old = home.root().unwrap().certificate().clone();
    for arrival in [device(7), device(8)] {
        home.authority().meet_device(&arrival).unwrap();
        home.authority().device_trusts(&arrival.key, &old).unwrap();
    }
    home.begin_rotation(NEW, &NoPassphrase).unwrap();
    home.cut_over().unwrap();
    ca.clock.set(NOW + Duration::hours(1));
    assert!(behind(&home).unwrap().ends_with("trust an earlier root only"));
    home.retire_root(StillNeeded::Overrule).unwrap();
    assert_eq!(behind(&home), None);
    ca.clock.set(NOW + Duration::hours(2));
    home.authority().meet_device(&device(8)).unwrap();
    assert_eq!(behind(&home).unwrap(), "`192.168.0.8` trusts an earlier root only");
}

/// What is found about CAs.
fn found(home: &Home) -> Vec<String> {
    let found = home.survey(SurveyOptions::default()).unwrap().findings.into_iter();
    found.filter(|finding| finding.kind == FindingKind::CaNotYetValid).map(|finding| finding.subject).collect()
}

#[test]
fn an_issuing_ca_that_a_clock_dated_ahead_is_told_and_another_follows_it() {
    let ca = TestCa::new();
    let profile = server();
    ca.clock.set(NOW + Duration::days(500));
    let mut home = reopened(&ca);
    home.rotate_issuing(NEXT, &NoPassphrase).unwrap();
    home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["hub.lan"])).unwrap();
    assert!(found(&home).is_empty());
    ca.clock.set(NOW);
    home.authority().accept_clock().unwrap().unwrap();
    assert_eq!(found(&home), ["issuing/2"]);
    let refused = home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["nas.lan"])).unwrap_err();
    assert!(matches!(refused, HomeError::Issue(IssueError::Refused(Refusal::IssuerNotValid { .. }))), "{refused:?}");
    assert_eq!(home.rotate_issuing(NEXT, &NoPassphrase).unwrap(), Effect::Taken, "one of the future is none of today");
    assert!(home.issuing().unwrap().ordinal() == 3 && found(&home).is_empty());
    assert_eq!(home.rotate_issuing(NEXT, &NoPassphrase).unwrap(), Effect::TakenBefore);
    home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["hub.lan"])).unwrap();
    assert_eq!(served(&home, "hub.lan"), ["leaf<issuing3", "issuing3<root1"]);
    let crls = home.renew_crls(&NoPassphrase).unwrap();
    assert!(crls.iter().all(|outcome| matches!(outcome, CrlOutcome::Made(_))), "{crls:?}");
    let survey = home.survey(SurveyOptions::default()).unwrap();
    assert!(survey.is_ok(), "{:?}", survey.findings);
}

#[test]
fn a_root_that_a_clock_dated_ahead_is_not_put_in_force_and_another_follows_it() {
    let ca = TestCa::new();
    ca.issue(&["hub.lan"]).unwrap();
    ca.clock.set(NOW + Duration::days(500));
    let mut home = reopened(&ca);
    home.begin_rotation(NEW, &NoPassphrase).unwrap();
    home.renew_chains().unwrap();
    ca.clock.set(NOW);
    home.authority().accept_clock().unwrap().unwrap();
    assert_eq!(found(&home), ["root/2"]);
    let refused = home.cut_over().unwrap_err();
    assert!(matches!(refused, HomeError::Rotation(RotationError::NotBegun { .. })), "{refused:?}");
    assert_eq!(home.authority().root().unwrap().ordinal(), 1);
    assert_eq!(home.abandon_rotation().unwrap(), Effect::Taken);
    assert_eq!(home.renew_chains().unwrap(), ["hub.lan"]);
    assert!(found(&home).is_empty());
    home.begin_rotation(NEW, &NoPassphrase).unwrap();
    assert_eq!(home.cut_over().unwrap(), Effect::Taken);
    let profile = server();
    home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["hub.lan"])).unwrap();
}

#[test]
fn a_root_that_was_put_in_force_by_a_clock_that_was_ahead_is_given_up() {
    let ca = TestCa::new();
    ca.clock.set(NOW + Duration::days(500));
    let mut home = reopened(&ca);
    home.begin_rotation(NEW, &NoPassphrase).unwrap();
    home.cut_over().unwrap();
    let profile = server();
    home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["hub.lan"])).unwrap();
    ca.clock.set(NOW);
    home.authority().accept_clock().unwrap().unwrap();
    assert_eq!(found(&home), ["root/2"]);
    assert_eq!(home.abandon_rotation().unwrap(), Effect::Taken);
    assert_eq!(home.abandon_rotation().unwrap(), Effect::TakenBefore);
    assert!(matches!(home.cut_over(), Err(HomeError::Rotation(RotationError::NotUnderWay))));
    let home = reopened(&ca);
    assert_eq!((home.root().unwrap().ordinal(), home.issuing().unwrap().ordinal()), (1, 1));
    let needy = home.needy(&RenewalWish::default()).unwrap();
    assert_eq!(needy.iter().map(|one| one.need).collect::<Vec<_>>(), [Need::Certificate(Reason::Ahead)]);
    home.issue(&home.issuer(&NoPassphrase).unwrap(), order(&profile, &["hub.lan"])).unwrap();
    assert_eq!(served(&home, "hub.lan"), ["leaf<issuing1", "issuing1<root1"]);
    assert!(found(&home).is_empty() && home.needy(&RenewalWish::default()).unwrap().is_empty());
}
