//! Years of renewal with a clock that is set by hand, and what makes a lineage need something.

use std::{
    collections::{HashMap, HashSet},
    fs,
    time::Duration as Wait,
};

use super::*;
use crate::{
    authority::{Destination, IssueError, LedgerError, Page, Selection, Verdict},
    home::{
        rotation::{NextIssuing, Unused},
        survey::{FindingKind, SurveyOptions},
        test_ca::{NOW, NoPassphrase, TestCa, order, server},
    },
    system::{Ended, Ending, Errand, ProcessError, Processes, SystemNetwork},
    x509::{Certificate, RevocationReason, Validity, pem},
};

/// A machine on which every hook does its work, but those of the year in which it is broken.
struct Hooks(Ending);

impl Processes for Hooks {
    fn run(&self, _: &Errand) -> Result<Ended, ProcessError> {
        Ok(Ended { how: self.0, output: String::new() })
    }
}

const GOOD: Hooks = Hooks(Ending::Code(0));
const BROKEN: Hooks = Hooks(Ending::Code(1));

fn outside(hooks: &Hooks) -> Outside<'_> {
    Outside { network: &SystemNetwork, processes: hooks, hook_limit: None, verify_limit: Wait::ZERO }
}

/// One call of `hubca renew`: what was done to whom.
fn renew(ca: &TestCa, hooks: &Hooks) -> Vec<(String, Renewal)> {
    let wish = RenewalWish::default();
    let mut renewed = Vec::new();
    for candidate in ca.home.needy(&wish).unwrap() {
        let issuer = matches!(candidate.need, Need::Certificate(_)).then(|| ca.issuer());
        if let Some(renewal) = ca.home.renew(&candidate, issuer.as_ref(), &wish, &outside(hooks)).unwrap() {
            renewed.push((candidate.label, renewal));
        }
    }
    renewed
}

fn live(ca: &TestCa, label: &str) -> Certificate {
    let path = ca.home.layout().live_link(label).join("cert.pem");
    Certificate::from_der(&pem::parse(&fs::read(path).unwrap()).unwrap()[0].contents).unwrap()
}

fn need(ca: &TestCa, label: &str) -> Need {
    ca.home.candidate(label, &RenewalWish::default()).unwrap().need
}

#[test]
fn in_three_years_of_daily_renewal_nothing_expires_and_no_serial_comes_twice() {
    let ca = TestCa::new();
    let profile = server();
    let labels: Vec<String> = (1..=50).map(|number| format!("hub{number}.lan")).collect();
    for (place, label) in labels.iter().enumerate() {
        // Lives of twenty days to the longest, some with hooks; of some the key stays.
        let lifetime = match place {
            1 => Lifetime::Days(20),
            2..5 => Lifetime::Days(90),
            5..10 => Lifetime::Days(825),
            _ => Lifetime::Default,
        };
        let hook = (place % 3 == 0).then(|| "reload".to_owned());
        let destination = Some(Destination { hook, ..Destination::default() });
        let key_policy = if place % 5 == 0 { KeyPolicy::Same } else { KeyPolicy::New };
        let made = Order { lifetime, destination, key_policy, ..order(&profile, &[label]) };
        ca.home.issue(&ca.issuer(), made).unwrap();
    }
    let mut issued = 50;
    let (first_key, first_other) = (live(&ca, "hub1.lan"), live(&ca, "hub2.lan"));
    let mut shown = HashMap::new();
    for day in 1..=3 * 365 {
        // A timer spreads its runs over six hours.
        let now = NOW + Duration::days(day) + Duration::hours(day * 5 % 7);
        ca.clock.set(now);
        assert!(
            shown.values().all(|(_, validity): &(_, Validity)| validity.contains(now)),
            "before the run of day {day}"
        );
        // For a week of each year no hook works.
        let hooks = if day % 365 < 7 { &BROKEN } else { &GOOD };
        issued += renew(&ca, hooks).iter().filter(|(_, renewal)| renewal.issued.is_some()).count();
        for label in &labels {
            let target = fs::read_link(ca.home.layout().live_link(label)).unwrap();
            let (known, validity) =
                shown.entry(label).or_insert_with(|| (target.clone(), live(&ca, label).tbs().validity()));
            if *known != target {
                (*known, *validity) = (target, live(&ca, label).tbs().validity());
            }
            assert!(validity.contains(now), "{label} on day {day}");
        }
    }
    assert!(ca.home.authority().unfinished_deployments().unwrap().is_empty());
    assert_eq!(live(&ca, "hub1.lan").tbs().public_key(), first_key.tbs().public_key());
    assert_ne!(live(&ca, "hub2.lan").tbs().public_key(), first_other.tbs().public_key());
    let all = ca.home.authority().select(Selection::Issued, Page { limit: u32::MAX, before: None }).unwrap();
    let serials: HashSet<_> = all.iter().map(|row| row.serial.clone()).collect();
    assert_eq!((serials.len(), all.len()), (issued, issued));
    assert!(issued > 50 * 4, "{issued} certificates in three years");
    assert!(matches!(ca.home.authority().verify_audit().unwrap(), Verdict::Whole { .. }));
}

