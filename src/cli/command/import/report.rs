//! What moved in, or would.

use std::path::{Path, PathBuf};

use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    authority::{CaCertificate, RecordedName},
    cli::{
        failure::Failure,
        issued::names_in_words,
        moment::Moment,
        page::{Page, Tone, counted},
        report::Report,
        scope::{self, ScopeReport},
    },
    home::{Home, Layout, MovedKey},
    import::{Estate, Succession, Tally, Tool, Unread},
    lint::{self, Finding, Platform, Severity},
    profile::Scope,
    x509::{CertificationPath, DnsName, GeneralName, NameConstraints},
};

/// What moved in, or would.
#[derive(Debug, Serialize)]
pub(super) struct ImportReport {
    from: &'static str,
    dry_run: bool,
    home: PathBuf,
    name: String,
    cas: Vec<MovedCa>,
    issuing: IssuingReport,
    certificates: TallyReport,
    labels: Vec<LabelReport>,
    /// What was met and does not move in.
    not_taken: Vec<UnreadReport>,
    /// Old keys that others can read where they lie.
    exposed: Vec<String>,
    /// What devices say of the root.
    findings: Vec<Finding>,
    root_key: Option<PathBuf>,
    root_key_encrypted: bool,
    /// The constraints in the root's own certificate.
    #[serde(skip)]
    root_limits: Option<NameConstraints>,
    /// Whether the certificate of a CA that issues as it is has constraints, or that of the root.
    #[serde(skip)]
    is_limited: bool,
    #[serde(skip)]
    succession: Succession,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// A CA that moves in as it is.
#[derive(Debug, Serialize)]
struct MovedCa {
    issuer: String,
    subject: String,
    sha256: String,
    not_after: Moment,
    /// Whether its key moves in as well.
    key: bool,
    /// Whether that has a passphrase from now on; none where it does not move in, or nothing was done yet.
    key_encrypted: Option<bool>,
    /// Whether its certificate lets it sign a CRL.
    signs_crls: bool,
    /// Whether the CA above it has revoked it.
    revoked: bool,
}

/// Who issues from now on.
#[derive(Debug, Serialize)]
struct IssuingReport {
    /// What it is called on the command line.
    issuer: String,
    new: bool,
    /// What it may vouch for; null where that is anything.
    scope: Option<ScopeReport>,
    not_after: Option<Moment>,
}

/// How many certificates were issued before.
#[derive(Debug, Serialize)]
struct TallyReport {
    good: u64,
    expired: u64,
    revoked: u64,
}

/// A key and its certificate under a label.
#[derive(Debug, Serialize)]
struct LabelReport {
    label: String,
    /// The CA that issued the certificate.
    issuer: String,
    names: Vec<RecordedName>,
    not_after: Moment,
    /// The names that the CA which issues now may not vouch for.
    outside_scope: Vec<RecordedName>,
    /// What lets another CA below the root vouch for them, if the root lets any.
    #[serde(skip)]
    permit: Option<String>,
}

/// Something that does not move in.
#[derive(Debug, Serialize)]
struct UnreadReport {
    /// What is no UTF-8 in it stands for itself no more: JSON has no place for such octets.
    path: String,
    line: Option<u64>,
    reason: String,
}

impl ImportReport {
    /// What there is, before any of it moves.
    pub(super) fn of(
        estate: &Estate,
        tool: Tool,
        succession: Succession,
        scope: &Scope,
        name: String,
        now: OffsetDateTime,
    ) -> Self {
        let root = estate.cas().first().map(|root| root.certificate.clone());
        let root_limits = root.as_ref().and_then(|root| root.tbs().name_constraints().ok().flatten());
        let path = root.and_then(|root| CertificationPath::assemble(vec![root]));
        let findings = path.map(|path| lint::examine(&path, now, &Platform::ALL).findings).unwrap_or_default();
        let cas = estate.cas().iter().enumerate().map(|(place, ca)| MovedCa {
            issuer: issuer_at(place),
            subject: ca.certificate.tbs().subject().to_string(),
            sha256: ca.certificate.fingerprint(),
            not_after: ca.certificate.tbs().validity().not_after().into(),
            key: ca.key.is_some(),
            key_encrypted: None,
            signs_crls: ca.certificate.tbs().may_sign_crls(),
            revoked: estate.is_revoked(place),
        });
        let cas: Vec<_> = cas.collect();
        let issuing = match succession {
            Succession::New => issuer_at(cas.len()),
            Succession::Root => issuer_at(0),
            Succession::Below(place) => issuer_at(place),
        };
        let Tally { good, expired, revoked } = estate.tally;
        Self {
            from: tool.as_str(),
            dry_run: false,
            home: PathBuf::new(),
            name,
            issuing: IssuingReport {
                issuer: issuing,
                new: succession == Succession::New,
                scope: ScopeReport::of(scope),
                not_after: None,
            },
            cas,
            certificates: TallyReport { good, expired, revoked },
            labels: estate.kept().iter().map(|kept| LabelReport::of(kept, scope, root_limits.as_ref())).collect(),
            not_taken: estate.unread.iter().map(UnreadReport::of).collect(),
            exposed: estate.exposed.iter().map(|path| path.display().to_string()).collect(),
            findings,
            root_key: None,
            root_key_encrypted: false,
            is_limited: root_limits.is_some() || constraints_at(estate, succession).is_some(),
            root_limits,
            succession,
            now,
        }
    }

