//! The commands, one to a file.

pub mod audit;
pub mod check;
pub mod completions;
pub mod crl;
pub mod edit;
pub mod export;
pub mod init;
pub mod inspect;
pub mod issue;
mod issue_batch;
mod issue_dev;
pub mod key;
pub mod list;
mod list_devices;
pub mod man;
pub mod ocsp;
pub mod profile;
pub mod quickstart;
pub mod renew;
mod renew_timer;
pub mod revoke;
pub mod rotate;
mod serving;
pub mod share;
pub mod show;
pub mod sign;
pub mod status;
