//! `hubca list`: the inventory.

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::list_devices;
use crate::{
    authority::{CaCertificate, CertificateRecord, Page as LedgerPage, RecordedName, Selection},
    cli::{
        condition::Condition,
        context::Context,
        failure::Failure,
        issued::names_in_words,
        moment::Moment,
        numbers,
        page::Page,
        report::{Outcome, Report},
        server_preset::targets,
    },
    preset::Target,
};

/// List what was issued, the newest first
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ListArguments {
    /// Only what expires within so many days, the earliest first
    #[arg(long, value_name = "DAYS", value_parser = numbers::days, conflicts_with_all = ["revoked", "all", "before"])]
    expiring: Option<u32>,
    /// Only the newest of each label that is for this kind of server, by the alphabet
    #[arg(long = "for", value_name = "SERVER", value_parser = targets(), conflicts_with_all = [
        "expiring", "revoked", "all", "devices", "before",
    ])]
    server: Option<Target>,
    /// Only what was revoked
    #[arg(long, conflicts_with = "all")]
    revoked: bool,
    /// Everything: the CA's own certificates, the onboarding page's, the OCSP responders' and reserved serial numbers too, and no --limit
    /// unless one is given
    #[arg(long)]
    all: bool,
    /// The devices that came to the onboarding page, and which root each of them trusts
    #[arg(long, conflicts_with_all = ["expiring", "revoked", "all"])]
    devices: bool,
    /// How many at most; 100 if nothing is said
    #[arg(long, value_name = "N", value_parser = numbers::limit)]
    limit: Option<u32>,
    /// The next page: what is older than this cursor
    #[arg(long, value_name = "CURSOR", value_parser = numbers::cursor)]
    before: Option<i64>,
}

/// A page of the inventory.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ListReport {
    entries: Vec<ListEntry>,
    #[serde(skip)]
    page: PageKind,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// One certificate of the inventory.
#[derive(Debug, Serialize)]
pub struct ListEntry {
    serial: String,
    label: Option<String>,
    /// Which certificate of its label it is, where its key is kept.
    generation: Option<i64>,
    profile: String,
    names: Vec<RecordedName>,
    /// The kind of server that its label is for.
    server: Option<String>,
    /// Of what was issued elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(flatten)]
    condition: Condition,
    /// Unknown of what moved in without its certificate.
    not_before: Option<Moment>,
    not_after: Moment,
    /// Where the next page begins, if it begins after this one.
    cursor: i64,
}

/// What a page is of, as far as the words below it depend on that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageKind {
    /// There may be older ones.
    Full { has_cursor: bool },
    /// That is all.
    Last,
}

/// Lists certificates.
///
/// # Errors
/// A home or ledger that fails.
pub fn run(arguments: &ListArguments, context: &Context) -> Result<Outcome, Failure> {
    let selection = match arguments {
        ListArguments { expiring: Some(days), .. } => Selection::Expiring { days: *days },
        ListArguments { server: Some(target), .. } => Selection::For { server: target.as_str() },
        ListArguments { revoked: true, .. } => Selection::Revoked,
        ListArguments { all: true, .. } => Selection::All,
        _ => Selection::Issued,
    };
    if arguments.devices {
        return list_devices::run(
            LedgerPage { limit: arguments.limit.unwrap_or(PAGE), before: arguments.before },
            context,
        );
    }
    let home = context.open_home()?;
    let limit = arguments.limit.unwrap_or(if selection == Selection::All { u32::MAX } else { PAGE });
    let page = LedgerPage { limit, before: arguments.before };
    let records = home.authority().select(selection, page)?;
    let now = context.now();
    let is_full = u32::try_from(records.len()).is_ok_and(|length| length == limit);
    let page = if is_full {
        PageKind::Full { has_cursor: arguments.expiring.is_none() && arguments.server.is_none() }
    } else {
        PageKind::Last
    };
    let revoked = home.authority().revoked_cas()?;
    let servers = home.authority().servers()?;
    let entry = |record: CertificateRecord| {
        let server = record.label.as_ref().and_then(|label| servers.get(label)).cloned();
        ListEntry::of(record, server, &revoked, now)
    };
    let entries = records.into_iter().map(entry).collect();
    Ok(Outcome::done(ListReport { entries, page, now }))
}

impl ListEntry {
    /// A row of the ledger at an instant, among the CAs that were revoked; and what its label is for.
    pub fn of(
        record: CertificateRecord,
        server: Option<String>,
        revoked: &[&CaCertificate],
        now: OffsetDateTime,
    ) -> Self {
        let not_before = record.begins().map(Moment::from);
        Self {
            server,
            condition: Condition::of(&record, revoked, now),
            serial: record.serial,
            label: record.label,
            generation: record.generation,
            profile: record.profile,
            names: record.names,
            subject: record.subject,
            not_before,
            not_after: record.not_after.into(),
            cursor: record.place,
        }
    }

    fn names(&self) -> String {
        let shown = self.names.get(..SHOWN_NAMES).unwrap_or(&self.names);
        let words = match (&self.subject, shown.is_empty()) {
            (Some(subject), true) => subject.clone(),
            _ => names_in_words(shown),
        };
        let words = match self.names.len().saturating_sub(shown.len()) {
            0 => words,
            more => format!("{words} and {more} more"),
        };
        // Without a label there is the serial number to ask for it by.
        match (&self.label, words.is_empty()) {
            (Some(_), _) => words,
            (None, true) => self.serial.clone(),
            (None, false) => format!("{words} {}", self.serial),
        }
    }
}

impl Report for ListReport {
    fn tell(&self, page: &mut Page) {
        if self.entries.is_empty() {
            page.line("nothing to list");
            return;
        }
        let rows = self.entries.iter().map(|entry| {
            [
                entry.label.clone().unwrap_or_else(|| format!("({})", entry.profile)),
                entry.generation.map(|generation| generation.to_string()).unwrap_or_default(),
                entry.names(),
                entry.condition.as_str().to_owned(),
                entry.not_after.date(),
                (entry.not_after.instant() - self.now).whole_days().to_string(),
            ]
        });
        if self.entries.iter().all(|entry| entry.server.is_none()) {
            page.table(["label", "gen", "names", "status", "until", "days"], 2, rows);
        } else {
            let servers = self.entries.iter().map(|entry| entry.server.clone().unwrap_or_default());
            let rows = rows.zip(servers).map(|([label, generation, names, status, until, days], server)| {
                [label, generation, server, names, status, until, days]
            });
            page.table(["label", "gen", "for", "names", "status", "until", "days"], 3, rows);
        }
        match (self.page, self.entries.last()) {
            (PageKind::Full { has_cursor: true }, Some(last)) => {
                page.blank();
                page.line(&format!("there may be more: {}", page.hubca(&format!("list --before {}", last.cursor))));
            }
            (PageKind::Full { has_cursor: false }, _) => {
                page.blank();
                page.line("there may be more: give a higher --limit");
            }
            _ => {}
        }
    }
}

/// How many are listed where nobody says.
const PAGE: u32 = 100;
/// More names than fit a row.
const SHOWN_NAMES: usize = 3;

const EXAMPLES: &str = "\
Examples:
  hubca list
  hubca list --expiring 30
  hubca list --for jupyterhub
  hubca list --devices
  hubca list --json | jq -r '.[].label'";
