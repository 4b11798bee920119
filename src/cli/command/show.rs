//! `hubca show`: one certificate, with everything the ledger knows of it.

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    authority::{CertificateRecord, DeploymentRecord, RecordedName},
    cli::{
        chosen::{by_label_or_serial, issuer_of},
        condition::Condition,
        context::Context,
        destination::IntentReport,
        failure::Failure,
        following::{self, ChangeReport, mend},
        issued::{IssuedFiles, key_of, names_in_words},
        moment::Moment,
        page::{Page, Tone},
        report::{Outcome, Report},
    },
    home::{Home, LiveFiles, Moved},
    system::LocalAddress,
    x509::pem,
};

/// Show one certificate
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ShowArguments {
    /// The label, whose newest certificate is shown, or a serial number in hexadecimal digits
    #[arg(value_name = "LABEL|SERIAL")]
    which: String,
    /// Whose serial number it is, where several CAs used it: root/1, issuing/1
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,
}

/// A certificate as the ledger knows it.
#[derive(Debug, Serialize)]
pub struct ShowReport {
    serial: String,
    label: Option<String>,
    generation: Option<i64>,
    profile: String,
    names: Vec<RecordedName>,
    /// Of what was issued elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(flatten)]
    condition: Condition,
    key: Option<String>,
    /// Unknown of what moved in without its certificate.
    not_before: Option<Moment>,
    not_after: Moment,
    issuer: String,
    sha256: Option<String>,
    key_sha256: Option<String>,
    issued_at: Option<Moment>,
    revoked_at: Option<Moment>,
    revocation_reason: Option<String>,
    /// Where its files are: of the newest certificate of a label whose key is kept.
    files: Option<IssuedFiles>,
    pem: Option<String>,
    /// How the next one is made, and where it is brought: of a label whose key is kept.
    intent: Option<IntentReport>,
    /// What became of bringing the newest to its server.
    deployment: Option<DeploymentReport>,
    /// The addresses of this machine that are others now: of the newest certificate of a label whose key is kept.
    address_changes: Vec<ChangeReport>,
    #[serde(skip)]
    moved: Option<Moved>,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// What became of bringing a certificate to its server.
#[derive(Debug, Serialize)]
pub struct DeploymentReport {
    generation: i64,
    outcome: &'static str,
    message: Option<String>,
    at: Moment,
}

impl From<DeploymentRecord> for DeploymentReport {
    fn from(record: DeploymentRecord) -> Self {
        let DeploymentRecord { generation, outcome, message, at, .. } = record;
        Self { generation, outcome: outcome.as_str(), message, at: at.into() }
    }
}

/// Shows a certificate.
///
/// # Errors
/// There is none, or several; or a home or ledger that fails.
pub fn run(arguments: &ShowArguments, context: &Context) -> Result<Outcome, Failure> {
    let home = context.open_home()?;
    let record = by_label_or_serial(&home, &arguments.which, arguments.issuer.as_deref())?;
    Ok(Outcome::done(ShowReport::of(record, &home, &following::here(context), context.now())?))
}

impl ShowReport {
    fn of(record: CertificateRecord, home: &Home, here: &[LocalAddress], now: OffsetDateTime) -> Result<Self, Failure> {
        let condition = Condition::of(&record, &home.authority().revoked_cas()?, now);
        let issuer = issuer_of(&record);
        let (not_before, issued_at) = (record.begins().map(Moment::from), record.known_issue().map(Moment::from));
        let certificate = record.parse()?;
        let is_live = match (&record.label, record.generation) {
            (Some(label), Some(_)) => home.authority().by_label(label, 1)?.first().map(|newest| newest.place),
            _ => None,
        };
        let label = record.label.as_deref().filter(|_| is_live == Some(record.place));
        let intent = label.map(|label| home.authority().intent(label)).transpose()?.flatten();
        let deployment = label.map(|label| home.authority().deployment(label)).transpose()?.flatten();
        let moved = label.map(|label| home.moved_of(label, here)).transpose()?.flatten();
        let changes = moved.iter().flat_map(|moved| &moved.changes);
        Ok(Self {
            address_changes: changes.map(ChangeReport::from).collect(),
            files: label.map(|label| LiveFiles::of(home.layout(), label).into()),
            issuer: certificate.as_ref().map_or(issuer, |it| it.tbs().issuer().to_string()),
            key: certificate.as_ref().map(key_of),
            pem: certificate.map(|certificate| pem::encode(pem::CERTIFICATE, certificate.as_der())),
            intent: intent.map(IntentReport::from),
            deployment: deployment.map(DeploymentReport::from),
            serial: record.serial,
            label: record.label,
            generation: record.generation,
            profile: record.profile,
            names: record.names,
            subject: record.subject,
            condition,
            not_before,
            not_after: record.not_after.into(),
            sha256: record.sha256,
            key_sha256: record.key_sha256,
            issued_at,
            revoked_at: record.revoked_at.map(Moment::from),
            revocation_reason: record.revocation_reason,
            moved,
            now,
        })
    }
}

impl Report for ShowReport {
    fn tell(&self, page: &mut Page) {
        page.heading(self.label.as_deref().unwrap_or(&self.serial));
        if !self.names.is_empty() {
            page.field("names", &names_in_words(&self.names));
        }
        if let Some(subject) = &self.subject {
            page.field("subject", subject);
        }
        page.field("status", self.condition.as_str());
        match self.not_before {
            Some(begin) => page.field("valid", &format!("{} to {}", begin.date(), self.not_after.told(self.now))),
            None => page.field("valid", &format!("until {}", self.not_after.told(self.now))),
        }
        if let Some(revoked) = self.revoked_at {
            let reason = self.revocation_reason.as_deref().unwrap_or("no reason given");
            page.field("revoked", &format!("{}: {reason}", revoked.told(self.now)));
        }
        page.field("profile", &self.profile);
        if let Some(key) = &self.key {
            page.field("key", key);
        }
        page.field("issuer", &self.issuer);
        page.field("serial", &self.serial);
        if let Some(sha256) = &self.sha256 {
            page.field("SHA-256", sha256);
        }
        if let Some(generation) = self.generation {
            page.field("generation", &generation.to_string());
        }
        if let Some(intent) = &self.intent {
            page.blank();
            intent.tell(page);
        }
        if let Some(deployment) = &self.deployment {
            let message = deployment.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
            let outcome = deployment.outcome.replace('_', " ");
            page.field("deployed", &format!("{outcome}, {}{message}", deployment.at.date()));
        }
        if let Some(moved) = &self.moved {
            page.blank();
            page.marked(Tone::Caution, "moved:", &moved.message());
            let way_out = page.spelled(&mend(moved));
            page.field("do", &way_out);
        }
        if let Some(files) = &self.files {
            page.blank();
            files.paths().iter().for_each(|path| page.command(&path.display().to_string()));
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca show 192.168.0.1
  hubca show 015f0c3a9be77d4c2f8a61d0e3b5a79c42
  hubca show hub --json | jq -r .pem";
