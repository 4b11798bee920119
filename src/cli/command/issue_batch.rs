//! `hubca issue --batch`: many certificates from a CSV file, all or none.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use serde::Serialize;

use crate::{
    authority::{Holder, IssueError, Label, LedgerError, Lifetime, Refusal, Whereabouts, Wish},
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        following::here,
        issuance::{Defaults, Terms, label},
        issued::{IssuedCertificate, cut_note, names_in_words, outrun_note},
        names::{NameArguments, Typed, as_input},
        page::{Page, counted},
        passphrases::Passphrases,
        report::{Outcome, Report},
    },
    home::{Home, HomeError, Issued, KeyChoice, Order, Shares, whereabouts},
    profile::Profile,
    x509::SubjectAltNames,
};

/// The certificates of a batch.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct BatchReport {
    certificates: Vec<IssuedCertificate>,
}

/// Issues every row of a file.
pub(super) fn run(file: &Path, defaults: &Defaults, context: &Context) -> Result<Outcome, Failure> {
    let rows = read(&context.read(file, MOST_BYTES)?, file)?;
    let home = context.open_home()?;
    let terms = rows.iter().map(|row| row.terms(&home, defaults)).collect::<Result<Vec<_>, _>>()?;
    let profiles = profiles(&home, &rows, &terms, file)?;
    let whereabouts = whereabouts(&here(context), None);
    let orders = rows.iter().zip(&terms).map(|(row, terms)| row.order(terms, &profiles, defaults, &whereabouts, file));
    let orders = orders.collect::<Result<Vec<_>, _>>()?;
    let issuer = home.issuer(&Passphrases::new(context))?;
    // The home asks again; here it is known which line is refused.
    for (row, order) in rows.iter().zip(&orders) {
        let holder = Holder::EndEntity(order.names.clone());
        let wish = Wish { profile: order.profile, holder: &holder, lifetime: order.lifetime };
        home.authority().consider(&issuer, &wish).map_err(|refusal| row.within(row.refused(refusal), file))?;
    }
    let progress = context.progress("issuing", u64::try_from(orders.len()).unwrap_or(u64::MAX));
    let mut advance = |done| progress.advance(u64::try_from(done).unwrap_or(u64::MAX));
    let issued = home.issue_batch(&issuer, orders, &mut advance);
    let (issued, shares) = issued.map_err(|error| stopped(error, &rows, file))?;
    drop(progress);
    if let Some(note) = issued.iter().find_map(cut_note) {
        context.note(&note);
    }
    if let Some(note) = outrun_note(&issued) {
        context.note(&note);
    }
    context.note(&shares_in_words(&shares));
    if let Some(note) = waiting_in_words(&home, &issued)? {
        context.note(&note);
    }
    Ok(Outcome::done(BatchReport { certificates: issued.iter().map(IssuedCertificate::from).collect() }))
}

/// Why a batch was not issued, with the line where the error knows its row.
fn stopped(error: HomeError, rows: &[Row], file: &Path) -> Failure {
    let (HomeError::Ledger(ledger) | HomeError::Issue(IssueError::Ledger(ledger))) = &error else {
        return error.into();
    };
    let LedgerError::OtherNames { label, .. } = ledger else { return error.into() };
    let failure = Failure::of(FailureKind::Exists, ledger)
        .hint("give the row another label in the column `label`")
        .hint("or let the label stand for the new names from now on: --force");
    match rows.iter().find(|row| row.label == *label) {
        Some(row) => row.within(failure, file),
        None => failure,
    }
}

/// A hint for a command line as it is for a row: `--dns hub.lan` is `hub.lan` in the column `dns`.
fn for_columns(hint: &str) -> String {
    let hint = hint.replace("a --label such", "a label such").replace("with --label", "in the column `label`");
    let mut words = hint.split(' ');
    let mut told: Vec<String> = Vec::new();
    while let Some(word) = words.next() {
        let column = word.strip_prefix("--").filter(|column| COLUMNS.contains(column));
        match (column, column.and_then(|_| words.next())) {
            (Some(column), Some(value)) => {
                let bare = value.trim_end_matches([',', ':']);
                let after = value.get(bare.len()..).unwrap_or_default();
                told.push(format!("`{}` in the column `{column}`{after}", bare.trim_matches('\'')));
            }
            _ => told.push(word.to_owned()),
        }
    }
    told.join(" ")
}

