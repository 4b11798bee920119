//! What `hubca renew` did, told.

use serde::Serialize;

use crate::{
    cli::{
        context::Context,
        failure::Failure,
        following::ChangeReport,
        issuance::{undeployed, unseen_note},
        issued::{IssuedCertificate, cut_note},
        page::{Page, Tone},
        report::Report,
    },
    home::{Candidate, HookRun, Need, Reason, Renewal},
    system::Ending,
};

/// What was done.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct RenewReport {
    pub(super) renewals: Vec<RenewalReport>,
}

/// What was done to one lineage.
#[derive(Debug, Serialize)]
pub(super) struct RenewalReport {
    label: String,
    pub(super) outcome: RenewalOutcome,
    /// Why it was due, or is not renewed.
    reason: Option<&'static str>,
    pub(super) error: Option<Failure>,
    pub(super) certificate: Option<IssuedCertificate>,
    /// The addresses of before, and those that are in their places.
    pub(super) follows: Vec<ChangeReport>,
    hook: Option<HookReport>,
    /// Why it was not seen at its server, where its files are in their place and nobody was told of them.
    unseen: Vec<String>,
    dry_run: bool,
}

/// What a hook did.
#[derive(Debug, Serialize)]
pub(super) struct HookReport {
    exit_code: Option<i32>,
    signal: Option<i32>,
    timed_out: bool,
    output: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RenewalOutcome {
    /// There is a new certificate where it shall be.
    Renewed,
    /// The newest certificate, which was there, is where it shall be.
    Deployed,
    /// The newest certificate is in its place, and was not seen at its server.
    Unseen,
    /// The link under `live/`, or the chain, is back.
    Restored,
    /// Nothing is to be done.
    NotDue,
    /// A new certificate would be made: told by `--dry-run`.
    Due,
    /// The newest certificate or its link would be brought to its place: told by `--dry-run`.
    Undeployed,
    /// It failed, and the certificate of before serves on.
    RolledBack,
    /// It failed.
    Failed,
}

impl RenewalReport {
    pub(super) fn planned(candidate: &Candidate, dry_run: bool) -> Self {
        let (outcome, reason) = match candidate.need {
            Need::Nothing => (RenewalOutcome::NotDue, None),
            Need::NewerIssuer { .. } => (RenewalOutcome::NotDue, Some("issuer_ends")),
            Need::Certificate(reason) => (RenewalOutcome::Due, Some(reason_word(reason))),
            Need::Deployment => (RenewalOutcome::Undeployed, Some("undeployed")),
            Need::Copies => (RenewalOutcome::Undeployed, Some("copies_differ")),
            Need::Link => (RenewalOutcome::Undeployed, Some("live_lost")),
            Need::Chain => (RenewalOutcome::Undeployed, Some("chain_differs")),
            Need::Address => (RenewalOutcome::Failed, Some("address_unclear")),
        };
        let follows = match candidate.need {
            Need::Certificate(_) => candidate.follows.iter().filter(|change| change.successor().is_some()).collect(),
            _ => Vec::new(),
        };
        Self {
            label: candidate.label.clone(),
            outcome,
            reason,
            error: candidate.unclear().map(Failure::from),
            certificate: None,
            follows: follows.into_iter().map(ChangeReport::from).collect(),
            hook: None,
            unseen: Vec::new(),
            dry_run,
        }
    }

    pub(super) fn done(candidate: &Candidate, renewal: &Renewal, context: &Context) -> Self {
        if let Some(note) = renewal.issued.as_ref().and_then(cut_note) {
            context.note(&format!("{}: {note}", candidate.label));
        }
        let outcome = match (renewal.is_good(), &renewal.issued) {
            (true, Some(_)) => RenewalOutcome::Renewed,
            (true, None) if renewal.deployed.is_none() && matches!(candidate.need, Need::Link | Need::Chain) => {
                RenewalOutcome::Restored
            }
            (true, None) => RenewalOutcome::Deployed,
            (false, _) if !renewal.unseen().is_empty() => RenewalOutcome::Unseen,
            (false, _) if renewal.is_rolled_back() => RenewalOutcome::RolledBack,
            (false, _) => RenewalOutcome::Failed,
        };
        let error = renewal.deployed.as_ref().and_then(|deployed| undeployed(&candidate.label, deployed));
        let planned = Self::planned(candidate, false);
        let is_followed =
            |change: &ChangeReport| renewal.issued.as_ref().is_some_and(|issued| change.is_in(&issued.names));
        Self {
            outcome,
            error: error.map(|failure| failure.calling(&context.invocation())),
            certificate: renewal.issued.as_ref().map(IssuedCertificate::from),
            follows: planned.follows.iter().filter(|change| is_followed(change)).cloned().collect(),
            hook: renewal.deployed.as_ref().and_then(|deployed| deployed.hook.as_ref()).map(HookReport::from),
            unseen: renewal.unseen().to_vec(),
            ..planned
        }
    }

