//! Certificates that a CA of ours issued and its ledger may have lost: those in files that are named and below directories, with the
//! keys that lie beside them. All of it is read and never written to.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

use super::{
    belongings::{label_of, names_of},
    error::ImportError,
    locks::Locks,
    search::search,
    unread::{Reason, Unread},
};
use crate::{
    home::Foundling,
    keys::{PassphraseSource, PrivateKey},
    system::{
        FileError,
        files::{directory, read_bounded},
    },
    x509::Certificate,
};

/// What was looked through.
pub struct Foundlings<'a> {
    locks: Locks<'a>,
    certificates: Vec<(PathBuf, Whereabouts, Certificate)>,
    /// Those that were named have to be of use.
    named_keys: Vec<(PathBuf, PrivateKey)>,
    keys: Vec<PrivateKey>,
}

/// How a certificate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// In a file that was named: it is meant.
    Named,
    /// Below a directory, among others.
    Searched,
}

/// A certificate that was found, where it lies, and what is beside it.
#[derive(Debug)]
pub struct FoundCertificate<'a> {
    /// The file.
    pub path: &'a Path,
    /// How it was found.
    pub whereabouts: Whereabouts,
    /// The certificate, its names, and its key.
    pub foundling: Foundling<'a>,
}

impl<'a> Foundlings<'a> {
    /// Nothing yet; `passphrases` opens keys that are named.
    pub fn new(passphrases: &'a dyn PassphraseSource) -> Self {
        let locks = Locks::new(passphrases);
        Self { locks, certificates: Vec::new(), named_keys: Vec::new(), keys: Vec::new() }
    }

    /// Takes a key that was named.
    ///
    /// # Errors
    /// A file that cannot be read, or no key in it that could be used.
    pub fn take_key(&mut self, path: &Path) -> Result<(), ImportError> {
        let key = self.locks.open_of_ca(path)?;
        self.named_keys.push((path.to_owned(), key));
        Ok(())
    }

    /// Takes the certificates of a file that was named and read, and looks for keys in it and beside it.
    pub fn take_file(&mut self, path: &Path, content: &[u8], certificates: Vec<Certificate>) {
        self.keys.extend(self.locks.open_if_known(content, path).ok());
        if let (Some(parent), Some(_)) = (path.parent(), path.file_name().filter(|name| *name != "-")) {
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            self.keys.extend(self.keys_in(parent, path));
        }
        // The CAs that follow a certificate are those above it.
        let own = certificates.into_iter().enumerate().filter(|(place, one)| *place == 0 || !one.tbs().is_ca());
        self.certificates.extend(own.map(|(_, one)| (path.to_owned(), Whereabouts::Named, one)));
    }

    /// Takes all that lies below a directory; gives what could not be read there.
    ///
    /// # Errors
    /// A directory that cannot be listed.
    pub fn search(&mut self, directory: &Path) -> Result<Vec<Unread>, FileError> {
        let found = search(&[directory], &[], &[], &self.locks)?;
        let certificates = found.certificates.into_iter();
        self.certificates.extend(certificates.map(|(path, one)| (path, Whereabouts::Searched, one)));
        self.keys.extend(found.keys.into_iter().map(|(_, key)| key));
        // Whatever else lies there is nobody's concern.
        let is_missed = |unread: &Unread| unread.reason.hides_more() || matches!(unread.reason, Reason::Link);
        Ok(found.unread.into_iter().filter(is_missed).collect())
    }

    /// Each certificate once, with its key where that was found.
    ///
    /// # Errors
    /// A key that was named and belongs to none of them.
    pub fn sorted(&self) -> Result<Vec<FoundCertificate<'_>>, ImportError> {
        let is_of =
            |key: &PrivateKey, one: &Certificate| key.public_key().key_bits() == one.tbs().public_key().key_bits();
        let is_used = |key: &PrivateKey| self.certificates.iter().any(|(.., one)| is_of(key, one));
        if let Some((path, _)) = self.named_keys.iter().find(|(_, key)| !is_used(key)) {
            return Err(ImportError::KeyOfNone { path: path.clone() });
        }
        let keys = || self.named_keys.iter().map(|(_, key)| key).chain(&self.keys);
        let mut met = HashSet::new();
        let once = self.certificates.iter().filter(|(.., one)| met.insert(one.as_der()));
        let found = once.map(|(path, whereabouts, certificate)| FoundCertificate {
            path,
            whereabouts: *whereabouts,
            foundling: Foundling {
                certificate,
                names: names_of(certificate),
                label: label_of(certificate),
                key: keys().find(|key| is_of(key, certificate)),
            },
        });
        Ok(found.collect())
    }

    /// The open keys that lie in a directory, by the names that keys have.
    fn keys_in(&self, directory: &Path, besides: &Path) -> Vec<PrivateKey> {
        let is_likely = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "pem" || ending == "key");
        let paths = directory::paths_in(directory).unwrap_or_default().into_iter().filter(is_likely).take(MOST_FILES);
        let keys = paths.filter(|path| path != besides).filter_map(|path| {
            let text = Zeroizing::new(read_bounded(&path, MOST_BYTES).ok()?);
            self.locks.open_if_known(&text, &path).ok()
        });
        keys.collect()
    }
}

/// Room for a key with a chain.
const MOST_BYTES: usize = 256 * 1024;
/// How many files are looked at for a key.
const MOST_FILES: usize = 2_000;
