//! All that the CAs issued, one certificate after the other: first what their books say, then what was found besides.

use std::{collections::HashMap, path::Path};

use super::{
    belongings::{Belongings, names_of},
    book::{Book, BookReader},
    error::ImportError,
    index_line::IndexLine,
    lists::Lists,
    old_ca::{Numbered, OldCa},
    search::certificates_in,
};
use crate::{
    authority::{InheritedCertificate, Label},
    system::files::read_bounded,
    x509::{Certificate, SerialNumber, hexadecimal},
};

/// What is read of an old home a second time, when its first reading has shown that it can move in.
pub(super) struct Issued<'a> {
    pub(super) cas: &'a [OldCa],
    /// The number of each that signed itself.
    pub(super) own_numbers: Vec<Option<SerialNumber>>,
    /// The places of those below others, by the numbers that they have there.
    pub(super) below: HashMap<Numbered, usize>,
    pub(super) belongings: &'a Belongings,
    /// The labels that are still to be handed out: a number that stands in a book twice is one certificate.
    pub(super) labels: HashMap<Numbered, Label>,
    /// Whether every file was looked at: else a certificate is looked for under its number.
    pub(super) is_complete: bool,
    pub(super) books: std::slice::Iter<'a, Book>,
    pub(super) open: Option<(&'a Book, BookReader)>,
    pub(super) unlisted: std::vec::IntoIter<Numbered>,
    pub(super) lists: &'a Lists,
    /// What only a CRL knows, with its CA.
    pub(super) alone: std::vec::IntoIter<(usize, IndexLine)>,
    pub(super) progress: &'a dyn Fn(u64),
}

impl Iterator for Issued<'_> {
    type Item = Result<InheritedCertificate, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_of_books().transpose().or_else(|| self.next_unlisted().or_else(|| self.next_alone()).map(Ok))
    }
}

impl Issued<'_> {
    fn next_unlisted(&mut self) -> Option<InheritedCertificate> {
        let numbered = self.unlisted.next()?;
        let certificate = self.belongings.certificate(&numbered)?.clone();
        Some(InheritedCertificate {
            issuer: numbered.0,
            serial_number: numbered.1,
            subject: certificate.tbs().subject().to_string(),
            names: names_of(&certificate),
            not_after: certificate.tbs().validity().not_after(),
            revocation: self.belongings.revocation(&numbered),
            label: self.labels.remove(&numbered),
            certificate: Some(certificate),
        })
    }

    fn next_alone(&mut self) -> Option<InheritedCertificate> {
        loop {
            let (ca, line) = self.alone.next()?;
            if let Some(issued) = self.issued(ca, line) {
                return Some(issued);
            }
        }
    }

    fn next_of_books(&mut self) -> Result<Option<InheritedCertificate>, ImportError> {
        loop {
            let Some((book, reader)) = &mut self.open else {
                let Some(book) = self.books.next() else { return Ok(None) };
                self.open = Some((book, BookReader::open(&book.path)?));
                continue;
            };
            match reader.next_line()? {
                Some(read) => {
                    (self.progress)(read.bytes);
                    let ca = book.ca;
                    // What cannot be read was named when it was read for the first time.
                    if let Ok(Some(line)) = read.said
                        && let Some(issued) = self.issued(ca, line)
                    {
                        return Ok(Some(issued));
                    }
                }
                None => {
                    if let Some((book, reader)) = self.open.take()
                        && reader.sha256() != book.sha256
                    {
                        return Err(ImportError::Changed { path: book.path.clone() });
                    }
                }
            }
        }
    }

    /// The row of a line; none under the number of the root itself, which has one.
    fn issued(&mut self, issuer: usize, line: IndexLine) -> Option<InheritedCertificate> {
        let ca = self.cas.get(issuer)?;
        if self.own_numbers.get(issuer) == Some(&Some(line.serial_number)) {
            return None;
        }
        let numbered = (issuer, line.serial_number);
        let below = || Some(&self.cas.get(*self.below.get(&numbered)?)?.certificate);
        let certificate = self.belongings.certificate(&numbered).or_else(below).cloned();
        let certificate = certificate.or_else(|| {
            ca.new_certificates()
                .filter(|_| !self.is_complete)
                .and_then(|place| under_its_number(place, ca, &line.serial_number))
        });
        let names = certificate.as_ref().map_or_else(|| line.names(), names_of);
        Some(InheritedCertificate {
            issuer,
            serial_number: line.serial_number,
            subject: certificate.as_ref().map_or(line.subject, |known| known.tbs().subject().to_string()),
            names,
            not_after: certificate.as_ref().map_or(line.not_after, |known| known.tbs().validity().not_after()),
            certificate,
            revocation: line.revocation.or_else(|| self.lists.revocation(&numbered)),
            label: self.labels.remove(&numbered),
        })
    }
}

/// The file that `openssl ca` wrote for a serial number.
fn under_its_number(directory: &Path, ca: &OldCa, serial: &SerialNumber) -> Option<Certificate> {
    let name = format!("{}.pem", hexadecimal(serial.as_octets()).to_uppercase());
    let bytes = read_bounded(&directory.join(name), MOST_BYTES).ok()?;
    certificates_in(&bytes).into_iter().find(|certificate| is_it(certificate, ca, serial))
}

fn is_it(certificate: &Certificate, ca: &OldCa, serial: &SerialNumber) -> bool {
    certificate.tbs().serial_number().as_ref() == Ok(serial) && certificate.is_issued_by(&ca.certificate)
}

/// Room for a certificate with all its text.
const MOST_BYTES: usize = 256 * 1024;
