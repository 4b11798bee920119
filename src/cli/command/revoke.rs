//! `hubca revoke`: certificates are withdrawn, and the CRL says so.

use std::path::Path;

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    authority::{CaCertificate, CertificateRecord, IssuerRole, RecordedName, Revoked, Status, is_own_label},
    cli::{
        chosen::{by_ca, by_file, by_label_or_serial, issuer_of},
        clock::note_behind,
        context::Context,
        crl_entry::MadeCrl,
        failure::{Failure, FailureKind},
        issued::names_in_words,
        moment::Moment,
        page::Page,
        passphrases::Passphrases,
        report::{Outcome, Report},
        terminal::Person,
    },
    home::Home,
    x509::RevocationReason,
};

/// Revoke a certificate: for good, and nobody can take it back
///
/// The CRL of its CA is made anew at once, if the CA's key is at hand. Browsers hardly ever ask whether a certificate of
/// a private CA was revoked: a stolen key stays dangerous until the certificate ends.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct RevokeArguments {
    /// A label, whose newest certificate is revoked; a serial number in hexadecimal digits; or a file with the
    /// certificate (written with a /, as ./FILE, where a label has the same name); or an issuing CA, such as issuing/1
    #[arg(value_name = "LABEL|SERIAL|FILE")]
    which: String,
    /// Why
    #[arg(long, value_name = "REASON", default_value = "unspecified", value_parser = reason(), ignore_case = true)]
    reason: RevocationReason,
    /// Every certificate of the label that is good still, not the newest only
    #[arg(long, conflicts_with = "issuer")]
    all: bool,
    /// Whose serial number it is, where several CAs used it: root/1, issuing/1
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,
}

/// What was revoked, and the CRLs that say so.
#[derive(Debug, Serialize)]
pub struct RevokeReport {
    certificates: Vec<RevokedEntry>,
    crls: Vec<MadeCrl>,
    #[serde(skip)]
    others: usize,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// One certificate that is revoked now.
#[derive(Debug, Serialize)]
struct RevokedEntry {
    serial: String,
    label: Option<String>,
    names: Vec<RecordedName>,
    issuer: String,
    outcome: RevokeOutcome,
    revoked_at: Moment,
    reason: RevocationReason,
    not_after: Moment,
    #[serde(skip)]
    profile: String,
    /// Whether its key is in the home.
    #[serde(skip)]
    is_kept: bool,
}

/// Whether that is news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum RevokeOutcome {
    /// It is.
    Revoked,
    /// It was revoked before; nothing changed.
    AlreadyRevoked,
    /// It was revoked before; the reason is a worse one now.
    ReasonChanged,
}

/// Revokes certificates.
///
/// # Errors
/// There is no such certificate, somebody said no, or a home, key or file fails.
pub fn run(arguments: &RevokeArguments, context: &Context) -> Result<Outcome, Failure> {
    let home = context.open_home()?;
    let now = context.now();
    let records = chosen(arguments, &home, context)?;
    if context.person() == Person::Present && records.iter().any(|record| record.revoked_at.is_none()) {
        confirm(&records, context)?;
    }
    note_behind(&home, context)?;
    let mut certificates = Vec::new();
    for record in &records {
        certificates.push(RevokedEntry::of(record, home.authority().revoke(record, arguments.reason)?));
    }
    let others = match records.first().and_then(|record| record.label.as_deref()) {
        Some(label) if !arguments.all => good(&home, label, now)?.len(),
        _ => 0,
    };
    let crls = publish(&home, &records, context)?;
    Ok(Outcome::done(RevokeReport { certificates, crls, others, now }))
}

fn chosen(arguments: &RevokeArguments, home: &Home, context: &Context) -> Result<Vec<CertificateRecord>, Failure> {
    let which = arguments.which.as_str();
    if which.contains('/') {
        let path = Path::new(which);
        // A file has the word, if there is one: of CAs there are few, and all can be named otherwise.
        let ca = if path.is_file() { None } else { by_ca(home, which)? };
        return Ok(vec![ca.map_or_else(|| by_file(home, path, context), Ok)?]);
    }
    if arguments.all {
        let records = good(home, which, context.now())?;
        if !records.is_empty() {
            return Ok(records);
        }
    }
    match by_label_or_serial(home, which, arguments.issuer.as_deref()) {
        Err(_) if Path::new(which).is_file() => Ok(vec![by_file(home, Path::new(which), context)?]),
        found => Ok(vec![found?]),
    }
}

/// The certificates of a label that are good now.
fn good(home: &Home, label: &str, now: OffsetDateTime) -> Result<Vec<CertificateRecord>, Failure> {
    let mut records = home.authority().by_label(label, u32::MAX)?;
    records.retain(|record| record.status(now) == Status::Good);
    Ok(records)
}

fn confirm(records: &[CertificateRecord], context: &Context) -> Result<(), Failure> {
    let what = match records {
        [only] => {
            format!("the certificate {} of {}", only.serial, called(only.label.as_deref(), &only.names, &only.profile))
        }
        several => format!("{} certificates", several.len()),
    };
    if context.terminal().confirm(&format!("revoke {what} for good?"))? {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Refused, "nothing was revoked").hint("--yes revokes without asking"))
}