#[test]
fn short_lives_do_not_end_between_two_runs_of_a_daily_timer() {
    let ca = TestCa::new();
    let profile = server();
    let labels = [2, 3, 4, 5].map(|days| {
        let label = format!("hub{days}.lan");
        ca.home.issue(&ca.issuer(), Order { lifetime: Lifetime::Days(days), ..order(&profile, &[&label]) }).unwrap();
        label
    });
    for day in 1..60 {
        // Six hours late at most, and six hours early after that.
        let now = NOW + Duration::days(day) + Duration::hours(day % 2 * 6);
        ca.clock.set(now);
        for label in &labels {
            assert!(live(&ca, label).tbs().validity().contains(now), "{label} before the run of day {day}");
        }
        renew(&ca, &GOOD);
    }
}

#[test]
fn a_clock_that_jumps_over_the_end_finds_what_is_over_due_and_one_set_back_signs_nothing() {
    let ca = TestCa::new();
    ca.issue(&["hub.lan"]).unwrap();
    assert_eq!(need(&ca, "hub.lan"), Need::Nothing);
    ca.clock.set(NOW + Duration::days(500));
    assert_eq!(need(&ca, "hub.lan"), Need::Certificate(Reason::Due));
    assert_eq!(renew(&ca, &GOOD).len(), 1);
    assert!(live(&ca, "hub.lan").tbs().validity().contains(NOW + Duration::days(500)));
    ca.clock.set(NOW);
    let forced = RenewalWish { urgency: Urgency::Now, ..RenewalWish::default() };
    let candidate = ca.home.candidate("hub.lan", &forced).unwrap();
    let refused = ca.home.renew(&candidate, Some(&ca.issuer()), &forced, &outside(&GOOD)).err().unwrap();
    assert!(matches!(refused, HomeError::Issue(IssueError::Ledger(LedgerError::ClockWentBack { .. }))), "{refused:?}");
    // The clock is right again: audit times never went back.
    ca.clock.set(NOW + Duration::days(501));
    assert!(ca.home.renew(&candidate, Some(&ca.issuer()), &forced, &outside(&GOOD)).unwrap().is_some());
}

#[test]
fn what_ends_with_its_ca_is_not_renewed_in_vain() {
    let ca = TestCa::new();
    ca.clock.set(NOW + Duration::days(5 * 365 - 200));
    let cut = ca.issue(&["hub.lan"]).unwrap();
    ca.clock.set(NOW + Duration::days(5 * 365 - 20));
    assert_eq!(need(&ca, "hub.lan"), Need::NewerIssuer { end: cut.not_after });
    assert!(renew(&ca, &GOOD).is_empty());
    // Whoever wants one all the same gets it.
    let forced = RenewalWish { urgency: Urgency::Now, ..RenewalWish::default() };
    assert_eq!(ca.home.candidate("hub.lan", &forced).unwrap().need, Need::Certificate(Reason::Asked));
}

