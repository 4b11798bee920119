//! What the store refused, sorted into kinds the face can give advice for.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi;
use thiserror::Error;

/// The store could not do as it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no store at this path.
    #[error("there is no store at `{}`", path.display())]
    Missing {
        /// The path.
        path: PathBuf,
    },
    /// There is something at this path already.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// The path.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("`{}` is no SQLite database", path.display())]
    NotADatabase {
        /// The path.
        path: PathBuf,
    },
    /// The file was a store once.
    #[error("`{}` is damaged: {reason}", path.display())]
    Corrupt {
        /// The path.
        path: PathBuf,
        /// What SQLite found.
        reason: String,
    },
    /// A newer program wrote it.
    #[error("`{}` has schema version {found}, and this program knows up to {supported}", path.display())]
    Newer {
        /// The path.
        path: PathBuf,
        /// The version of the file.
        found: i64,
        /// The newest version known here.
        supported: i64,
    },
    /// Somebody changed the schema: what it promises (unique serial numbers, for one) may not hold.
    #[error("`{}` has another schema than this program made: {what} differs", path.display())]
    Altered {
        /// The path.
        path: PathBuf,
        /// The table, index, view or trigger.
        what: String,
    },
    /// The file or its directory takes no writes; the directory counts, because the write-ahead log lies in it.
    #[error("`{}` or its directory cannot be written", path.display())]
    ReadOnly {
        /// The path.
        path: PathBuf,
    },
    /// The write-ahead log cannot be used here.
    #[error("the store `{}` takes no write-ahead log: its journal stays in mode `{mode}`", path.display())]
    NoLog {
        /// The path.
        path: PathBuf,
        /// The mode it stays in.
        mode: String,
    },
    /// The disk is full.
    #[error("the disk that holds `{}` is full", path.display())]
    Full {
        /// The path.
        path: PathBuf,
    },
    /// Another process held the store longer than we wait.
    #[error("`{}` was held by another process for {waited_seconds} seconds", path.display())]
    Busy {
        /// The path.
        path: PathBuf,
        /// How long we waited.
        waited_seconds: u64,
    },
    /// A row with these unique values is there already.
    #[error("there is a row with the same {columns} already")]
    Duplicate {
        /// The columns, as `table.column`, separated by commas.
        columns: String,
    },
    /// A column holds what it should not: another type, or a value its owner cannot read.
    #[error("column `{column}` holds no {expected}")]
    WrongContent {
        /// The column: its name, or its index from zero.
        column: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// A statement was handed more or fewer values than it has placeholders.
    #[error("the statement takes {placeholders} values and was given {values}: {sql}")]
    WrongCount {
        /// The statement.
        sql: String,
        /// How many it takes.
        placeholders: usize,
        /// How many it was given.
        values: usize,
    },
    /// The file could not be made.
    #[error("cannot make `{}`", path.display())]
    Create {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Anything else.
    #[error("the store `{}` failed", path.display())]
    Other {
        /// The path.
        path: PathBuf,
        /// What SQLite said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// How long a writer waits for another, in seconds.
pub(super) const PATIENCE_SECONDS: u64 = 30;

impl StoreError {
    pub(super) fn new(path: &Path, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        let Some(failure) = error.sqlite_error() else {
            return Self::Other { path, source: error.into() };
        };
        match failure.code {
            ErrorCode::NotADatabase => Self::NotADatabase { path },
            ErrorCode::DatabaseCorrupt => Self::Corrupt { path, reason: error.to_string() },
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => Self::ReadOnly { path },
            ErrorCode::DiskFull => Self::Full { path },
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                Self::Busy { path, waited_seconds: PATIENCE_SECONDS }
            }
            // A file cut short in the middle of a page.
            ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHORT_READ => {
                Self::Corrupt { path, reason: error.to_string() }
            }
            // There is no room for the index of the write-ahead log, which processes share.
            ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => Self::Full { path },
            ErrorCode::ConstraintViolation if is_duplicate(failure.extended_code) => {
                Self::Duplicate { columns: columns_of(&error.to_string()) }
            }
            _ => Self::Other { path, source: error.into() },
        }
    }
}

fn is_duplicate(extended_code: i32) -> bool {
    matches!(
        extended_code,
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID
    )
}

/// SQLite says `UNIQUE constraint failed: certificate.issuer, certificate.serial`.
fn columns_of(message: &str) -> String {
    message.rsplit_once("failed: ").map_or_else(|| message.to_owned(), |(_, columns)| columns.to_owned())
}
