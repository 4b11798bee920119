//! `hubca init`: a new CA.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    authority::CaCertificate,
    cli::{
        context::Context,
        failure::Failure,
        issuance::key_algorithm,
        moment::Moment,
        page::{Page, Tone},
        report::{Outcome, Report},
        root_key::RootKeyArguments,
        scope::{self, ScopeArguments, ScopeReport},
        terminal::Person,
    },
    home::{Establishment, Home, HomeError, Layout},
    keys::{Passphrase, Protection},
    profile::Scope,
    x509::KeyAlgorithm,
};

/// Make a CA
///
/// A root for ten years and an issuing CA below it, both limited to private names and addresses: devices that trust
/// the root trust nothing outside. The root key is encrypted under a passphrase that is asked for; without a terminal,
/// --root-passphrase-file has it, or --no-passphrase says that there shall be none.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct InitArguments {
    /// What the CA is called, up to 40 characters
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The algorithm of both keys
    #[arg(long, value_name = "ALGORITHM", value_parser = key_algorithm(), default_value = "p256")]
    key: KeyAlgorithm,
    #[command(flatten)]
    scope: ScopeArguments,
    #[command(flatten)]
    root_key: RootKeyArguments,
}

/// A new CA.
#[derive(Debug, Serialize)]
pub struct InitReport {
    home: PathBuf,
    name: String,
    scope: Option<ScopeReport>,
    root: CaReport,
    issuing: CaReport,
    root_key_encrypted: bool,
    #[serde(skip)]
    root_key_place: RootKeyPlace,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// Where the root key lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RootKeyPlace {
    /// In the home, where `key protect` finds it.
    Home,
    /// In a directory that is taken away.
    Elsewhere,
}

/// One certificate of a CA.
#[derive(Debug, Serialize)]
pub struct CaReport {
    serial: String,
    sha256: String,
    not_after: Moment,
    files: CaFiles,
}

/// The files of a CA.
#[derive(Debug, Serialize)]
pub struct CaFiles {
    cert: PathBuf,
    key: PathBuf,
}

/// Makes a CA.
///
/// # Errors
/// There is one already, no passphrase was said, or a home, key or file fails.
pub fn run(arguments: &InitArguments, context: &Context) -> Result<Outcome, Failure> {
    let layout = context.layout()?;
    refuse_present(&layout)?;
    let scope = arguments.scope.scope(context)?;
    let name = match (&arguments.name, context.person()) {
        (Some(name), _) => name.clone(),
        (None, Person::Present) => context.terminal().ask("what is the CA called?", DEFAULT_NAME)?,
        (None, Person::Absent) => DEFAULT_NAME.to_owned(),
    };
    let root_key_out = arguments.root_key.out()?.map(Path::to_owned);
    let passphrase = arguments.root_key.passphrase(context)?;
    let report = establish(&Plan { layout, name, scope, key: arguments.key, passphrase, root_key_out }, context)?;
    let cautions = report.scope.as_ref().map(|scope| scope.cautions(context));
    cautions.iter().flatten().for_each(|caution| context.note(caution));
    Ok(Outcome::done(report))
}

/// What a CA shall be, when every question is answered.
pub(super) struct Plan {
    pub(super) layout: Layout,
    pub(super) name: String,
    pub(super) scope: Scope,
    pub(super) key: KeyAlgorithm,
    pub(super) passphrase: Option<Passphrase>,
    pub(super) root_key_out: Option<PathBuf>,
}

/// Makes the CA.
pub(super) fn establish(plan: &Plan, context: &Context) -> Result<InitReport, HomeError> {
    let establishment = Establishment {
        name: &plan.name,
        scope: &plan.scope,
        key: plan.key,
        root_protection: plan.passphrase.as_ref().map_or(Protection::FileMode, Protection::Passphrase),
        root_key_out: plan.root_key_out.as_deref(),
    };
    let home = Home::establish(plan.layout.clone(), context.doors().clone(), &establishment)?;
    InitReport::of(&home, plan, context.now())
}

