//! What a chain must be as a whole, RFC 8446 4.4.2: its order, its top, and nothing besides.

use super::{
    line::Chain,
    rule::{ALL, Check, Defects, NONE, OnIssue, Rule, RuleId},
};
use crate::x509::{SignatureAlgorithm, path::Order};

pub(super) static RULES: &[Rule] = &[
    Rule {
        id: RuleId("chain-send"),
        demand: "a server sends its own certificate first, and after each its issuer",
        citation: "RFC 8446 4.4.2; RFC 5246 7.4.2",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "give the server live/LABEL/fullchain.pem as it is",
        check: Check::Chain(in_order),
    },
    Rule {
        id: RuleId("chain-root"),
        demand: "the chain ends in a root that is at hand",
        citation: "RFC 5280 6.1",
        on_issue: OnIssue::NotAsked,
        refused_by: NONE,
        noted_for: ALL,
        advice: "add the certificates above it to the file; a server sends all but the root",
        check: Check::Chain(complete),
    },
    Rule {
        id: RuleId("chain-stranger"),
        demand: "every certificate has its place in the chain",
        citation: "RFC 8446 4.4.2",
        on_issue: OnIssue::NotAsked,
        refused_by: NONE,
        noted_for: ALL,
        advice: "take it out of the file",
        check: Check::Chain(no_strangers),
    },
    Rule {
        id: RuleId("chain-signature"),
        demand: "each certificate is signed by the key of the next",
        citation: "RFC 5280 6.1.3 (a) (1)",
        on_issue: OnIssue::NotAsked,
        refused_by: ALL,
        noted_for: NONE,
        advice: "put the CA there that issued it: one of the same name has another key",
        check: Check::Chain(signed),
    },
];

fn in_order(chain: &Chain<'_>, defects: &mut Defects) {
    if chain.order == Order::Shuffled {
        let first = chain.line.first().map(|certificate| certificate.tbs().subject().to_string());
        defects.say(format!("the certificates stand in another order; `{}` comes first", first.unwrap_or_default()));
    }
}

fn complete(chain: &Chain<'_>, defects: &mut Defects) {
    if let Some(top) = chain.line.last()
        && !top.tbs().is_self_issued()
    {
        defects.say(format!(
            "`{}` was issued by `{}`, which is not among them, so nothing above it was looked at",
            top.tbs().subject(),
            top.tbs().issuer()
        ));
    }
}

fn no_strangers(chain: &Chain<'_>, defects: &mut Defects) {
    for stranger in &chain.strangers {
        defects.say(format!("`{}` has no place in the chain", stranger.tbs().subject()));
    }
}

fn signed(chain: &Chain<'_>, defects: &mut Defects) {
    for (certificate, issuer) in chain.line.iter().zip(chain.line.iter().skip(1)) {
        // An algorithm that nobody should trust has the rule `sig-alg`.
        let is_judged = SignatureAlgorithm::from_oid(certificate.signature_oid()).is_ok();
        if is_judged && certificate.verify_signed_by(issuer.tbs().public_key()).is_err() {
            defects.say(format!(
                "`{}` was not signed by the key of `{}`",
                certificate.tbs().subject(),
                issuer.tbs().subject()
            ));
        }
    }
}
