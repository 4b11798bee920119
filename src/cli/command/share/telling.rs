//! What is told while the page is open: to a person in words, to a program as one JSON document a line.

use std::{io, ops::ControlFlow, path::PathBuf};

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use crate::{
    cli::{
        context::Context,
        duration::in_words,
        failure::{Failure, FailureKind},
        moment::Moment,
        page::{Page, Tone},
        platform::platform_name,
        report::json_line,
        scope::ScopeReport,
    },
    export::Fingerprint,
    home::LeftOut,
    onboarding::QrCode,
    profile::Scope,
    server::{Ending, Event, Guest, ProbePort, RootAge},
    x509::Certificate,
};

/// What there is to tell when the page opens.
pub(super) struct Opening {
    /// The address of the page; then the announced one.
    pub(super) urls: Vec<String>,
    pub(super) until: OffsetDateTime,
    pub(super) open_for: Duration,
    pub(super) code: QrCode,
    pub(super) name: String,
    pub(super) root: Certificate,
    pub(super) scope: Scope,
    /// The same, as the page says it.
    pub(super) scope_in_words: String,
    pub(super) probes: Vec<ProbeTold>,
    pub(super) left_out: Vec<LeftOutTold>,
    pub(super) qr: Option<PathBuf>,
}

/// A port that proves trust.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ProbeTold {
    port: u16,
    root_sha256: String,
    /// The certificate's serial number.
    serial: String,
}

/// An earlier root that no port proves trust in.
#[derive(Clone, Debug, Serialize)]
pub(super) struct LeftOutTold {
    root_sha256: String,
    #[serde(skip)]
    name: String,
    reason: String,
}

impl ProbeTold {
    pub(super) fn of(probe: &ProbePort) -> Option<Self> {
        Some(Self {
            port: probe.listener.local_addr().ok()?.port(),
            root_sha256: probe.certificate.root()?.fingerprint(),
            serial: probe.certificate.certificate()?.tbs().serial_number().ok()?.to_string(),
        })
    }
}

impl LeftOutTold {
    pub(super) fn of(left_out: &LeftOut) -> Self {
        Self {
            root_sha256: left_out.root.fingerprint(),
            name: left_out.root.tbs().subject().to_string(),
            reason: left_out.reason.to_string(),
        }
    }
}

/// Who tells.
pub(super) struct Teller<'a> {
    opening: Opening,
    context: &'a Context,
    failure: Option<io::Error>,
}

/// A line of JSON.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    Started {
        address: &'a str,
        announced: Option<&'a str>,
        until: Moment,
        name: &'a str,
        root_sha256: String,
        root_words: String,
        scope: Option<ScopeReport>,
        probes: &'a [ProbeTold],
        left_out: &'a [LeftOutTold],
        qr: Option<&'a PathBuf>,
    },
    Visit(Told<'a>),
    Named(Told<'a>),
    Fetched(Told<'a>),
    Trusted {
        #[serde(flatten)]
        told: Told<'a>,
        root_sha256: &'a str,
        root: &'static str,
    },
    Full {
        at: Moment,
        devices: usize,
    },
    NotRecorded {
        at: Moment,
        reason: &'a str,
    },
    Stopped {
        at: Moment,
        reason: &'static str,
    },
}

#[derive(Serialize)]
struct Told<'a> {
    at: Moment,
    device: DeviceTold<'a>,
}

#[derive(Serialize)]
struct DeviceTold<'a> {
    id: Option<i64>,
    name: Option<&'a str>,
    platform: Option<&'a str>,
    address: &'a str,
}

impl<'a> Teller<'a> {
    pub(super) fn new(opening: Opening, context: &'a Context) -> Self {
        Self { opening, context, failure: None }
    }

    /// Tells what happened, unless nobody hears it any more.
    pub(super) fn tell(&mut self, event: &Event) -> ControlFlow<()> {
        let told = if self.context.is_json() {
            self.write(&self.line(event))
        } else {
            let mut page = Page::new(self.context.terminal().columns()).calling(self.context.invocation());
            self.words(event, &mut page);
            self.context.terminal().answer(page.as_str())
        };
        match told {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failure = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    /// Tells why it is over.
    ///
    /// # Errors
    /// What was to be told could not be written; a reader that left is no error.
    pub(super) fn end(self, ending: Ending) -> Result<(), Failure> {
        let (reason, words) = match ending {
            Ending::Time => ("time", "the time is over: the page is closed"),
            Ending::Stopped => ("stopped", "the page is closed"),
            Ending::Unheard => ("unheard", "nobody listens: the page is closed"),
        };
        let told = match self.failure {
            Some(error) => Err(error),
            None if self.context.is_json() => self.write(&Line::Stopped { at: self.now(), reason }),
            None if self.context.is_quiet() => Ok(()),
            None => self.context.terminal().answer(&format!("{words}\n")),
        };
        match told {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::new(FailureKind::File, "cannot write the answer").because(error.to_string()))
            }
            _ => Ok(()),
        }
    }

