//! `hubca quickstart`: from nothing to a working server and iPad, in one command.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::{
    export::{ExportReport, anchor},
    init::{self, DEFAULT_NAME, InitReport, Plan},
};
use crate::{
    authority::{CertificateRecord, Label, RecordedName, Refusal, Status},
    cli::{
        context::Context,
        delivery::{Existing, deliver_artifact, make_directory, refuse_existing},
        failure::Failure,
        issuance::{self, Defaults, Wish},
        issued::{IssuedCertificate, key_of},
        names::NameArguments,
        page::{Page, Tone},
        passphrases::Passphrases,
        report::{Outcome, Report},
        terminal::Person,
    },
    export::{Contents, Slug, Target},
    home::{Home, HomeError, LiveFiles},
    keys::KeyPurpose,
    profile::Scope,
    system::DirectoryMode,
    x509::{KeyAlgorithm, SubjectAltNames, template::Criticality},
};

/// Make a CA, a server certificate and the files for your devices, in one go
///
/// The CA is made only if there is none yet. Run again with the same names, it keeps a certificate that is not due.
/// The files for devices go into ./hubca-<name of the CA>/.
#[derive(Args, Debug)]
#[command(override_usage = "hubca quickstart <--ip ADDRESS|--dns NAME>… [OPTIONS]", after_help = EXAMPLES)]
pub struct QuickstartArguments {
    #[command(flatten)]
    names: NameArguments,
}