/// Makes the CRL of each CA that is concerned and whose newest does not say all.
fn publish(home: &Home, records: &[CertificateRecord], context: &Context) -> Result<Vec<MadeCrl>, Failure> {
    let mut made = Vec::new();
    let is_concerned = |ca: &&CaCertificate| records.iter().any(|record| issuer_of(record) == ca.path());
    for ca in home.authority().cas().iter().filter(is_concerned).filter(|ca| !ca.issues_crls()) {
        let told = "may not sign a CRL: only an OCSP responder says that it is revoked (hubca ocsp serve)";
        context.note(&format!("{} {told}", ca.path()));
    }
    for ca in home.authority().cas().iter().filter(is_concerned).filter(|ca| ca.is_keyless()) {
        context.note(&format!(
            "it is revoked, and no CRL can say so: the key of {0} was not found when {0} was adopted",
            ca.path()
        ));
        let revoke = format!("hubca revoke {} --reason superseded", ca.path());
        context.note(&format!(
            "the root can revoke all that {} issued ({revoke}), and hubca renew lets its servers move over",
            ca.path()
        ));
    }
    for state in home.authority().crl_state()? {
        if !(is_concerned(&state.ca) && state.is_behind()) {
            continue;
        }
        let issuer = state.ca.path();
        match home.publish_crl(state.ca, &Passphrases::new(context)) {
            Ok(published) => made.push(published.into()),
            Err(reason) if reason.is_key_away() => {
                context.note(&format!("it is revoked, and no CRL says so yet: {reason}"));
                context.note(&format!("make it with the key: hubca crl --issuer {issuer}"));
            }
            Err(reason) => {
                return Err(Failure::from(reason)
                    .within(format!("it is revoked, but the CRL of {issuer} was not made"))
                    .hint(format!("make it: hubca crl --issuer {issuer}")));
            }
        }
    }
    Ok(made)
}

impl RevokedEntry {
    fn of(record: &CertificateRecord, revoked: Revoked) -> Self {
        let (outcome, revocation) = match revoked {
            Revoked::Now(revocation) => (RevokeOutcome::Revoked, revocation),
            Revoked::Already(revocation) => (RevokeOutcome::AlreadyRevoked, revocation),
            Revoked::ForWorse { now, .. } => (RevokeOutcome::ReasonChanged, now),
        };
        Self {
            serial: record.serial.clone(),
            label: record.label.clone(),
            names: record.names.clone(),
            issuer: issuer_of(record),
            outcome,
            revoked_at: revocation.at.into(),
            reason: revocation.reason,
            not_after: record.not_after.into(),
            profile: record.profile.clone(),
            is_kept: record.generation.is_some(),
        }
    }

    fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        page.heading(match self.outcome {
            RevokeOutcome::Revoked => "revoked",
            RevokeOutcome::AlreadyRevoked => "already revoked",
            RevokeOutcome::ReasonChanged => "already revoked, and now for a worse reason",
        });
        page.field("certificate", &called(self.label.as_deref(), &self.names, &self.profile));
        page.field("serial", &self.serial);
        page.field("issuer", &self.issuer);
        page.field("since", &self.revoked_at.told(now));
        page.field("reason", self.reason.as_str());
        page.field("it ends", &self.not_after.told(now));
    }

    /// What makes another in its place, where somebody needs one.
    fn successor(&self) -> Option<String> {
        if self.profile == IssuerRole::Issuing.as_str() {
            return Some("rotate issuing".to_owned());
        }
        let label = self.label.as_ref().filter(|label| !is_own_label(label) && !self.reason.ends_its_use())?;
        Some(if self.is_kept { format!("renew {label}") } else { format!("sign FILE --label {label}") })
    }
}

fn called(label: Option<&str>, names: &[RecordedName], profile: &str) -> String {
    match (label, names.is_empty()) {
        (Some(label), _) => label.to_owned(),
        (None, false) => names_in_words(names),
        (None, true) => format!("a CA ({profile})"),
    }
}

impl Report for RevokeReport {
    fn tell(&self, page: &mut Page) {
        for (place, certificate) in self.certificates.iter().enumerate() {
            if place > 0 {
                page.blank();
            }
            certificate.tell(page, self.now);
        }
        for crl in &self.crls {
            page.blank();
            crl.tell(page, self.now);
        }
        let is_news = self.certificates.iter().any(|entry| entry.outcome == RevokeOutcome::Revoked);
        if let (true, Some(successor)) = (is_news, self.certificates.iter().find_map(RevokedEntry::successor)) {
            page.blank();
            page.line(if successor.starts_with("rotate") {
                "it issues nothing more; to go on it takes another:"
            } else {
                "a server that used it needs another, with a new key:"
            });
            page.command(&page.hubca(&successor));
        }
        if let (1.., Some(label)) = (self.others, self.certificates.iter().find_map(|entry| entry.label.as_ref())) {
            page.blank();
            page.line("earlier certificates of this label are good still; to revoke them as well:");
            page.command(&page.hubca(&format!("revoke {label} --all")));
        }
    }
}

/// The values of `--reason`.
fn reason() -> impl TypedValueParser<Value = RevocationReason> {
    PossibleValuesParser::new(RevocationReason::ALL.map(RevocationReason::as_str))
        .try_map(|word| word.parse::<RevocationReason>())
}

const EXAMPLES: &str = "\
Examples:
  hubca revoke nas.lan --reason keyCompromise
  hubca revoke nas.lan --all --reason superseded
  hubca revoke 015f0c3a9be77d4c2f8a61d0e3b5a79c42 --yes
  hubca revoke ./old/fullchain.pem --reason cessationOfOperation";
