//! A further issuing CA below the root in force.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::moving::{self, Moved};
use crate::{
    authority::{CaCertificate, Effect, Page as LedgerPage},
    cli::{
        command::init::CaReport,
        context::Context,
        failure::Failure,
        issuance::key_algorithm,
        moment::Moment,
        page::{Page, Tone, counted},
        passphrases::Passphrases,
        report::{Outcome, Report},
        scope::{self, ScopeReport},
    },
    home::{Home, HomeError, NextIssuing, Unused},
    x509::KeyAlgorithm,
};

#[derive(Args, Debug)]
pub(super) struct IssuingArguments {
    /// The algorithm of its key; else that of the settings
    #[arg(long, value_name = "ALGORITHM", value_parser = key_algorithm())]
    key: Option<KeyAlgorithm>,
    /// A name or network it may vouch for besides what the one before it may; may be given again
    #[arg(long, value_name = "NAME|NETWORK")]
    permit: Vec<String>,
    /// The file of the root key, where it was taken away
    #[arg(long, value_name = "FILE")]
    root_key: Option<PathBuf>,
    /// Let servers move over at once, as `renew` does it, and not when they are due
    #[arg(long, conflicts_with = "dry_run")]
    now: bool,
    /// Change nothing: open the root key, and tell what would be done
    #[arg(long)]
    dry_run: bool,
    /// Make one even where the newest was made today and has issued nothing
    #[arg(long)]
    force: bool,
}

/// A further issuing CA.
#[derive(Debug, Serialize)]
struct IssuingReport {
    dry_run: bool,
    /// Whether this command made it, and not one before.
    taken: bool,
    /// The new one; none where nothing was to be changed.
    issuing: Option<CaReport>,
    /// What it may vouch for; none where that is anything.
    scope: Option<ScopeReport>,
    earlier: EarlierCa,
    /// The servers that were to move over at once.
    moved: Vec<Moved>,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// The one that issued before.
#[derive(Debug, Serialize)]
struct EarlierCa {
    serial: String,
    not_after: Moment,
    /// Whether it was revoked, and no device takes what it issued.
    revoked: bool,
    /// How many certificates in use it has issued; at most a thousand are counted.
    certificates: usize,
}

pub(super) fn run(arguments: &IssuingArguments, context: &Context) -> Result<Outcome, Failure> {
    let mut home = context.open_home()?;
    let passphrases = Passphrases::new(context);
    let next = NextIssuing {
        key: arguments.key.unwrap_or(home.settings().key),
        root_key: arguments.root_key.as_deref(),
        permit: &arguments.permit,
        unused: if arguments.force { Unused::PassOver } else { Unused::Take },
    };
    let effect = if !arguments.dry_run {
        Some(home.rotate_issuing(next, &passphrases)?)
    } else if home.unused_issuing(next)?.is_some() {
        Some(Effect::TakenBefore)
    } else {
        home.check_root_key(next.root_key, &passphrases)?;
        None
    };
    let newest = home.issuing()?;
    let before = home.authority().issuing_below(home.root()?).into_iter().nth(1);
    let (issuing, earlier) = if effect.is_some() { (Some(newest), before.unwrap_or(newest)) } else { (None, newest) };
    let earlier = EarlierCa::of(&home, earlier)?;
    let layout = home.layout();
    let paths = |ordinal| (layout.issuing_certificate(ordinal), layout.issuing_key(ordinal));
    let issuing = issuing.map(|ca| (ca, paths(ca.ordinal())));
    let issuing = issuing.map(|(ca, (certificate, key))| CaReport::of(ca, certificate, key));
    let moved = if arguments.now { moving::move_all(&home, context)? } else { Vec::new() };
    let code = u8::from(!moving::is_complete(&moved));
    let taken = effect == Some(Effect::Taken);
    let permit = if effect.is_some() { &[] } else { arguments.permit.as_slice() };
    let scope = ScopeReport::of(&home.authority().wider_scope(permit)?);
    scope.iter().flat_map(|scope| scope.cautions(context)).for_each(|caution| context.note(&caution));
    let report =
        IssuingReport { dry_run: arguments.dry_run, taken, issuing, scope, earlier, moved, now: context.now() };
    Ok(Outcome::with_code(report, code))
}

impl EarlierCa {
    fn of(home: &Home, ca: &CaCertificate) -> Result<Self, HomeError> {
        let page = LedgerPage { limit: MOST_COUNTED, before: None };
        let tbs = ca.certificate().tbs();
        Ok(Self {
            serial: tbs.serial_number().map(|serial| serial.to_string()).unwrap_or_default(),
            not_after: tbs.validity().not_after().into(),
            revoked: home.authority().is_ca_revoked(ca)?,
            certificates: home.authority().in_use_by(ca, page)?.len(),
        })
    }
}

impl Report for IssuingReport {
    fn tell(&self, page: &mut Page) {
        match &self.issuing {
            Some(issuing) => {
                page.heading(match self.taken {
                    true => "a further issuing CA is made",
                    false => "a further issuing CA was made before, and has issued nothing yet",
                });
                issuing.tell(page, self.now);
            }
            None => page.heading("nothing is changed: the root key opens, and a further issuing CA could be made"),
        }
        scope::tell(self.scope.as_ref(), page);
        let until = format!("until {}", self.earlier.not_after.told(self.now));
        match self.earlier.revoked {
            true => page.toned_field(Tone::Bad, "before it", "revoked: nobody has to trust what it issued"),
            false => page.field("before it", &until),
        }
        page.field("", &format!("{} in use", counted(self.earlier.certificates, "certificate")));
        moving::tell(&self.moved, page);
        page.blank();
        if self.earlier.revoked && self.earlier.certificates > 0 && self.issuing.is_some() {
            page.line(&format!(
                "let the servers move over now, each with another certificate: {}",
                page.hubca("renew")
            ));
        } else {
            page.line("servers move over when their certificates are renewed, and no device has to do anything");
        }
        if self.issuing.is_some() && !self.taken {
            page.line("to make another all the same:");
            page.command(&page.hubca("rotate issuing --force"));
        }
    }
}

/// How many certificates in use are counted.
const MOST_COUNTED: u32 = 1000;

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca rotate issuing
  hubca rotate issuing --now                and every server moves over at once
  hubca rotate issuing --permit example.org     where the root has no limits
  hubca rotate issuing --root-key /media/stick/root.key.pem
  hubca rotate issuing --dry-run";
