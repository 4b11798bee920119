//! `hubca renew`: what is due, made anew and brought to its server.

use clap::Args;
use serde::Serialize;
use time::Duration;

use super::renew_timer::{self, TimerArguments};
use crate::{
    authority::{Issuer, KeyPolicy},
    cli::{
        context::Context,
        failure::Failure,
        following::{self, ChangeReport},
        issuance::{undeployed, unseen_note},
        issued::{IssuedCertificate, cut_note},
        moment::Moment,
        numbers,
        page::{Page, Tone},
        passphrases::Passphrases,
        report::{Outcome, Report},
    },
    home::{Candidate, CrlOutcome, Home, HookRun, Need, Outside, Reason, Renewal, RenewalWish, Urgency, VERIFY_LIMIT},
    system::Ending,
};

/// Renew what is due, and bring it to its servers
///
/// A certificate is due when less than a third of its life is left (36 hours, of a short one), or when it was revoked.
/// For each: a new key and certificate, the link in live/, the copies, the hook, and a look at the server. Where that
/// fails, the certificate of before is put back, and the next call tries again. CRLs that are half over are made anew
/// as well. Where nothing is due, nothing is said.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct RenewArguments {
    /// Only these
    #[arg(value_name = "LABEL")]
    labels: Vec<String>,
    /// What ends within so many days is due as well
    #[arg(long, value_name = "DAYS", value_parser = numbers::days)]
    within: Option<u32>,
    /// Renew the labels that are named, due or not
    #[arg(long, requires = "labels")]
    force: bool,
    /// Keep the keys this time
    #[arg(long)]
    reuse_key: bool,
    /// Exit with this code, 4 to 255, if something was renewed and nothing failed
    #[arg(long, value_name = "N", value_parser = issue_code)]
    issue_code: Option<u8>,
    /// Tell what is due and change nothing
    #[arg(long)]
    dry_run: bool,
    /// How many seconds a hook may take this time
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    hook_limit: Option<u64>,
    /// How many seconds a server may take to show its new certificate; 30 if nothing is said
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    verify_limit: Option<u64>,
    #[command(flatten)]
    timer: TimerArguments,
}

/// What was done.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct RenewReport {
    renewals: Vec<RenewalReport>,
}

/// What was done to one lineage.
#[derive(Debug, Serialize)]
pub struct RenewalReport {
    label: String,
    outcome: RenewalOutcome,
    /// Why it was due, or is not renewed.
    reason: Option<&'static str>,
    error: Option<Failure>,
    certificate: Option<IssuedCertificate>,
    /// The addresses of before, and those that are in their places.
    follows: Vec<ChangeReport>,
    hook: Option<HookReport>,
    /// Why it was not seen at its server, where its files are in their place and nobody was told of them.
    unseen: Vec<String>,
    dry_run: bool,
}

