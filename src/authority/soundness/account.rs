//! What the log tells of the rows: of a certificate or a CRL the places of its entries, which are few octets for each, and of all
//! others what was told last. An entry of an earlier version does not tell all; what is not told is not compared.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value as Json;

use super::{moved_in::MovedIn, told::Told, told_lineage::ToldLineage};
use crate::{
    authority::{act::Act, audit_chain::AuditEntry},
    x509::{certificate::sha256, serial_number::Epoch},
};

/// What is told by all entries that were read.
#[derive(Default)]
pub(super) struct Account {
    pub(super) authority: ToldAuthority,
    pub(super) issuers: BTreeMap<i64, ToldIssuer>,
    pub(super) rotations: Vec<ToldRotation>,
    pub(super) certificates: HashMap<CertificateKey, CertificateEntries>,
    pub(super) crls: BTreeMap<(i64, i64), CrlEntries>,
    pub(super) lineages: HashMap<String, ToldLineage>,
    pub(super) devices: BTreeMap<i64, ToldDevice>,
    pub(super) moved_in: ToldMove,
    /// Whether entries were left out, so that nothing that is counted, or told each day anew, is known.
    pub(super) is_partial: bool,
}

/// What is told of what moved in.
#[derive(Default)]
pub(super) enum ToldMove {
    /// Nothing did.
    #[default]
    Nothing,
    /// Something did, and nothing is told of its rows.
    Untold,
    /// The entry that tells how its rows were.
    Told(i64, MovedIn),
}

/// What is told of the CA as a whole.
#[derive(Default)]
pub(super) struct ToldAuthority {
    pub(super) name: Option<String>,
    pub(super) established: Option<i64>,
    pub(super) serial_epoch: i64,
    pub(super) clocks: i64,
    pub(super) backup: Option<(i64, String)>,
}

/// What is told of an issuer.
pub(super) struct ToldIssuer {
    /// The entry that gave it its place.
    pub(super) entry: i64,
    pub(super) role: String,
    pub(super) subject: String,
    /// The columns `ordinal` and `signed_by`, if they are told.
    pub(super) row: Option<Json>,
    /// The fingerprint of its certificate.
    pub(super) sha256: Option<String>,
    /// None where that is not told.
    pub(super) revocations: Option<i64>,
    /// None where that is not told.
    pub(super) crl_floor: Option<Option<i64>>,
    /// Why it does not issue, where it was adopted and does not.
    pub(super) set_aside: Option<String>,
}

/// What is told of a change of root; none where that is not told.
pub(super) struct ToldRotation {
    pub(super) old_root: Option<i64>,
    pub(super) new_root: Option<i64>,
    pub(super) begun_at: Step,
    pub(super) cut_over_at: Step,
    pub(super) retired_at: Step,
    pub(super) abandoned_at: Step,
}

/// A step of a change of root.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Step {
    #[default]
    NotTaken,
    /// Taken, and nothing is told of the time.
    Taken,
    TakenAt(i64),
}

/// A serial number of an issuer, in few octets.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CertificateKey([u8; 16]);

/// The entries that tell of a certificate; 0 where there is none.
#[derive(Clone, Copy, Default)]
pub(super) struct CertificateEntries {
    /// The last that reserved it.
    pub(super) reserve: i64,
    /// The first that tells what the row said before.
    pub(super) before: i64,
    /// The last that issued it.
    pub(super) issue: i64,
    pub(super) first_revoke: i64,
    pub(super) last_revoke: i64,
}

/// The entries that tell of a CRL; 0 where there is none.
#[derive(Clone, Copy, Default)]
pub(super) struct CrlEntries {
    pub(super) reserve: i64,
    pub(super) issue: i64,
}

/// What is told of a device.
#[derive(Default)]
pub(crate) struct ToldDevice {
    /// What it said of itself when it came last.
    pub(crate) arrival: Json,
    pub(crate) name: Json,
    pub(crate) roots: BTreeMap<String, ToldRoot>,
}

/// What is told of a device and a root, by the times of the entries.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ToldRoot {
    pub(crate) fetched_at: Option<i64>,
    /// When it proved its trust in it.
    pub(crate) trusted_at: Option<i64>,
}

impl CertificateEntries {
    /// Whether its certificate has its place in the lineage. One that is being adopted has none yet.
    pub(super) fn is_in_lineage(self, issued_at: Option<i64>) -> bool {
        issued_at.is_some() && self.reserve <= self.issue
    }
}

