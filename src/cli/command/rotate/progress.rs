//! How far a change of root has come: the roots, who trusts which, and what stands below which.

use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    authority::{CaCertificate, CertificateRecord, DeviceRecord, Page as LedgerPage, RecordedName, Stage},
    cli::{
        failure::Failure,
        issued::names_in_words,
        moment::Moment,
        page::{Page, counted},
        platform::platform_name,
    },
    home::Home,
};

/// How far a change of root has come.
#[derive(Debug, Serialize)]
pub(super) struct Progress {
    pub(super) state: State,
    begun_at: Option<Moment>,
    cut_over_at: Option<Moment>,
    roots: Vec<RootStanding>,
    /// Certificates in use that stand below the old root still.
    below_old: Vec<InUse>,
    /// Devices that trust a root, but did not show that they trust the new one.
    pub(super) devices_without: Vec<DeviceWithout>,
    /// The step that comes next.
    next: &'static str,
    #[serde(skip)]
    now: OffsetDateTime,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// No change of root is under way.
    None,
    /// Both roots are there, and the old one is in force.
    Begun,
    /// The new root is in force.
    CutOver,
}

/// A root, and who relies on it.
#[derive(Debug, Serialize)]
struct RootStanding {
    standing: Standing,
    name: String,
    sha256: String,
    not_after: Moment,
    /// How many devices have shown that they trust it.
    devices: usize,
}

/// What a root is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    /// What is issued stands below it.
    InForce,
    /// It comes next.
    Next,
    /// It was in force, and servers are trusted by devices that have it still.
    Old,
    /// It was in force before, and is retired.
    Earlier,
}

/// A certificate in use.
#[derive(Debug, Serialize)]
struct InUse {
    serial: String,
    label: Option<String>,
    names: Vec<RecordedName>,
}

/// A device that did not show that it trusts the new root.
#[derive(Debug, Serialize)]
pub(super) struct DeviceWithout {
    id: i64,
    name: Option<String>,
    platform: String,
    address: String,
    last_seen: Moment,
}

impl Progress {
    pub(super) fn of(home: &Home, now: OffsetDateTime) -> Result<Self, Failure> {
        let authority = home.authority();
        let devices = authority.devices_that_know_a_root()?;
        let change = authority.rotation();
        let standing = |standing, ca: &CaCertificate| RootStanding::of(standing, ca, &devices);
        let earlier = authority.earlier_roots().into_iter();
        let (state, roots, below, newest) = match change {
            None => {
                let root = home.root()?;
                let roots = std::iter::once(standing(Standing::InForce, root));
                (State::None, roots.chain(earlier.map(|ca| standing(Standing::Earlier, ca))).collect(), None, root)
            }
            Some(change) => {
                let (old, new) = match change.stage {
                    Stage::Begun => (Standing::InForce, Standing::Next),
                    Stage::CutOver => (Standing::Old, Standing::InForce),
                };
                let state = if change.stage == Stage::Begun { State::Begun } else { State::CutOver };
                let before = earlier.filter(|ca| ca.certificate() != change.old.certificate());
                let roots = [standing(new, change.new), standing(old, change.old)];
                let roots = roots.into_iter().chain(before.map(|ca| standing(Standing::Earlier, ca)));
                (state, roots.collect(), Some(change.old), change.new)
            }
        };
        let below_old = match below {
            Some(old) => authority.in_use_below(old, LedgerPage { limit: MOST_TOLD, before: None })?,
            None => Vec::new(),
        };
        let newest = newest.certificate().fingerprint();
        let without = devices.into_iter().filter(|device| !trusts(device, &newest));
        Ok(Self {
            state,
            begun_at: change.map(|change| change.begun_at.into()),
            cut_over_at: change.and_then(|change| change.cut_over_at).map(Moment::from),
            roots,
            below_old: below_old.into_iter().map(InUse::from).collect(),
            devices_without: without.map(DeviceWithout::from).collect(),
            next: state.next(),
            now,
        })
    }