    /// The same of what is not done.
    pub(super) fn planned(mut self, home: &Path) -> Self {
        self.dry_run = true;
        home.clone_into(&mut self.home);
        self
    }

    /// The same of what was done.
    pub(super) fn settled(
        &mut self,
        home: &Home,
        root_key_out: Option<&Path>,
        is_encrypted: bool,
    ) -> Result<(), Failure> {
        home.layout().directory().clone_into(&mut self.home);
        let issuing = home.issuing()?;
        self.issuing.issuer = issuing.path();
        self.issuing.not_after = Some(end_of(issuing));
        let root = home.root()?.ordinal();
        let key = root_key_out.map_or_else(|| home.layout().root_key(root), |out| Layout::root_key_in(out, root));
        self.root_key = Some(key).filter(|path| path.exists());
        self.root_key_encrypted = is_encrypted && self.root_key.is_some();
        for (place, ca) in self.cas.iter_mut().enumerate().filter(|(_, ca)| ca.key) {
            ca.key_encrypted = Some(place == 0 && is_encrypted);
        }
        Ok(())
    }

    fn tell_issuing(&self, page: &mut Page) {
        let issuing = &self.issuing;
        let until = issuing.not_after.map(|end| format!(", until {}", end.told(self.now))).unwrap_or_default();
        match self.succession {
            Succession::New => {
                page.field("issues now", &format!("{}, a new CA below the root{until}", issuing.issuer));
                scope::tell(issuing.scope.as_ref(), page);
                page.field("", &self.root_in_words());
            }
            Succession::Root => {
                page.field("issues now", "the root itself, for it allows no CA below it");
                let meaning = format!(
                    "{}, and its key is needed for each certificate: renewals at night want it without a passphrase, or \
                     a new CA of their own: hubca --home DIR init",
                    self.limits_of_issuing()
                );
                page.toned_field(Tone::Caution, "", &meaning);
            }
            Succession::Below(_) => {
                page.field("issues now", &format!("{}, as it is{until}", issuing.issuer));
                let limits = self.limits_of_issuing();
                let meaning = format!(
                    "{limits}: the key of the root is not there, so that no CA with limits could be made below it"
                );
                page.toned_field(Tone::Caution, "", &meaning);
                if self.cas.iter().any(|ca| ca.issuer == issuing.issuer && ca.revoked) {
                    let command = page.hubca("rotate issuing --root-key FILE");
                    page.toned_field(
                        Tone::Bad,
                        "",
                        &format!("it is revoked and issues nothing: make another, {command}"),
                    );
                }
            }
        }
    }

    /// Whether the program writes down nothing of what it issues, so that only the certificates themselves tell of it.
    fn keeps_no_books(&self) -> bool {
        [Tool::Mkcert, Tool::Minica, Tool::Pem].map(Tool::as_str).contains(&self.from)
    }

