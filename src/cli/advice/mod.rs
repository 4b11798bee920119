//! The way out of an error: the floors below say what is, and here is what a person can do about it.

mod adoption;
mod backup;
mod export;
mod host;
mod import;
mod issuance;
mod machine;
mod mobileconfig;
mod renewal;
mod revocation;
mod timer;
mod trust;
