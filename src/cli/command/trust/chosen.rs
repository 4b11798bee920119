//! Which root, and which stores: those of the home and of the machine, or those that are named.

use std::path::{Path, PathBuf};

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};

use super::reached::Reached;
use crate::{
    cli::{
        command::export::anchor,
        context::Context,
        failure::{Failure, FailureKind},
        inspection,
        terminal::Person,
    },
    export::{Fingerprint, Slug},
    plan::shell_word,
    system::HostAddress,
    trust::{Kind, Root, Store, Use, stores},
    x509::Certificate,
};

/// Which root, and which stores.
#[derive(Args, Debug)]
pub(super) struct ChosenArguments {
    /// These stores only, of which some are used only where they are named
    #[arg(long, value_name = "STORE", value_parser = kinds())]
    only: Vec<Kind>,
    /// The stores of another machine, over ssh, or of a container: `ssh://[USER@]HOST[:PORT]`, `docker:CONTAINER`,
    /// `podman:CONTAINER`
    #[arg(long, value_name = "MACHINE")]
    on: Option<HostAddress>,
    #[command(flatten)]
    root: RootArguments,
}

/// Which root.
#[derive(Args, Debug)]
pub(super) struct RootArguments {
    /// The root in this file, instead of that of a home: it needs none
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// The fingerprint of that root, as its owner told it to you
    #[arg(long, value_name = "FINGERPRINT", requires = "root")]
    sha256: Option<Fingerprint>,
}

/// The roots that stores are asked about.
pub(super) struct ChosenRoots {
    /// Those that are to be trusted: while one root follows another, the newer one first.
    pub(super) wanted: Vec<Root>,
    /// Those of the home that were handed out once and are no more, each with its file.
    pub(super) withdrawn: Vec<(Root, PathBuf)>,
}

/// Whether a root from a file has to be known by its fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pin {
    /// It will be trusted: whoever put the file there could be anybody.
    Needed,
    /// Nobody trusts it for that.
    Optional,
}

impl RootArguments {
    /// The file that was named.
    pub(super) fn file(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// The file of the home with the root that devices shall have from now on.
    ///
    /// # Errors
    /// No home.
    pub(super) fn file_of_home(&self, context: &Context) -> Result<PathBuf, Failure> {
        let home = context.open_home()?;
        let newer = home.authority().roots_to_hand_out().map_or(home.root()?, |(root, _)| root);
        Ok(home.layout().root_certificate(newer.ordinal()))
    }

    /// The roots that are to be trusted: while one follows another, the newer one first.
    ///
    /// # Errors
    /// No home, or a file that does not hold that root.
    pub(super) fn roots(&self, pin: Pin, context: &Context) -> Result<Vec<Root>, Failure> {
        Ok(self.all_roots(pin, context)?.wanted)
    }

    /// The same, with those that a home hands out no more: whoever trusted one trusts it still.
    ///
    /// # Errors
    /// No home, or a file that does not hold that root.
    fn all_roots(&self, pin: Pin, context: &Context) -> Result<ChosenRoots, Failure> {
        let Some(file) = &self.root else {
            let home = context.open_home().map_err(|failure| {
                failure.hint("on a machine without a home name the root: --root FILE --sha256 FINGERPRINT")
            })?;
            let wanted = anchor(&home)?.roots().map(named).collect();
            let withdrawn = home.authority().withdrawn_roots().into_iter();
            let withdrawn = withdrawn
                .map(|root| (named(root.certificate()), home.layout().root_certificate(root.ordinal())))
                .collect();
            return Ok(ChosenRoots { wanted, withdrawn });
        };
        let certificate = self.root_in(file, pin, context)?;
        if self.sha256.is_none() && pin == Pin::Needed {
            ask_for_fingerprint(&certificate, context)?;
        }
        Ok(ChosenRoots { wanted: vec![named(&certificate)], withdrawn: Vec::new() })
    }

    /// The root in a file, which has the fingerprint that was given.
    fn root_in(&self, file: &Path, pin: Pin, context: &Context) -> Result<Certificate, Failure> {
        let shown = file.display();
        let certificates = inspection::certificates(&context.read(file, MOST_BYTES)?)
            .map_err(|failure| failure.within(format!("there is no root in `{shown}`")))?;
        let is_meant = |certificate: &&Certificate| match &self.sha256 {
            Some(fingerprint) => Fingerprint::of(certificate) == *fingerprint,
            None => certificate.tbs().is_self_issued(),
        };
        let Some(certificate) = certificates.iter().find(is_meant) else {
            let failure = Failure::new(FailureKind::Refused, format!("that root is not in `{shown}`"));
            return Err(certificates
                .iter()
                .fold(failure, |failure, found| {
                    failure.because(format!("the fingerprint of {} is {}", found.tbs().subject(), found.fingerprint()))
                })
                .hint("get the file and the fingerprint once more, each on a way of its own"));
        };
        is_root(certificate, pin, &shown.to_string())?;
        Ok(certificate.clone())
    }
}

impl ChosenArguments {
    /// The roots.
    ///
    /// # Errors
    /// As [`RootArguments::roots`].
    pub(super) fn roots(&self, pin: Pin, context: &Context) -> Result<ChosenRoots, Failure> {
        self.root.all_roots(pin, context)
    }

