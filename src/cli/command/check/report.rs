//! What the rules say of a chain, in words and in JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{roots::Roots, told_server::ServerReport};
use crate::{
    cli::{
        moment::Moment,
        page::{Page, Tone, or_nameless},
        report::Report,
    },
    lint::{Examination, Finding, Platform, Severity, Verdict},
    x509::{Certificate, CertificationPath},
};

/// What the rules say.
#[derive(Debug, Serialize)]
pub(super) struct CheckReport {
    ok: bool,
    findings: Vec<Finding>,
    platforms: BTreeMap<Platform, Verdict>,
    certificates: Vec<String>,
    /// Certificates that were given and belong to no place in the chain.
    unused: Vec<String>,
    /// The known root that was left out, as a server does.
    added: Vec<String>,
    #[serde(skip)]
    added_from: String,
    /// The server that shows the chain; none for a file.
    server: Option<ServerReport>,
    at: Moment,
}

/// A root that was left out and is known, and from where.
pub(super) struct Added<'a> {
    root: Option<&'a Certificate>,
    origin: String,
}

impl<'a> Added<'a> {
    pub(super) fn new(root: Option<&'a Certificate>, roots: &Roots) -> Self {
        Self { root, origin: roots.origin() }
    }
}

impl CheckReport {
    pub(super) fn new(
        examination: Examination,
        path: Option<&CertificationPath>,
        added: Added<'_>,
        server: Option<ServerReport>,
        at: Moment,
    ) -> Self {
        let Examination { ok, findings, verdicts } = examination;
        let subject = |certificate: &Certificate| certificate.tbs().subject().to_string();
        let subjects = |certificates: &[Certificate]| certificates.iter().map(subject).collect();
        Self {
            ok,
            findings,
            platforms: verdicts,
            certificates: subjects(path.map(CertificationPath::certificates).unwrap_or_default()),
            unused: subjects(path.map(CertificationPath::strangers).unwrap_or_default()),
            added: added.root.into_iter().map(subject).collect(),
            added_from: added.origin,
            server,
            at,
        }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.ok
    }

    pub(super) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    pub(super) fn server(&self) -> Option<&ServerReport> {
        self.server.as_ref()
    }
}

impl Report for CheckReport {
    fn tell(&self, page: &mut Page) {
        if let Some(server) = &self.server {
            server.tell(page, self.at);
        }
        let chain: Vec<&str> = self.certificates.iter().map(String::as_str).map(or_nameless).collect();
        page.field("chain", if chain.is_empty() { NONE.to_owned() } else { chain.join(" < ") }.as_str());
        for added in &self.added {
            page.field("added", &format!("{added}, from {}: a server leaves its root out", self.added_from));
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
        page.line(match (self.ok, self.certificates.is_empty()) {
            (true, _) => "once its root is trusted there, it works everywhere that was asked about",
            (false, false) => "trusting its root will not be enough",
            (false, true) => "nobody can use it as it is",
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

const NONE: &str = "none";
