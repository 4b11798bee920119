//! The harness of the tests above the ledger: a home in a temporary directory, a fixed clock, a real SQLite.

use std::sync::Arc;

use tempfile::TempDir;
use time::{OffsetDateTime, macros::datetime};

use super::{
    error::HomeError,
    establishment::Establishment,
    issuance::Issued,
    layout::Layout,
    opened::Home,
    order::{KeyChoice, Order},
};
use crate::{
    authority::{Doors, Issuer, KeyPolicy, Label, Lifetime, OnOtherNames, Whereabouts},
    keys::{KeyPurpose, Passphrase, PassphraseError, PassphraseSource, Protection},
    profile::{Profile, Scope, builtin},
    system::{FixedClock, SystemRandom},
    x509::{DnsName, GeneralName, KeyAlgorithm, SubjectAltNames, template::Criticality},
};

/// A CA in a temporary directory.
pub(crate) struct TestCa {
    pub(crate) home: Home,
    pub(crate) clock: Arc<FixedClock>,
    _directory: TempDir,
}

/// When the tests take place.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-21 12:00 UTC);

impl TestCa {
    pub(crate) fn new() -> Self {
        Self::with_key(KeyAlgorithm::P256)
    }

    pub(crate) fn with_key(key: KeyAlgorithm) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at(NOW));
        let layout = Layout::new(directory.path().join("home"));
        let scope = Scope::private(None, &[], Criticality::Critical).unwrap();
        let home = establish(layout, &clock, &scope, key).unwrap();
        Self { home, clock, _directory: directory }
    }

    pub(crate) fn doors(&self) -> Doors {
        doors(&self.clock)
    }

    pub(crate) fn issuer(&self) -> Issuer {
        self.home.issuer(&NoPassphrase).unwrap()
    }

    pub(crate) fn issue(&self, names: &[&str]) -> Result<Issued, HomeError> {
        self.issue_for(names, Lifetime::Default)
    }

    pub(crate) fn issue_for(&self, names: &[&str], lifetime: Lifetime) -> Result<Issued, HomeError> {
        let profile = server();
        self.home.issue(&self.issuer(), Order { lifetime, ..order(&profile, names) })
    }
}

pub(crate) fn establish(
    layout: Layout,
    clock: &Arc<FixedClock>,
    scope: &Scope,
    key: KeyAlgorithm,
) -> Result<Home, HomeError> {
    let establishment =
        Establishment { name: "Test Hub", scope, key, root_protection: Protection::FileMode, root_key_out: None };
    Home::establish(layout, doors(clock), &establishment)
}

pub(crate) fn doors(clock: &Arc<FixedClock>) -> Doors {
    Doors { clock: clock.clone(), random: Arc::new(SystemRandom) }
}

pub(crate) fn server() -> Profile {
    builtin("server").unwrap().unwrap()
}

pub(crate) fn order<'a>(profile: &'a Profile, names: &[&str]) -> Order<'a> {
    let names = san(names);
    let label = names.iter().next().map(|first| Label::from_name(first).unwrap()).unwrap();
    Order {
        names,
        profile,
        key: KeyChoice::New(KeyAlgorithm::P256),
        key_policy: KeyPolicy::New,
        lifetime: Lifetime::Default,
        label,
        on_other_names: OnOtherNames::Refuse,
        whereabouts: Whereabouts::default(),
        destination: None,
    }
}

pub(crate) fn san(names: &[&str]) -> SubjectAltNames {
    let parse =
        |text: &&str| GeneralName::parse_ip(text).unwrap_or_else(|_| GeneralName::Dns(DnsName::parse(text).unwrap()));
    SubjectAltNames::new(names.iter().map(parse).collect()).unwrap()
}

/// Nobody is there to ask.
pub(crate) struct NoPassphrase;

impl PassphraseSource for NoPassphrase {
    fn passphrase(&self, purpose: &KeyPurpose) -> Result<Passphrase, PassphraseError> {
        Err(PassphraseError::Unavailable { purpose: purpose.clone() })
    }
}
