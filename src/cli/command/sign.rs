//! `hubca sign`: a certificate for a key that was made elsewhere.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    authority::{Issuer, Label, Lifetime},
    cli::{
        context::Context,
        delivery::{Existing, Named, check_room_for_file, deliver, refuse_json},
        failure::{Failure, FailureKind},
        issued::{IssuedCertificate, cut_note},
        names::{NameArguments, Typed, as_input},
        numbers,
        page::Page,
        passphrases::Passphrases,
        report::{Outcome, Report},
    },
    home::Home,
    system::FileMode,
    x509::{AltName, Certificate, CertificationRequest, SubjectAltNames, WeakKey, pem, request::RequestError},
};

/// Make a certificate for a key that was made elsewhere
///
/// The request proves that its maker has the key. Only the key and the names in its subjectAltName are used; whatever
/// else it asks for is ignored. The certificate and the CA above it come in PEM, on stdout or in --out.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SignArguments {
    /// The request in PEM or DER, or - for stdin
    #[arg(value_name = "CSR")]
    request: PathBuf,
    /// What the certificate is for: `hubca profile list` shows the profiles
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// How many days it lives, at most 825
    #[arg(long, value_name = "N", value_parser = numbers::days)]
    days: Option<u32>,
    /// A name to find it by
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// Write it to this file instead of stdout, which is -
    #[arg(long, value_name = "FILE|-")]
    out: Option<PathBuf>,
    /// Write over --out
    #[arg(long)]
    force: bool,
}

/// A certificate for a request.
#[derive(Debug, Serialize)]
pub struct SignReport {
    #[serde(flatten)]
    certificate: IssuedCertificate,
    /// What the request asked for and did not get.
    ignored: Vec<String>,
    /// The certificate and the CAs above it, without the root.
    fullchain: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<SignFiles>,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// The file of a certificate whose key is elsewhere.
#[derive(Debug, Serialize)]
pub struct SignFiles {
    fullchain: PathBuf,
}

/// Signs a request.
///
/// # Errors
/// A request that cannot be answered, what policy refuses, or a home, key or file that fails.
pub fn run(arguments: &SignArguments, context: &Context) -> Result<Outcome, Failure> {
    let label = arguments.label.as_deref().map(Label::parse).transpose()?;
    let source = arguments.request.display().to_string();
    let request = context
        .read(&arguments.request, CertificationRequest::MOST_BYTES)
        .and_then(|bytes| CertificationRequest::parse(&bytes).map_err(|error| unusable(&error)))
        .map_err(|failure| failure.within(format!("cannot sign `{source}`")))?;
    let names = names(&request).map_err(|failure| failure.within(format!("cannot sign `{source}`")))?;
    let home = context.open_home()?;
    let to_stdout = arguments.out.as_deref() == Some(Path::new("-"));
    if to_stdout {
        refuse_json(context, Named::Out)?;
    }
    let out = arguments.out.as_deref().filter(|_| !to_stdout);
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    if let Some(out) = out {
        check_room_for_file(out, existing)?;
    }
    let profile = home.profile(arguments.profile.as_deref().unwrap_or(&home.settings().profile))?;
    let issuer = home.issuer(&Passphrases::new(context))?;
    let lifetime = arguments.days.map_or(Lifetime::Default, Lifetime::Days);
    let issued = home.sign(&issuer, &request, names, &profile, lifetime, label)?;
    for note in cut_note(&issued).into_iter().chain(ignored_note(&request)) {
        context.note(&note);
    }
    let fullchain = fullchain(&home, &issuer, &issued.certificate);
    if to_stdout {
        return Ok(Outcome::bytes(fullchain.into_bytes()));
    }
    if let Some(out) = out {
        deliver(out, fullchain.as_bytes(), FileMode::Public, existing).map_err(|failure| {
            let serial = &issued.serial;
            failure
                .within(format!("the certificate {serial} is issued, but it was not written"))
                .hint(format!("the ledger has it: hubca show {serial} --json | jq -r .pem"))
        })?;
    }
    Ok(Outcome::done(SignReport {
        certificate: (&issued).into(),
        ignored: request.ignored_extensions().map(|it| crate::x509::oid::name(&it.oid).to_owned()).collect(),
        fullchain,
        files: out.map(|out| SignFiles { fullchain: out.to_owned() }),
        now: context.now(),
    }))
}

fn names(request: &CertificationRequest) -> Result<SubjectAltNames, Failure> {
    let found = request.alt_names().map_err(|error| Failure::of(FailureKind::Input, &error))?;
    let typed = found.iter().map(|name| match name {
        AltName::Dns(text) => Ok(Typed::Dns(text.clone())),
        AltName::Ip(_) if name.ip().is_some() => Ok(Typed::Ip(name.to_string())),
        other => {
            Err(Failure::new(FailureKind::Refused, format!("it asks for `{other}`, which is no host name or address"))
                .hint("make the request again with host names and addresses only"))
        }
    });
    let typed = typed.collect::<Result<Vec<_>, _>>()?;
    if typed.is_empty() {
        return Err(Failure::new(FailureKind::Input, "it asks for no name").hint(
            "devices look at the subjectAltName only: openssl req -addext subjectAltName=DNS:hub.lan,IP:192.168.0.1",
        ));
    }
    NameArguments::new(typed).parse().map_err(as_input)
}

fn unusable(error: &RequestError) -> Failure {
    let failure = Failure::of(FailureKind::Input, error);
    match error {
        RequestError::WeakKey(WeakKey::Kind { .. } | WeakKey::ModulusLength { .. }) => {
            failure.hint("make another key: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256")
        }
        RequestError::Signature(_) => failure.hint("make the request again: it was changed, or made with another key"),
        RequestError::Pem(_) => failure.hint("`hubca inspect` tells what the file is"),
        _ => failure,
    }
}

fn ignored_note(request: &CertificationRequest) -> Option<String> {
    let dangerous = request.dangerous_extensions();
    (!dangerous.is_empty()).then(|| format!("the request asks for {}: not granted", dangerous.join(", ")))
}

/// What a server sends: the certificate, then the CAs above it but the root.
fn fullchain(home: &Home, issuer: &Issuer, certificate: &[u8]) -> String {
    let above = home.served_chain(issuer);
    let sent = above.iter().map(Certificate::as_der);
    std::iter::once(certificate).chain(sent).map(|der| pem::encode(pem::CERTIFICATE, der)).collect()
}

impl Report for SignReport {
    fn tell(&self, page: &mut Page) {
        let Some(SignFiles { fullchain }) = &self.files else {
            page.verbatim(&self.fullchain);
            return;
        };
        page.heading("signed");
        self.certificate.tell(page, self.now);
        page.blank();
        page.line("the certificate and the CA above it:");
        page.command(&fullchain.display().to_string());
    }
}

const EXAMPLES: &str = "\
Examples:
  hubca sign server.csr --out server.crt
  ssh printer cat printer.csr | hubca sign - > printer.pem";