    pub(super) fn tell(&self, page: &mut Page) {
        page.heading(match self.state {
            State::None => "no change of root is under way",
            State::Begun => "a change of root is begun: the old root is in force, and servers are trusted by both",
            State::CutOver => "a change of root is cut over: the new root is in force, and servers are trusted by both",
        });
        for root in &self.roots {
            let words = match root.standing {
                Standing::InForce => "in force",
                Standing::Next => "next",
                Standing::Old => "old",
                Standing::Earlier => "earlier",
            };
            page.field(words, &root.name);
            page.field("", &format!("until {}", root.not_after.told(self.now)));
            page.field("", &format!("SHA-256 {}", root.sha256));
            page.field("", &format!("{} shown to trust it", counted(root.devices, "device")));
        }
        if self.state != State::None {
            self.tell_certificates(page);
        }
        self.tell_devices(page);
        page.blank();
        self.tell_next(page);
    }

    fn tell_certificates(&self, page: &mut Page) {
        page.blank();
        if self.below_old.is_empty() {
            page.line("no certificate in use stands below the old root");
            return;
        }
        page.line("below the old root stand still:");
        for certificate in self.below_old.iter().take(SHOWN) {
            let label = certificate.label.as_deref().unwrap_or(&certificate.serial);
            page.field(label, &names_in_words(&certificate.names));
        }
        if let Some(more) = self.below_old.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            page.line(&format!("  and {more} more"));
        }
    }

    /// Tells which devices would be left behind.
    pub(super) fn tell_devices(&self, page: &mut Page) {
        if self.devices_without.is_empty() {
            return;
        }
        page.blank();
        page.line("these devices know a root and have not shown that they trust the newest:");
        let rows = self.devices_without.iter().take(SHOWN).map(|device| {
            [
                device.name.clone().unwrap_or_else(|| "(no name)".to_owned()),
                platform_name(&device.platform).unwrap_or(&device.platform).to_owned(),
                device.address.clone(),
                device.last_seen.date(),
            ]
        });
        page.table(["name", "device", "address", "last seen"], 0, rows);
        if let Some(more) = self.devices_without.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            page.line(&format!("  and {more} more: {}", page.hubca("list --devices")));
        }
    }

    fn tell_next(&self, page: &mut Page) {
        match self.state {
            State::None => page.line("to begin one, with the root key at hand:"),
            State::Begun => {
                page.line("let devices have the new root; files for them carry both:");
                page.command(&page.hubca("share"));
                page.command(&page.hubca("export ios"));
                page.line("then put it in force. Devices that have the old root only are served on:");
            }
            State::CutOver => page.line("when no server and no device needs the old root any more:"),
        }
        page.command(&page.hubca(&format!("rotate root {}", self.next)));
    }
}

impl State {
    /// The step that comes next.
    pub(super) fn next(self) -> &'static str {
        match self {
            Self::None => "begin",
            Self::Begun => "cut-over",
            Self::CutOver => "retire",
        }
    }
}

impl RootStanding {
    fn of(standing: Standing, ca: &CaCertificate, devices: &[DeviceRecord]) -> Self {
        let (tbs, sha256) = (ca.certificate().tbs(), ca.certificate().fingerprint());
        Self {
            standing,
            name: tbs.subject().common_name().map_or_else(|| tbs.subject().to_string(), str::to_owned),
            not_after: tbs.validity().not_after().into(),
            devices: devices.iter().filter(|device| trusts(device, &sha256)).count(),
            sha256,
        }
    }
}

fn trusts(device: &DeviceRecord, root: &str) -> bool {
    device.roots.iter().any(|known| known.sha256 == root && known.trusted_at.is_some())
}

impl From<CertificateRecord> for InUse {
    fn from(record: CertificateRecord) -> Self {
        Self { serial: record.serial, label: record.label, names: record.names }
    }
}

impl From<DeviceRecord> for DeviceWithout {
    fn from(device: DeviceRecord) -> Self {
        Self {
            id: device.place,
            name: device.name,
            platform: device.platform,
            address: device.address,
            last_seen: device.last_seen.into(),
        }
    }
}

/// How many certificates and devices are told one by one.
const SHOWN: usize = 20;
/// How many a program is told.
const MOST_TOLD: u32 = 1000;
