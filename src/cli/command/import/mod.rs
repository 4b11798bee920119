//! `hubca import`: an existing CA moves in.

mod report;
mod source;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use report::ImportReport;

use crate::{
    authority::LONGEST_NAME,
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        issuance::key_algorithm,
        report::Outcome,
        root_key::RootKeyArguments,
        scope::ScopeArguments,
        source_passphrases::SourcePassphrases,
        terminal::Progress,
    },
    home::{HomeError, Successor},
    import::{Estate, MINICA, MKCERT, Places, Settlement, Succession, easy_rsa, openssl, pem, step},
    keys::Protection,
    profile::Scope,
    system::files,
    x509::{KeyAlgorithm, name::is_unprintable},
};

/// Move an existing CA in
///
/// Its root stays the root that devices trust, and every serial number, name, end and revocation is kept. Below the root a
/// new issuing CA is made that is limited to private names and addresses. The old files are read and never written to.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ImportArguments {
    #[command(subcommand)]
    source: Source,
}

/// Whose CA it is.
#[derive(Debug, Subcommand)]
#[command(subcommand_value_name = "COMMAND", subcommand_help_heading = "Commands")]
enum Source {
    /// A CA of `openssl ca`: a directory with index.txt
    #[command(after_help = OPENSSL_EXAMPLES)]
    Openssl {
        /// The directory of the CA; one for a CA below it may lie in it
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        /// The openssl.cnf that says where things lie, if they lie elsewhere than in the common guides
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// A CA of Easy-RSA 3
    #[command(after_help = EASY_RSA_EXAMPLES)]
    EasyRsa {
        /// The directory pki, or the one it lies in
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// The CA of mkcert
    #[command(after_help = MKCERT_EXAMPLES)]
    Mkcert {
        /// Its CAROOT, if it is not where mkcert puts it
        #[arg(value_name = "DIR")]
        directory: Option<PathBuf>,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// The CA of minica
    #[command(after_help = MINICA_EXAMPLES)]
    Minica {
        /// The directory with minica.pem
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// A CA of step or step-ca
    #[command(after_help = STEP_EXAMPLES)]
    Step {
        /// Its STEPPATH
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        #[command(flatten)]
        options: ImportOptions,
    },
    /// A root certificate and its key, wherever they come from
    #[command(after_help = PEM_EXAMPLES)]
    Pem {
        /// The certificate of the root
        #[arg(long, value_name = "FILE")]
        root_cert: PathBuf,
        /// Its key; without it, the CA below issues
        #[arg(long, value_name = "FILE", required_unless_present = "issuing_key")]
        root_key: Option<PathBuf>,
        /// The certificate of a CA below the root
        #[arg(long, value_name = "FILE")]
        issuing_cert: Option<PathBuf>,
        /// Its key
        #[arg(long, value_name = "FILE", requires = "issuing_cert")]
        issuing_key: Option<PathBuf>,
        #[command(flatten)]
        options: ImportOptions,
    },
}

/// How it shall move in.
#[derive(Args, Debug)]
struct ImportOptions {
    /// What the CA is called from now on, up to 40 characters; if nothing is said, after the root
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The algorithm of the new issuing CA's key
    #[arg(long, value_name = "ALGORITHM", value_parser = key_algorithm(), default_value = "p256")]
    key: KeyAlgorithm,
    #[command(flatten)]
    scope: ScopeArguments,
    #[command(flatten)]
    root_key: RootKeyArguments,
    /// A file whose first line opens the old keys
    #[arg(long, value_name = "FILE")]
    source_passphrase_file: Option<PathBuf>,
    /// Tell what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Moves a CA in, or tells how that would be.
///
/// # Errors
/// There is a CA in the home already, none in the old files, or a key, file or ledger fails; nothing is left then.
pub fn run(arguments: &ImportArguments, context: &Context) -> Result<Outcome, Failure> {
    let layout = context.layout()?;
    if layout.ledger().exists() {
        let there = HomeError::AlreadyThere { directory: layout.directory().to_owned() };
        return Err(Failure::of(FailureKind::Exists, &there).hint("a CA moves into a home of its own: say --home DIR"));
    }
    let (places, options) = arguments.source.places(context)?;
    let directory = places.directory.clone().unwrap_or_default();
    let (tool, size) = (places.tool, size_of_books(&places));
    let passphrases = SourcePassphrases::new(options.source_passphrase_file.as_deref(), context);
    // The books are read twice: once to see whether all can move in, and once to move it.
    let bar = context.progress("reading the books", if options.dry_run { size } else { size * 2 });
    let advance = |bytes: u64| Progress::advance(&*bar, bytes);
    let estate = Estate::survey(places, &passphrases, context.now(), &advance)?;
    let succession = estate.succession(&directory)?;
    let scope = options.scope_for(succession, context)?;
    let name = options.name_for(&estate)?;
    let mut report = ImportReport::of(&estate, tool, succession, &scope, name.clone(), context.now());
    if options.dry_run {
        return Ok(Outcome::done(report.planned(layout.directory())));
    }
    let has_root_key = estate.cas().first().is_some_and(|root| root.key.is_some());
    let root_key_out = options.root_key.out()?;
    let passphrase = if has_root_key { options.root_key.passphrase(context)? } else { None };
    let settlement = Settlement {
        name: &name,
        successor: Successor { key: options.key, scope: &scope },
        root_protection: passphrase.as_ref().map_or(Protection::FileMode, Protection::Passphrase),
        root_key_out,
    };
    let doors = context.doors().clone();
    let home = estate.move_in(layout, doors, &settlement, succession, &advance)?;
    drop(bar);
    report.settled(&home, root_key_out, passphrase.is_some())?;
    Ok(Outcome::done(report))
}

impl Source {
    fn places(&self, context: &Context) -> Result<(Places, &ImportOptions), Failure> {
        Ok(match self {
            Self::Openssl { directory, config, options } => (openssl::places(directory, config.as_deref())?, options),
            Self::EasyRsa { directory, options } => (easy_rsa::places(directory)?, options),
            Self::Mkcert { directory: Some(directory), options } => (MKCERT.places(directory)?, options),
            Self::Mkcert { directory: None, options } => (MKCERT.places(&source::caroot(context)?)?, options),
            Self::Minica { directory, options } => (MINICA.places(directory)?, options),
            Self::Step { directory, options } => (step::places(directory)?, options),
            Self::Pem { root_cert, root_key, issuing_cert, issuing_key, options } => {
                let issuing = issuing_cert.as_deref().map(|cert| (cert, issuing_key.as_deref()));
                (pem::places(root_cert, root_key.as_deref(), issuing), options)
            }
        })
    }
}

impl ImportOptions {
    /// What the new issuing CA may vouch for; where none is made there is nothing to limit.
    fn scope_for(&self, succession: Succession, context: &Context) -> Result<Scope, Failure> {
        match succession {
            Succession::New => self.scope.scope(context),
            _ if !self.scope.are_given() => Ok(Scope::Unconstrained),
            Succession::Root => {
                Err(Failure::new(FailureKind::Refused, "no limits can be set: the root allows no CA below it")
                    .hint("leave out --permit and its like: the root issues as it is, for any name")
                    .hint("or make a new CA with limits, whose root devices must trust: hubca init"))
            }
            Succession::Below(_) => {
                Err(Failure::new(FailureKind::Refused, "no limits can be set: the key of the root is not there")
                    .hint("bring the root key, so that a new CA with limits can be made below it")
                    .hint("or leave out --permit and its like: the CA below issues as it is"))
            }
        }
    }

    /// The name that was said, or that of the root, as far as it fits.
    fn name_for(&self, estate: &Estate) -> Result<String, Failure> {
        if let Some(name) = &self.name {
            return Ok(name.clone());
        }
        let subject = estate.cas().first().map(|root| root.certificate.tbs().subject().clone());
        let said = subject.as_ref().and_then(|subject| subject.common_name().or_else(|| subject.organization()));
        let name: String =
            said.unwrap_or_default().chars().filter(|one| !is_unprintable(*one)).take(LONGEST_NAME).collect();
        // The names of its CAs end so by themselves.
        let plain = ENDINGS.iter().find_map(|ending| name.trim().strip_suffix(ending)).unwrap_or(name.trim());
        match plain.trim() {
            "" => {
                Err(Failure::usage("the root has no name that the CA could be called by").hint("say one: --name NAME"))
            }
            name => Ok(name.to_owned()),
        }
    }
}

/// How many bytes the books have.
fn size_of_books(places: &Places) -> u64 {
    let books = places.cas.iter().filter_map(|ca| ca.index.as_deref());
    books.filter_map(|path| files::size(path).ok()).sum()
}

/// How roots are called, besides what they are roots of.
const ENDINGS: [&str; 3] = [" Root CA", " Root Certificate Authority", " Root"];

const EXAMPLES: &str = "\
Examples:
  hubca import openssl ~/ca --dry-run
  hubca import openssl ~/ca --source-passphrase-file old-passphrase
  hubca import easy-rsa /etc/easy-rsa/pki
  hubca import mkcert
  hubca import pem --root-cert ca.crt --root-key ca.key";

const OPENSSL_EXAMPLES: &str = "\
Examples:
  hubca import openssl ~/ca --dry-run
  hubca import openssl ~/ca --source-passphrase-file old-passphrase
  hubca import openssl ~/ca --config openssl.cnf --root-key-out /media/stick";

const EASY_RSA_EXAMPLES: &str = "\
Examples:
  hubca import easy-rsa /etc/openvpn/easy-rsa --dry-run
  hubca import easy-rsa /etc/openvpn/easy-rsa/pki";

const MKCERT_EXAMPLES: &str = "\
Examples:
  hubca import mkcert
  hubca import mkcert ~/.local/share/mkcert --no-passphrase";

const MINICA_EXAMPLES: &str = "\
Examples:
  hubca import minica ~/minica --no-passphrase";

const STEP_EXAMPLES: &str = "\
Examples:
  hubca import step ~/.step --source-passphrase-file password";

const PEM_EXAMPLES: &str = "\
Examples:
  hubca import pem --root-cert ca.crt --root-key ca.key
  hubca import pem --root-cert ca.crt --issuing-cert i.crt --issuing-key i.key";
