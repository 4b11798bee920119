//! Each finding from plain facts, and a survey of a home as its days go by.

use time::{Duration, OffsetDateTime, macros::datetime};

use super::{
    Finding, FindingKind, Severity, Survey, SurveyOptions,
    authorities::{self, Ca, Succession},
    backup::{self, LastBackup},
    certificates, posture, renewals, trust,
};
use crate::{
    authority::{
        ClockBehind, DeploymentOutcome, DeploymentRecord, Few, InUse, IssuerRole, Lifetime, SignedCrl, Unsaid,
    },
    home::{
        opened::Home,
        rotation::{NextRoot, StillNeeded},
        test_ca::{NOW, NoPassphrase, TestCa},
    },
    keys::Protection,
    system::Access,
    x509::KeyAlgorithm,
};

fn kind(finding: Option<Finding>) -> Option<FindingKind> {
    finding.map(|finding| finding.kind)
}

fn survey(ca: &TestCa) -> Survey {
    ca.home.survey(SurveyOptions::default()).unwrap()
}

fn kinds(survey: &Survey) -> Vec<FindingKind> {
    survey.findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn a_ca_is_due_while_there_is_time_and_ended_when_there_is_none() {
    let of = |role, days, succession| {
        let not_after = NOW + Duration::days(days);
        kind(authorities::ca(&Ca { path: "x/1", role, not_after, succession }, 397, NOW))
    };
    let at = |role, days| of(role, days, Succession::InSteps);
    assert_eq!(at(IssuerRole::Issuing, 488), None);
    assert_eq!(at(IssuerRole::Issuing, 487), Some(FindingKind::IssuingDue));
    assert_eq!(at(IssuerRole::Root, 731), None);
    assert_eq!(at(IssuerRole::Root, 730), Some(FindingKind::RootDue));
    assert_eq!(of(IssuerRole::Root, 730, Succession::None), Some(FindingKind::LastRootDue));
    assert_eq!(at(IssuerRole::Root, -1), Some(FindingKind::CaExpired));
}

#[test]
fn a_crl_has_one_finding_and_that_is_the_worst() {
    let crl = |age: i64, unsaid| {
        let this_update = NOW - Duration::days(age);
        let newest = SignedCrl { number: 1, this_update, next_update: this_update + Duration::days(7) };
        kind(authorities::crl("issuing/1", Some(newest), unsaid, NOW))
    };
    assert_eq!(crl(4, Unsaid::Nothing), None);
    assert_eq!(crl(5, Unsaid::Nothing), Some(FindingKind::CrlOverdue));
    assert_eq!(crl(5, Unsaid::Revocation), Some(FindingKind::CrlBehind));
    assert_eq!(crl(8, Unsaid::Lost), Some(FindingKind::CrlExpired));
    assert_eq!(kind(authorities::crl("issuing/1", None, Unsaid::Nothing, NOW)), Some(FindingKind::CrlMissing));
}

#[test]
fn a_deployment_is_told_unless_it_is_good_or_fresh() {
    let deployment = |outcome, hours| {
        let record = DeploymentRecord {
            label: "hub.lan".to_owned(),
            generation: 2,
            previous: Some(1),
            outcome,
            message: Some("the hook failed".to_owned()),
            at: NOW - Duration::hours(hours),
        };
        renewals::deployment(&record, NOW)
    };
    assert_eq!(deployment(DeploymentOutcome::Verified, 90), None);
    assert_eq!(deployment(DeploymentOutcome::Pending, 1), None);
    assert_eq!(kind(deployment(DeploymentOutcome::Pending, 3)), Some(FindingKind::RenewalPending));
    let back = deployment(DeploymentOutcome::RolledBack, 1).unwrap();
    assert_eq!(back.kind, FindingKind::RenewalFailed);
    assert!(back.message.ends_with(": the hook failed"), "{}", back.message);
}

#[test]
fn a_backup_is_unknown_missing_old_or_no_finding() {
    let days = |age| backup::backup(&LastBackup::At(NOW - Duration::days(age)), 30, NOW);
    assert_eq!(days(30), None);
    assert_eq!(kind(days(31)), Some(FindingKind::BackupOld));
    assert_eq!(kind(backup::backup(&LastBackup::Unknown, 30, NOW)), Some(FindingKind::BackupUnknown));
    let none = LastBackup::of(Some(std::path::Path::new("/nowhere/stamp")), None).unwrap();
    assert_eq!(LastBackup::of(Some(std::path::Path::new("/nowhere/stamp")), Some(NOW)).unwrap(), LastBackup::At(NOW));
    assert_eq!(LastBackup::of(None, Some(NOW)).unwrap(), LastBackup::At(NOW));
    assert_eq!(kind(backup::backup(&none, 30, NOW)), Some(FindingKind::BackupMissing));
}

#[test]
fn a_clock_may_be_a_little_behind_and_a_key_open_to_nobody() {
    let behind = |by| posture::clock(ClockBehind { now: NOW, newest: NOW + by }).message;
    assert_eq!(behind(Duration::minutes(6)), "the clock of this machine is 6 minutes behind the audit log");
    assert_eq!(behind(Duration::days(60)), "the clock of this machine is 60 days behind the audit log");
    let ca = TestCa::new();
    for (minutes, expected) in [(5, false), (6, true)] {
        ca.clock.set(NOW - Duration::minutes(minutes));
        assert_eq!(kinds(&survey(&ca)).contains(&FindingKind::ClockBehind), expected);
    }
    let owner = crate::system::files::current_user();
    let access = |mode| posture::key_access("k".as_ref(), Access { owner, group: 1000, mode });
    assert_eq!(access(0o600), None);
    assert_eq!(kind(access(0o644)), Some(FindingKind::KeyExposed));
}

#[test]
fn devices_are_named_as_far_as_there_is_room() {
    let behind = |names: &[&str], number| Few { number, first: names.iter().map(|name| (*name).to_owned()).collect() };
    assert_eq!(trust::devices(&behind(&[], 0), None), None);
    let one = trust::devices(&behind(&["iPad"], 1), None).unwrap();
    assert_eq!(one.message, "`iPad` trusts an earlier root only");
    let many = trust::devices(&behind(&["iPad", "Mac"], 12), None).unwrap();
    assert_eq!(many.message, "`iPad`, `Mac` and 10 more trust an earlier root only");
}

#[test]
fn how_long_a_certificate_is_due_is_counted() {
    let from = datetime!(2026-01-01 0:00 UTC);
    let certificate = InUse {
        label: "hub.lan".to_owned(),
        serial: "01".to_owned(),
        not_before: from,
        not_after: from + Duration::days(90),
    };
    let told = certificates::overdue(&certificate, from + Duration::days(65)).message;
    assert_eq!(told, "`hub.lan` is due for 5 days: `hubca renew` does not run, or fails");
}

#[test]
fn a_new_home_needs_nobody_and_says_what_is_due_next() {
    let ca = TestCa::new();
    ca.issue(&["hub.lan"]).unwrap();
    let survey = survey(&ca);
    assert!(survey.is_ok(), "{:?}", survey.findings);
    assert_eq!(kinds(&survey), [FindingKind::BackupUnknown, FindingKind::RootKeyUnprotected]);
    assert_eq!(survey.lineages, 1);
    let lives: Vec<_> = survey.lives.iter().map(|life| (life.what, life.subject.as_str(), life.left(NOW))).collect();
    assert!(lives.contains(&("certificate", "hub.lan", 999)), "{lives:?}");
    assert!(lives.iter().any(|life| life.0 == "root") && lives.iter().any(|life| life.0 == "issuing"));
    assert!(survey.next_due().is_some());
}

#[test]
fn a_home_that_nobody_renews_says_so_ever_louder() {
    let ca = TestCa::new();
    ca.issue_for(&["hub.lan"], Lifetime::Days(30)).unwrap();
    let at = |days| {
        ca.clock.set(NOW + Duration::days(days));
        let survey = survey(&ca);
        let about = survey.findings.iter().filter(|finding| finding.subject == "hub.lan");
        (survey.is_ok(), about.map(|finding| (finding.kind, finding.severity())).collect::<Vec<_>>())
    };
    assert_eq!(at(21).1, []);
    assert_eq!(at(24), (false, vec![(FindingKind::CertificateOverdue, Severity::Warning)]));
    assert_eq!(at(31), (false, vec![(FindingKind::CertificateExpired, Severity::Error)]));
    assert_eq!(at(365).1, [(FindingKind::CertificateExpired, Severity::Error)]);
    ca.issue(&["hub.lan"]).unwrap();
    assert_eq!(at(365).1, []);
}

#[test]
fn of_many_findings_a_page_is_told_and_all_are_counted() {
    let ca = TestCa::new();
    for number in 0..25 {
        ca.issue_for(&[&format!("n{number}.lan")], Lifetime::Days(30)).unwrap();
    }
    ca.clock.set(NOW + Duration::days(40));
    let survey = survey(&ca);
    let ended = |kind: &&FindingKind| **kind == FindingKind::CertificateExpired;
    assert_eq!(kinds(&survey).iter().filter(ended).count(), 20);
    assert_eq!(survey.numbers[&FindingKind::CertificateExpired], 25);
    assert_eq!(survey.findings[0].severity(), Severity::Error);
}

#[test]
fn what_ends_within_days_is_told_when_it_is_asked_about() {
    let ca = TestCa::new();
    ca.issue_for(&["hub.lan"], Lifetime::Days(90)).unwrap();
    let within =
        |days| kinds(&ca.home.survey(SurveyOptions { within: Some(days), ..SurveyOptions::default() }).unwrap());
    assert!(!within(89).contains(&FindingKind::CertificateExpiring));
    assert!(within(90).contains(&FindingKind::CertificateExpiring));
}

#[test]
fn a_clock_that_was_set_back_is_an_error_and_everything_else_is_told_all_the_same() {
    let ca = TestCa::new();
    ca.issue(&["hub.lan"]).unwrap();
    ca.clock.set(OffsetDateTime::UNIX_EPOCH);
    assert!(kinds(&survey(&ca)).contains(&FindingKind::ClockBehind));
}

#[test]
fn nobody_is_asked_for_another_crl_of_a_root_that_was_retired() {
    let ca = TestCa::new();
    let mut home = Home::open(ca.home.layout().clone(), ca.doors()).unwrap();
    let crls = |home: &Home| {
        let survey = home.survey(SurveyOptions::default()).unwrap();
        let lives = survey.lives.into_iter().filter(|life| life.what == "crl").map(|life| life.subject);
        let findings = survey.findings.into_iter().filter(|finding| finding.kind == FindingKind::CrlOverdue);
        (lives.collect::<Vec<_>>(), findings.map(|finding| finding.subject).collect::<Vec<_>>())
    };
    let next =
        NextRoot { key: KeyAlgorithm::P256, root_key: None, protection: Protection::FileMode, root_key_out: None };
    home.begin_rotation(next, &NoPassphrase).unwrap();
    home.cut_over().unwrap();
    ca.clock.set(NOW + Duration::days(200));
    assert!(crls(&home).1.contains(&"root/1".to_owned()));
    home.retire_root(StillNeeded::Overrule).unwrap();
    let (lives, overdue) = crls(&home);
    assert!(!lives.contains(&"root/1".to_owned()) && lives.contains(&"root/2".to_owned()), "{lives:?}");
    assert!(!overdue.contains(&"root/1".to_owned()) && overdue.contains(&"root/2".to_owned()), "{overdue:?}");
}