#[test]
fn what_ends_with_its_ca_is_brought_all_the_same_where_it_did_not_arrive() {
    let ca = TestCa::new();
    let profile = server();
    let destination = Some(Destination { hook: Some("reload".to_owned()), ..Destination::default() });
    ca.clock.set(NOW + Duration::days(5 * 365 - 300));
    ca.home.issue(&ca.issuer(), Order { destination, ..order(&profile, &["hub.lan"]) }).unwrap();
    let lock = ca.home.lock_label("hub.lan").unwrap();
    assert!(!ca.home.deploy(&lock, "hub.lan", &outside(&BROKEN)).unwrap().unwrap().outcome.is_good());
    drop(lock);
    ca.clock.set(NOW + Duration::days(5 * 365 - 20));
    assert_eq!(need(&ca, "hub.lan"), Need::Deployment);
    assert_eq!(renew(&ca, &GOOD).len(), 1);
    assert!(matches!(need(&ca, "hub.lan"), Need::NewerIssuer { .. }));
}

#[test]
fn days_that_were_asked_for_once_are_cut_to_the_ca_and_not_refused() {
    let ca = TestCa::new();
    ca.clock.set(NOW + Duration::days(5 * 365 - 800));
    ca.issue_for(&["hub.lan"], Lifetime::Days(700)).unwrap();
    ca.clock.set(NOW + Duration::days(5 * 365 - 320));
    let renewed = renew(&ca, &GOOD);
    let issued = renewed[0].1.issued.as_ref().unwrap();
    assert_eq!(issued.not_after, ca.home.issuing().unwrap().certificate().tbs().validity().not_after());
    assert_eq!(ca.home.authority().intent("hub.lan").unwrap().unwrap().days, Some(700));
}

#[test]
fn what_was_revoked_is_renewed_at_once_with_a_new_key_unless_its_server_is_gone() {
    let ca = TestCa::new();
    let profile = server();
    for name in ["stolen.lan", "gone.lan"] {
        let made = Order { key_policy: KeyPolicy::Same, ..order(&profile, &[name]) };
        ca.home.issue(&ca.issuer(), made).unwrap();
    }
    let before = live(&ca, "stolen.lan");
    for (label, reason) in
        [("stolen.lan", RevocationReason::KeyCompromise), ("gone.lan", RevocationReason::CessationOfOperation)]
    {
        let record = ca.home.authority().by_label(label, 1).unwrap().remove(0);
        ca.home.authority().revoke(&record, reason).unwrap();
    }
    assert_eq!((need(&ca, "stolen.lan"), need(&ca, "gone.lan")), (Need::Certificate(Reason::Revoked), Need::Nothing));
    let renewed: Vec<_> = renew(&ca, &GOOD).into_iter().map(|(label, _)| label).collect();
    assert_eq!(renewed, ["stolen.lan"]);
    assert_ne!(live(&ca, "stolen.lan").tbs().public_key(), before.tbs().public_key());
    assert!(renew(&ca, &GOOD).is_empty());
    ca.clock.set(NOW + Duration::days(3000));
    assert_eq!(need(&ca, "gone.lan"), Need::Nothing);
}

#[test]
fn a_key_that_stays_goes_when_an_earlier_certificate_about_it_is_revoked() {
    let ca = TestCa::new();
    let profile = server();
    let made = || Order { key_policy: KeyPolicy::Same, ..order(&profile, &["hub.lan"]) };
    ca.home.issue(&ca.issuer(), made()).unwrap();
    let first = ca.home.authority().by_label("hub.lan", 1).unwrap().remove(0);
    ca.clock.set(NOW + Duration::days(300));
    assert_eq!(renew(&ca, &GOOD).len(), 1);
    let second = live(&ca, "hub.lan");
    assert_eq!(second.tbs().public_key(), first.parse().unwrap().unwrap().tbs().public_key());
    ca.home.authority().revoke(&first, RevocationReason::KeyCompromise).unwrap();
    ca.clock.set(NOW + Duration::days(600));
    assert_eq!(renew(&ca, &GOOD).len(), 1);
    assert_ne!(live(&ca, "hub.lan").tbs().public_key(), second.tbs().public_key());
}

