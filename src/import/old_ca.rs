//! The CAs of an old home: their certificates as they are, their keys where they are at hand, the root first.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::{
    error::ImportError,
    locks::Locks,
    places::CaPlaces,
    search::{Found, certificates_in},
    unread::{Reason, Unread},
};
use crate::{
    keys::PrivateKey,
    system::files::{self, read_bounded},
    x509::{Certificate, CrlNumber, KeyUsage, SerialNumber, certificate::sha256, hexadecimal},
};

/// A CA of an old home.
pub struct OldCa {
    /// Its certificate.
    pub certificate: Certificate,
    /// Its key.
    pub key: Option<PrivateKey>,
    /// The highest CRL number that it may have given.
    pub crl_number: Option<CrlNumber>,
    /// Where its files lie; nowhere, where it was found among others.
    pub(super) places: Option<CaPlaces>,
    /// The indexes of its copies, which may be older or newer than its own.
    pub(super) further_books: Vec<PathBuf>,
}

/// A certificate by its issuer's place among the CAs, and its serial number.
pub(super) type Numbered = (usize, SerialNumber);

/// A file that says what a CA is, and its SHA-256 in hexadecimal digits.
pub(super) type Hashed = (PathBuf, String);

/// What was opened of the CAs, before it is known how they hang together.
pub(super) struct Opened {
    pub(super) cas: Vec<OldCa>,
    pub(super) hashes: Vec<Hashed>,
    pub(super) unread: Vec<Unread>,
    /// Keys that others can read where they lie.
    pub(super) exposed: Vec<PathBuf>,
    /// Why the first key of a CA below was left where it is.
    left: Option<ImportError>,
}

impl Opened {
    /// Opens the CAs; of the first the key has to open, if it is there.
    pub(super) fn open(places: &[CaPlaces], locks: &Locks<'_>) -> Result<Self, ImportError> {
        let (hashes, unread, exposed) = (Vec::new(), Vec::new(), Vec::new());
        let mut opened = Self { cas: Vec::new(), hashes, unread, exposed, left: None };
        for ca in places {
            let bytes = read_bounded(&ca.certificate, MOST_BYTES)?;
            opened.hashes.push((ca.certificate.clone(), hexadecimal(&sha256(&bytes))));
            let certificate = certificates_in(&bytes).into_iter().next();
            let certificate =
                certificate.ok_or_else(|| ImportError::NotACertificate { path: ca.certificate.clone() })?;
            let key = opened.open_key(ca, &certificate, locks)?;
            let crl_number = opened.read_crl_number(ca)?;
            opened.cas.push(OldCa {
                certificate,
                key,
                crl_number,
                places: Some(ca.clone()),
                further_books: Vec::new(),
            });
        }
        Ok(opened)
    }