/// What a hook did.
#[derive(Debug, Serialize)]
pub struct HookReport {
    exit_code: Option<i32>,
    signal: Option<i32>,
    timed_out: bool,
    output: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum RenewalOutcome {
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

/// Renews.
///
/// # Errors
/// A home that cannot be used, an issuing key that is needed and cannot be opened, or a label that is none. What fails
/// for one label is in the answer.
pub fn run(arguments: &RenewArguments, context: &Context) -> Result<Outcome, Failure> {
    if arguments.timer.is_asked() {
        return renew_timer::run(&arguments.timer, context);
    }
    let mut home = context.open_home()?;
    let is_changing = home.authority().rotation().is_some() || home.authority().is_unsettled();
    // A change of root may have been stopped between its step and the chains; what they need on their way is due then.
    let chains_are_well = !is_changing || arguments.dry_run || renew_chains(&mut home, context);
    let wish = RenewalWish {
        urgency: if arguments.force { Urgency::Now } else { Urgency::WhenDue },
        within: arguments.within.map(|days| Duration::days(days.into())),
        key_policy: arguments.reuse_key.then_some(KeyPolicy::Same),
        here: following::here(context),
    };
    let candidates = if arguments.labels.is_empty() {
        home.needy(&wish)?
    } else {
        let mut labels = arguments.labels.clone();
        labels.sort();
        labels.dedup();
        labels.iter().map(|label| home.candidate(label, &wish)).collect::<Result<_, _>>()?
    };
    if arguments.dry_run {
        let renewals = candidates.iter().map(|candidate| {
            let planned = RenewalReport::planned(candidate, true);
            RenewalReport { error: planned.error.map(|error| error.calling(&context.invocation())), ..planned }
        });
        return Ok(Outcome::done(RenewReport { renewals: renewals.collect() }));
    }
    let needs_issuer = candidates.iter().any(|candidate| matches!(candidate.need, Need::Certificate(_)));
    // Before anything is changed: without the key nothing is renewed, and whoever looks after it has to know.
    let issuer = needs_issuer.then(|| home.issuer(&Passphrases::new(context))).transpose()?;
    home.finish_publishing()?;
    let renewals = renew_all(&home, &candidates, issuer.as_ref(), &wish, arguments, context);
    let crls_are_well = renew_crls(&home, context)?;
    let has_failed = !chains_are_well || !crls_are_well || renewals.iter().any(|renewal| renewal.error.is_some());
    let has_renewed = renewals.iter().any(|renewal| match renewal.outcome {
        RenewalOutcome::Renewed | RenewalOutcome::Deployed => true,
        RenewalOutcome::Unseen => renewal.certificate.is_some(),
        _ => false,
    });
    let report = RenewReport { renewals };
    Ok(match arguments.issue_code {
        _ if has_failed => Outcome::with_code(report, 1),
        Some(code) if has_renewed => Outcome::with_code(report, code),
        _ => Outcome::done(report),
    })
}

fn renew_all(
    home: &Home,
    candidates: &[Candidate],
    issuer: Option<&Issuer>,
    wish: &RenewalWish,
    arguments: &RenewArguments,
    context: &Context,
) -> Vec<RenewalReport> {
    let seconds = std::time::Duration::from_secs;
    let outside = Outside {
        network: context.network(),
        processes: context.processes(),
        hook_limit: arguments.hook_limit.map(seconds),
        verify_limit: arguments.verify_limit.map_or(VERIFY_LIMIT, seconds),
    };
    let steps = if candidates.len() > 1 { u64::try_from(candidates.len()).unwrap_or(u64::MAX) } else { 0 };
    let progress = context.progress("renewing", steps);
    let mut renewals = Vec::new();
    for candidate in candidates {
        renewals.push(match candidate.need {
            Need::Nothing | Need::NewerIssuer { .. } => RenewalReport::planned(candidate, false),
            // One that fails does not stop the others.
            _ => match home.renew(candidate, issuer, wish, &outside) {
                Ok(Some(renewal)) => {
                    let report = RenewalReport::done(candidate, &renewal, context);
                    if !report.follows.is_empty() {
                        following::note_configuration(home, &candidate.label, context)
                            .unwrap_or_else(|error| context.complain(error));
                    }
                    report
                }
                Ok(None) => RenewalReport::planned(&Candidate { need: Need::Nothing, ..candidate.clone() }, false),
                Err(error) => RenewalReport::failed(candidate, Failure::from(error).calling(&context.invocation())),
            },
        });
        if let Need::NewerIssuer { end } = candidate.need {
            let end = Moment::from(end).date();
            let label = &candidate.label;
            context.note(&format!("`{label}` and its CA both end on {end}: hubca rotate issuing comes first"));
        }
        progress.advance(1);
    }
    renewals
}

/// Brings the chains up to a change of root; whether none failed. Servers go on with what they have.
fn renew_chains(home: &mut Home, context: &Context) -> bool {
    match home.renew_chains() {
        Ok(_) => true,
        Err(reason) => {
            context.complain(Failure::from(reason).within("a chain is not written anew"));
            false
        }
    }
}

/// Makes the CRLs that are due; whether none failed. The root's key may well be elsewhere: that is for a person.
fn renew_crls(home: &Home, context: &Context) -> Result<bool, Failure> {
    let mut are_well = true;
    for outcome in home.renew_crls(&Passphrases::new(context))? {
        let (issuer, reason) = match outcome {
            CrlOutcome::Made(_) => continue,
            CrlOutcome::KeyAway { issuer, .. } if issuer.starts_with("root/") => continue,
            CrlOutcome::KeyAway { issuer, reason } | CrlOutcome::Failed { issuer, reason } => (issuer, reason),
        };
        are_well = false;
        context.complain(Failure::from(reason).within(format!("the CRL of {issuer} is not made anew")));
    }
    Ok(are_well)
}

impl RenewalReport {
    fn planned(candidate: &Candidate, dry_run: bool) -> Self {
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

    fn done(candidate: &Candidate, renewal: &Renewal, context: &Context) -> Self {
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

    fn failed(candidate: &Candidate, failure: Failure) -> Self {
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

fn issue_code(text: &str) -> Result<u8, &'static str> {
    text.parse().ok().filter(|code| *code > 3).ok_or("a code is 4 to 255: 0 to 3 mean something else already")
}

fn seconds(text: &str) -> Result<u64, &'static str> {
    text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds)).ok_or("a limit is 1 to 86400 seconds")
}

/// The end of what a hook said, as a person reads it.
const SHOWN_LINES: usize = 20;

const EXAMPLES: &str = "\
Examples:
  hubca renew
  hubca renew hub --force
  hubca renew --within 30 --dry-run
  hubca renew --issue-code 42 || [ $? -eq 42 ]
  hubca renew --install-timer --print";
