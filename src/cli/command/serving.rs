//! What `ocsp serve` and `crl serve` share: the port, what is told while they are at work, and their end.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::ControlFlow,
};

use serde::Serialize;

use crate::{
    cli::{
        bind::Bind,
        context::Context,
        failure::{Failure, FailureKind},
        moment::Moment,
        page::{Page, Tone},
        passphrases::Passphrases,
        report::{Outcome, json_line},
    },
    home::{Home, Settings},
    keys::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource},
    server::{AtWork, Duties, RevocationEvent, RevocationServer, Served},
    system::{NetworkError, Reach},
};

/// What shall be served, and where.
pub(super) struct Serving {
    pub(super) home: Home,
    pub(super) duties: Duties,
    pub(super) bind: Bind,
    pub(super) usual_port: u16,
}

/// Serves until somebody stops it.
///
/// # Errors
/// A port that cannot be had, a ledger that fails, or an answer that cannot be written.
pub(super) fn serve(serving: Serving, context: &Context) -> Result<Outcome, Failure> {
    let Serving { home, duties, bind, usual_port } = serving;
    // Certificates name this port: another one instead would be found by nobody.
    let at = SocketAddr::new(bind.address(), bind.port().unwrap_or(usual_port));
    let listener = context.network().listen(at)?;
    let port = listener.local_addr().map_err(NetworkError::from)?.port();
    let address = format!("http://{}/", SocketAddr::new(told_address(bind.address(), context), port));
    let settings = missing_settings(home.settings(), duties, &address);
    let mut teller = Teller { context, address, duties, settings, failure: None };
    let passphrases = Unattended(Passphrases::new(context));
    let server = RevocationServer { home, duties, listener, passphrases: &passphrases };
    let served = server.serve(&mut |event| teller.tell(&event))?;
    teller.end(served)?;
    Ok(Outcome::told())
}

/// The lines for `hubca.toml` by which new certificates say where to ask.
fn missing_settings(settings: &Settings, duties: Duties, address: &str) -> Vec<String> {
    let ocsp = duties.answers() && settings.ocsp_url.is_none();
    let crl = duties.hands_out() && settings.crl_url.is_none();
    let lines = [
        ocsp.then(|| format!("ocsp_url = \"{address}\"")),
        crl.then(|| format!("crl_url = \"{address}{{issuer}}.crl\"")),
    ];
    lines.into_iter().flatten().collect()
}

/// The address by which others may find this machine, where it listens on all.
fn told_address(bind: IpAddr, context: &Context) -> IpAddr {
    if !bind.is_unspecified() {
        return bind;
    }
    let own = context.network().addresses().unwrap_or_default();
    let reachable = own.iter().find(|local| local.reach == Reach::Lan && local.address.is_ipv4());
    reachable.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |local| local.address)
}

/// The passphrases that need nobody: who serves has nobody to ask.
struct Unattended<'a>(Passphrases<'a>);

impl PassphraseSource for Unattended<'_> {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        self.0.from_file(purpose)?.ok_or_else(|| PassphraseError::Unavailable { purpose: purpose.clone() })
    }
}

/// Who tells: a person in words, a program as one JSON document a line.
struct Teller<'a> {
    context: &'a Context,
    address: String,
    duties: Duties,
    /// The lines that `hubca.toml` does not have yet.
    settings: Vec<String>,
    failure: Option<io::Error>,
}

/// A line of JSON.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    Started { at: Moment, address: &'a str, responders: Vec<ResponderTold<'a>>, files: &'a [String] },
    ResponderIssued { at: Moment, issuer: &'a str, not_after: Moment },
    ResponderNotRenewed { at: Moment, issuer: &'a str, not_after: Moment, reason: &'a str },
    LeftOut { at: Moment, issuer: &'a str, reason: &'a str },
    ClockLeapt { at: Moment, expected: Moment },
    Troubled { at: Moment, reason: &'a str },
    Stopped { at: Moment, answers: u64, errors: u64, files: u64 },
}

#[derive(Serialize)]
struct ResponderTold<'a> {
    issuer: &'a str,
    sha256: &'a str,
    not_after: Moment,
}