/// One row, parsed.
struct Row {
    line: u64,
    names: SubjectAltNames,
    label: Label,
    days: Option<u32>,
    profile: Option<String>,
}

impl Row {
    /// What is neither in the row nor on the command line is as it was remembered of the label.
    fn terms(&self, home: &Home, defaults: &Defaults) -> Result<Terms, LedgerError> {
        let known = home.authority().intent(self.label.as_str())?;
        let said = Defaults {
            profile: self.profile.clone().or_else(|| defaults.profile.clone()),
            lifetime: self.days.map_or(defaults.lifetime, Lifetime::Days),
            ..*defaults
        };
        Ok(said.over(known.as_ref(), home.settings()))
    }

    fn order<'a>(
        &self,
        terms: &Terms,
        profiles: &'a HashMap<&str, Profile>,
        defaults: &Defaults,
        whereabouts: &Whereabouts,
        file: &Path,
    ) -> Result<Order<'a>, Failure> {
        let name = terms.profile.as_str();
        let profile = profiles.get(name).ok_or_else(|| {
            self.within(Failure::new(FailureKind::NotFound, format!("there is no profile `{name}`")), file)
        })?;
        Ok(Order {
            names: self.names.clone(),
            profile,
            key: KeyChoice::New(terms.key),
            key_policy: terms.key_policy,
            lifetime: terms.lifetime,
            label: self.label.clone(),
            on_other_names: defaults.on_other_names,
            whereabouts: whereabouts.clone(),
            destination: None,
        })
    }

    fn within(&self, failure: Failure, file: &Path) -> Failure {
        failure.within(format!("line {} of `{}` cannot be issued", self.line, file.display()))
    }

    /// What policy refuses, with the way out in the file where the file asked for it.
    fn refused(&self, refusal: Refusal) -> Failure {
        let most = match &refusal {
            Refusal::TooManyDays { most, .. } => Some(i64::from(*most)),
            Refusal::BeyondIssuer { days_left, .. } => Some(*days_left),
            Refusal::NoDays => None,
            _ => return refusal.into(),
        };
        if self.days.is_none() {
            return refusal.into();
        }
        let few = most.map_or("1 or more".to_owned(), |most| format!("{most} or less"));
        Failure::of(FailureKind::Refused, &refusal).hint(format!("write {few} into the column `days`, or nothing"))
    }
}

fn profiles<'a>(
    home: &Home,
    rows: &[Row],
    terms: &'a [Terms],
    file: &Path,
) -> Result<HashMap<&'a str, Profile>, Failure> {
    let mut profiles = HashMap::new();
    for (row, name) in rows.iter().zip(terms.iter().map(|terms| terms.profile.as_str())) {
        if !profiles.contains_key(name) {
            let profile = home.profile(name).map_err(|error| {
                let failure = Failure::from(error);
                let is_own = row.profile.is_some();
                row.within(if is_own { failure.map_hints(for_columns) } else { failure }, file)
            })?;
            profiles.insert(name, profile);
        }
    }
    Ok(profiles)
}

fn read(bytes: &[u8], file: &Path) -> Result<Vec<Row>, Failure> {
    let shown = file.display();
    let broken = |error: csv::Error| {
        Failure::new(FailureKind::Input, format!("`{shown}` cannot be read as CSV")).because(csv_problem(&error))
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    check_header(reader.headers().map_err(broken)?, file)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = read_row(&record, line).map_err(|failure| {
            as_input(failure).map_hints(for_columns).within(format!("line {line} of `{shown}` cannot be issued"))
        })?;
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(Failure::new(FailureKind::Input, format!("`{shown}` has no rows")).hint(HEADER_HINT));
    }
    refuse_twice(&rows, file)?;
    Ok(rows)
}

