//! `hubca list --devices`: who came to the onboarding page, and which root each of them trusts.

use serde::Serialize;

use crate::{
    authority::{DeviceRecord, DeviceRoot, Page as LedgerPage},
    cli::{
        context::Context,
        failure::Failure,
        moment::Moment,
        page::Page,
        platform::platform_name,
        report::{Outcome, Report},
    },
};

/// A page of the devices.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(super) struct DevicesReport {
    devices: Vec<ListedDevice>,
    /// Whether there may be older ones.
    #[serde(skip)]
    is_full: bool,
}

/// One device.
#[derive(Debug, Serialize)]
pub(super) struct ListedDevice {
    id: i64,
    name: Option<String>,
    platform: String,
    address: String,
    user_agent: String,
    first_seen: Moment,
    last_seen: Moment,
    roots: Vec<ListedRoot>,
    /// Where the next page begins, if it begins after this one.
    cursor: i64,
}

/// What a device did about a root.
#[derive(Debug, Serialize)]
pub(super) struct ListedRoot {
    sha256: String,
    /// Whether it is the root of today.
    current: bool,
    fetched_at: Option<Moment>,
    trusted_at: Option<Moment>,
}

/// Lists devices.
///
/// # Errors
/// A home or ledger that fails.
pub(super) fn run(page: LedgerPage, context: &Context) -> Result<Outcome, Failure> {
    let home = context.open_home()?;
    let current =
        home.authority().roots_to_hand_out().map_or(home.root()?, |(root, _)| root).certificate().fingerprint();
    let records = home.authority().devices(page)?;
    let is_full = u32::try_from(records.len()).is_ok_and(|length| length == page.limit);
    let devices = records.into_iter().map(|record| ListedDevice::of(record, &current)).collect();
    Ok(Outcome::done(DevicesReport { devices, is_full }))
}

impl ListedDevice {
    fn of(record: DeviceRecord, current: &str) -> Self {
        let listed = |root: DeviceRoot| ListedRoot {
            current: root.sha256 == current,
            sha256: root.sha256,
            fetched_at: root.fetched_at.map(Moment::from),
            trusted_at: root.trusted_at.map(Moment::from),
        };
        Self {
            id: record.place,
            name: record.name,
            platform: record.platform,
            address: record.address,
            user_agent: record.user_agent,
            first_seen: record.first_seen.into(),
            last_seen: record.last_seen.into(),
            roots: record.roots.into_iter().map(listed).collect(),
            cursor: record.place,
        }
    }

    /// What is known of its trust, in words.
    fn trust(&self) -> String {
        let trusted = |wanted: bool| self.roots.iter().find(|root| root.current == wanted)?.trusted_at;
        if let Some(since) = trusted(true) {
            return format!("proven on {}", since.date());
        }
        let earlier = self.roots.iter().any(|root| !root.current && root.trusted_at.is_some());
        let fetched = self.roots.iter().any(|root| root.current && root.fetched_at.is_some());
        match (earlier, fetched) {
            (true, _) => "an earlier root only".to_owned(),
            (false, true) => "fetched, not proven".to_owned(),
            (false, false) => "not proven".to_owned(),
        }
    }
}

impl Report for DevicesReport {
    fn tell(&self, page: &mut Page) {
        if self.devices.is_empty() {
            page.line(&format!("no device came to the onboarding page yet: {} opens it", page.hubca("share")));
            return;
        }
        let rows = self.devices.iter().map(|device| {
            [
                device.id.to_string(),
                device.name.clone().unwrap_or_else(|| "(no name)".to_owned()),
                platform_name(&device.platform).unwrap_or(&device.platform).to_owned(),
                device.address.clone(),
                device.last_seen.date(),
                device.trust(),
            ]
        });
        page.table(["id", "name", "device", "address", "last seen", "trust"], 1, rows);
        if let Some(last) = self.devices.last().filter(|_| self.is_full) {
            page.blank();
            page.line(&format!(
                "there may be more: {}",
                page.hubca(&format!("list --devices --before {}", last.cursor))
            ));
        }
    }
}
