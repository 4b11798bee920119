//! How long a certificate is valid, and when: RFC 5280 4.1.2.5, and the limits of Apple and Chrome.

use time::{Duration, OffsetDateTime, macros::datetime};

use super::{
    platform::Platform,
    reading::{Case, Stage},
    role::{Concern, Role},
    rule::{ALL, APPLE, Check, Defects, NONE, OnIssue, Rule, RuleId},
};
use crate::x509::Validity;

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: RuleId("leaf-days"),
        demand: "a server's certificate is valid for at most 825 days",
        citation: "Apple 103769; Apple Security source SecPolicyServer.c",
        on_issue: OnIssue::Refused,
        refused_by: APPLE,
        noted_for: NONE,
        advice: "issue it again with --days 397",
        check: Check::Certificate(Concern::Server, apple_limit),
    },
    Rule {
        id: RuleId("leaf-days-397"),
        demand: "a server's certificate is better valid for at most 397 days",
        citation: "mkcert#539, laravel/valet#1153: ERR_CERT_VALIDITY_TOO_LONG under private roots",
        on_issue: OnIssue::Told,
        refused_by: NONE,
        noted_for: &[Platform::Chrome],
        advice: "issue it again with --days 397, and once more before it ends",
        check: Check::Certificate(Concern::Server, chrome_limit),
    },
    Rule {
        id: RuleId("leaf-inside"),
        demand: "a certificate is valid only while its issuer is",
        citation: "RFC 5280 6.1.3",
        on_issue: OnIssue::Refused,
        refused_by: NONE,
        noted_for: ALL,
        advice: "issue it again with an earlier end, or from an issuer that lasts longer",
        check: Check::Certificate(Concern::BelowRoot, inside_issuer),
    },
    Rule {
        id: RuleId("clock"),
        demand: "a certificate is valid already",
        citation: "RFC 5280 4.1.2.5",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "set the clock of this machine, or wait until it is valid",
        check: Check::Certificate(Concern::Every, started),
    },
    Rule {
        id: RuleId("expired"),
        demand: "a certificate is still valid",
        citation: "RFC 5280 4.1.2.5",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again under its label: hubca issue",
        check: Check::Certificate(Concern::Every, not_ended),
    },
    Rule {
        id: RuleId("validity-order"),
        demand: "a certificate ends after it starts",
        citation: "RFC 5280 4.1.2.5",
        on_issue: OnIssue::Refused,
        refused_by: ALL,
        noted_for: NONE,
        advice: "issue it again",
        check: Check::Certificate(Concern::Every, in_order),
    },
];

/// Apple Security source SecPolicyServer.c:2204: certificates that start later have a limit.
const LIMIT_SINCE: OffsetDateTime = datetime!(2019-07-01 00:00 UTC);
/// The limit there, with the hour of grace that the code gives.
const LIMIT: Duration = Duration::seconds(825 * 86_400 + 3_600);

fn apple_limit(case: &Case<'_>, defects: &mut Defects) {
    let validity = case.tbs().validity();
    // SecPolicyServer.c:2165: a leaf that is itself the anchor is exempt.
    let is_anchor = case.issuers.is_empty() && case.tbs().is_self_issued();
    let since = validity.not_before() > LIMIT_SINCE;
    if since && !is_anchor && validity.not_after() - validity.not_before() > LIMIT {
        defects.say(format!("valid for {} days, and iOS and macOS accept at most 825", days(&validity)));
    }
}

fn chrome_limit(case: &Case<'_>, defects: &mut Defects) {
    let validity = case.tbs().validity();
    if validity.length() > Duration::days(397) {
        defects.say(format!("valid for {} days, and some builds of Chrome complain beyond 397", days(&validity)));
    }
}

fn inside_issuer(case: &Case<'_>, defects: &mut Defects) {
    let Some(issuer) = case.issuers.first() else { return };
    let (own, outer) = (case.tbs().validity(), issuer.tbs.validity());
    if own.not_after() > outer.not_after() {
        defects.say(format!(
            "it ends {}, after its issuer, which ends {}",
            day(own.not_after()),
            day(outer.not_after())
        ));
    }
    // A change of root puts a cross-certificate above CAs that are older than it.
    let is_crossed = case.stage == Stage::Issued && case.role == Role::Issuing && !issuer.tbs.is_self_issued();
    if !is_crossed && own.not_before() < outer.not_before() {
        defects.say(format!(
            "it starts {}, before its issuer, which starts {}",
            second(own.not_before()),
            second(outer.not_before())
        ));
    }
}

fn started(case: &Case<'_>, defects: &mut Defects) {
    let start = case.tbs().validity().not_before();
    if start > case.now {
        defects.say(format!("it is valid from {} only, and now it is {}", second(start), second(case.now)));
    }
}

fn not_ended(case: &Case<'_>, defects: &mut Defects) {
    let end = case.tbs().validity().not_after();
    if end < case.now {
        defects.say(format!("it ended {}, and now it is {}", second(end), second(case.now)));
    }
}

fn in_order(case: &Case<'_>, defects: &mut Defects) {
    let validity = case.tbs().validity();
    if validity.not_after() < validity.not_before() {
        defects.say(format!(
            "it ends {}, before it starts {}",
            second(validity.not_after()),
            second(validity.not_before())
        ));
    }
}

/// Days, a begun one counted whole.
fn days(validity: &Validity) -> i64 {
    let seconds = validity.length().whole_seconds();
    seconds.div_euclid(86_400) + i64::from(seconds.rem_euclid(86_400) > 0)
}

fn day(instant: OffsetDateTime) -> String {
    instant.date().to_string()
}

fn second(instant: OffsetDateTime) -> String {
    let (hour, minute, second) = instant.time().as_hms();
    format!("{} {hour:02}:{minute:02}:{second:02} UTC", instant.date())
}
