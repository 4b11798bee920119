//! `hubca audit verify`: whether everything is as it was written.

use std::{
    io::BufReader,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::Serialize;

use crate::{
    authority::{AuditHead, Examined, ExportedLog, Flaw, FlawKind},
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        found_flaw::{FoundFlaw, KnownFlaw},
        page::{Page, Tone, counted},
        report::{Outcome, Report},
    },
    system::files::open_regular,
};

/// Check that nothing was changed: the log, every certificate and every list
///
/// Each entry of the log has to follow from the one before it. What it tells of has to stand in the ledger still: each
/// certificate with its bytes, its dates and its names, signed by its CA, and revoked if it was revoked. So do the CRLs, the
/// labels with all that is remembered of them, the devices, and the files of the CAs; and nothing may stand there of which the
/// log does not tell. Ends with exit code 3 if anything is another. What was so already when the home was restored with its flaws is
/// named as known since then, and alone ends with 0.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct VerifyArguments {
    /// A hash that was written down: an entry with it has to be in the log, or its end was cut off
    #[arg(long, value_name = "HASH", value_parser = hash)]
    head: Option<String>,
    /// A log that `hubca audit export` wrote, instead of the home
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

/// What was looked at.
#[derive(Debug, Serialize)]
struct Verified {
    ok: bool,
    entries: i64,
    head: String,
    /// None of a log alone.
    certificates: Option<u64>,
    crls: Option<u64>,
    findings: Vec<FoundFlaw>,
    /// What was not as it was written when the home was restored.
    known: Vec<KnownFlaw>,
}

/// Looks at everything.
///
/// # Errors
/// A home or a file that cannot be read at all.
pub(super) fn run(arguments: &VerifyArguments, context: &Context) -> Result<Outcome, Failure> {
    let noted = arguments.head.as_deref();
    let verified = match &arguments.log {
        Some(path) => of_log(path, noted)?,
        None => {
            let suspect = context.open_suspect()?;
            let progress = context.progress("looking at the ledger", suspect.examination_length()?);
            suspect.examine(noted, &mut |steps| progress.advance(steps))?.into()
        }
    };
    Ok(if verified.ok { Outcome::done(verified) } else { Outcome::no(verified) })
}

fn of_log(path: &Path, noted: Option<&str>) -> Result<Verified, Failure> {
    let read = ExportedLog::read(BufReader::new(open_regular(path)?), noted).map_err(|error| {
        Failure::of(FailureKind::Input, &error)
            .within(format!("`{}` is no audit log", path.display()))
            .hint("write one on the machine of the CA: hubca audit export FILE")
    })?;
    let ExportedLog { head: AuditHead { entries, hash }, flaws, known, .. } = read;
    let in_file = |flaw: Flaw| Flaw { subject: path.display().to_string(), ..flaw };
    let findings: Vec<FoundFlaw> = flaws.into_iter().map(|flaw| in_file(flaw).into()).collect();
    Ok(Verified {
        ok: findings.is_empty(),
        entries,
        head: hash,
        certificates: None,
        crls: None,
        findings,
        known: known.into_iter().map(|(flaw, since)| (in_file(flaw), since).into()).collect(),
    })
}

impl From<Examined> for Verified {
    fn from(examined: Examined) -> Self {
        let findings: Vec<_> = examined.flaws.into_iter().map(FoundFlaw::from).collect();
        let AuditHead { entries, hash } = examined.head;
        Self {
            ok: findings.is_empty(),
            entries,
            head: hash,
            certificates: Some(examined.certificates),
            crls: Some(examined.crls),
            findings,
            known: examined.known.into_iter().map(KnownFlaw::from).collect(),
        }
    }
}

impl Verified {
    fn is_log_whole(&self) -> bool {
        !self.findings.iter().any(|finding| finding.kind == FlawKind::AuditLog.as_str())
    }
}

impl Report for Verified {
    fn tell(&self, page: &mut Page) {
        for finding in &self.findings {
            page.marked(Tone::Bad, "changed:", &finding.message);
        }
        self.known.iter().for_each(|known| known.tell(page));
        let mut looked_at = vec![format!("{} entries of the log", self.entries)];
        let several = |number: u64, thing| counted(usize::try_from(number).unwrap_or(usize::MAX), thing);
        looked_at.extend(self.certificates.map(|number| several(number, "serial number")));
        looked_at.extend(self.crls.map(|number| several(number, "CRL")));
        let looked_at = looked_at.join(", ");
        if self.ok && self.known.is_empty() {
            page.paragraph("", Tone::Good, &format!("all is as it was written: {looked_at}"));
        } else if self.ok {
            page.paragraph("", Tone::Good, &format!("all else is as it was written: {looked_at}"));
        } else {
            page.line(&format!("as far as it is whole: {looked_at}"));
        }
        page.line(match self.is_log_whole() {
            true => "the hash of the newest entry is",
            false => "the hash of the last entry that is whole is",
        });
        page.command(&self.head);
        if !self.ok {
            page.blank();
            let what =
                if self.known.is_empty() { "what was changed" } else { "what else was changed since the restore" };
            page.line(&format!(
                "sign nothing here before it is known {what}; a backup that is sound says what was there:"
            ));
            page.command(&page.hubca("backup verify FILE"));
        }
    }
}

fn hash(text: &str) -> Result<String, &'static str> {
    let is_hash = text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hash.then(|| text.to_lowercase()).ok_or("a hash has 64 hexadecimal digits, as `hubca status` tells it")
}

const EXAMPLES: &str = "\
Examples:
  hubca audit verify
  hubca audit verify --head \"$(cat head-of-last-month)\"
  hubca audit verify --log hub-log.jsonl";
