//! What happens while the page is served, as it is told to whoever started it.

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The page is open.
    Opened,
    /// A device came, the first time since the page is served.
    Came(Guest),
    /// A device was given a name.
    Named(Guest),
    /// A device fetched the root, the first time.
    Fetched(Guest),
    /// A device proved that it trusts a root, the first time.
    Trusts(Guest, Proof),
    /// As many new devices came as are recorded at one time: further ones are served and not written down.
    Full {
        /// How many.
        devices: usize,
    },
    /// The ledger did not take something down; it is told once.
    NotRecorded {
        /// Why.
        reason: String,
    },
}

/// Which root it was that a device trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// SHA-256 of the root in hexadecimal digits.
    pub root_sha256: String,
    /// Whether that is the root that the page hands out.
    pub age: RootAge,
}

/// Whether a root is the one of today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootAge {
    /// The root that the page hands out.
    Current,
    /// One that this CA had before.
    Earlier,
}

/// A device as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guest {
    /// Its place in the device ledger, where it has one.
    pub place: Option<i64>,
    /// The name that its owner gave it.
    pub name: Option<String>,
    /// What kind of device it is, as far as it says.
    pub platform: Option<String>,
    /// From where it came.
    pub address: String,
}
