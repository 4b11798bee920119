//! The store: rows that survive a power cut, in one SQLite file. It knows no certificate.
//!
//! `rusqlite` is named in this folder only. The SQL that others hand in keeps to what PostgreSQL would take as it is:
//! placeholders are `$1`, `$2` …, times are seconds in a `BIGINT`.

mod database;
mod error;
mod migration;
mod row;
mod transaction;
mod value;

pub use database::Store;
pub use error::StoreError;
pub use migration::Migration;
pub use row::{Column, Row};
pub use transaction::Transaction;
pub use value::Value;