    /// The machine that is meant.
    ///
    /// # Errors
    /// It cannot be reached.
    pub(super) fn machine<'a>(&self, context: &'a Context) -> Result<Reached<'a>, Failure> {
        Reached::reach(self.on.as_ref(), context)
    }

    /// The stores of a machine that are meant.
    ///
    /// # Errors
    /// There is none of that kind, or none at all.
    pub(super) fn stores<'a>(&self, reached: &'a Reached<'_>) -> Result<Vec<Box<dyn Store + 'a>>, Failure> {
        let (mut found, place) = (stores(reached.machine()), reached.address());
        let place = place.map_or_else(|| "this machine".to_owned(), |address| format!("`{address}`"));
        if let Some(kind) = self.only.iter().find(|kind| !found.iter().any(|store| store.kind() == **kind)) {
            return Err(Failure::new(FailureKind::NotFound, format!("there is no store `{kind}` on {place}"))
                .hint("hubca trust check tells which there are"));
        }
        found.retain(|store| match self.only.is_empty() {
            true => store.when_used() == Use::Always,
            false => self.only.contains(&store.kind()),
        });
        if found.is_empty() {
            return Err(Failure::new(
                FailureKind::NotFound,
                format!("there is no trust store on {place} that is known here"),
            )
            .hint("hubca export pem writes the root into a file, for whatever takes one"));
        }
        Ok(found)
    }
}

impl ChosenArguments {
    /// The command line that puts these roots into the same stores. A fingerprint is in it only where one was given: one that is read from
    /// the file itself would vouch for whatever lies there.
    pub(super) fn installation(&self) -> String {
        let root = self.root.file().map(|file| format!(" --root {}", shell_word(&file.to_string_lossy())));
        let sha256 = self.root.sha256.map(|fingerprint| format!(" --sha256 {}", fingerprint.hex()));
        format!("hubca trust install{}{}{}", root.unwrap_or_default(), sha256.unwrap_or_default(), self.said())
    }

    /// The command line that takes the root in a file out of the same stores, and leaves the others in them.
    pub(super) fn removal(&self, file: &Path) -> String {
        format!("hubca trust remove --root {}{}", shell_word(&file.to_string_lossy()), self.said())
    }

    /// The options that name these stores.
    fn said(&self) -> String {
        let only = self.only.iter().map(|kind| format!(" --only {kind}"));
        let on = self.on.iter().map(|on| format!(" --on {}", shell_word(&on.to_string())));
        only.chain(on).collect()
    }
}

/// The root as it goes by its own common name: the same on the machine with the home and on one without.
fn named(certificate: &Certificate) -> Root {
    let subject = certificate.tbs().subject();
    let name = subject.common_name().or_else(|| subject.organization()).unwrap_or_default();
    Root::new(certificate.clone(), Slug::of(name).as_str())
}

/// Whether a certificate is the root that it says to be. What nobody will trust for that need not have a signature that is verified here:
/// it is then most likely an old one, which shall go.
fn is_root(certificate: &Certificate, pin: Pin, shown: &str) -> Result<(), Failure> {
    let tbs = certificate.tbs();
    let subject = tbs.subject();
    if tbs.is_self_issued() && pin == Pin::Optional {
        return Ok(());
    }
    // A leaf or an issuing CA would be trusted for itself, which nobody means who says root.
    if !tbs.is_ca() || !tbs.is_self_issued() {
        return Err(Failure::new(FailureKind::Refused, format!("{subject} in `{shown}` is no root"))
            .hint("a root is a CA that is signed by itself; hubca inspect tells what the file holds"));
    }
    certificate.verify_signed_by(tbs.public_key()).map_err(|error| {
        let message = format!("the signature of {subject} in `{shown}` by itself cannot be relied on");
        Failure::new(FailureKind::Refused, message)
            .because_of(&error as &(dyn std::error::Error + 'static))
            .hint("have its owner make the CA anew; where such a root is trusted, hubca trust remove --root FILE takes it away")
    })
}

fn ask_for_fingerprint(certificate: &Certificate, context: &Context) -> Result<(), Failure> {
    if context.person() == Person::Absent {
        return Err(Failure::usage("a root from a file is trusted only where its fingerprint is known")
            .hint("give it as its owner told it to you: --sha256 FINGERPRINT"));
    }
    let typed = context.terminal().ask("SHA-256 of the root, or its twelve words, as its owner told you", "")?;
    let meant = Fingerprint::of(certificate);
    let words = meant.words().join(" ");
    let has_words = typed.split_whitespace().collect::<Vec<_>>().join(" ").eq_ignore_ascii_case(&words);
    if has_words || typed.parse() == Ok(meant) {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Refused, "that is not the fingerprint of the root in the file")
        .hint("get the file and the fingerprint once more, each on a way of its own"))
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::as_str)).try_map(|word| word.parse::<Kind>())
}

/// Room for a certificate with what others wrote around it.
const MOST_BYTES: usize = 1024 * 1024;