impl Teller<'_> {
    /// Tells what happened, unless nobody hears it any more.
    fn tell(&mut self, event: &RevocationEvent) -> ControlFlow<()> {
        let told = if self.context.is_json() { self.write(&self.line(event)) } else { self.say(event) };
        match told {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failure = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    /// Tells the end. A reader who left is no failure; a full disk is.
    fn end(self, served: Served) -> Result<(), Failure> {
        let Served { answers, errors, files } = served;
        let told = match self.failure {
            Some(error) => Err(error),
            None if self.context.is_json() => {
                self.write(&Line::Stopped { at: self.context.now().into(), answers, errors, files })
            }
            None if self.context.is_quiet() => Ok(()),
            None => {
                let mut page = self.page();
                page.line(&match self.duties {
                    Duties::Ocsp => format!("stopped after {answers} answers and {errors} errors"),
                    Duties::Files => format!("stopped after {files} files"),
                    Duties::Both => format!("stopped after {answers} answers, {errors} errors and {files} files"),
                });
                self.context.terminal().answer(page.as_str())
            }
        };
        match told {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::new(FailureKind::File, "cannot write the answer").because(error.to_string()))
            }
            _ => Ok(()),
        }
    }

    fn line<'a>(&'a self, event: &'a RevocationEvent) -> Line<'a> {
        let at = self.context.now().into();
        match event {
            RevocationEvent::Opened { responders, files } => Line::Started {
                at,
                address: &self.address,
                responders: responders.iter().map(ResponderTold::from).collect(),
                files,
            },
            RevocationEvent::Issued { issuer, not_after } => {
                Line::ResponderIssued { at, issuer, not_after: (*not_after).into() }
            }
            RevocationEvent::NotRenewed { issuer, not_after, reason } => {
                Line::ResponderNotRenewed { at, issuer, not_after: (*not_after).into(), reason }
            }
            RevocationEvent::LeftOut { issuer, reason } => Line::LeftOut { at, issuer, reason },
            RevocationEvent::ClockLeapt { expected } => Line::ClockLeapt { at, expected: (*expected).into() },
            RevocationEvent::Troubled { reason } => Line::Troubled { at, reason },
        }
    }

    fn write(&self, line: &Line<'_>) -> io::Result<()> {
        self.context.terminal().answer_bytes(json_line(line).map_err(io::Error::other)?.as_bytes())
    }

    fn say(&self, event: &RevocationEvent) -> io::Result<()> {
        let mut page = self.page();
        match event {
            RevocationEvent::Opened { .. } if self.context.is_quiet() => page.line(&self.address),
            RevocationEvent::Opened { responders, files } => self.open(responders, files, &mut page),
            RevocationEvent::Issued { .. } if self.context.is_quiet() => {}
            RevocationEvent::Issued { issuer, not_after } => {
                page.line(&format!("a new certificate answers for {issuer}, until {}", Moment::from(*not_after).date()))
            }
            RevocationEvent::NotRenewed { issuer, not_after, reason } => page.marked(
                Tone::Caution,
                "note:",
                &format!(
                    "what answers for {issuer} ends on {} and cannot be renewed: {reason}",
                    Moment::from(*not_after).date()
                ),
            ),
            RevocationEvent::LeftOut { issuer, reason } => {
                let what = format!("nobody is answered about what {issuer} issued: {reason}");
                page.marked(Tone::Caution, "note:", &what);
            }
            RevocationEvent::ClockLeapt { expected } => {
                let (now, expected) = (Moment::from(self.context.now()), Moment::from(*expected));
                let what = format!(
                    "the clock leapt to {}, and it should be {}: until one or the other is so, no new certificate answers; \
                     if the clock is right, start this again",
                    now.to_rfc3339(),
                    expected.to_rfc3339()
                );
                page.marked(Tone::Caution, "note:", &what);
            }
            RevocationEvent::Troubled { reason } => {
                page.marked(Tone::Bad, "trouble:", &format!("whoever asks is told to come later: {reason}"));
            }
        }
        self.context.terminal().answer(page.as_str())
    }

    fn open(&self, responders: &[AtWork], files: &[String], page: &mut Page) {
        let what = match self.duties {
            Duties::Ocsp => "OCSP is answered at",
            Duties::Files => "the CRLs and the certificates of the CAs are at",
            Duties::Both => "OCSP is answered, and the CRLs and the certificates of the CAs are, at",
        };
        page.line(what);
        page.command(&self.address);
        page.blank();
        for AtWork { issuer, not_after, .. } in responders {
            page.field("answers for", &format!("{issuer}, by a certificate until {}", Moment::from(*not_after).date()));
        }
        if !files.is_empty() {
            page.field("files", &files.join(", "));
        }
        page.field("open", "until Ctrl-C");
        if !self.settings.is_empty() {
            page.blank();
            page.line("new certificates say where, if hubca.toml says it:");
            self.settings.iter().for_each(|line| page.command(line));
        }
    }

    fn page(&self) -> Page {
        Page::new(self.context.terminal().columns()).calling(self.context.invocation())
    }
}

impl<'a> From<&'a AtWork> for ResponderTold<'a> {
    fn from(at_work: &'a AtWork) -> Self {
        let AtWork { issuer, sha256, not_after } = at_work;
        Self { issuer, sha256, not_after: (*not_after).into() }
    }
}