impl CertificateKey {
    pub(super) fn of(issuer: i64, serial: &str) -> Self {
        let hash = sha256(format!("{issuer}/{serial}").as_bytes());
        let mut key = [0; 16];
        key.iter_mut().zip(hash).for_each(|(octet, hashed)| *octet = hashed);
        Self(key)
    }
}

impl Account {
    /// What some entries tell, in their order, of which those of what is done each day are left out.
    pub(super) fn of_part<'a>(entries: impl IntoIterator<Item = &'a AuditEntry>) -> Self {
        let mut account = Self { is_partial: true, ..Self::default() };
        entries.into_iter().for_each(|entry| account.take(entry));
        account.issuers.values_mut().for_each(|issuer| issuer.revocations = None);
        account
    }

    /// Takes the next entry; what is no JSON of ours tells nothing.
    pub(super) fn take(&mut self, entry: &AuditEntry) {
        let Some(act) = Act::ALL.into_iter().find(|act| act.as_str() == entry.act) else { return };
        let Ok(detail) = serde_json::from_str::<Json>(&entry.detail) else { return };
        let told = Told::of(entry, &detail);
        match act {
            Act::Establish => self.authority.establish(&told),
            Act::Import => self.import(&told),
            Act::AddIssuer => self.add_issuer(&told),
            Act::Reserve | Act::Issue | Act::Adopt | Act::Revoke => self.take_certificate(act, &told),
            Act::BeginRotation | Act::CutOver | Act::RetireRoot | Act::AbandonRotation => self.rotate(act, &told),
            Act::ReserveCrl | Act::IssueCrl => self.take_crl(act, &told),
            Act::Edit => self.edit(&told),
            Act::Deploy => self.deploy(&told),
            Act::MeetDevice | Act::NameDevice | Act::FetchRoot | Act::ProveTrust => self.take_device(act, &told),
            Act::AcceptClock => self.accept_clock(&told),
            // One that is not sound does not count.
            Act::Backup if told.integer("flaws").is_some() => {}
            Act::Backup => self.authority.back_up(&told),
            Act::Restore => self.restore(&told),
            Act::ProtectKey | Act::KnowFlaws => {}
        }
    }

    fn import(&mut self, told: &Told<'_>) {
        let moved_in: Option<MovedIn> = told.detail.get("moved_in").and_then(|told| MovedIn::deserialize(told).ok());
        for (id, issuer) in &mut self.issuers {
            issuer.revocations = moved_in.as_ref().and_then(|told| told.revocations.get(id).copied());
        }
        self.moved_in = moved_in.map_or(ToldMove::Untold, |moved_in| ToldMove::Told(told.entry.sequence, moved_in));
    }

    fn add_issuer(&mut self, told: &Told<'_>) {
        let Some(id) = told.integer("issuer") else { return };
        let issuer = ToldIssuer {
            entry: told.entry.sequence,
            role: told.text("role").unwrap_or_default(),
            subject: told.text("subject").unwrap_or_default(),
            row: told.detail.get("row").cloned(),
            sha256: told.text("sha256"),
            revocations: Some(0),
            crl_floor: Some(None),
            set_aside: None,
        };
        self.issuers.insert(id, issuer);
    }

    fn take_certificate(&mut self, act: Act, told: &Told<'_>) {
        let (Some(issuer), Some(serial)) = (told.integer("issuer"), told.text("serial")) else { return };
        let place = told.entry.sequence;
        let entries = self.certificates.entry(CertificateKey::of(issuer, &serial)).or_default();
        match act {
            Act::Reserve => {
                entries.reserve = place;
                if entries.before == 0 && told.detail.get("before").is_some() {
                    entries.before = place;
                }
                if let Some(epoch) = told.integer("serial_epoch") {
                    self.authority.serial_epoch = epoch;
                }
            }
            Act::Revoke => {
                entries.last_revoke = place;
                if entries.first_revoke == 0 {
                    entries.first_revoke = place;
                }
                if let Some(issuer) = self.issuers.get_mut(&issuer) {
                    issuer.revocations = issuer.revocations.map(|revocations| revocations + 1);
                }
            }
            _ => {
                entries.issue = place;
                if let Some(ca) = told.integer("ca").and_then(|ca| self.issuers.get_mut(&ca)) {
                    ca.issue(told);
                }
                if let Some(label) = told.text("label") {
                    self.lineages.entry(label).or_default().follow(told);
                }
            }
        }
    }

    fn rotate(&mut self, act: Act, told: &Told<'_>) {
        let at = told.detail.pointer("/row/at").and_then(Json::as_i64).map_or(Step::Taken, Step::TakenAt);
        if act == Act::BeginRotation {
            self.rotations.push(ToldRotation {
                old_root: told.integer("old_root"),
                new_root: told.integer("new_root"),
                begun_at: at,
                cut_over_at: Step::NotTaken,
                retired_at: Step::NotTaken,
                abandoned_at: Step::NotTaken,
            });
        }
        let Some(newest) = self.rotations.last_mut() else { return };
        match act {
            Act::CutOver => newest.cut_over_at = at,
            Act::RetireRoot => newest.retired_at = at,
            Act::AbandonRotation => newest.abandoned_at = at,
            _ => {}
        }
    }

    fn take_crl(&mut self, act: Act, told: &Told<'_>) {
        let (Some(issuer), Some(number)) = (told.integer("issuer"), told.integer("number")) else { return };
        let entries = self.crls.entry((issuer, number)).or_default();
        match act {
            Act::ReserveCrl => entries.reserve = told.entry.sequence,
            _ => entries.issue = told.entry.sequence,
        }
    }

    fn edit(&mut self, told: &Told<'_>) {
        let Some(label) = told.text("label") else { return };
        self.lineages.entry(label).or_default().edit(told);
    }

    fn deploy(&mut self, told: &Told<'_>) {
        let Some(label) = told.text("label") else { return };
        self.lineages.entry(label).or_default().deploy(told);
    }

    fn take_device(&mut self, act: Act, told: &Told<'_>) {
        let Some(id) = told.integer("device") else { return };
        let device = self.devices.entry(id).or_default();
        let root = || told.text("root_sha256").unwrap_or_default();
        match act {
            Act::MeetDevice => device.arrival = told.detail.clone(),
            Act::NameDevice => device.name = told.detail.get("name").cloned().unwrap_or_default(),
            Act::FetchRoot => device.roots.entry(root()).or_default().fetched_at = Some(told.entry.at),
            _ => device.roots.entry(root()).or_default().trusted_at = Some(told.entry.at),
        }
    }

    fn accept_clock(&mut self, told: &Told<'_>) {
        self.authority.clocks += 1;
        let clock = told.integer("clock");
        for rotation in &mut self.rotations {
            let ToldRotation { begun_at, cut_over_at, retired_at, abandoned_at, .. } = rotation;
            for step in [begun_at, cut_over_at, retired_at, abandoned_at] {
                *step = match (*step, clock) {
                    (Step::TakenAt(at), Some(clock)) => Step::TakenAt(at.min(clock)),
                    (Step::NotTaken, _) => Step::NotTaken,
                    _ => Step::Taken,
                };
            }
        }
    }

    fn restore(&mut self, told: &Told<'_>) {
        self.authority.back_up(told);
        self.authority.serial_epoch = told.integer("serial_epoch").unwrap_or(self.authority.serial_epoch);
        for label in told.texts("forgotten") {
            if let Some(lineage) = self.lineages.get_mut(label) {
                lineage.forget_destination(told);
            }
        }
        let floors = told.detail.pointer("/row/crl_floor");
        for (id, issuer) in &mut self.issuers {
            issuer.revocations = issuer.revocations.map(|revocations| revocations + 1);
            issuer.crl_floor = floors.map(|floors| floors.get(id.to_string()).and_then(Json::as_i64));
        }
    }
}

impl ToldAuthority {
    fn establish(&mut self, told: &Told<'_>) {
        self.name = told.text("name");
        self.established = Some(told.entry.at);
        self.serial_epoch = Epoch::FIRST.octet().into();
    }

    fn back_up(&mut self, told: &Told<'_>) {
        self.backup = told.integer("made_at").zip(told.text("file"));
    }
}

impl ToldIssuer {
    /// It has its certificate. One that is adopted keeps clear of the lists that it may have signed, and may be set aside.
    fn issue(&mut self, told: &Told<'_>) {
        self.sha256 = told.text("sha256");
        let Some(adopted) = told.detail.get("adopted") else { return };
        self.set_aside = adopted.get("set_aside").and_then(Json::as_str).map(str::to_owned);
        if let Some(floor) = adopted.get("crl_floor").and_then(Json::as_i64) {
            self.crl_floor = Some(Some(floor));
            self.revocations = self.revocations.map(|revocations| revocations + 1);
        }
    }
}
