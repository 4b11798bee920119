//! Migrations: the schema grows by numbered steps, each in one transaction with the row that says it was taken.

use super::database::Store;
use super::error::StoreError;
use super::transaction::Transaction;

/// One step of the schema: statements separated by semicolons. Its number is its place in the list, from one.
#[derive(Clone, Copy, Debug)]
pub struct Migration(pub &'static str);

impl Store {
    /// Takes the steps that this store has not taken yet.
    ///
    /// # Errors
    ///
    /// [`StoreError::Newer`] when it has taken more than there are; else what SQLite refused: the steps before the
    /// failed one hold then.
    pub fn migrate(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        let supported = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
        // Most of the time there is nothing to do, and reading waits for nobody.
        let found = self.read(version)?;
        if found == supported {
            return Ok(());
        }
        for (number, migration) in (1..).zip(migrations) {
            self.transaction(|transaction| take(transaction, number, migration))?;
        }
        let found = self.read(version)?;
        if found > supported {
            return Err(StoreError::Newer { path: self.path().to_owned(), found, supported });
        }
        Ok(())
    }

    /// Compares what is in this store with what these steps make.
    ///
    /// # Errors
    ///
    /// [`StoreError::Altered`] with the first thing that differs.
    pub fn compare_schema(&self, migrations: &[Migration]) -> Result<(), StoreError> {
        let made = Self::in_memory()?;
        for (number, migration) in (1..).zip(migrations) {
            made.transaction(|transaction| take(transaction, number, migration))?;
        }
        let (made, found) = (made.read(schema)?, self.read(schema)?);
        let differs = made.iter().find(|what| !found.contains(what)).or(found.iter().find(|what| !made.contains(what)));
        match differs {
            None => Ok(()),
            Some((kind, name, _)) => {
                Err(StoreError::Altered { path: self.path().to_owned(), what: format!("the {kind} `{name}`") })
            }
        }
    }

    /// How many steps this store has taken.
    ///
    /// # Errors
    ///
    /// What SQLite refused.
    pub fn schema_version(&self) -> Result<i64, StoreError> {
        self.read(version)
    }
}

/// The version is read again inside the transaction: another process may have taken the step since.
fn take(transaction: &Transaction<'_>, number: i64, migration: &Migration) -> Result<(), StoreError> {
    if version(transaction)? >= number {
        return Ok(());
    }
    transaction.execute_batch("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)")?;
    transaction.execute_batch(migration.0)?;
    transaction.execute("DELETE FROM schema_version", &[])?;
    transaction.execute("INSERT INTO schema_version (version) VALUES ($1)", &[number.into()])?;
    Ok(())
}

/// Every table, index, view and trigger, with the text that makes it; SQLite's own have none.
fn schema(transaction: &Transaction<'_>) -> Result<Vec<(String, String, Option<String>)>, StoreError> {
    transaction.query("SELECT type, name, sql FROM sqlite_master ORDER BY type, name", &[], |row| {
        Ok((row.text(0)?, row.text(1)?, row.optional_text(2)?))
    })
}

fn version(transaction: &Transaction<'_>) -> Result<i64, StoreError> {
    let table = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'";
    if transaction.query_row(table, &[], |_| Ok(()))?.is_none() {
        return Ok(0);
    }
    let newest = transaction
        .query_row("SELECT version FROM schema_version ORDER BY version DESC", &[], |row| row.integer("version"))?;
    Ok(newest.unwrap_or(0))
}