    fn open_key(
        &mut self,
        ca: &CaPlaces,
        certificate: &Certificate,
        locks: &Locks<'_>,
    ) -> Result<Option<PrivateKey>, ImportError> {
        let Some(path) = &ca.key else { return Ok(None) };
        let key = match locks.open_of_ca(path) {
            Ok(key) => key,
            // Without the key of a CA below, its root can make another.
            Err(error @ (ImportError::WrongPassphrase { .. } | ImportError::Key { .. })) if !self.cas.is_empty() => {
                let why = match &error {
                    ImportError::Key { source, .. } => source.to_string(),
                    _ => "the passphrase does not open it".to_owned(),
                };
                self.unread.push(Unread::file(path, Reason::Locked(why)));
                self.left.get_or_insert(error);
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        if key.public_key().key_bits() != certificate.tbs().public_key().key_bits() {
            return Err(ImportError::OtherKey { path: path.clone(), subject: certificate.tbs().subject().to_string() });
        }
        if !files::access(path)?.is_secret() {
            self.exposed.push(path.clone());
        }
        Ok(Some(key))
    }

    /// The file has the number of the next CRL, in hexadecimal digits.
    fn read_crl_number(&mut self, ca: &CaPlaces) -> Result<Option<CrlNumber>, ImportError> {
        let Some(path) = &ca.crl_number else { return Ok(None) };
        let bytes = read_bounded(path, MOST_BYTES)?;
        self.hashes.push((path.clone(), hexadecimal(&sha256(&bytes))));
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        let next = i64::from_str_radix(&text, 16).ok().filter(|next| *next >= 0);
        if next.is_none() {
            let shown = text.chars().take(MOST_SHOWN).collect();
            self.unread.push(Unread::file(path, Reason::CrlNumber(shown)));
        }
        Ok(next.and_then(|next| CrlNumber::new(next - 1)))
    }

    /// The CAs in order: the root of the first, then each after the one that issued it, those whose keys are at hand last. What
    /// is missing above is looked for among what was found.
    pub(super) fn into_order(mut self, found: &mut Found, now: OffsetDateTime) -> Result<Self, ImportError> {
        let mut rest = std::mem::take(&mut self.cas);
        for ca in rest.iter_mut().filter(|ca| ca.key.is_none()) {
            ca.key = found.take_key_of(&ca.certificate);
        }
        let Some(first) = rest.first().map(|ca| ca.certificate.clone()) else { return Ok(self) };
        let root = root_of(&first, &mut rest, found)?;
        check(&root.certificate, now)?;
        self.cas.push(root);
        self.drop_copies(&mut rest);
        let over = self.take_keys_of_the_over(&mut rest, now);
        for has_key in [false, true] {
            // A CA may stand below one that comes later in the list.
            for _ in 0..rest.len() {
                let next = rest.iter().position(|ca| {
                    ca.key.is_some() == has_key
                        && self.cas.iter().any(|above| ca.certificate.is_issued_by(&above.certificate))
                });
                let Some(place) = next else { break };
                let ca = rest.remove(place);
                if may_sign(&ca.certificate).is_ok() {
                    self.cas.push(ca);
                } else {
                    self.unread.push(Unread::file(&ca.path(), Reason::MayNotSign(ca.subject())));
                    found.certificates.push((ca.path(), ca.certificate));
                }
            }
        }
        // Nobody is left who could issue: it would have been one of these.
        match over.or(self.left.take()) {
            Some(error) if self.cas.iter().all(|ca| ca.key.is_none()) => return Err(error),
            _ => {}
        }
        for ca in rest {
            self.unread.push(Unread::file(&ca.path(), Reason::OtherCa(ca.subject())));
        }
        Ok(self)
    }

    /// A CA is one, however often its files lie there: a copy would keep the key of the root where keys that issue lie. What only
    /// the copy has is the CA's.
    fn drop_copies(&mut self, below: &mut Vec<OldCa>) {
        let mut kept: Vec<OldCa> = Vec::new();
        for ca in std::mem::take(below) {
            let key = ca.certificate.tbs().public_key().key_bits();
            let is_it = |known: &&mut OldCa| known.certificate.tbs().public_key().key_bits() == key;
            match self.cas.iter_mut().chain(&mut kept).find(is_it) {
                Some(known) => {
                    self.unread.push(Unread::file(&ca.path(), Reason::SameCa(ca.subject())));
                    known.take_from(ca);
                }
                None => kept.push(ca),
            }
        }
        *below = kept;
    }

    /// A CA below whose life is over, or has not begun, moves in with all that it issued and revoked; its key is of no use any more.
    /// Gives why, of the first that had one.
    fn take_keys_of_the_over(&mut self, below: &mut [OldCa], now: OffsetDateTime) -> Option<ImportError> {
        let mut first = None;
        for ca in below {
            if let Err(error) = check_life(&ca.certificate, now)
                && ca.key.take().is_some()
            {
                let path = ca.places.as_ref().and_then(|places| places.key.clone()).unwrap_or_else(|| ca.path());
                let (subject, validity) = (ca.subject(), ca.certificate.tbs().validity());
                let (not_before, not_after) = (validity.not_before().date(), validity.not_after().date());
                self.unread.push(Unread::file(&path, Reason::NotValid { subject, not_before, not_after }));
                first.get_or_insert(error);
            }
        }
        first
    }
}

/// The root above a CA: itself, another of them, or one that was found; the CAs between are added to the others.
fn root_of(first: &Certificate, rest: &mut Vec<OldCa>, found: &mut Found) -> Result<OldCa, ImportError> {
    let mut top = first.clone();
    for _ in 0..=rest.len() + found.certificates.len() {
        if top.tbs().is_self_issued() {
            break;
        }
        let known = rest.iter().find(|ca| top.is_issued_by(&ca.certificate)).map(|ca| ca.certificate.clone());
        let above = known.or_else(|| found.issuer_of(&top)).ok_or_else(|| ImportError::NoRoot {
            subject: top.tbs().subject().to_string(),
            issuer: top.tbs().issuer().to_string(),
        })?;
        if rest.iter().all(|ca| ca.certificate != above) {
            let key = found.take_key_of(&above);
            let further_books = Vec::new();
            rest.push(OldCa { certificate: above.clone(), key, crl_number: None, places: None, further_books });
        }
        top = above;
    }
    let no_root =
        || ImportError::NoRoot { subject: top.tbs().subject().to_string(), issuer: top.tbs().issuer().to_string() };
    let place = rest.iter().position(|ca| ca.certificate == top).ok_or_else(no_root)?;
    Ok(rest.remove(place))
}

/// Refuses what no device would take for a CA now.
fn check(certificate: &Certificate, now: OffsetDateTime) -> Result<(), ImportError> {
    may_sign(certificate)?;
    check_life(certificate, now)
}

fn may_sign(certificate: &Certificate) -> Result<(), ImportError> {
    let tbs = certificate.tbs();
    if !tbs.is_ca() {
        return Err(ImportError::NotACa { subject: tbs.subject().to_string(), version: tbs.version() });
    }
    if matches!(tbs.key_usage(), Ok(Some(usages)) if !usages.contains(&KeyUsage::KeyCertSign)) {
        return Err(ImportError::MayNotSign { subject: tbs.subject().to_string() });
    }
    Ok(())
}

fn check_life(certificate: &Certificate, now: OffsetDateTime) -> Result<(), ImportError> {
    let validity = certificate.tbs().validity();
    if validity.contains(now) {
        return Ok(());
    }
    let subject = certificate.tbs().subject().to_string();
    let (not_before, not_after) = (validity.not_before().date(), validity.not_after().date());
    Err(ImportError::NotValid { subject, not_before, not_after, now: now.date() })
}

impl OldCa {
    /// The serial number that its own certificate has among those that it issued, where it signed itself.
    pub(super) fn own_number(&self) -> Option<SerialNumber> {
        let tbs = self.certificate.tbs();
        tbs.serial_number().ok().filter(|_| tbs.is_self_issued())
    }

    /// Takes over what a copy of it has: a key that is not here, a book, a higher number.
    fn take_from(&mut self, copy: Self) {
        self.key = self.key.take().or(copy.key);
        self.crl_number = self.crl_number.max(copy.crl_number);
        self.further_books.extend(copy.places.and_then(|places| places.index));
        self.further_books.extend(copy.further_books);
    }

    /// Its index, and those of its copies.
    pub(super) fn books(&self) -> impl Iterator<Item = &PathBuf> {
        self.places.iter().filter_map(|places| places.index.as_ref()).chain(&self.further_books)
    }

    /// Where its certificate lies; nowhere, where it was found among others.
    fn path(&self) -> PathBuf {
        self.places.as_ref().map(|places| places.certificate.clone()).unwrap_or_default()
    }

    fn subject(&self) -> String {
        self.certificate.tbs().subject().to_string()
    }

    /// Whether a certificate names it as its issuer.
    pub(super) fn is_named_by(&self, certificate: &Certificate) -> bool {
        certificate.tbs().issuer().as_der() == self.certificate.tbs().subject().as_der()
    }

    /// Where `openssl ca` keeps what it issued.
    pub(super) fn new_certificates(&self) -> Option<&Path> {
        self.places.as_ref()?.new_certificates.as_deref()
    }
}

/// Room for a certificate with its text, and for a number.
const MOST_BYTES: usize = 256 * 1024;
/// How much of a number is shown.
const MOST_SHOWN: usize = 80;
