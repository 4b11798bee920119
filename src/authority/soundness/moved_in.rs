//! What moved in from another CA, as the log holds it: a hash over all its rows as they were then, and shorter ones over parts of
//! them, by which it is seen where they are others.

use std::{collections::BTreeMap, ops::RangeInclusive};

use serde::{Deserialize, Serialize};

use super::certificate_row::{Adoptable, CertificateRow};
use crate::{
    store::{StoreError, Transaction},
    x509::{certificate::sha256, hexadecimal},
};

/// What the entry `import` tells of the rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MovedIn {
    /// How many certificates: those with the first numbers.
    pub(super) rows: i64,
    /// Over the hashes of all parts.
    sha256: String,
    /// The first octets of the hash of each part.
    parts: Vec<String>,
    /// How many of them each issuer had revoked.
    pub(super) revocations: BTreeMap<i64, i64>,
    /// The number above which each issuer's lists go on.
    pub(super) crl_numbers: BTreeMap<i64, i64>,
}

/// The hashes of rows that are read one after the other.
pub(super) struct RowHashes {
    rows: i64,
    parts: Vec<[u8; 32]>,
}

impl MovedIn {
    /// Reads what moved in just now.
    pub(crate) fn read(rows: &Transaction<'_>) -> Result<Self, StoreError> {
        let count = rows.query_row("SELECT COALESCE(MAX(id), 0) FROM certificates", &[], |row| row.integer(0))?;
        let mut hashes = RowHashes::of(count.unwrap_or_default());
        rows.each(&CertificateRow::all(), &[], |row| {
            let row = CertificateRow::read(row)?;
            hashes.take(&row, &row.adoptable(), row.revocation());
            Ok::<_, StoreError>(())
        })?;
        let numbers = |text: &str| rows.query(text, &[], |row| Ok((row.integer(0)?, row.integer(1)?)));
        Ok(Self {
            rows: hashes.rows,
            sha256: hashes.whole(),
            parts: hashes.parts.iter().map(short).collect(),
            revocations: numbers("SELECT id, revocations FROM issuers ORDER BY id")?.into_iter().collect(),
            crl_numbers: numbers("SELECT issuer, number FROM crls ORDER BY issuer")?.into_iter().collect(),
        })
    }

    /// The rows of which some are others now: by the numbers of each part that is another.
    pub(super) fn others(&self, hashes: &RowHashes) -> Vec<RangeInclusive<i64>> {
        let is_other = |(place, part): &(usize, &[u8; 32])| self.parts.get(*place) != Some(&short(part));
        let parts = hashes.parts.iter().enumerate().filter(is_other);
        let mut others: Vec<_> = parts.map(|(place, _)| hashes.range(place)).collect();
        if others.is_empty() && self.sha256 != hashes.whole() {
            others.push(1..=self.rows);
        }
        others
    }
}

impl RowHashes {
    /// Of so many rows, of which none is read yet.
    pub(super) fn of(rows: i64) -> Self {
        let parts = usize::try_from(rows).unwrap_or_default().min(MOST_PARTS);
        Self { rows, parts: vec![[0; 32]; parts] }
    }

    /// Takes the next row, with what it said when it moved in of all that may be changed since.
    pub(super) fn take(&mut self, row: &CertificateRow, adoptable: &Adoptable<'_>, revocation: Option<(i64, &str)>) {
        let place = usize::try_from(row.id.saturating_sub(1) / self.size()).unwrap_or(usize::MAX);
        let Some(part) = self.parts.get_mut(place) else { return };
        let mut text = Text(part.to_vec());
        for number in [Some(row.id), Some(row.issuer), Some(row.not_before), Some(row.not_after)] {
            text.number(number);
        }
        text.words([Some(&*row.serial), row.key_sha256.as_deref(), row.sha256.as_deref()]);
        text.number(Some(row.reserved_at));
        text.number(row.issued_at);
        let Adoptable { profile, label, generation, names, subject } = *adoptable;
        text.words([Some(profile), label, Some(names), subject]);
        text.number(generation);
        text.number(revocation.map(|(at, _)| at));
        text.words([revocation.map(|(_, reason)| reason)]);
        *part = sha256(&text.0);
    }

    /// How many rows a part has.
    fn size(&self) -> i64 {
        let most = i64::try_from(MOST_PARTS).unwrap_or(i64::MAX);
        (self.rows / most + i64::from(self.rows % most != 0)).max(1)
    }

    fn range(&self, place: usize) -> RangeInclusive<i64> {
        let first = i64::try_from(place).unwrap_or_default() * self.size() + 1;
        first..=(first + self.size() - 1).min(self.rows)
    }

    fn whole(&self) -> String {
        hexadecimal(&sha256(&self.parts.concat()))
    }
}

/// What is hashed: each word is preceded by its length, so that no two rows are the same text.
struct Text(Vec<u8>);

impl Text {
    fn number(&mut self, number: Option<i64>) {
        self.0.push(u8::from(number.is_some()));
        self.0.extend(number.unwrap_or_default().to_be_bytes());
    }

    fn words<const N: usize>(&mut self, words: [Option<&str>; N]) {
        for word in words {
            self.number(word.map(|word| i64::try_from(word.len()).unwrap_or(i64::MAX)));
            self.0.extend(word.unwrap_or_default().as_bytes());
        }
    }
}

fn short(hash: &[u8; 32]) -> String {
    hexadecimal(hash.get(..8).unwrap_or_default())
}

/// Of as many rows each has a hash of its own, and the entry stays short.
const MOST_PARTS: usize = 256;