/// A CA that is there is found before anybody is asked anything.
pub(super) fn refuse_present(layout: &Layout) -> Result<(), Failure> {
    if layout.ledger().exists() {
        return Err(HomeError::AlreadyThere { directory: layout.directory().to_owned() }.into());
    }
    Ok(())
}

impl InitReport {
    fn of(home: &Home, plan: &Plan, now: OffsetDateTime) -> Result<Self, HomeError> {
        let layout = home.layout();
        let (root, issuing) = (home.root()?, home.issuing()?);
        let root_key = plan.root_key_out.as_deref().map_or_else(
            || layout.root_key(root.ordinal()),
            |directory| Layout::root_key_in(directory, root.ordinal()),
        );
        let ordinal = issuing.ordinal();
        Ok(Self {
            home: layout.directory().to_owned(),
            name: home.authority().name().to_owned(),
            scope: ScopeReport::of(&plan.scope),
            root: CaReport::of(root, layout.root_certificate(root.ordinal()), root_key),
            issuing: CaReport::of(issuing, layout.issuing_certificate(ordinal), layout.issuing_key(ordinal)),
            root_key_encrypted: plan.passphrase.is_some(),
            root_key_place: if plan.root_key_out.is_some() { RootKeyPlace::Elsewhere } else { RootKeyPlace::Home },
            now,
        })
    }

    /// Where the CA is.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Tells where the root key lies and what protects it.
    pub fn tell_root_key(&self, page: &mut Page) {
        let path = self.root.files.key.display().to_string();
        page.field("root key", &path);
        match (self.root_key_encrypted, self.root_key_place) {
            (true, _) => page.field("", "encrypted under its passphrase"),
            (false, RootKeyPlace::Home) => {
                let advice = format!("without a passphrase; to give it one: {}", page.hubca("key protect root"));
                page.toned_field(Tone::Caution, "", &advice);
            }
            (false, RootKeyPlace::Elsewhere) => {
                let directory = self.root.files.key.parent().unwrap_or(&self.root.files.key).display();
                let advice = format!("the file in `{directory}` has no passphrase: whoever gets it can be this CA");
                page.toned_field(Tone::Caution, "", &advice);
            }
        }
    }
}

impl CaReport {
    /// Tells it.
    pub(super) fn tell(&self, page: &mut Page, now: OffsetDateTime) {
        page.field("issuing CA", &format!("until {}", self.not_after.told(now)));
        page.field("SHA-256", &self.sha256);
        page.field("key", &self.files.key.display().to_string());
    }

    pub(super) fn of(ca: &CaCertificate, cert: PathBuf, key: PathBuf) -> Self {
        let certificate = ca.certificate();
        Self {
            serial: certificate.tbs().serial_number().map(|serial| serial.to_string()).unwrap_or_default(),
            sha256: certificate.fingerprint(),
            not_after: certificate.tbs().validity().not_after().into(),
            files: CaFiles { cert, key },
        }
    }
}

impl Report for InitReport {
    fn tell(&self, page: &mut Page) {
        page.heading(&format!("the CA `{}` is made", self.name));
        page.field("home", &self.home.display().to_string());
        scope::tell(self.scope.as_ref(), page);
        page.field("root", &format!("until {}", self.root.not_after.told(self.now)));
        page.field("SHA-256", &self.root.sha256);
        self.tell_root_key(page);
        page.field("issuing CA", &format!("until {}", self.issuing.not_after.told(self.now)));
        page.blank();
        page.line("next, a certificate for a server, and the profile for iPhones and iPads:");
        for words in ["issue --ip 192.168.0.1", "export ios"] {
            page.command(&page.hubca(words));
        }
    }
}

/// What a CA is called where nobody says.
pub(super) const DEFAULT_NAME: &str = "Home Hub";

const EXAMPLES: &str = "\
Examples:
  hubca init                                  asks what it has to know
  hubca init --name 'Physics Lab' --permit lab.example.org
  hubca init --root-passphrase-file pass --root-key-out /media/stick
  hubca init --no-passphrase --permit-only --permit lab.lan";
