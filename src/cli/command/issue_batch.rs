//! `hubca issue --batch`: many certificates from a CSV file, all or none.

use std::{collections::HashMap, path::Path};

use serde::Serialize;

use crate::{
    authority::{Label, Lifetime},
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        issuance::{Defaults, label},
        issued::{IssuedCertificate, cut_note, names_in_words},
        names::{NameArguments, Typed, as_input},
        page::Page,
        passphrases::Passphrases,
        report::{Outcome, Report},
    },
    home::{Home, Order, Shares},
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
    let profiles = profiles(&home, &rows, defaults)?;
    let orders = rows.iter().map(|row| row.order(&home, &profiles, defaults)).collect::<Result<Vec<_>, _>>()?;
    let issuer = home.issuer(&Passphrases::new(context))?;
    let progress = context.progress("issuing", u64::try_from(orders.len()).unwrap_or(u64::MAX));
    let (issued, shares) = home.issue_batch(&issuer, orders, &mut |done| {
        progress.advance(u64::try_from(done).unwrap_or(u64::MAX));
    })?;
    drop(progress);
    if let Some(note) = issued.iter().find_map(cut_note) {
        context.note(&note);
    }
    context.note(&shares_in_words(&shares));
    Ok(Outcome::done(BatchReport { certificates: issued.iter().map(IssuedCertificate::from).collect() }))
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
    fn order<'a>(
        &self,
        home: &Home,
        profiles: &'a HashMap<String, Profile>,
        defaults: &Defaults,
    ) -> Result<Order<'a>, Failure> {
        let name = self.profile(home, defaults);
        let profile = profiles.get(name).ok_or_else(|| {
            Failure::new(FailureKind::NotFound, format!("there is no profile `{name}`")).because(self.place())
        })?;
        Ok(Order {
            names: self.names.clone(),
            profile,
            key: defaults.key.unwrap_or(home.settings().key),
            lifetime: self.days.map_or(defaults.lifetime, Lifetime::Days),
            label: self.label.clone(),
            on_other_names: defaults.on_other_names,
        })
    }

    fn profile<'a>(&'a self, home: &'a Home, defaults: &'a Defaults) -> &'a str {
        self.profile.as_deref().or(defaults.profile.as_deref()).unwrap_or(&home.settings().profile)
    }

    fn place(&self) -> String {
        format!("line {} asks for it", self.line)
    }
}

fn profiles(home: &Home, rows: &[Row], defaults: &Defaults) -> Result<HashMap<String, Profile>, Failure> {
    let mut profiles = HashMap::new();
    for row in rows {
        let name = row.profile(home, defaults);
        if !profiles.contains_key(name) {
            let profile = home.profile(name).map_err(|error| Failure::from(error).because(row.place()))?;
            profiles.insert(name.to_owned(), profile);
        }
    }
    Ok(profiles)
}

fn read(bytes: &[u8], file: &Path) -> Result<Vec<Row>, Failure> {
    let shown = file.display();
    let broken = |error: csv::Error| {
        Failure::new(FailureKind::Input, format!("`{shown}` cannot be read as CSV")).because(error.to_string())
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    check_header(reader.headers().map_err(broken)?, file)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(broken)?;
        let line = record.position().map_or(0, csv::Position::line);
        let row = read_row(&record, line)
            .map_err(|failure| as_input(failure).within(format!("line {line} of `{shown}` cannot be issued")))?;
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(Failure::new(FailureKind::Input, format!("`{shown}` has no rows")).hint(HEADER_HINT));
    }
    refuse_twice(&rows, file)?;
    Ok(rows)
}

fn check_header(header: &csv::StringRecord, file: &Path) -> Result<(), Failure> {
    if header.iter().eq(COLUMNS) {
        return Ok(());
    }
    let found = header.iter().collect::<Vec<_>>().join(",");
    let message = format!("the first line of `{}` is `{found}`", file.display());
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
            page.line(&format!("and {} more; `hubca list` shows them", self.certificates.len() - SHOWN));
        }
    }
}

const COLUMNS: [&str; 5] = ["label", "ip", "dns", "days", "profile"];
const HEADER_HINT: &str = "the first line has to be: label,ip,dns,days,profile";
/// More rows than anybody reads.
const SHOWN: usize = 20;
/// A million rows.
const MOST_BYTES: usize = 64 * 1024 * 1024;