    /// Whether what it issued was read in its books.
    fn has_books(&self) -> bool {
        [Tool::Openssl, Tool::EasyRsa].map(Tool::as_str).contains(&self.from)
    }

    /// Whether a CA that issues as it is can vouch for anything.
    fn limits_of_issuing(&self) -> &'static str {
        if self.is_limited { "it has the limits of the certificates above" } else { "it has no limits" }
    }

    /// What the root may vouch for, which nobody can take back.
    fn root_in_words(&self) -> String {
        let Some(limits) = &self.root_limits else {
            return "the root itself has no limits: whoever gets its key can be any site to your devices".to_owned();
        };
        let permitted: Vec<_> = limits.permitted().iter().map(ToString::to_string).collect();
        let open = limits.leave_open();
        let told = match permitted.as_slice() {
            [] => "the root itself has limits, which bind this CA as well".to_owned(),
            some => format!("the root itself permits {}, which binds this CA as well", some.join(", ")),
        };
        let open: Vec<String> = open.iter().map(ToString::to_string).collect();
        if open.is_empty() { told } else { format!("{told}; it has no limits for every {}", open.join(" and ")) }
    }

    fn tell_labels(&self, page: &mut Page) {
        for LabelReport { label, issuer, names, not_after, outside_scope, permit } in &self.labels {
            page.field("label", &format!("{label}: {}, until {}", names_in_words(names), not_after.told(self.now)));
            if self.cas.iter().any(|ca| ca.issuer == *issuer && ca.revoked) {
                page.toned_field(Tone::Bad, "", "its CA is revoked: its server needs another at once");
            }
            if !outside_scope.is_empty() {
                let outside = names_in_words(outside_scope);
                let advice =
                    format!("{outside} is outside of what {} may vouch for, and is not renewed", self.issuing.issuer);
                page.toned_field(Tone::Caution, "", &advice);
                match permit {
                    Some(permit) if self.dry_run => {
                        page.field("", &format!("to have it renewed, import with {permit}"))
                    }
                    Some(permit) => {
                        let command = page.hubca(&format!("rotate issuing {permit}"));
                        page.field("", &format!("to have it renewed: {command}"));
                    }
                    None => {}
                }
            }
        }
    }

    fn tell_not_taken(&self, page: &mut Page) {
        if self.not_taken.is_empty() {
            return;
        }
        page.blank();
        page.line(&format!("not taken: {}", counted(self.not_taken.len(), "thing")));
        for UnreadReport { path, line, reason } in self.not_taken.iter().take(MOST_TOLD) {
            let place = line.map(|line| format!(", line {line}")).unwrap_or_default();
            page.paragraph("  ", Tone::Caution, &format!("{path}{place}: {reason}"));
        }
        if self.not_taken.len() > MOST_TOLD {
            page.line("  and more, all of which --json tells");
        }
    }

    fn tell_findings(&self, page: &mut Page) {
        for finding in &self.findings {
            page.blank();
            let (mark, verb) = match finding.severity {
                Severity::Error => ("devices:", "refuse"),
                Severity::Warning => ("remark:", "accept"),
            };
            page.marked(Tone::Caution, mark, &format!("the root moves in, but {}", finding.message));
            page.field(verb, &Platform::list(&finding.platforms));
            page.field("rule", &format!("{}: {}", finding.rule, finding.citation));
        }
        for path in &self.exposed {
            page.blank();
            let told = format!("others can read the old key `{path}`: think of who may have");
            page.marked(Tone::Caution, "exposed:", &told);
        }
    }
}

