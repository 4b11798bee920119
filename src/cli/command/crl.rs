//! `hubca crl`: the lists of what is revoked, made anew.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde::Serialize;
use time::OffsetDateTime;

use super::serving::{Serving, serve};
use crate::{
    authority::{CaCertificate, IssuerRole},
    cli::{
        bind::Bind,
        clock::note_behind,
        context::Context,
        crl_entry::{CrlPaths, MadeCrl},
        delivery::{Existing, Named, deliver, make_directory, refuse_json},
        failure::{Failure, FailureKind},
        page::Page,
        passphrases::Passphrases,
        report::{Outcome, Report},
    },
    home::{CrlFiles, Home, HomeError},
    keys::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource},
    server::Duties,
    system::{DirectoryMode, FileMode, files::read_bounded},
};

/// Make the lists of what is revoked (CRLs) anew
///
/// Each CA has its own list. Without --issuer those are made whose keys are at hand: the issuing CA's lasts 7 days and
/// is made anew by `hubca renew`, the root's lasts a year and needs the root key. They lie in crl/ of the home.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(subcommand_value_name = "COMMAND", subcommand_help_heading = "Commands")]
pub struct CrlArguments {
    #[command(subcommand)]
    command: Option<CrlCommand>,
    /// Whose: root, issuing, or one of several such as issuing/2
    #[arg(long, value_name = "ISSUER")]
    issuer: Option<String>,
    /// Where the root's key lies, if not in the home
    #[arg(long, value_name = "FILE", requires = "issuer")]
    root_key: Option<PathBuf>,
    /// Copy it there as well: a directory, a file (PEM if it ends in .pem, else DER), or - for standard output
    #[arg(long, value_name = "FILE|DIR|-")]
    out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum CrlCommand {
    Serve(ServeArguments),
}

/// Serve the newest CRLs and the certificates of the CAs over HTTP, until somebody stops it
///
/// They are called issuing-1.crl, root-1.crl, issuing-1.crt and so on; nothing else of the home can be had. No key is used.
#[derive(Args, Debug)]
#[command(after_help = SERVE_EXAMPLES)]
struct ServeArguments {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS[:PORT]", default_value = "127.0.0.1:5280", value_parser = Bind::parse)]
    bind: Bind,
}

/// The CRLs that were made.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct CrlReport {
    made: Vec<MadeCrl>,
    /// The one file that it was copied to.
    #[serde(skip)]
    copy: Option<PathBuf>,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// Makes CRLs.
///
/// # Errors
/// A key that is not at hand, or a home, key or file that fails.
pub fn run(arguments: &CrlArguments, context: &Context) -> Result<Outcome, Failure> {
    if let Some(CrlCommand::Serve(ServeArguments { bind })) = arguments.command {
        let home = context.open_home()?;
        return serve(Serving { home, duties: Duties::Files, bind, usual_port: PORT }, context);
    }
    let is_stdout = arguments.out.as_deref() == Some(Path::new("-"));
    if is_stdout {
        refuse_json(context, Named::Out)?;
    }
    let home = context.open_home()?;
    note_behind(&home, context)?;
    let made = match &arguments.issuer {
        Some(name) => vec![make_one(&home, home.ca_named(name)?, arguments.root_key.as_deref(), context)?],
        None => make_all(&home, context)?,
    };
    if is_stdout {
        let [only] = &made[..] else { return Err(one_issuer("standard output")) };
        return Ok(Outcome::bytes(read_bounded(&only.files().der, CrlFiles::MOST_BYTES)?));
    }
    let (made, copy) = match &arguments.out {
        Some(out) if is_directory(out, &made) => (copy_all(made, out)?, None),
        Some(out) => {
            made.iter().try_for_each(|crl| copy_one(crl, out))?;
            (made, Some(out.clone()))
        }
        None => (made, None),
    };
    Ok(Outcome::done(CrlReport { made, copy, now: context.now() }))
}

fn make_one(home: &Home, ca: &CaCertificate, key: Option<&Path>, context: &Context) -> Result<MadeCrl, Failure> {
    if key.is_some() && ca.role() != IssuerRole::Root {
        return Err(Failure::usage(format!("`--root-key` is the key of a root, and `{}` is none", ca.path()))
            .hint("leave it out, or say --issuer root"));
    }
    let issuer = home.issuer_of(ca, key, &Passphrases::new(context))?;
    Ok(home.publish_crl_by(ca, &issuer)?.into())
}

/// Makes all that can be made. Nobody is asked for the passphrase of a key whose list is not due.
fn make_all(home: &Home, context: &Context) -> Result<Vec<MadeCrl>, Failure> {
    let now = context.now();
    let passphrases = Passphrases::new(context);
    let unasked = Unasked(passphrases);
    let (mut made, mut away) = (Vec::new(), None);
    for state in home.authority().crl_state().map_err(HomeError::from)? {
        if state.ca.certificate().tbs().validity().not_after() < now {
            continue;
        }
        let source: &dyn PassphraseSource = if state.is_due(now) { &passphrases } else { &unasked };
        match home.publish_crl(state.ca, source) {
            Ok(published) => made.push(published.into()),
            Err(reason) if reason.is_key_away() => {
                if state.is_due(now) {
                    context.note(&format!("the CRL of {} is due, and waits for its key: {reason}", state.ca.path()));
                }
                away.get_or_insert(reason);
            }
            Err(reason) => {
                return Err(Failure::from(reason).within(format!("the CRL of {} is not made", state.ca.path())));
            }
        }
    }
    match away {
        Some(reason) if made.is_empty() => Err(reason.into()),
        _ => Ok(made),
    }
}

/// Passphrases that no person is asked for.
struct Unasked<'a>(Passphrases<'a>);

