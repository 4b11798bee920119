//! Every server of a home, visited and judged: each label with an address at which its certificate is to be seen.

use std::time::Duration;

use serde::Serialize;

use super::{asked::Asked, report::CheckReport, roots::Roots, server::judge};
use crate::{
    authority::Watched,
    cli::{
        context::Context,
        failure::Failure,
        moment::Moment,
        page::{Page, Tone, counted},
        report::{Outcome, Report},
    },
    home::{asked_by, shown_at},
    lint::{Platform, Severity},
    probe::{Meeting, meet},
    system::workers,
    x509::Certificate,
};

/// The servers, the worst first.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct AllReport {
    servers: Vec<Server>,
    #[serde(skip)]
    at: Moment,
}

/// One server of a label.
#[derive(Debug, Serialize)]
struct Server {
    label: String,
    address: String,
    ok: bool,
    /// Why nothing was seen.
    error: Option<String>,
    check: Option<CheckReport>,
}

/// How a server stands, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Unseen,
    Refused,
    Remarked,
    Good,
}

/// Examines every server of the home.
///
/// # Errors
/// There is no home, or a ledger that fails.
pub(super) fn check(
    platforms: &[Platform],
    at: Moment,
    limit: Duration,
    context: &Context,
) -> Result<Outcome, Failure> {
    let roots = Roots::of(context.open_home()?);
    let places = places(&roots)?;
    let progress = context.progress("looking at servers", places.len() as u64);
    let (network, clock) = (context.network(), &*context.doors().clock);
    let visit = |(label, told, asked): (String, String, Result<Asked, String>)| {
        let met = asked.and_then(|asked| {
            let meeting =
                meet(network, clock, &asked.visitor(limit), roots.known()).map_err(|error| error.to_string())?;
            Ok((asked, meeting))
        });
        (label, told, met)
    };
    // The ledger is asked afterwards, by one alone.
    let met = workers::wait_for_all(places, MOST_TOGETHER, visit, || progress.advance(1));
    drop(progress);
    let servers = met.into_iter().map(|(label, address, met)| Server::of(label, address, met, &roots, platforms, at));
    let mut servers = servers.collect::<Result<Vec<_>, Failure>>()?;
    servers.sort_by(|one, other| (one.standing(), &one.label).cmp(&(other.standing(), &other.label)));
    let is_ok = servers.iter().all(|server| server.ok);
    let report = AllReport { servers, at };
    Ok(if is_ok { Outcome::done(report) } else { Outcome::no(report) })
}

/// The servers of all labels, with what each is asked for.
#[expect(clippy::type_complexity, reason = "the three go to one place, some lines above")]
fn places(roots: &Roots) -> Result<Vec<(String, String, Result<Asked, String>)>, Failure> {
    let (mut places, mut after) = (Vec::new(), String::new());
    let Some(home) = roots.home() else { return Ok(places) };
    loop {
        let page = home.authority().watched(&after, PAGE)?.first;
        let Some(last) = page.last() else { return Ok(places) };
        after.clone_from(&last.label);
        for watched in &page {
            let asked = |address: &String| (watched.label.clone(), address.clone(), asked(watched, address));
            places.extend(watched.addresses.iter().map(asked));
        }
    }
}

/// Devices may reach a server elsewhere than where it is looked at: then it is asked for a name of its certificate.
fn asked(watched: &Watched, address: &str) -> Result<Asked, String> {
    let address = shown_at(address, watched.server.as_deref()).map_err(|error| error.to_string())?;
    let ours = Certificate::from_der(&watched.certificate).map_err(|error| error.to_string())?;
    let name = asked_by(&ours, &address).unwrap_or_else(|| address.host().clone());
    Ok(Asked { address, name, websocket: None })
}

impl Server {
    fn of(
        label: String,
        address: String,
        met: Result<(Asked, Meeting), String>,
        roots: &Roots,
        platforms: &[Platform],
        at: Moment,
    ) -> Result<Self, Failure> {
        Ok(match met {
            Err(error) => Self { label, address, ok: false, error: Some(error), check: None },
            Ok((asked, meeting)) => {
                let check = judge(&asked, &meeting, roots, platforms, at)?;
                Self { label, address, ok: check.is_ok(), error: None, check: Some(check) }
            }
        })
    }

    fn standing(&self) -> Standing {
        match &self.check {
            None => Standing::Unseen,
            Some(check) => match check.findings().first().map(|finding| finding.severity) {
                Some(Severity::Error) => Standing::Refused,
                Some(Severity::Warning) => Standing::Remarked,
                None => Standing::Good,
            },
        }
    }

    /// The worst that was found, in one line.
    fn words(&self, at: Moment) -> String {
        let Some(check) = &self.check else { return self.error.clone().unwrap_or_default() };
        let Some(worst) = check.findings().first() else {
            let until = check.server().and_then(|server| server.until());
            return until.map(|until| format!("until {}", until.told(at.instant()))).unwrap_or_default();
        };
        let more = check.findings().len() - 1;
        if more == 0 { worst.message.clone() } else { format!("{}; and {more} more", worst.message) }
    }
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Self::Unseen => "unseen",
            Self::Refused => "error",
            Self::Remarked => "warning",
            Self::Good => "good",
        }
    }
}

impl Report for AllReport {
    fn tell(&self, page: &mut Page) {
        if self.servers.is_empty() {
            page.line("no label has an address at which its server is to be seen");
            page.marked(Tone::Good, "hint:", &page.spelled("name one: hubca edit LABEL --verify HOST:PORT"));
            return;
        }
        let rows = self.servers.iter().map(|server| {
            [server.label.clone(), server.address.clone(), server.standing().word().to_owned(), server.words(self.at)]
        });
        page.table(["label", "server", "", "found"], 3, rows);
        page.blank();
        let wrong = self.servers.iter().filter(|server| !server.ok).count();
        if wrong == 0 {
            page.line(&format!("{} looked at, and devices take all of them", counted(self.servers.len(), "server")));
            return;
        }
        page.line(&format!("devices refuse {wrong} of {}, or nobody answers", counted(self.servers.len(), "server")));
        let worst = self.servers.iter().find(|server| server.check.is_some() && !server.ok);
        if let Some(address) = worst.and_then(|server| server.check.as_ref()?.server()).map(|server| server.call()) {
            page.marked(Tone::Good, "hint:", &page.spelled(&format!("more of one: hubca check {address}")));
        }
    }
}

/// How many are visited together.
const MOST_TOGETHER: usize = 16;
/// How many labels are read together.
const PAGE: u32 = 1000;