    pub(super) fn failed(candidate: &Candidate, failure: Failure) -> Self {
        Self { outcome: RenewalOutcome::Failed, error: Some(failure), ..Self::planned(candidate, false) }
    }
}

fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::Due => "due",
        Reason::Ahead => "not_yet_valid",
        Reason::Ending => "within",
        Reason::Revoked => "revoked",
        Reason::Lost => "lost",
        Reason::Moved => "address_changed",
        Reason::Asked => "forced",
    }
}

impl From<&HookRun> for HookReport {
    fn from(run: &HookRun) -> Self {
        let (exit_code, signal) = match run.ending {
            Ending::Code(code) => (Some(code), None),
            Ending::Signal(signal) => (None, Some(signal)),
            Ending::TimeLimit => (None, None),
        };
        Self { exit_code, signal, timed_out: run.ending == Ending::TimeLimit, output: run.output.clone() }
    }
}

impl Report for RenewReport {
    fn tell(&self, page: &mut Page) {
        for renewal in &self.renewals {
            renewal.tell(page);
        }
    }
}

impl RenewalReport {
    fn followed(&self) -> String {
        let changes = self.follows.iter().map(|change| format!(", {}", change.told())).collect::<String>();
        let old_name = self.follows.iter().any(|change| change.is_from(&self.label));
        if old_name { format!("{changes}; its label stays") } else { changes }
    }

    /// What of its files was not as it should be, where that is why something is done.
    fn missed(&self) -> &'static str {
        match self.reason {
            Some("live_lost") => ", the link under live/ was lost",
            Some("chain_differs") => ", the CAs beside its certificate were others",
            Some("copies_differ") => ", its copies were lost or changed",
            _ => "",
        }
    }

    fn tell(&self, page: &mut Page) {
        let until = self.certificate.as_ref().map(|issued| format!(", until {}", issued.not_after.date()));
        let until = until.unwrap_or_default();
        let lost = if self.reason == Some("lost") { "; the files of the one before were lost" } else { "" };
        let (tone, mark, text) = match self.outcome {
            RenewalOutcome::Renewed => (Tone::Good, "renewed:", format!("{}{until}{lost}", self.label)),
            RenewalOutcome::Restored => (Tone::Good, "put back:", format!("{}{}", self.label, self.missed())),
            RenewalOutcome::Deployed => (Tone::Good, "deployed:", format!("{}{}", self.label, self.missed())),
            RenewalOutcome::Unseen => {
                let mark = if self.certificate.is_some() { "renewed:" } else { "in its place:" };
                (Tone::Caution, mark, format!("{}{until}{lost}", self.label))
            }
            RenewalOutcome::NotDue if self.reason.is_some() => {
                (Tone::Caution, "not renewed:", format!("{}, it ends with its CA", self.label))
            }
            RenewalOutcome::NotDue => (Tone::Plain, "not due:", self.label.clone()),
            RenewalOutcome::Due => (Tone::Plain, "due:", self.label.clone()),
            RenewalOutcome::Undeployed => {
                let mark = match self.reason {
                    Some("live_lost" | "chain_differs") => "to put back:",
                    Some("copies_differ") => "to deploy:",
                    _ => "not deployed yet:",
                };
                (Tone::Plain, mark, format!("{}{}", self.label, self.missed()))
            }
            RenewalOutcome::RolledBack => (Tone::Bad, "rolled back:", self.label.clone()),
            RenewalOutcome::Failed => (Tone::Bad, "failed:", self.label.clone()),
        };
        page.marked(tone, mark, &format!("{text}{}", self.followed()));
        if let Some(note) = unseen_note(&self.unseen) {
            page.paragraph("  ", Tone::Caution, &note);
        }
        let Some(error) = &self.error else { return };
        error.tell(page);
        if let Some(hook) = self.hook.as_ref().filter(|hook| !hook.output.trim().is_empty()) {
            page.line("the hook said:");
            let lines: Vec<&str> = hook.output.lines().collect();
            for line in lines.iter().skip(lines.len().saturating_sub(SHOWN_LINES)) {
                page.command(line);
            }
        }
    }
}

/// The end of what a hook said, as a person reads it.
const SHOWN_LINES: usize = 20;
