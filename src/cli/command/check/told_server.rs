//! What a server is and does, in words and in JSON.

use serde::Serialize;
use url::Url;

use super::asked::Asked;
use crate::{
    cli::{
        moment::Moment,
        page::{Page, Tone},
    },
    home::Acquaintance,
    lint::TlsVersion,
    probe::{Meeting, Plain, Says, Statement, WebSocket},
};

/// What a server is and does.
#[derive(Debug, Serialize)]
pub(super) struct ServerReport {
    address: String,
    name: String,
    /// When its certificate ends.
    until: Option<Moment>,
    days_left: Option<i64>,
    tls: Vec<TlsVersion>,
    /// What was agreed on by ALPN.
    protocol: Option<String>,
    websocket: Option<ToldWebSocket>,
    /// What HTTP without TLS says at port 80, if TLS is at 443.
    plain_http: Option<ToldPlain>,
    /// Whether its chain leads to a root that is known here; none where no root is.
    anchored: Option<bool>,
    /// What the ledger calls its certificate.
    label: Option<String>,
    generation: Option<i64>,
    revocation: Vec<ToldStatement>,
}

#[derive(Debug, Serialize)]
struct ToldWebSocket {
    path: String,
    opens: bool,
    /// The status that came instead.
    status: Option<u16>,
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct ToldPlain {
    status: Option<u16>,
    location: Option<String>,
    leads_to_https: bool,
    /// The host that it leads to, where that is another than was asked for.
    other_host: Option<String>,
    /// Why nothing in HTTP was heard, where the port is open.
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct ToldStatement {
    by: String,
    of: String,
    /// `good`, `revoked` or `unknown`.
    status: &'static str,
    at: Option<Moment>,
    reason: Option<String>,
}

impl ServerReport {
    pub(super) fn new(
        asked: &Asked,
        meeting: &Meeting,
        ours: Option<Acquaintance>,
        statements: &[Statement],
        anchored: Option<bool>,
        at: Moment,
    ) -> Self {
        let Meeting { visit, chain, .. } = meeting;
        let leaf = chain.path.as_ref().and_then(|path| path.certificates().first());
        let until = leaf.map(|leaf| leaf.tbs().validity().not_after());
        let generation = ours.as_ref().and_then(|ours| ours.generation);
        Self {
            address: asked.address.to_string(),
            name: asked.name.to_string(),
            until: until.map(Moment::from),
            days_left: until.map(|until| (until - at.instant()).whole_days()),
            tls: visit.versions.clone(),
            protocol: visit.protocol.clone(),
            websocket: visit.websocket.as_ref().map(|came| ToldWebSocket::of(came, asked)),
            plain_http: visit.plain.as_ref().map(|plain| ToldPlain::of(plain, &asked.name.to_string())),
            anchored,
            label: ours.and_then(|ours| ours.label),
            generation,
            revocation: statements.iter().map(ToldStatement::of).collect(),
        }
    }

    /// The words that call on it once more.
    pub(super) fn call(&self) -> String {
        if self.is_asked_for_itself() { self.address.clone() } else { format!("{} --name {}", self.address, self.name) }
    }

    fn is_asked_for_itself(&self) -> bool {
        let host = self.address.rsplit_once(':').map_or(self.address.as_str(), |(host, _)| host);
        host.trim_start_matches('[').trim_end_matches(']') == self.name
    }

    pub(super) fn until(&self) -> Option<Moment> {
        self.until
    }

    /// Tells what has no finding of its own.
    pub(super) fn tell(&self, page: &mut Page, at: Moment) {
        page.field("server", &self.address);
        if !self.is_asked_for_itself() {
            page.field("asked for", &self.name);
        }
        if let Some(label) = &self.label {
            let generation =
                self.generation.map(|generation| format!(", certificate {generation}")).unwrap_or_default();
            page.field("label", &format!("{label}{generation}"));
        }
        if let Some(until) = self.until {
            page.field("until", &until.told(at.instant()));
        }
        if !self.tls.is_empty() {
            let versions: Vec<&str> = self.tls.iter().map(|version| version.number()).collect();
            let protocol = self.protocol.as_deref().map(|protocol| format!(", speaks {protocol}")).unwrap_or_default();
            page.field("TLS", &format!("{}{protocol}", versions.join(", ")));
        }
        if let Some(websocket) = &self.websocket {
            websocket.tell(page);
        }
        if let Some(plain) = &self.plain_http {
            plain.tell(page);
        }
        if self.anchored == Some(false) {
            page.field("root", "none that is known here, so nobody was asked whether it was revoked");
        }
        for statement in &self.revocation {
            statement.tell(page);
        }
    }
}

impl ToldWebSocket {
    fn of(came: &WebSocket, asked: &Asked) -> Self {
        let path = asked.path().to_owned();
        match came {
            WebSocket::Open => Self { path, opens: true, status: None, reason: None },
            WebSocket::Refused(status) => Self { path, opens: false, status: Some(*status), reason: None },
            WebSocket::Unproven => {
                let reason = Some("its Sec-WebSocket-Accept is wrong".to_owned());
                Self { path, opens: false, status: Some(101), reason }
            }
            WebSocket::Silent(reason) => Self { path, opens: false, status: None, reason: Some(reason.clone()) },
        }
    }

    fn tell(&self, page: &mut Page) {
        let Self { path, opens, status, reason } = self;
        let words = match (opens, status, reason) {
            (true, ..) => format!("opens at {path}"),
            (_, Some(status), None) => format!("none at {path}: the answer is {status}"),
            (_, _, reason) => format!("none at {path}: {}", reason.as_deref().unwrap_or_default()),
        };
        page.field("WebSocket", &words);
    }
}

impl ToldPlain {
    fn of(plain: &Plain, asked: &str) -> Self {
        let nothing = Self { status: None, location: None, leads_to_https: false, other_host: None, reason: None };
        match plain {
            Plain::Leads(location) => {
                let url = Url::parse(location).ok();
                let host = url.as_ref().and_then(Url::host_str).map(|host| host.trim_matches(['[', ']']).to_owned());
                Self {
                    leads_to_https: url.is_some_and(|url| url.scheme() == "https"),
                    other_host: host.filter(|host| !host.eq_ignore_ascii_case(asked)),
                    location: Some(location.clone()),
                    ..nothing
                }
            }
            Plain::Answers(status) => Self { status: Some(*status), ..nothing },
            Plain::Silent(reason) => Self { reason: Some(reason.clone()), ..nothing },
        }
    }

    fn tell(&self, page: &mut Page) {
        let (tone, words) = match (&self.location, self.status) {
            (Some(location), _) if !self.leads_to_https => {
                (Tone::Caution, format!("leads to {location}, and not to HTTPS"))
            }
            (Some(location), _) if self.other_host.is_some() => {
                (Tone::Caution, format!("leads to {location}, which is another host"))
            }
            (Some(location), _) => (Tone::Plain, format!("leads to {location}")),
            (None, None) => {
                let reason = self.reason.as_deref().unwrap_or("nothing is heard");
                (Tone::Caution, format!("is open, and does not lead to HTTPS: {reason}"))
            }
            (None, status) => (
                Tone::Caution,
                format!("answers {} in clear text, and does not lead to HTTPS", status.unwrap_or_default()),
            ),
        };
        page.toned_field(tone, "port 80", &words);
    }
}

impl ToldStatement {
    fn of(statement: &Statement) -> Self {
        let (status, at, reason) = match &statement.says {
            Says::Good => ("good", None, None),
            Says::Revoked { at, reason } => ("revoked", Some(Moment::from(*at)), reason.map(str::to_owned)),
            Says::Nothing(reason) => ("unknown", None, Some(reason.clone())),
        };
        Self { by: statement.by.clone(), of: statement.of.clone(), status, at, reason }
    }

    /// What is wrong has a finding.
    fn tell(&self, page: &mut Page) {
        if self.status == "good" {
            page.field("not revoked", &format!("says {}", self.by));
        }
    }
}
