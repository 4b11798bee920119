//! The database: one SQLite file with a write-ahead log, its rules set once for every connection.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::{PATIENCE_SECONDS, StoreError};
use super::transaction::Transaction;

/// An open store; threads may share it, and take turns.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    path: PathBuf,
    /// How long a writer waits for another, in seconds.
    patience: AtomicU64,
}

/// Whether other processes work with a store meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sharing {
    WithOthers,
    /// They wait until this one is done.
    WithNobody,
}

impl Store {
    /// Makes a store where there is nothing yet: mode 0600 whatever the umask.
    ///
    /// # Errors
    ///
    /// [`StoreError::Exists`] when there is anything at `path`; else what the system or SQLite refused.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        create_file(path)?;
        let store = Self::connect(path, Sharing::WithOthers)?;
        // Writes the first page, so that an empty file is never taken for a store.
        store.use_write_ahead_log()?;
        Ok(store)
    }

    /// Opens a store that is there; never makes one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Missing`], [`StoreError::NotADatabase`], [`StoreError::Corrupt`], [`StoreError::ReadOnly`]; else what
    /// SQLite refused.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::Missing { path: path.to_owned() },
            _ => StoreError::Other { path: path.to_owned(), source: error.into() },
        })?;
        // SQLite takes a file without a whole page for an empty database, and a directory for one it cannot open.
        if metadata.len() < SMALLEST_PAGE || !metadata.is_file() {
            return Err(StoreError::NotADatabase { path: path.to_owned() });
        }
        match Self::reach(path, Sharing::WithOthers) {
            // A full disk has no room for what processes share, where none has left it there; alone, none is needed.
            Err(StoreError::Full { .. }) => Self::reach(path, Sharing::WithNobody),
            reached => reached,
        }
    }

    fn reach(path: &Path, sharing: Sharing) -> Result<Self, StoreError> {
        let store = Self::connect(path, sharing)?;
        store.use_write_ahead_log()?;
        // Reads the schema, and so meets a file that is cut short or is none of ours now and not in mid-work.
        store.read(|transaction| {
            transaction.query_row("SELECT count(*) FROM sqlite_master", &[], |row| row.integer(0))
        })?;
        Ok(store)
    }

    /// Opens a copy that nobody else has, to read it: nothing is written, and no log comes to lie beside it.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub fn look_at(path: &Path) -> Result<Self, StoreError> {
        let fail = |error| StoreError::new(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
        connection.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON").map_err(fail)?;
        let patience = AtomicU64::new(PATIENCE_SECONDS);
        Ok(Self { connection: Mutex::new(connection), path: path.to_owned(), patience })
    }

    /// A store that is gone with the process.
    pub(super) fn in_memory() -> Result<Self, StoreError> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(|error| StoreError::new(&path, error))?;
        Ok(Self { connection: Mutex::new(connection), path, patience: AtomicU64::new(PATIENCE_SECONDS) })
    }

    /// Lets a test write what no program would, as a damaged disk does.
    #[cfg(test)]
    pub fn without_constraints(&self) {
        let off = "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; PRAGMA synchronous = OFF";
        self.connection().execute_batch(off).unwrap();
    }

    /// Does `work` in a transaction that may write; what it returns as an error undoes all of it.
    ///
    /// The store is ours from the first statement on, so that what was read still holds when it is written.
    ///
    /// # Errors
    ///
    /// What `work` returns, or what SQLite refused.
    pub fn transaction<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.within(TransactionBehavior::Immediate, work)
    }

    /// Does `work` on one unchanging view of the store, while others may write.
    ///
    /// # Errors
    ///
    /// What `work` returns, or what SQLite refused.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        self.within(TransactionBehavior::Deferred, work)
    }

    /// Writes a whole copy to `path`, mode 0600, without keeping writers out.
    ///
    /// # Errors
    ///
    /// [`StoreError::Exists`] when there is anything at `path`; else what the system or SQLite refused.
    pub fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        create_file(path)?;
        self.connection()
            .execute("VACUUM INTO ?1", [path.to_string_lossy()])
            .map_err(|error| StoreError::new(path, error))?;
        File::open(path)
            .and_then(|file| file.sync_all())
            .map_err(|source| StoreError::Create { path: path.to_owned(), source })
    }

    /// Looks at every page and every index.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`] with the first thing found.
    pub fn verify(&self) -> Result<(), StoreError> {
        let findings =
            self.read(|transaction| transaction.query("PRAGMA integrity_check(1)", &[], |row| row.text(0)))?;
        match findings.into_iter().find(|finding| finding != "ok") {
            None => Ok(()),
            Some(reason) => Err(StoreError::Corrupt { path: self.path.clone(), reason }),
        }
    }

    /// From now on waits so many seconds for a writer in another process, and no longer.
    ///
    /// # Errors
    ///
    /// What SQLite refused.
    pub fn wait_at_most(&self, seconds: u64) -> Result<(), StoreError> {
        let set = self.connection().busy_timeout(Duration::from_secs(seconds));
        set.map_err(|error| StoreError::new(&self.path, error))?;
        self.patience.store(seconds, Ordering::Relaxed);
        Ok(())
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn connect(path: &Path, sharing: Sharing) -> Result<Self, StoreError> {
        let fail = |error| StoreError::new(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(fail)?;
        connection.busy_timeout(Duration::from_secs(PATIENCE_SECONDS)).map_err(fail)?;
        // The log is emptied every thousand pages; doing it at each close would cost every command three syncs.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(fail)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Said before anything is read: the rules read the first page.
        if sharing == Sharing::WithNobody {
            connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE").map_err(fail)?;
        }
        connection.execute_batch(RULES).map_err(fail)?;
        let patience = AtomicU64::new(PATIENCE_SECONDS);
        Ok(Self { connection: Mutex::new(connection), path: path.to_owned(), patience })
    }

    /// Asks for all rows of the answer: SQLite says "wal" in the first, and that the switch failed after it.
    fn use_write_ahead_log(&self) -> Result<(), StoreError> {
        let connection = self.connection();
        let modes = connection
            .prepare("PRAGMA journal_mode = WAL")
            .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>())
            .map_err(|error| StoreError::new(&self.path, error))?;
        match modes.into_iter().next() {
            Some(mode) if mode == "wal" => Ok(()),
            mode => Err(StoreError::NoLog { path: self.path.clone(), mode: mode.unwrap_or_default() }),
        }
    }

    fn within<T, E: From<StoreError>>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let fail = |error| E::from(self.told(StoreError::new(&self.path, error)));
        let mut connection = self.connection();
        // Dropped without a commit, it rolls back: on an error, and on a panic.
        let transaction = connection.transaction_with_behavior(behavior).map_err(fail)?;
        let answer = work(&Transaction::new(&transaction, &self.path))?;
        transaction.commit().map_err(fail)?;
        Ok(answer)
    }

    /// With the time that was waited in truth.
    fn told(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::Busy { path, .. } => {
                StoreError::Busy { path, waited_seconds: self.patience.load(Ordering::Relaxed) }
            }
            other => other,
        }
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A thread that panicked has rolled back already; the connection itself is sound.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// SQLite itself would make the file as the umask says; its log and its index take their mode from the file.
fn create_file(path: &Path) -> Result<(), StoreError> {
    let fail = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => StoreError::Exists { path: path.to_owned() },
        _ => StoreError::Create { path: path.to_owned(), source },
    };
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(fail)?;
    file.set_permissions(Permissions::from_mode(0o600)).map_err(fail)?;
    file.sync_all().map_err(fail)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent),
        _ => File::open("."),
    }
    .and_then(|directory| directory.sync_all())
    .map_err(fail)
}

/// FULL, because a certificate that a power cut made us forget could never be revoked; the schema is not trusted, because
/// the file may come from a backup that somebody else wrote.
const RULES: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA journal_size_limit = 4194304;
";

/// The smallest page that SQLite knows, in bytes.
const SMALLEST_PAGE: u64 = 512;

/// How many statements are kept prepared.
const STATEMENTS: usize = 128;

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
#[path = "database_tests.rs"]
mod tests;
