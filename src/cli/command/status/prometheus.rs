//! The status as metrics: the text format of Prometheus, version 0.0.4. The number of time series does not grow with that of
//! the certificates.

use std::fmt::Write;

use time::OffsetDateTime;

use crate::home::{FindingKind, Severity, Survey};

/// The metrics.
pub(super) fn metrics(survey: &Survey) -> String {
    let mut text = Metrics(String::new());
    let seconds = |at: OffsetDateTime| at.unix_timestamp();
    text.head("hubca_status_ok", "Whether nothing is due: 1 or 0.");
    text.sample("hubca_status_ok", &[], i64::from(survey.is_ok()));
    text.head("hubca_status_timestamp_seconds", "When this was looked at.");
    text.sample("hubca_status_timestamp_seconds", &[], seconds(survey.at));
    text.head("hubca_findings", "How many things of each kind need a person.");
    for kind in FindingKind::ALL {
        let labels = [("kind", kind.as_str()), ("severity", Severity::as_str(kind.severity()))];
        let number = survey.numbers.get(&kind).copied().unwrap_or_default();
        text.sample("hubca_findings", &labels, i64::try_from(number).unwrap_or(i64::MAX));
    }
    text.head("hubca_labels", "How many labels have a certificate that is renewed.");
    text.sample("hubca_labels", &[], i64::try_from(survey.lineages).unwrap_or(i64::MAX));
    let of = |kinds: &'static [&str]| survey.lives.iter().filter(move |life| kinds.contains(&life.what));
    text.head("hubca_ca_not_after_timestamp_seconds", "When a CA ends.");
    for life in of(&["root", "issuing"]) {
        let labels = [("ca", life.subject.as_str()), ("serial", life.number.as_str())];
        text.sample("hubca_ca_not_after_timestamp_seconds", &labels, seconds(life.until));
    }
    text.head("hubca_crl_next_update_timestamp_seconds", "When the newest CRL of a CA ends.");
    for life in of(&["crl"]) {
        text.sample("hubca_crl_next_update_timestamp_seconds", &[("ca", life.subject.as_str())], seconds(life.until));
    }
    text.head("hubca_certificate_not_after_timestamp_seconds", "When the certificates with the nearest ends end.");
    for life in of(&["certificate"]) {
        let labels = [("label", life.subject.as_str()), ("serial", life.number.as_str())];
        text.sample("hubca_certificate_not_after_timestamp_seconds", &labels, seconds(life.until));
    }
    if let Some(at) = survey.last_deployment {
        text.head("hubca_last_deployment_timestamp_seconds", "When a certificate last got to its server.");
        text.sample("hubca_last_deployment_timestamp_seconds", &[], seconds(at));
    }
    text.0
}

struct Metrics(String);

// Writing to a String cannot fail.
impl Metrics {
    fn head(&mut self, name: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: i64) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}