#[test]
fn what_was_revoked_for_good_is_brought_nowhere_though_it_never_arrived() {
    let ca = TestCa::new();
    let profile = server();
    let destination = Some(Destination { hook: Some("reload".to_owned()), ..Destination::default() });
    ca.home.issue(&ca.issuer(), Order { destination, ..order(&profile, &["gone.lan"]) }).unwrap();
    assert!(renew(&ca, &GOOD)[0].1.is_good());
    let first = live(&ca, "gone.lan");
    let forced = RenewalWish { urgency: Urgency::Now, ..RenewalWish::default() };
    let candidate = ca.home.candidate("gone.lan", &forced).unwrap();
    let failed = ca.home.renew(&candidate, Some(&ca.issuer()), &forced, &outside(&BROKEN)).unwrap().unwrap();
    assert!(!failed.is_good());
    let newest = ca.home.authority().by_label("gone.lan", 1).unwrap().remove(0);
    ca.home.authority().revoke(&newest, RevocationReason::CessationOfOperation).unwrap();
    assert_eq!(need(&ca, "gone.lan"), Need::Nothing);
    assert!(renew(&ca, &GOOD).is_empty());
    assert_eq!(live(&ca, "gone.lan"), first);
}

#[test]
fn what_another_process_renewed_meanwhile_is_left_alone() {
    let ca = TestCa::new();
    ca.issue(&["hub.lan"]).unwrap();
    let forced = RenewalWish { urgency: Urgency::Now, ..RenewalWish::default() };
    let seen = ca.home.candidate("hub.lan", &forced).unwrap();
    assert!(ca.home.renew(&seen, Some(&ca.issuer()), &forced, &outside(&GOOD)).unwrap().is_some());
    assert!(ca.home.renew(&seen, Some(&ca.issuer()), &forced, &outside(&GOOD)).unwrap().is_none());
    assert_eq!(ca.home.authority().by_label("hub.lan", 10).unwrap().len(), 2);
}

#[test]
fn what_was_issued_and_not_brought_is_brought_and_not_issued_again() {
    let ca = TestCa::new();
    let profile = server();
    let destination = Some(Destination { hook: Some("reload".to_owned()), ..Destination::default() });
    let first = ca.home.issue(&ca.issuer(), Order { destination, ..order(&profile, &["hub.lan"]) }).unwrap();
    // Stopped right after it was recorded.
    assert_eq!(need(&ca, "hub.lan"), Need::Deployment);
    let renewed = renew(&ca, &GOOD);
    assert!(renewed[0].1.issued.is_none() && renewed[0].1.is_good());
    assert_eq!(live(&ca, "hub.lan").fingerprint(), first.sha256);
    assert!(renew(&ca, &GOOD).is_empty());
}

