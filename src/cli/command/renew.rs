//! `hubca renew`: what is due, made anew and brought to its server.

use clap::Args;
use time::Duration;

use super::{
    renew_report::{RenewReport, RenewalOutcome, RenewalReport},
    renew_timer::{self, TimerArguments},
};
use crate::{
    authority::{Issuer, KeyPolicy},
    cli::{
        context::Context, failure::Failure, following, moment::Moment, numbers, passphrases::Passphrases,
        report::Outcome,
    },
    home::{Candidate, CrlOutcome, Home, Need, Outside, RenewalWish, Urgency, VERIFY_LIMIT},
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
            let mut planned = RenewalReport::planned(candidate, true);
            planned.error = planned.error.map(|error| error.calling(&context.invocation()));
            planned
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

fn issue_code(text: &str) -> Result<u8, &'static str> {
    text.parse().ok().filter(|code| *code > 3).ok_or("a code is 4 to 255: 0 to 3 mean something else already")
}

fn seconds(text: &str) -> Result<u64, &'static str> {
    text.parse().ok().filter(|seconds| (1..=86_400).contains(seconds)).ok_or("a limit is 1 to 86400 seconds")
}

const EXAMPLES: &str = "\
Examples:
  hubca renew
  hubca renew hub --force
  hubca renew --within 30 --dry-run
  hubca renew --issue-code 42 || [ $? -eq 42 ]
  hubca renew --install-timer --print";
