//! A server, judged: what was seen on a visit, and what the ledger knows of it.

use super::{
    asked::Asked,
    report::{Added, CheckReport},
    roots::Roots,
    told_server::ServerReport,
};
use crate::{
    cli::{failure::Failure, moment::Moment},
    home::Acquaintance,
    lint::{Encounter, Platform, examine_served},
    probe::{Meeting, Says, Statement},
};

/// Judges what was seen on a visit.
///
/// # Errors
/// A ledger that fails.
pub(super) fn judge(
    asked: &Asked,
    meeting: &Meeting,
    roots: &Roots,
    platforms: &[Platform],
    at: Moment,
) -> Result<CheckReport, Failure> {
    let leaf = meeting.chain.path.as_ref().and_then(|path| path.certificates().first());
    let ours = leaf.map(|leaf| roots.acquaintance(leaf)).transpose()?.flatten();
    let mut statements = meeting.statements.clone();
    if let (Some(leaf), Some(ours)) = (leaf, &ours) {
        statements.insert(0, told_by_ledger(&leaf.tbs().subject().to_string(), ours));
    }
    let whose = roots.meant_for(&asked.name)?;
    let encounter = Encounter {
        astray: whose.and_then(|whose| meeting.chain.astray(&whose)),
        revoked: statements.iter().filter_map(Statement::revoked).collect(),
        outdated: ours.as_ref().and_then(outdated),
        ..meeting.encounter(&asked.name, asked.websocket.as_deref(), &roots.origin())
    };
    let path = meeting.chain.path.as_ref();
    let anchored = path.filter(|_| roots.are_known()).map(|_| meeting.chain.is_anchored);
    let server = ServerReport::new(asked, meeting, ours, &statements, anchored, at);
    let examination = examine_served(path, &encounter, at.instant(), platforms);
    Ok(CheckReport::new(examination, path, Added::new(meeting.chain.added.as_ref(), roots), Some(server), at))
}

fn told_by_ledger(subject: &str, ours: &Acquaintance) -> Statement {
    Statement {
        by: "the ledger of this home".to_owned(),
        of: subject.to_owned(),
        says: ours.revocation.map_or(Says::Good, |it| Says::Revoked { at: it.at, reason: Some(it.reason.as_str()) }),
    }
}

fn outdated(ours: &Acquaintance) -> Option<String> {
    let (label, shown, newer) = (ours.label.as_ref()?, ours.generation?, ours.replaced_by?);
    Some(format!("it shows certificate {shown} of `{label}`, and under live/ is {newer}"))
}
