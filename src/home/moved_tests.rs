//! When an address of this machine has changed, what takes its place, and how a renewal follows it.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use super::*;
use crate::{
    authority::{Destination, IssueError, Label, Verdict},
    home::{
        issuance::Issued,
        order::Order,
        outside::Outside,
        renewal::{Candidate, Need, Reason, RenewalWish, Urgency},
        survey::{FindingKind, SurveyOptions},
        test_ca::{TestCa, order, server},
    },
    system::{Announcement, Connection, Ended, Ending, Errand, Network, NetworkError, ProcessError, Processes},
};

/// `eth0 192.168.0.5/24`, with `!` behind it where the default route is, and `~` where it does not stay.
fn machine(lines: &[&str]) -> Vec<LocalAddress> {
    let local = |line: &&str| {
        let (interface, rest) = line.split_once(' ').unwrap();
        let (address, rest) = rest.split_once('/').unwrap();
        LocalAddress {
            prefix_length: rest.trim_end_matches(['!', '~']).parse().unwrap(),
            is_way_out: rest.contains('!'),
            stay: if rest.contains('~') { Stay::Passing } else { Stay::Lasting },
            ..LocalAddress::new(address.parse().unwrap(), interface)
        }
    };
    lines.iter().map(local).collect()
}

fn all(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// What changed, as `old>new` or `old>new|other`.
fn changed(names: &[&str], had: &[&str], here: &[&str]) -> String {
    let told = |change: &AddressChange| {
        let to: Vec<_> = change.to.iter().map(ToString::to_string).collect();
        format!("{}>{}", change.from, to.join("|"))
    };
    changes(&all(names), &all(had), &machine(here)).iter().map(told).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_new_lease_of_the_same_network_takes_the_place() {
    assert_eq!(changed(&["192.168.0.5"], &["192.168.0.5"], &["eth0 192.168.0.77/24"]), "192.168.0.5>192.168.0.77");
    let other_router = changed(&["192.168.0.5"], &["192.168.0.5"], &["eth0 10.0.0.7/24"]);
    assert_eq!(other_router, "192.168.0.5>10.0.0.7");
    let two = ["eth0 10.0.0.7/8", "wlan0 192.168.0.77/24"];
    assert_eq!(changed(&["192.168.0.5"], &["192.168.0.5"], &two), "192.168.0.5>192.168.0.77");
    assert_eq!(changed(&["10.1.1.1"], &["10.1.1.1"], &two), "10.1.1.1>10.0.0.7");
}

#[test]
fn of_two_networks_that_of_the_default_route_is_meant_and_else_a_person_is_asked() {
    let had = ["172.20.0.5"];
    let two = ["eth0 10.0.0.7/24", "wlan0 192.168.0.77/24!"];
    assert_eq!(changed(&had, &had, &two), "172.20.0.5>192.168.0.77");
    let neither = ["eth0 10.0.0.7/24", "wlan0 192.168.0.77/24"];
    assert_eq!(changed(&had, &had, &neither), "172.20.0.5>10.0.0.7|192.168.0.77");
    let twice = ["eth0 10.0.0.7/24!", "eth0 10.0.0.8/24!", "wlan0 192.168.0.77/24"];
    assert_eq!(changed(&had, &had, &twice), "172.20.0.5>10.0.0.7|10.0.0.8");
}

#[test]
fn nothing_is_noticed_where_nothing_changed_or_nothing_is_known() {
    let one = ["192.168.0.5"];
    assert_eq!(changed(&one, &one, &["eth0 192.168.0.5/24"]), "");
    assert_eq!(changed(&["192.168.0.7"], &[], &["eth0 192.168.0.5/24"]), "", "another machine's");
    assert_eq!(changed(&["192.168.0.7"], &one, &["eth0 192.168.0.6/24"]), "", "another machine's");
    assert_eq!(changed(&one, &one, &[]), "", "no network");
    assert_eq!(changed(&one, &one, &["lo 127.0.0.1/8", "eth0 169.254.3.4/16", "docker0 172.17.0.1/16"]), "");
    assert_eq!(changed(&one, &one, &["wg0 10.9.0.1/24", "veth1 10.88.0.1/16"]), "");
    assert_eq!(changed(&one, &one, &["eth0 fd00::7/64"]), "", "IPv6 is no answer to IPv4");
    assert_eq!(changed(&["fd00::5"], &["fd00::5"], &["eth0 192.168.0.5/24"]), "");
    assert_eq!(changed(&one, &one, &["docker0 192.168.0.5/24", "eth0 10.0.0.1/8"]), "", "it has moved, and is here");
}

#[test]
fn an_interface_that_is_down_is_no_change_of_address() {
    // Both are named: the cable is out.
    let both = ["192.168.0.5", "192.168.0.6"];
    assert_eq!(changed(&both, &both, &["wlan0 192.168.0.6/24"]), "");
    // It had another network all the while, which was not named.
    let had = ["192.168.0.5", "10.0.0.3"];
    assert_eq!(changed(&["192.168.0.5"], &had, &["eth1 10.0.0.3/24"]), "");
    // That is another address of the same network: the machine is reached there.
    let had = ["192.168.0.5", "192.168.0.6"];
    assert_eq!(changed(&["192.168.0.5"], &had, &["wlan0 192.168.0.6/24"]), "192.168.0.5>192.168.0.6");
}

#[test]
fn in_ipv6_temporary_addresses_are_not_followed_and_a_new_prefix_is() {
    let had = ["2001:db8:1::5"];
    let here = ["eth0 2001:db8:2::5/64", "eth0 2001:db8:2::abcd/64", "eth0 2001:db8:2::77/64~", "eth0 fd00::5/64"];
    assert_eq!(changed(&had, &had, &here), "2001:db8:1::5>2001:db8:2::5");
    let here = ["eth0 2001:db8:1::77/64~", "eth0 2001:db8:1::9/64", "eth0 fe80::5/64"];
    assert_eq!(changed(&had, &had, &here), "2001:db8:1::5>2001:db8:1::9");
    assert_eq!(changed(&had, &had, &["eth0 2001:db8:1::77/64~"]), "");
    assert_eq!(changed(&["fd00::5"], &["fd00::5"], &["eth0 2001:db8:2::9/64"]), "", "the internet is no home network");
}

#[test]
fn two_addresses_that_change_together_do_not_take_the_same_place() {
    let had = ["10.0.0.5", "192.168.0.5"];
    assert_eq!(changed(&had, &had, &["wlan0 192.168.0.9/24"]), "192.168.0.5>192.168.0.9");
    let both = ["wlan0 192.168.0.9/24", "eth0 10.0.0.9/24"];
    assert_eq!(changed(&had, &had, &both), "10.0.0.5>10.0.0.9 192.168.0.5>192.168.0.9");
    let elsewhere = ["wlan0 192.168.0.9/24", "eth0 172.20.0.9/24"];
    assert_eq!(changed(&had, &had, &elsewhere), "192.168.0.5>192.168.0.9 10.0.0.5>172.20.0.9");
}

/// A network on which nobody answers.
struct Silence;

impl Network for Silence {
    fn addresses(&self) -> Result<Vec<LocalAddress>, NetworkError> {
        Ok(Vec::new())
    }

    fn listen(&self, at: SocketAddr) -> Result<TcpListener, NetworkError> {
        Err(NetworkError::Taken { at })
    }

    fn connect(&self, host: &str, port: u16, _: Duration) -> Result<Connection, NetworkError> {
        Err(NetworkError::Unreachable { host: host.to_owned(), port, reason: io::ErrorKind::TimedOut.into() })
    }

    fn announce(&self, name: &str, _: SocketAddr) -> Result<Announcement, NetworkError> {
        Err(NetworkError::NameTaken(name.to_owned()))
    }
}

/// A hook that does nothing.
struct Idle;

impl Processes for Idle {
    fn run(&self, _: &Errand) -> Result<Ended, ProcessError> {
        Ok(Ended { how: Ending::Code(0), output: String::new() })
    }
}

const OLD: [&str; 1] = ["eth0 192.168.0.5/24!"];
const NEW: [&str; 1] = ["eth0 192.168.0.77/24!"];

fn issue(ca: &TestCa, names: &[&str], label: &str, here: &[&str], follow_ip: Option<FollowIp>) -> Issued {
    let profile = server();
    let destination = Some(Destination {
        hook: Some("reload".to_owned()),
        verify: vec!["192.168.0.5:8443".to_owned(), "hub.lan:443".to_owned()],
        ..Destination::default()
    });
    let made = Order {
        label: Label::parse(label).unwrap(),
        whereabouts: whereabouts(&machine(here), follow_ip),
        destination: destination.filter(|_| follow_ip.is_some()),
        ..order(&profile, names)
    };
    ca.home.issue(&ca.issuer(), made).unwrap()
}

fn wish(here: &[&str]) -> RenewalWish {
    RenewalWish { here: machine(here), ..RenewalWish::default() }
}

fn needs(ca: &TestCa, here: &[&str]) -> Vec<(String, Need)> {
    let candidates: Vec<Candidate> = ca.home.needy(&wish(here)).unwrap();
    candidates.into_iter().map(|candidate| (candidate.label, candidate.need)).collect()
}

fn renew(ca: &TestCa, label: &str, wish: &RenewalWish) -> Result<Option<Issued>, HomeError> {
    let candidate = ca.home.candidate(label, wish).unwrap();
    let outside = Outside { network: &Silence, processes: &Idle, hook_limit: None, verify_limit: Duration::ZERO };
    Ok(ca.home.renew(&candidate, Some(&ca.issuer()), wish, &outside)?.and_then(|renewal| renewal.issued))
}

fn told(names: &[RecordedName]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn findings(ca: &TestCa, here: &[&str]) -> Vec<String> {
    let here = machine(here);
    let survey = ca.home.survey(SurveyOptions { here: &here, ..SurveyOptions::default() }).unwrap();
    let moved = survey.findings.into_iter().filter(|finding| finding.kind == FindingKind::AddressChanged);
    moved.map(|finding| finding.subject).collect()
}

#[test]
fn only_who_named_this_machine_is_told_and_only_who_follows_is_renewed() {
    let ca = TestCa::new();
    issue(&ca, &["192.168.0.7"], "nas", &OLD, None);
    issue(&ca, &["192.168.0.5", "192.168.0.7"], "told", &OLD, None);
    issue(&ca, &["hub.lan", "192.168.0.5"], "hub", &OLD, Some(FollowIp::Follow));
    issue(&ca, &["192.168.0.5"], "left", &OLD, Some(FollowIp::Leave));
    issue(&ca, &["192.168.0.5"], "unknown", &[], None);
    ca.home.authority().settle_deployment("hub", crate::authority::DeploymentOutcome::Deployed, None).unwrap();
    ca.home.authority().settle_deployment("left", crate::authority::DeploymentOutcome::Deployed, None).unwrap();
    for here in [&OLD[..], &[]] {
        assert!(findings(&ca, here).is_empty());
        assert!(needs(&ca, here).is_empty());
    }
    assert_eq!(findings(&ca, &NEW), ["hub", "told"]);
    assert_eq!(needs(&ca, &NEW), [("hub".to_owned(), Need::Certificate(Reason::Moved))]);
    let moved = ca.home.moved_of("told", &machine(&NEW)).unwrap().unwrap();
    assert_eq!(told(&moved.names), "192.168.0.77 192.168.0.7");
    let renewed = renew(&ca, "hub", &wish(&NEW)).unwrap().unwrap();
    assert_eq!(told(&renewed.names), "hub.lan 192.168.0.77");
    let intent = ca.home.authority().intent("hub").unwrap().unwrap();
    assert_eq!(intent.destination.verify, ["192.168.0.77:8443", "hub.lan:443"]);
    assert_eq!(intent.destination.hook.as_deref(), Some("reload"));
    assert_eq!(intent.own, OwnAddresses { had: all(&["192.168.0.77"]), follow_ip: FollowIp::Follow });
    assert_eq!(findings(&ca, &NEW), ["told"]);
    assert!(ca.home.candidate("hub", &wish(&NEW)).unwrap().follows.is_empty());
    // And back again.
    assert_eq!(told(&renew(&ca, "hub", &wish(&OLD)).unwrap().unwrap().names), "hub.lan 192.168.0.5");
    assert!(matches!(ca.home.authority().verify_audit().unwrap(), Verdict::Whole { .. }));
}

#[test]
fn a_renewal_for_another_reason_keeps_the_question_open_or_answers_it() {
    let ca = TestCa::new();
    issue(&ca, &["192.168.0.5"], "told", &OLD, None);
    issue(&ca, &["192.168.0.5"], "followed", &OLD, Some(FollowIp::Follow));
    let forced = RenewalWish { urgency: Urgency::Now, ..wish(&NEW) };
    assert_eq!(told(&renew(&ca, "told", &forced).unwrap().unwrap().names), "192.168.0.5");
    assert_eq!(findings(&ca, &NEW), ["followed", "told"]);
    assert_eq!(told(&renew(&ca, "followed", &forced).unwrap().unwrap().names), "192.168.0.77");
    // With no network at a renewal, nothing of it is forgotten.
    let dark = RenewalWish { urgency: Urgency::Now, ..wish(&[]) };
    assert_eq!(told(&renew(&ca, "told", &dark).unwrap().unwrap().names), "192.168.0.5");
    assert_eq!(findings(&ca, &NEW), ["told"]);
}

#[test]
fn an_address_that_the_ca_may_not_vouch_for_is_refused_and_keeps_nothing_from_its_renewal() {
    let ca = TestCa::new();
    issue(&ca, &["192.168.0.5"], "hub", &OLD, Some(FollowIp::Follow));
    let outside = ["eth0 203.0.113.9/24!"];
    let refused = renew(&ca, "hub", &wish(&outside)).unwrap_err();
    assert!(matches!(refused, HomeError::Issue(IssueError::Refused(_))), "{refused}");
    let forced = RenewalWish { urgency: Urgency::Now, ..wish(&outside) };
    assert_eq!(told(&renew(&ca, "hub", &forced).unwrap().unwrap().names), "192.168.0.5");
    assert_eq!(findings(&ca, &outside), ["hub"]);
}

#[test]
fn where_several_could_follow_a_person_is_asked_unless_it_is_due() {
    let ca = TestCa::new();
    issue(&ca, &["192.168.0.5"], "hub", &OLD, Some(FollowIp::Follow));
    ca.home.authority().settle_deployment("hub", crate::authority::DeploymentOutcome::Deployed, None).unwrap();
    let two = ["eth0 10.0.0.7/24", "wlan0 172.20.0.7/24"];
    assert_eq!(needs(&ca, &two), [("hub".to_owned(), Need::Address)]);
    let unclear = renew(&ca, "hub", &wish(&two)).unwrap_err();
    assert!(matches!(unclear, HomeError::UnclearAddress { .. }), "{unclear}");
    assert_eq!(
        unclear.to_string(),
        "`hub` is to follow the address of this machine, which was `192.168.0.5` and may be any of `10.0.0.7`, `172.20.0.7`"
    );
    ca.clock.advance(Duration::from_secs(300 * 86_400));
    assert_eq!(needs(&ca, &two), [("hub".to_owned(), Need::Certificate(Reason::Due))]);
    assert_eq!(told(&renew(&ca, "hub", &wish(&two)).unwrap().unwrap().names), "192.168.0.5");
}

#[test]
fn who_asks_for_it_later_follows_an_address_of_which_it_is_clear_that_it_is_this_machines() {
    let ca = TestCa::new();
    issue(&ca, &["192.168.0.5"], "one", &[], None);
    issue(&ca, &["192.168.0.5", "192.168.0.7"], "two", &[], None);
    issue(&ca, &["hub.lan"], "none", &[], None);
    let follow = |label: &str, here: &[&str]| {
        ca.home.own_from_now_on(label, &OwnAddresses::default(), FollowIp::Follow, &machine(here))
    };
    assert_eq!(follow("one", &NEW).unwrap().had, all(&["192.168.0.5"]), "the only one");
    assert_eq!(follow("two", &OLD).unwrap().had, all(&["192.168.0.5"]), "the one that is here");
    let which = follow("two", &NEW).unwrap_err();
    assert!(matches!(&which, HomeError::NoOwnAddress { names, .. } if names.len() == 2), "{which}");
    assert!(matches!(follow("none", &NEW), Err(HomeError::NoOwnAddress { .. })));
}

#[test]
fn what_nobody_renews_any_more_is_no_news() {
    let ca = TestCa::new();
    let issued = issue(&ca, &["192.168.0.5"], "gone", &OLD, None);
    assert_eq!(findings(&ca, &NEW), ["gone"]);
    let rows = ca.home.authority().by_serial(&issued.serial).unwrap();
    ca.home.authority().revoke(&rows[0], crate::x509::RevocationReason::CessationOfOperation).unwrap();
    assert!(findings(&ca, &NEW).is_empty());
}