impl LabelReport {
    fn of(kept: &MovedKey, scope: &Scope, root_limits: Option<&NameConstraints>) -> Self {
        let names = kept.names.clone();
        let root_permits = |name: &GeneralName| root_limits.is_none_or(|limits| limits.permits(name));
        let may_vouch_for = |name: &GeneralName| scope.permits(name) && root_permits(name);
        let is_outside = |name: &&RecordedName| !general(name).is_some_and(|name| may_vouch_for(&name));
        let outside_scope: Vec<RecordedName> = names.iter().filter(is_outside).cloned().collect();
        let wanted: Option<Vec<String>> = outside_scope
            .iter()
            .map(|name| general(name).filter(root_permits).map(|name| scope::permit(&name)))
            .collect();
        Self {
            label: kept.label.to_string(),
            issuer: issuer_at(kept.issuer),
            outside_scope,
            permit: wanted.filter(|wanted| !wanted.is_empty()).map(|wanted| wanted.join(" ")),
            names,
            not_after: kept.certificate.tbs().validity().not_after().into(),
        }
    }
}

impl UnreadReport {
    fn of(unread: &Unread) -> Self {
        Self { path: unread.path.display().to_string(), line: unread.line, reason: unread.reason.to_string() }
    }
}

impl Report for ImportReport {
    fn tell(&self, page: &mut Page) {
        let verb = if self.dry_run { "would move in" } else { "moved in" };
        page.heading(&format!("the CA `{}` {verb}", self.name));
        page.field("home", &self.home.display().to_string());
        for ca in &self.cas {
            page.field(&ca.issuer, &format!("{}, until {}", ca.subject, ca.not_after.told(self.now)));
            page.field("SHA-256", &ca.sha256);
            match ca.key_encrypted {
                _ if !ca.key => page.field("", "its key is not there"),
                Some(false) if ca.issuer != issuer_at(0) => {
                    let told = "its key lies without a passphrase, as keys that issue do: its mode protects it";
                    page.toned_field(Tone::Caution, "", told);
                }
                _ => {}
            }
            if ca.revoked {
                page.toned_field(Tone::Bad, "", "it is revoked: nobody has to trust what it issued");
            }
            if !ca.signs_crls {
                let told = "it may not sign a CRL: only an OCSP responder tells what is revoked";
                page.toned_field(Tone::Caution, "", told);
            }
        }
        if let Some(path) = &self.root_key {
            page.field("root key", &path.display().to_string());
            match self.root_key_encrypted {
                true => page.field("", "encrypted under its passphrase"),
                false => page.toned_field(Tone::Caution, "", "without a passphrase"),
            }
        }
        self.tell_issuing(page);
        let TallyReport { good, expired, revoked } = self.certificates;
        // Of what stands in no book nobody knows how much there is.
        let known = if self.has_books() { "issued" } else { "found here" };
        let all = good + expired + revoked;
        page.field("until now", &format!("{all} {known}: {good} good, {expired} expired, {revoked} revoked"));
        self.tell_labels(page);
        self.tell_findings(page);
        self.tell_not_taken(page);
        page.blank();
        if self.dry_run {
            page.line("nothing was done; without --dry-run it is");
            return;
        }
        page.line("devices that trust the root need nothing new. The old files are as they were; issue and revoke here only from now on:");
        for words in ["list", "status", "renew"] {
            page.command(&page.hubca(words));
        }
        if self.keeps_no_books() {
            page.blank();
            page.line("what it issued and lies elsewhere is not known here; to have it revoked and renewed as well:");
            page.command(&page.hubca("adopt FILE"));
        }
    }
}

fn issuer_at(place: usize) -> String {
    if place == 0 { "root/1".to_owned() } else { format!("issuing/{place}") }
}

/// The constraints of a CA below the root that issues as it is.
fn constraints_at(estate: &Estate, succession: Succession) -> Option<NameConstraints> {
    let Succession::Below(place) = succession else { return None };
    estate.cas().get(place)?.certificate.tbs().name_constraints().ok().flatten()
}

fn end_of(ca: &CaCertificate) -> Moment {
    ca.certificate().tbs().validity().not_after().into()
}

fn general(name: &RecordedName) -> Option<GeneralName> {
    match name {
        RecordedName::Ip(text) => GeneralName::parse_ip(text).ok(),
        RecordedName::Dns(text) => DnsName::parse(text).ok().map(GeneralName::Dns),
    }
}

/// How many things are told one by one.
const MOST_TOLD: usize = 50;
