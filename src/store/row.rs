//! A row that came back, with a getter for each type.

use std::fmt;

use rusqlite::types::ValueRef;

use super::error::StoreError;

/// Which column of a row: its name, or its index from zero.
#[derive(Clone, Copy, Debug)]
pub enum Column<'a> {
    /// By its index.
    Index(usize),
    /// By its name.
    Name(&'a str),
}

impl From<usize> for Column<'_> {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl<'a> From<&'a str> for Column<'a> {
    fn from(name: &'a str) -> Self {
        Self::Name(name)
    }
}

impl fmt::Display for Column<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(formatter, "{index}"),
            Self::Name(name) => formatter.write_str(name),
        }
    }
}

/// One row of an answer.
#[derive(Debug)]
pub struct Row<'a> {
    inner: &'a rusqlite::Row<'a>,
}

impl<'a> Row<'a> {
    pub(super) fn new(inner: &'a rusqlite::Row<'a>) -> Self {
        Self { inner }
    }

    /// The integer in `column`.
    ///
    /// # Errors
    ///
    /// When the column is missing, null or of another type.
    pub fn integer<'c>(&self, column: impl Into<Column<'c>>) -> Result<i64, StoreError> {
        let column = column.into();
        required(column, "integer", self.optional_integer(column)?)
    }

    /// The text in `column`.
    ///
    /// # Errors
    ///
    /// When the column is missing, null or of another type.
    pub fn text<'c>(&self, column: impl Into<Column<'c>>) -> Result<String, StoreError> {
        let column = column.into();
        required(column, "text", self.optional_text(column)?)
    }

    /// The bytes in `column`.
    ///
    /// # Errors
    ///
    /// When the column is missing, null or of another type.
    pub fn blob<'c>(&self, column: impl Into<Column<'c>>) -> Result<Vec<u8>, StoreError> {
        let column = column.into();
        required(column, "bytes", self.optional_blob(column)?)
    }

    /// The integer in `column`, or none where it is null.
    ///
    /// # Errors
    ///
    /// When the column is missing or of another type.
    pub fn optional_integer<'c>(&self, column: impl Into<Column<'c>>) -> Result<Option<i64>, StoreError> {
        let column = column.into();
        match self.value(column, "integer")? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            _ => Err(wrong(column, "integer")),
        }
    }

    /// The text in `column`, or none where it is null.
    ///
    /// # Errors
    ///
    /// When the column is missing or of another type, or is no UTF-8.
    pub fn optional_text<'c>(&self, column: impl Into<Column<'c>>) -> Result<Option<String>, StoreError> {
        let column = column.into();
        match self.value(column, "text")? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(value) => match std::str::from_utf8(value) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(wrong(column, "text")),
            },
            _ => Err(wrong(column, "text")),
        }
    }

    /// The bytes in `column`, or none where it is null.
    ///
    /// # Errors
    ///
    /// When the column is missing or of another type.
    pub fn optional_blob<'c>(&self, column: impl Into<Column<'c>>) -> Result<Option<Vec<u8>>, StoreError> {
        let column = column.into();
        match self.value(column, "bytes")? {
            ValueRef::Null => Ok(None),
            ValueRef::Blob(value) => Ok(Some(value.to_owned())),
            _ => Err(wrong(column, "bytes")),
        }
    }

    fn value(&self, column: Column<'_>, expected: &'static str) -> Result<ValueRef<'_>, StoreError> {
        match column {
            Column::Index(index) => self.inner.get_ref(index),
            Column::Name(name) => self.inner.get_ref(name),
        }
        .map_err(|_| wrong(column, expected))
    }
}

fn required<T>(column: Column<'_>, expected: &'static str, value: Option<T>) -> Result<T, StoreError> {
    value.ok_or_else(|| wrong(column, expected))
}

fn wrong(column: Column<'_>, expected: &'static str) -> StoreError {
    StoreError::WrongContent { column: column.to_string(), expected }
}
