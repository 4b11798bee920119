//! What is offered to whoever opens the page.

use time::OffsetDateTime;

use super::origin::{HubAddress, Origin};
use crate::export::Anchor;

/// A root to trust, and where its trust is proven.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The root and the name of its CA.
    pub anchor: Anchor,
    /// The address of the page, as the QR code and the terminal show it: `http://192.168.0.1:8080/`.
    pub address: String,
    /// Where a server answers whose certificate stands under the root.
    pub current: Origin,
    /// The same for the roots that this CA had before.
    pub earlier: Vec<EarlierRoot>,
    /// Where the person wants to go.
    pub hub: Option<HubAddress>,
    /// When the page goes away by itself.
    pub until: OffsetDateTime,
    /// Whether visits are written down.
    pub recording: Recording,
}

/// A root that this CA had before, and a server whose certificate stands under it.
#[derive(Clone, Debug)]
pub struct EarlierRoot {
    /// The name that devices list it under.
    pub name: String,
    /// Where the server answers.
    pub origin: Origin,
}

/// Whether it is written down who came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recording {
    /// The page says so, and asks what the device is called.
    On,
    /// Nothing is kept, and nothing is asked.
    Off,
}
