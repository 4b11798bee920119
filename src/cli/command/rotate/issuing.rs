//! A further issuing CA below the root in force.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::moving::{self, Moved};
use crate::{
    authority::{CaCertificate, Page as LedgerPage},
    cli::{
        command::init::CaReport,
        context::Context,
        failure::Failure,
        issuance::key_algorithm,
        moment::Moment,
        page::{Page, counted},
        passphrases::Passphrases,
        report::{Outcome, Report},
    },
    home::{Home, HomeError, NextIssuing},
    x509::KeyAlgorithm,
};

#[derive(Args, Debug)]
pub(super) struct IssuingArguments {
    /// The algorithm of its key; else that of the settings
    #[arg(long, value_name = "ALGORITHM", value_parser = key_algorithm())]
    key: Option<KeyAlgorithm>,
    /// The file of the root key, where it was taken away
    #[arg(long, value_name = "FILE")]
    root_key: Option<PathBuf>,
    /// Let servers move over at once, as `renew` does it, and not when they are due
    #[arg(long, conflicts_with = "dry_run")]
    now: bool,
    /// Change nothing: open the root key, and tell what would be done
    #[arg(long)]
    dry_run: bool,
}

/// A further issuing CA.
#[derive(Debug, Serialize)]
struct IssuingReport {
    dry_run: bool,
    /// The new one; none where nothing was to be changed.
    issuing: Option<CaReport>,
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
    /// How many certificates in use it has issued; at most a thousand are counted.
    certificates: usize,
}

pub(super) fn run(arguments: &IssuingArguments, context: &Context) -> Result<Outcome, Failure> {
    let mut home = context.open_home()?;
    let passphrases = Passphrases::new(context);
    let next =
        NextIssuing { key: arguments.key.unwrap_or(home.settings().key), root_key: arguments.root_key.as_deref() };
    let earlier = EarlierCa::of(&home)?;
    let issuing = if arguments.dry_run {
        home.check_root_key(next.root_key, &passphrases)?;
        None
    } else {
        let ordinal = home.rotate_issuing(next, &passphrases)?.ordinal();
        let layout = home.layout();
        Some(CaReport::of(home.issuing()?, layout.issuing_certificate(ordinal), layout.issuing_key(ordinal)))
    };
    let moved = if arguments.now { moving::move_all(&home, context)? } else { Vec::new() };
    let code = u8::from(!moving::is_complete(&moved));
    let report = IssuingReport { dry_run: arguments.dry_run, issuing, earlier, moved, now: context.now() };
    Ok(Outcome::with_code(report, code))
}

impl EarlierCa {
    fn of(home: &Home) -> Result<Self, HomeError> {
        let ca: &CaCertificate = home.issuing()?;
        let page = LedgerPage { limit: MOST_COUNTED, before: None };
        let tbs = ca.certificate().tbs();
        Ok(Self {
            serial: tbs.serial_number().map(|serial| serial.to_string()).unwrap_or_default(),
            not_after: tbs.validity().not_after().into(),
            certificates: home.authority().in_use_by(ca, page)?.len(),
        })
    }
}

impl Report for IssuingReport {
    fn tell(&self, page: &mut Page) {
        match &self.issuing {
            Some(issuing) => {
                page.heading("a further issuing CA is made");
                issuing.tell(page, self.now);
            }
            None => page.heading("nothing is changed: the root key opens, and a further issuing CA could be made"),
        }
        page.field("before it", &format!("until {}", self.earlier.not_after.told(self.now)));
        page.field("", &format!("{} in use", counted(self.earlier.certificates, "certificate")));
        moving::tell(&self.moved, page);
        page.blank();
        page.line("servers move over when their certificates are renewed, and no device has to do anything");
    }
}

/// How many certificates in use are counted.
const MOST_COUNTED: u32 = 1000;

pub(super) const EXAMPLES: &str = "\
Examples:
  hubca rotate issuing
  hubca rotate issuing --now                and every server moves over at once
  hubca rotate issuing --root-key /media/stick/root.key.pem
  hubca rotate issuing --dry-run";
