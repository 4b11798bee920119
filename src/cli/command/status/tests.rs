//! Metrics and a calendar of things whose names would break out of them.

use std::collections::BTreeMap;

use time::{Duration, macros::datetime};

use super::{calendar::calendar, prometheus::metrics};
use crate::{
    authority::AuditHead,
    home::{FindingKind, Lifespan, Survey},
};

fn survey(subject: &str) -> Survey {
    let at = datetime!(2026-11-21 12:00 UTC);
    let life = Lifespan {
        what: "certificate",
        subject: subject.to_owned(),
        number: "01".to_owned(),
        from: at,
        due: at + Duration::days(20),
        until: at + Duration::days(30),
    };
    Survey {
        at,
        findings: Vec::new(),
        numbers: BTreeMap::from([(FindingKind::CertificateExpired, 240)]),
        lives: vec![life],
        lineages: 1,
        last_deployment: None,
        audit: AuditHead { entries: 7, hash: "00".repeat(32) },
        not_looked_at: 0,
    }
}

#[test]
fn a_metric_has_its_labels_escaped_and_every_kind_has_a_number() {
    let text = metrics(&survey("a\"b\\c\nd"));
    assert!(text.contains("{label=\"a\\\"b\\\\c\\nd\",serial=\"01\"} "), "{text}");
    assert!(text.contains("hubca_findings{kind=\"certificate_expired\",severity=\"error\"} 240\n"));
    assert_eq!(text.matches("\nhubca_findings{").count(), FindingKind::ALL.len());
    assert!(text.contains("hubca_status_ok 0\n"));
    assert!(text.lines().all(|line| line.starts_with('#') || line.rsplit(' ').next().unwrap().parse::<i64>().is_ok()));
}

#[test]
fn an_event_keeps_its_lines_whatever_the_ca_is_called() {
    let name = "Hub\r\nEND:VEVENT; a, b\\ \u{0}\u{1f}".to_owned() + &"家".repeat(40);
    let text = calendar(&survey("hub.lan"), &name, "ab");
    for line in text.split("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\n', '\r']), "{line:?}");
    }
    assert_eq!(text.matches("\r\nEND:VEVENT\r\n").count(), 1);
    assert!(text.replace("\r\n ", "").contains(r"SUMMARY:Hub\nEND:VEVENT\; a\, b\\ 家家"));
    assert!(text.contains("\r\nDTSTART:20261221T120000Z\r\n"));
}

#[test]
fn an_event_is_the_same_one_when_its_date_moves() {
    let identity = |survey: &Survey, root: &str| {
        let text = calendar(survey, "Hub", root);
        text.lines().find(|line| line.starts_with("UID:")).unwrap().to_owned()
    };
    let (before, mut after) = (survey("hub.lan"), survey("hub.lan"));
    after.lives[0].until += Duration::days(300);
    assert_eq!(identity(&before, "ab"), identity(&after, "ab"));
    assert_ne!(identity(&before, "ab"), identity(&before, "cd"));
    assert_ne!(identity(&before, "ab"), identity(&survey("nas.lan"), "ab"));
}