#[test]
fn what_a_leap_of_the_clock_dated_ahead_is_renewed_once_somebody_says_that_the_clock_is_right() {
    let ca = TestCa::new();
    ca.issue_for(&["hub.lan"], Lifetime::Days(60)).unwrap();
    ca.issue(&["nas.lan"]).unwrap();
    ca.clock.set(NOW + Duration::days(50));
    assert_eq!(renew(&ca, &GOOD).len(), 1);
    ca.home.renew_crls(&NoPassphrase).unwrap();
    let today = NOW + Duration::days(1);
    ca.clock.set(today);
    let survey = || ca.home.survey(SurveyOptions::default()).unwrap();
    for kind in [FindingKind::CertificateNotYetValid, FindingKind::CrlNotYetValid, FindingKind::ClockBehind] {
        assert!(survey().findings.iter().any(|finding| finding.kind == kind), "{kind:?}");
    }
    let wish = RenewalWish::default();
    let [ahead] = &ca.home.needy(&wish).unwrap()[..] else { panic!("only one was renewed") };
    assert_eq!((ahead.label.as_str(), ahead.need), ("hub.lan", Need::Certificate(Reason::Ahead)));
    let refused = ca.home.renew(ahead, Some(&ca.issuer()), &wish, &outside(&GOOD)).unwrap_err();
    assert!(matches!(refused, HomeError::Issue(IssueError::Ledger(LedgerError::ClockWentBack { .. }))), "{refused:?}");
    assert!(ca.home.renew_crls(&NoPassphrase).unwrap().is_empty());
    ca.home.authority().accept_clock().unwrap().unwrap();
    assert_eq!(renew(&ca, &GOOD).len(), 1);
    assert!(live(&ca, "hub.lan").tbs().validity().contains(today));
    assert_eq!(ca.home.renew_crls(&NoPassphrase).unwrap().len(), 1);
    assert!(ca.home.needy(&wish).unwrap().is_empty());
    assert!(survey().is_ok(), "{:?}", survey().findings);
}

#[test]
fn what_was_revoked_under_a_clock_that_was_ahead_is_due_at_once_all_the_same() {
    // A little ahead, which nobody has to accept; and so far that somebody has.
    for ahead in [Duration::seconds(200), Duration::days(1200)] {
        let ca = TestCa::new();
        ca.issue(&["hub.lan"]).unwrap();
        ca.issue(&["nas.lan"]).unwrap();
        ca.clock.set(NOW + ahead);
        let record = ca.home.authority().by_label("hub.lan", 1).unwrap().remove(0);
        ca.home.authority().revoke(&record, RevocationReason::KeyCompromise).unwrap();
        ca.clock.set(NOW);
        ca.home.authority().accept_clock().unwrap();
        assert_eq!(need(&ca, "hub.lan"), Need::Certificate(Reason::Revoked), "{ahead}");
        let found = ca.home.survey(SurveyOptions::default()).unwrap().findings;
        let of_kind = |kind| found.iter().filter(|finding| finding.kind == kind).count();
        assert_eq!((of_kind(FindingKind::CertificateRevoked), of_kind(FindingKind::CertificateOverdue)), (1, 0));
        let renewed: Vec<_> = renew(&ca, &GOOD).into_iter().map(|(label, _)| label).collect();
        assert_eq!(renewed, ["hub.lan"], "{ahead}");
        assert!(renew(&ca, &GOOD).is_empty());
    }
}

#[test]
fn what_a_ca_issued_that_was_revoked_under_a_clock_that_was_ahead_is_due_at_once() {
    let ca = TestCa::new();
    ca.issue(&["hub.lan"]).unwrap();
    let mut home = Home::open(ca.home.layout().clone(), ca.doors()).unwrap();
    ca.clock.set(NOW + Duration::days(500));
    let serial = home.issuing().unwrap().certificate().tbs().serial_number().unwrap().to_string();
    let record = home.authority().by_serial(&serial).unwrap().remove(0);
    home.authority().revoke(&record, RevocationReason::CaCompromise).unwrap();
    ca.clock.set(NOW);
    home.authority().accept_clock().unwrap().unwrap();
    let next = NextIssuing { key: KeyAlgorithm::P256, root_key: None, permit: &[], unused: Unused::Take };
    home.rotate_issuing(next, &NoPassphrase).unwrap();
    let needy = home.needy(&RenewalWish::default()).unwrap();
    assert_eq!(needy.iter().map(|candidate| candidate.need).collect::<Vec<_>>(), [Need::Certificate(Reason::Revoked)]);
    let issuer = home.issuer(&NoPassphrase).unwrap();
    let renewed = home.renew(&needy[0], Some(&issuer), &RenewalWish::default(), &outside(&GOOD)).unwrap().unwrap();
    assert!(renewed.issued.is_some() && home.needy(&RenewalWish::default()).unwrap().is_empty());
}