    fn write(&self, line: &Line<'_>) -> io::Result<()> {
        let text = json_line(line).map_err(io::Error::other)?;
        self.context.terminal().answer_bytes(text.as_bytes())
    }

    fn now(&self) -> Moment {
        self.context.now().into()
    }

    fn line<'e>(&'e self, event: &'e Event) -> Line<'e> {
        let told = |guest: &'e Guest| Told { at: self.now(), device: guest.into() };
        match event {
            Event::Opened => self.started(),
            Event::Came(guest) => Line::Visit(told(guest)),
            Event::Named(guest) => Line::Named(told(guest)),
            Event::Fetched(guest) => Line::Fetched(told(guest)),
            Event::Trusts(guest, proof) => Line::Trusted {
                told: told(guest),
                root_sha256: &proof.root_sha256,
                root: match proof.age {
                    RootAge::Current => "current",
                    RootAge::Earlier => "earlier",
                },
            },
            Event::Full { devices } => Line::Full { at: self.now(), devices: *devices },
            Event::NotRecorded { reason } => Line::NotRecorded { at: self.now(), reason },
        }
    }

    fn started(&self) -> Line<'_> {
        let Opening { urls, until, name, root, scope, probes, left_out, qr, .. } = &self.opening;
        let fingerprint = Fingerprint::of(root);
        Line::Started {
            address: urls.first().map_or("", String::as_str),
            announced: urls.get(1).map(String::as_str),
            until: (*until).into(),
            name,
            root_sha256: fingerprint.hex(),
            root_words: fingerprint.words().join(" "),
            scope: ScopeReport::of(scope),
            probes,
            left_out,
            qr: qr.as_ref(),
        }
    }

    fn words(&self, event: &Event, page: &mut Page) {
        let is_quiet = self.context.is_quiet();
        match event {
            Event::Opened if is_quiet => self.opening.urls.iter().for_each(|url| page.line(url)),
            Event::Opened => self.opening.tell(page),
            _ if is_quiet => {}
            Event::Came(guest) => page.line(&format!("{} is here", in_sight(guest))),
            Event::Named(guest) => page.line(&format!("{} has its name now", in_sight(guest))),
            Event::Fetched(guest) => page.line(&format!("{} has fetched the root", in_sight(guest))),
            Event::Trusts(guest, proof) => match proof.age {
                RootAge::Current => {
                    page.marked(Tone::Good, "trusted:", &format!("{} trusts the root", in_sight(guest)))
                }
                RootAge::Earlier => {
                    let what = format!("{} trusts an earlier root of this CA", in_sight(guest));
                    page.marked(Tone::Caution, "earlier:", &what);
                }
            },
            Event::Full { devices } => page.marked(
                Tone::Caution,
                "note:",
                &format!("{devices} new devices came: further ones are served, and not told of or written down"),
            ),
            Event::NotRecorded { reason } => {
                page.marked(Tone::Bad, "not written down:", reason);
            }
        }
    }
}

impl Opening {
    fn tell(&self, page: &mut Page) {
        page.verbatim(&self.code.terminal());
        page.blank();
        page.line("scan it with the camera of the device, or open there:");
        self.urls.iter().for_each(|url| page.command(url));
        page.blank();
        page.line(&format!("compare what the device shows with the root of {}, before you trust it:", self.name));
        let fingerprint = Fingerprint::of(&self.root);
        page.field("SHA-256", &fingerprint.groups().join(" "));
        page.field("in words", &fingerprint.words().join(" "));
        let tone = if self.scope == Scope::Unconstrained { Tone::Bad } else { Tone::Plain };
        page.toned_field(tone, "scope", &self.scope_in_words);
        let until = Moment::from(self.until).to_rfc3339();
        page.field("open for", &format!("{}, until {until}; Ctrl-C closes it at once", in_words(self.open_for)));
        for left_out in &self.left_out {
            let LeftOutTold { name, reason, .. } = left_out;
            page.marked(Tone::Caution, "note:", &format!("nobody is asked about the earlier root `{name}`: {reason}"));
        }
        page.blank();
    }
}

impl<'a> From<&'a Guest> for DeviceTold<'a> {
    fn from(guest: &'a Guest) -> Self {
        let Guest { place, name, platform, address } = guest;
        Self { id: *place, name: name.as_deref(), platform: platform.as_deref(), address }
    }
}

/// A device in words: `Anna's iPad (iPhone or iPad, 192.168.0.23)`.
fn in_sight(guest: &Guest) -> String {
    let kind = guest.platform.as_deref().and_then(platform_name);
    match (&guest.name, kind) {
        (Some(name), Some(kind)) => format!("{name} ({kind}, {})", guest.address),
        (Some(name), None) => format!("{name} ({})", guest.address),
        (None, Some(kind)) => format!("{kind} at {}", guest.address),
        (None, None) => format!("a device at {}", guest.address),
    }
}
