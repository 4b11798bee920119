//! The trust stores of a machine: which there are, whether a root is trusted in each, and the plans that put it there and
//! take it away.
//!
//! What a machine has is gathered first, as a value; every plan follows from that value alone. So the plan for a machine
//! that is not at hand is as good as one for this machine, and tests hold the plans of machines that nobody has here.

mod anchor;
mod asking;
mod change;
mod database;
mod direction;
mod environment;
mod error;
mod java;
mod keystore;
mod layout;
mod linux;
mod machine;
mod macos;
mod nss;
mod p11_kit;
mod policy;
mod rights;
mod room;
mod root;
mod store;
mod survey;
mod turns;
mod unusable;
mod windows;
mod wsl;

pub use change::{Change, install, plan, remove, standing};
pub use database::{Browser, Database};
pub use direction::Direction;
pub use environment::{Files, Replaces, Setting, settings};
pub use error::TrustError;
pub use keystore::{BrokenJava, Feeding, Keystore, NoRights};
pub use layout::{Layout, NoAnchors, SystemStore};
pub use machine::{Machine, Programs};
pub use rights::{Person, Rights};
pub use root::Root;
pub use store::{Kind, Owner, Standing, Store, Use};
pub use survey::{Surroundings, System, survey};
pub use turns::{Purpose, Turns};
pub use wsl::Windows;

/// The stores of a machine, in the order in which they are told.
pub fn stores(machine: &Machine) -> Vec<Box<dyn Store + '_>> {
    let found = [linux::stores, macos::stores, nss::stores, policy::stores, java::stores, windows::stores];
    found.iter().flat_map(|stores| stores(machine)).collect()
}
