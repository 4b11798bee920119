//! `hubca check`: whether a chain works on iPads, phones and browsers, and if not why.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args, builder::PossibleValuesParser, builder::TypedValueParser};
use serde::Serialize;

use super::inspect::MOST_BYTES;
use crate::{
    authority::{CaCertificate, IssuerRole},
    cli::{
        context::Context,
        failure::{Failure, FailureKind},
        inspection,
        moment::Moment,
        page::{Page, Tone},
        report::{Outcome, Report},
    },
    lint::{Examination, Finding, Platform, Severity, Verdict, examine},
    x509::{Certificate, CertificationPath},
};

/// Tell whether iPads, phones, computers and browsers take a chain
///
/// Any chain by anybody, or one certificate alone. Its root counts as trusted: the question is what stands in the
/// way once it is. Ends with 3 where one of the platforms refuses it.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CheckArguments {
    /// The chain in PEM, or one certificate in DER, or - for stdin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Ask about these platforms only
    #[arg(long, value_name = "PLATFORM", value_delimiter = ',', value_parser = platforms())]
    pub on: Vec<Platform>,
    /// At this time instead of now: a date, or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Moment>,
}

/// What the rules say.
#[derive(Debug, Serialize)]
pub struct CheckReport {
    ok: bool,
    findings: Vec<Finding>,
    platforms: BTreeMap<Platform, Verdict>,
    certificates: Vec<String>,
    /// Certificates of the file that belong to no place in the chain.
    unused: Vec<String>,
    /// Certificates of this home's CA that the file leaves out, as a server does with its root.
    added: Vec<String>,
    at: Moment,
}

/// That root of this home's CA which is what comes next above a file's certificates.
fn missing_above(certificates: &[Certificate], context: &Context) -> Option<Certificate> {
    let path = CertificationPath::assemble(certificates.to_vec())?;
    let top = path.certificates().last().filter(|top| !top.is_self_signed())?;
    // Without a home, or with one that cannot be opened, the chain is judged as it is.
    let home = context.open_home().ok()?;
    let is_above = |root: &&Certificate| {
        root.tbs().subject().as_der() == top.tbs().issuer().as_der()
            && top.verify_signed_by(root.tbs().public_key()).is_ok()
    };
    let roots = home.authority().cas().iter().filter(|ca| ca.role() == IssuerRole::Root);
    roots.map(CaCertificate::certificate).find(is_above).cloned()
}

/// Examines a chain.
///
/// # Errors
/// The file cannot be read, or holds no certificate.
pub fn run(arguments: &CheckArguments, context: &Context) -> Result<Outcome, Failure> {
    let source = arguments.file.display().to_string();
    let bytes = zeroize::Zeroizing::new(context.read(&arguments.file, MOST_BYTES)?);
    let unchecked = |failure: Failure| failure.within(format!("cannot check `{source}`"));
    let mut certificates = inspection::certificates(&bytes).map_err(unchecked)?;
    if certificates.len() > CertificationPath::MOST {
        let message = format!("`{source}` holds {} certificates", certificates.len());
        return Err(Failure::new(FailureKind::Input, message).hint(format!(
            "give the chain of one certificate: at most {} are looked at together",
            CertificationPath::MOST
        )));
    }
    let added = missing_above(&certificates, context);
    certificates.extend(added.clone());
    let path = CertificationPath::assemble(certificates)
        .ok_or_else(|| Failure::new(FailureKind::Input, format!("there is no certificate in `{source}`")))?;
    let at = arguments.at.unwrap_or_else(|| context.now().into());
    let asked = if arguments.on.is_empty() { &Platform::ALL[..] } else { &arguments.on };
    let report = CheckReport::new(examine(&path, at.instant(), asked), &path, added.as_slice(), at);
    Ok(if report.ok { Outcome::done(report) } else { Outcome::no(report) })
}

impl CheckReport {
    fn new(examination: Examination, path: &CertificationPath, added: &[Certificate], at: Moment) -> Self {
        let Examination { ok, findings, verdicts } = examination;
        let subjects = |certificates: &[Certificate]| {
            certificates.iter().map(|certificate| certificate.tbs().subject().to_string()).collect()
        };
        Self {
            ok,
            findings,
            platforms: verdicts,
            certificates: subjects(path.certificates()),
            unused: subjects(path.strangers()),
            added: subjects(added),
            at,
        }
    }
}

impl Report for CheckReport {
    fn tell(&self, page: &mut Page) {
        let chain: Vec<&str> = self.certificates.iter().map(String::as_str).map(or_nameless).collect();
        page.field("chain", &chain.join(" < "));
        for added in &self.added {
            page.field("added", &format!("{added}, from the home: a server leaves its root out"));
        }
        for stranger in &self.unused {
            page.field("unused", or_nameless(stranger));
        }
        page.field("at", &self.at.date());
        page.blank();
        for (platform, verdict) in &self.platforms {
            let (tone, words) = in_words(*verdict);
            page.paragraph(&format!("  {:<9} ", spelled(*platform)), tone, words);
        }
        for finding in &self.findings {
            page.blank();
            let (tone, mark) = match finding.severity {
                Severity::Error => (Tone::Bad, "error:"),
                Severity::Warning => (Tone::Caution, "warning:"),
            };
            page.marked(tone, mark, &finding.message);
            page.field("in", &finding.certificate);
            page.field("for", &spelled_list(&finding.platforms));
            page.field("rule", &format!("{}: {}", finding.rule, finding.citation));
            page.field("do", finding.advice);
        }
        page.blank();
        page.line(if self.ok {
            "once its root is trusted there, it works everywhere that was asked about"
        } else {
            "trusting its root will not be enough"
        });
    }
}

fn in_words(verdict: Verdict) -> (Tone, &'static str) {
    match verdict {
        Verdict::Accepted => (Tone::Good, "accepts"),
        Verdict::AcceptedWithRemarks => (Tone::Caution, "accepts, with remarks"),
        Verdict::Refused => (Tone::Bad, "refuses"),
    }
}

fn spelled(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "iOS",
        Platform::Macos => "macOS",
        Platform::Android => "Android",
        Platform::Chrome => "Chrome",
        Platform::Firefox => "Firefox",
        Platform::Java => "Java",
        Platform::Windows => "Windows",
    }
}

fn spelled_list(platforms: &[Platform]) -> String {
    if platforms.len() == Platform::ALL.len() {
        return "all of them".to_owned();
    }
    platforms.iter().map(|platform| spelled(*platform)).collect::<Vec<_>>().join(", ")
}

fn or_nameless(subject: &str) -> &str {
    if subject.is_empty() { "a certificate without a subject" } else { subject }
}

fn platforms() -> impl TypedValueParser<Value = Platform> {
    let names = Platform::ALL.map(Platform::name);
    PossibleValuesParser::new(names).try_map(|word| word.parse::<Platform>())
}

fn moment(text: &str) -> Result<Moment, &'static str> {
    Moment::parse(text).ok_or("a time looks like 2027-12-23 or 2027-12-23T10:59:59Z")
}

const EXAMPLES: &str = "\
Examples:
  hubca check fullchain.pem
  hubca check fullchain.pem --on ios,macos
  hubca check fullchain.pem --at 2027-12-23       will it still work then?
  openssl s_client -showcerts -connect hub.lan:443 </dev/null | hubca check -";
