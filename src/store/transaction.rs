//! A transaction: what statements are put to. All of it holds, or none.

use std::path::Path;

use rusqlite::{CachedStatement, Connection};

use super::error::StoreError;
use super::row::Row;
use super::value::Value;

/// An open transaction; [`Store::transaction`](super::Store::transaction) begins and ends it.
#[derive(Debug)]
pub struct Transaction<'a> {
    connection: &'a Connection,
    path: &'a Path,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(connection: &'a Connection, path: &'a Path) -> Self {
        Self { connection, path }
    }

    /// Runs a statement and tells how many rows it changed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Duplicate`] where a unique value is there already; else what SQLite refused.
    pub fn execute(&self, sql: &str, values: &[Value]) -> Result<usize, StoreError> {
        let mut statement = self.bound(sql, values)?;
        statement.raw_execute().map_err(|error| self.fail(error))
    }

    /// Runs several statements without values, separated by semicolons.
    ///
    /// # Errors
    ///
    /// What SQLite refused.
    pub fn execute_batch(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|error| self.fail(error))
    }

    /// The first row of the answer, as `read` takes it, or none where there is no row.
    ///
    /// # Errors
    ///
    /// What SQLite or `read` refused.
    pub fn query_row<T>(
        &self,
        sql: &str,
        values: &[Value],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.bound(sql, values)?;
        let mut rows = statement.raw_query();
        let Some(first) = rows.next().map_err(|error| self.fail(error))? else {
            return Ok(None);
        };
        let answer = read(&Row::new(first))?;
        // `INSERT … RETURNING` is done only when it was asked for its last row.
        while rows.next().map_err(|error| self.fail(error))?.is_some() {}
        Ok(Some(answer))
    }

    /// All rows of the answer, each as `read` takes it.
    ///
    /// # Errors
    ///
    /// What SQLite or `read` refused.
    pub fn query<T>(
        &self,
        sql: &str,
        values: &[Value],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut answers = Vec::new();
        self.each(sql, values, |row| {
            answers.push(read(row)?);
            Ok::<_, StoreError>(())
        })?;
        Ok(answers)
    }

    /// Takes each row of the answer as it comes.
    ///
    /// # Errors
    ///
    /// What SQLite or `take` refused.
    pub fn each<E: From<StoreError>>(
        &self,
        sql: &str,
        values: &[Value],
        mut take: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self.bound(sql, values)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|error| self.fail(error))? {
            take(&Row::new(row))?;
        }
        Ok(())
    }

    /// Does work that fills a table, whose indexes are made anew afterwards: row by row that would take them many times as long.
    ///
    /// # Errors
    ///
    /// What `work` returns, or what SQLite refused.
    pub fn in_bulk<T, E: From<StoreError>>(&self, table: &str, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        // Those without a text are the table's own, and guard what is unique in it.
        let made = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = $1 AND sql IS NOT NULL";
        let indexes = self.query(made, &[table.into()], |row| Ok((row.text(0)?, row.text(1)?)))?;
        indexes.iter().try_for_each(|(name, _)| self.execute_batch(&format!("DROP INDEX {name}")))?;
        // The table's own are filled in any order: where they do not fit into memory, each row reads pages and writes them.
        self.execute_batch(&format!("PRAGMA cache_size = -{BULK_KIB}"))?;
        let answer = work()?;
        indexes.iter().try_for_each(|(_, text)| self.execute_batch(text))?;
        self.execute_batch(&format!("PRAGMA cache_size = -{USUAL_KIB}; PRAGMA shrink_memory"))?;
        Ok(answer)
    }

    /// The statement with `$1` bound to the first value, and so on, in whatever order they appear in the text.
    fn bound(&self, sql: &str, values: &[Value]) -> Result<CachedStatement<'a>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|error| self.fail(error))?;
        let wrong_count =
            |placeholders| StoreError::WrongCount { sql: sql.to_owned(), placeholders, values: values.len() };
        let placeholders = statement.parameter_count();
        if placeholders != values.len() {
            return Err(wrong_count(placeholders));
        }
        for (number, value) in (1..).zip(values) {
            // SQLite takes `$1` for a name and numbers names as they appear; the name is what PostgreSQL means. Most appear in
            // their order, and a look at one is cheaper than a search among all.
            let name = statement.parameter_name(number).and_then(|name| name.strip_prefix('$'));
            let index = match name.and_then(|digits| digits.parse::<usize>().ok()) {
                Some(named) if named == number => number,
                _ => statement
                    .parameter_index(&format!("${number}"))
                    .map_err(|error| self.fail(error))?
                    .ok_or_else(|| wrong_count(placeholders))?,
            };
            statement.raw_bind_parameter(index, value).map_err(|error| self.fail(error))?;
        }
        Ok(statement)
    }

    fn fail(&self, error: rusqlite::Error) -> StoreError {
        StoreError::new(self.path, error)
    }
}

/// Room for the index of the key of a million rows.
const BULK_KIB: u32 = 128 * 1024;
/// What SQLite takes by itself.
const USUAL_KIB: u32 = 2_000;