/// What was made, and what to do next.
#[derive(Debug, Serialize)]
pub struct QuickstartReport {
    init: Option<InitReport>,
    issue: IssuedCertificate,
    export: ExportReport,
    #[serde(skip)]
    first_name: String,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// Does what is still to be done.
///
/// # Errors
/// What policy refuses, or a home, key or file that fails.
pub fn run(arguments: &QuickstartArguments, context: &Context) -> Result<Outcome, Failure> {
    let names = arguments.names.parse()?;
    let label = issuance::label(None, &names)?;
    let layout = context.layout()?;
    let (home, init) = match Home::open(layout.clone(), context.doors().clone()) {
        Ok(home) => (home, None),
        Err(HomeError::NoCa { .. }) => {
            let report = establish(&names, context)?;
            (Home::open(layout, context.doors().clone())?, Some(report))
        }
        Err(error) => return Err(error.into()),
    };
    let first_name = names.iter().next().map(ToString::to_string).unwrap_or_default();
    let issue = issue_or_reuse(&home, names, label, context)?;
    let export = export(&home)?;
    Ok(Outcome::done(QuickstartReport { init, issue, export, first_name, now: context.now() }))
}

/// Makes the CA, once it is sure that nothing after it will be refused.
fn establish(names: &SubjectAltNames, context: &Context) -> Result<InitReport, Failure> {
    let scope = Scope::private(context.host_name(), &[], Criticality::Critical)?;
    if let Some(name) = names.iter().find(|name| !scope.permits(name)) {
        return Err(Refusal::OutsideScope { name: name.clone(), ip: scope.ip(), dns: scope.dns() }.into());
    }
    let directory = directory(DEFAULT_NAME);
    refuse_existing(Target::ALL.map(|target| directory.join(file_name(target))).iter().map(PathBuf::as_path))?;
    let passphrases = Passphrases::new(context);
    let passphrase = match passphrases.from_file(&KeyPurpose::Root)? {
        None if context.person() == Person::Present => passphrases.ask_new(&KeyPurpose::Root)?,
        given => given,
    };
    let is_open = passphrase.is_none();
    let plan = Plan {
        layout: context.layout()?,
        name: DEFAULT_NAME.to_owned(),
        scope,
        key: KeyAlgorithm::P256,
        passphrase,
        root_key_out: None,
    };
    let report = init::establish(&plan, context)?;
    if is_open {
        context.note("the root key has no passphrase; to give it one: hubca key protect root");
    }
    Ok(report)
}

fn issue_or_reuse(
    home: &Home,
    names: SubjectAltNames,
    label: Label,
    context: &Context,
) -> Result<IssuedCertificate, Failure> {
    let newest = home.authority().by_label(label.as_str(), 1)?.pop();
    if let Some(record) = newest.filter(|record| is_still_good(record, &names, context.now())) {
        return reused(home, record);
    }
    let wish = Wish { names, label, defaults: Defaults::none() };
    Ok((&issuance::issue(home, wish, context)?).into())
}

/// Good for the same names, its key kept here, and more than a third of its life left.
fn is_still_good(record: &CertificateRecord, names: &SubjectAltNames, now: OffsetDateTime) -> bool {
    let mut wanted: Vec<RecordedName> = names.iter().map(RecordedName::from).collect();
    let mut held = record.names.clone();
    wanted.sort();
    held.sort();
    let life: Duration = record.not_after - record.not_before;
    record.status(now) == Status::Good
        && record.generation.is_some()
        && wanted == held
        && record.not_after - now > life / 3
}

fn reused(home: &Home, record: CertificateRecord) -> Result<IssuedCertificate, Failure> {
    let certificate = record.parse()?;
    let files = record.label.as_deref().map(|label| LiveFiles::of(home.layout(), label).into());
    Ok(IssuedCertificate {
        key: certificate.as_ref().map(key_of),
        issuer: certificate.map(|it| it.tbs().issuer().to_string()).unwrap_or_default(),
        serial: record.serial,
        label: record.label,
        profile: record.profile,
        names: record.names,
        not_before: record.not_before.into(),
        not_after: record.not_after.into(),
        sha256: record.sha256.unwrap_or_default(),
        files,
    })
}

fn export(home: &Home) -> Result<ExportReport, Failure> {
    let anchor = anchor(home)?;
    let directory = directory(anchor.name());
    make_directory(&directory, DirectoryMode::Public)?;
    let files = Target::ALL.into_iter().map(|target| {
        let artifact = target.artifact(&anchor, Contents::RootOnly);
        deliver_artifact(&artifact, directory.join(artifact.file_name()), Existing::Keep)
    });
    Ok(ExportReport::new(Target::Ios, &anchor, files.collect::<Result<_, _>>()?))
}

fn directory(name: &str) -> PathBuf {
    PathBuf::from(format!("hubca-{}", Slug::of(name)))
}

fn file_name(target: Target) -> String {
    target.file_name(&Slug::of(DEFAULT_NAME))
}

impl Report for QuickstartReport {
    fn tell(&self, page: &mut Page) {
        if let Some(init) = &self.init {
            page.heading("a new CA is made");
            page.field("home", &init.home().display().to_string());
            page.blank();
        }
        page.heading("the certificate");
        self.issue.tell(page, self.now);
        if let Some(files) = &self.issue.files {
            page.blank();
            page.paragraph("1. ", Tone::Strong, "give your server these two files");
            page.command(&files.fullchain.display().to_string());
            page.command(&files.key.display().to_string());
        }
        page.blank();
        page.paragraph("2. ", Tone::Strong, "let your devices trust the CA");
        for file in self.export.files() {
            page.command(&file.path.display().to_string());
        }
        page.blank();
        self.export.tell_steps(page, ["a.", "b.", "c.", "d.", "e."]);
        page.blank();
        page.paragraph("3. ", Tone::Strong, &format!("open https://{}", host(&self.first_name)));
    }
}

/// An IPv6 address stands in brackets in a URL (RFC 3986 3.2.2); a wildcard stands for some name.
fn host(name: &str) -> String {
    match name.strip_prefix("*.") {
        Some(below) => format!("hub.{below}"),
        None if name.contains(':') => format!("[{name}]"),
        None => name.to_owned(),
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca quickstart --ip 192.168.0.1
  hubca quickstart --dns hub.local --ip 192.168.0.1";
