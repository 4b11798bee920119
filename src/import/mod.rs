//! An existing CA moves in: its root stays the root that devices trust, and every serial number, name, end and revocation is kept. And
//! what a CA of ours issued comes back, where its ledger lost it.
//!
//! A file for each program says where that program keeps what; everything else is the same for all of them. The old files are read
//! and never written to.

mod asn1_time;
mod belongings;
mod book;
mod bookless;
mod descent;
pub mod easy_rsa;
mod error;
mod estate;
mod foundlings;
mod index_line;
mod issued;
mod lists;
mod locks;
mod old_ca;
pub mod openssl;
mod openssl_config;
pub mod pem;
mod places;
mod search;
pub mod step;
mod unread;

pub use bookless::{Bookless, MINICA, MKCERT};
pub use error::ImportError;
pub use estate::{Estate, Settlement, Succession, Tally};
pub use foundlings::{FoundCertificate, Foundlings, Whereabouts};
pub use index_line::{IndexLine, IndexLineError, Lost};
pub use old_ca::OldCa;
pub use openssl_config::ConfigError;
pub use places::{CaPlaces, Places, Tool};
pub use unread::{Reason, Unread};