fn csv_problem(error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("line {line} has {} and not {expected_len}", counted(usize::try_from(*len).unwrap_or(0), "field"))
        }
        csv::ErrorKind::Utf8 { .. } => format!("line {line} is no UTF-8 text"),
        _ => error.to_string(),
    }
}

fn check_header(header: &csv::StringRecord, file: &Path) -> Result<(), Failure> {
    if header.iter().eq(COLUMNS) {
        return Ok(());
    }
    // What it is instead is not told: a file of passphrases may have been named by mistake.
    let message = format!("the first line of `{}` is not the header of a batch", file.display());
    Err(Failure::new(FailureKind::Input, message).hint(HEADER_HINT))
}

fn read_row(record: &csv::StringRecord, line: u64) -> Result<Row, Failure> {
    let [label_text, ip, dns, days, profile] = [0, 1, 2, 3, 4].map(|place| record.get(place).unwrap_or_default());
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let addresses = ip.split_whitespace().map(|word| Typed::Ip(word.to_owned()));
    let hosts = dns.split_whitespace().map(|word| Typed::Dns(word.to_owned()));
    let names = NameArguments::new(addresses.chain(hosts).collect()).parse()?;
    let days = given(days)
        .map(|days| days.parse::<u32>().map_err(|_| Failure::usage(format!("`{days}` is no number of days"))));
    Ok(Row {
        line,
        label: label(given(label_text).as_deref(), &names)?,
        names,
        days: days.transpose()?,
        profile: given(profile),
    })
}

fn refuse_twice(rows: &[Row], file: &Path) -> Result<(), Failure> {
    let mut seen: HashMap<&Label, u64> = HashMap::new();
    for row in rows {
        if let Some(first) = seen.insert(&row.label, row.line) {
            let message = format!("the label `{}` stands in `{}` twice", row.label, file.display());
            return Err(Failure::new(FailureKind::Input, message)
                .because(format!("lines {first} and {} have it", row.line))
                .hint("give one of the rows another label in the column `label`"));
        }
    }
    Ok(())
}

/// What is not at its server yet: a batch is all or nothing, and a hook that fails must not be in its way.
fn waiting_in_words(home: &Home, issued: &[Issued]) -> Result<Option<String>, Failure> {
    let labels: HashSet<_> = issued.iter().filter_map(|issued| issued.label.as_deref()).collect();
    let unfinished = home.authority().unfinished_deployments()?;
    let waiting = unfinished.iter().filter(|known| labels.contains(known.label.as_str())).count();
    let told = if waiting == 1 { "1 of them has".to_owned() } else { format!("{waiting} of them have") };
    Ok((waiting > 0).then(|| format!("{told} yet to be brought to where it is used: `hubca renew` does that")))
}

fn shares_in_words(shares: &Shares) -> String {
    let parts =
        [("keys", shares.keys), ("signing", shares.signing), ("ledger", shares.ledger), ("files", shares.files)];
    let parts = parts.map(|(name, share)| format!("{name} {:.1} s", share.as_secs_f64()));
    format!("the time went to {}", parts.join(", "))
}

impl Report for BatchReport {
    fn tell(&self, page: &mut Page) {
        page.heading(&format!("{} certificates are issued", self.certificates.len()));
        let rows = self.certificates.iter().take(SHOWN).map(|issued| {
            [issued.label.clone().unwrap_or_default(), names_in_words(&issued.names), issued.not_after.date()]
        });
        page.table(["label", "names", "until"], 1, rows);
        if self.certificates.len() > SHOWN {
            let more = self.certificates.len() - SHOWN;
            page.line(&format!("and {more} more; `{}` shows them", page.hubca("list")));
        }
    }
}

const COLUMNS: [&str; 5] = ["label", "ip", "dns", "days", "profile"];
const HEADER_HINT: &str = "the first line has to be: label,ip,dns,days,profile";
/// More rows than anybody reads.
const SHOWN: usize = 20;
/// A million rows.
const MOST_BYTES: usize = 64 * 1024 * 1024;