impl PassphraseSource for Unasked<'_> {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        self.0.from_file(purpose)?.ok_or_else(|| PassphraseError::Unavailable { purpose: purpose.clone() })
    }
}

fn is_directory(out: &Path, made: &[MadeCrl]) -> bool {
    out.is_dir() || out.as_os_str().to_string_lossy().ends_with('/') || made.len() > 1
}

/// The form is the one that the file is called by.
fn copy_one(crl: &MadeCrl, out: &Path) -> Result<(), Failure> {
    let is_pem = out.extension().is_some_and(|extension| extension == "pem");
    copy(if is_pem { &crl.files().pem } else { &crl.files().der }, out)
}

/// Puts copies where servers can read them: there is nothing secret in a CRL.
fn copy_all(made: Vec<MadeCrl>, out: &Path) -> Result<Vec<MadeCrl>, Failure> {
    make_directory(out, DirectoryMode::Public)?;
    let copied = |crl: MadeCrl| {
        let name = |path: &Path| path.file_name().map_or_else(|| out.to_owned(), |name| out.join(name));
        let to = CrlPaths { der: name(&crl.files().der), pem: name(&crl.files().pem) };
        copy(&crl.files().der, &to.der)?;
        copy(&crl.files().pem, &to.pem)?;
        Ok(crl.at(to))
    };
    made.into_iter().map(copied).collect()
}

/// A new list always takes the place of the old one: the old one is never wanted back.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    deliver(to, &read_bounded(from, CrlFiles::MOST_BYTES)?, FileMode::Public, Existing::Replace)
}

fn one_issuer(place: &str) -> Failure {
    Failure::new(FailureKind::Usage, format!("{place} has room for one CRL"))
        .hint("say whose: hubca crl --issuer issuing --out -")
}

impl Report for CrlReport {
    fn tell(&self, page: &mut Page) {
        for (place, crl) in self.made.iter().enumerate() {
            if place > 0 {
                page.blank();
            }
            crl.tell(page, self.now);
        }
        if let Some(copy) = &self.copy {
            page.line("copied to:");
            page.command(&copy.display().to_string());
        }
        if self.made.is_empty() {
            page.line("there is no CRL to make: the life of each CA here is over, or its certificate does not let it sign one");
            page.line("of a CA that may sign none, only an OCSP responder tells what is revoked:");
            page.command(&page.hubca("ocsp serve"));
        }
    }
}

/// The number of the RFC that says what a CRL is.
const PORT: u16 = 5280;

const SERVE_EXAMPLES: &str = "\
Examples:
  hubca crl serve                         on this machine only, behind a proxy
  hubca crl serve --bind 192.168.0.1:80";

const EXAMPLES: &str = "\
Examples:
  hubca crl
  hubca crl --issuer root --root-key /media/stick/root.key.pem
  hubca crl --issuer issuing --out /etc/nginx/tls/hub.crl.pem
  hubca crl --issuer issuing --out - | openssl crl -inform DER -noout -text";
