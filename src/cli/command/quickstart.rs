//! `hubca quickstart`: from nothing to a working server and iPad, in one command.

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use super::{
    export::{ExportReport, anchor},
    init::{self, DEFAULT_NAME, InitReport, Plan},
};
use crate::{
    authority::{Beyond, Label, Refusal},
    cli::{
        context::Context,
        failure::Failure,
        handout::{self, Handout},
        issuance::{self, Defaults, Wish},
        issued::IssuedCertificate,
        names::NameArguments,
        page::{Page, Tone},
        passphrases::{EmptyReply, Passphrases},
        report::{Outcome, Report},
        terminal::Person,
    },
    export::Target,
    home::{self, Home, HomeError},
    keys::KeyPurpose,
    profile::Scope,
    x509::{KeyAlgorithm, SubjectAltNames, template::Criticality},
};

/// Make a CA, a server certificate and the files for your devices, in one go
///
/// The CA is made only if there is none yet. Run again with the same names, it keeps a certificate that is not due.
/// The files for devices go into ./hubca-NAME/, or, where that is another CA's, into a directory that has
/// the start of the root's fingerprint in its name as well.
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
    /// Where the server shows its certificate, as far as that was ever said.
    #[serde(skip)]
    port: Option<u16>,
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
    let (home, init) = open_or_establish(&names, context)?;
    let anchor = anchor(&home)?;
    let handout = Handout::of(&anchor)?;
    let first_name = names.iter().next().map(ToString::to_string).unwrap_or_default();
    let issue = issue_or_reuse(&home, names, label.clone(), context)?;
    let known = home.authority().intent(label.as_str())?;
    let port = known.and_then(|intent| home::port(&intent.destination));
    let files = handout.write().map_err(|failure| {
        let whole = format!("the certificate {} is there, but not all files for devices", issue.serial);
        failure.within(whole).hint("write them when this is mended: hubca export ios")
    })?;
    let export = ExportReport::new(Target::Ios, &anchor, files);
    Ok(Outcome::done(QuickstartReport { init, issue, export, first_name, port, now: context.now() }))
}

fn open_or_establish(names: &SubjectAltNames, context: &Context) -> Result<(Home, Option<InitReport>), Failure> {
    let layout = context.layout()?;
    match Home::open(layout.clone(), context.doors().clone()) {
        Ok(home) => Ok((home, None)),
        Err(HomeError::NoCa { .. }) => {
            let report = establish(names, context)?;
            Ok((Home::open(layout, context.doors().clone())?, report))
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the CA, once it is sure that nothing after it will be refused; none where another process made it meanwhile.
fn establish(names: &SubjectAltNames, context: &Context) -> Result<Option<InitReport>, Failure> {
    let scope = Scope::private(context.host_name(), &[], Criticality::Critical)?;
    if let Some(name) = names.iter().find(|name| !scope.permits(name)) {
        return Err(Refusal::OutsideScope { name: name.clone(), scope: Box::new(scope), beyond: Beyond::Root }.into());
    }
    handout::check_room_for(DEFAULT_NAME)?;
    let passphrases = Passphrases::new(context);
    let passphrase = match passphrases.from_file(&KeyPurpose::Root)? {
        None if context.person() == Person::Present => passphrases.ask_new(&KeyPurpose::Root, EmptyReply::MeansNone)?,
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
    let report = match init::establish(&plan, context) {
        Err(HomeError::AlreadyThere { .. }) => return Ok(None),
        made => made?,
    };
    // A person reads it in the answer; a script that keeps none of that has it on stderr.
    if is_open && (context.is_json() || context.person() == Person::Absent) {
        context.note("the root key has no passphrase; to give it one: hubca key protect root");
    }
    Ok(Some(report))
}

fn issue_or_reuse(
    home: &Home,
    names: SubjectAltNames,
    label: Label,
    context: &Context,
) -> Result<IssuedCertificate, Failure> {
    // The paths are printed: what a stopped command left must be there.
    home.finish_publishing()?;
    if let Some(current) = home.current(&label, &names)? {
        return Ok((&current).into());
    }
    let wish = Wish { names, label, destination: None, defaults: Defaults::none() };
    Ok((&issuance::issue(home, wish, context)?).into())
}

impl Report for QuickstartReport {
    fn tell(&self, page: &mut Page) {
        if let Some(init) = &self.init {
            page.heading("a new CA is made");
            page.field("home", &init.home().display().to_string());
            init.tell_root_key(page);
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
        page.paragraph("2. ", Tone::Strong, "let your devices trust the CA: a page that they scan");
        page.command(&page.hubca("share"));
        page.blank();
        page.line("   or these files, one for each kind of device");
        for file in self.export.files() {
            page.command(&file.path.display().to_string());
        }
        page.blank();
        self.export.tell_steps(page, ["a.", "b.", "c.", "d.", "e.", "f.", "g.", "h."]);
        page.blank();
        page.paragraph("3. ", Tone::Strong, &self.opening());
    }
}

impl QuickstartReport {
    /// Where to go with a browser. Nobody has said which server it is, so its port is known only where it was said of the label.
    fn opening(&self) -> String {
        let host = host(&self.first_name);
        match self.port {
            None => format!("open https://{host} (and your server's port, such as :8888)"),
            Some(443) => format!("open https://{host}"),
            Some(port) => format!("open https://{host}:{port}"),
        }
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
