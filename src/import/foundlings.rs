//! Certificates that a CA of ours issued and its ledger may have lost: those in files that are named and below directories, with the
//! keys that lie beside them. All of it is read and never written to.

use std::{
    collections::HashMap,
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
    keys::{KeyReadError, PassphraseSource, PrivateKey},
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
    /// The files of keys under passphrases that nobody said.
    locked: Vec<PathBuf>,
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
    /// A key in the same directory that is under a passphrase, and may be its.
    pub locked_beside: Option<&'a Path>,
}

impl<'a> Foundlings<'a> {
    /// Nothing yet; `passphrases` opens keys that are named.
    pub fn new(passphrases: &'a dyn PassphraseSource) -> Self {
        let locks = Locks::new(passphrases);
        Self { locks, certificates: Vec::new(), named_keys: Vec::new(), keys: Vec::new(), locked: Vec::new() }
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
            self.take_keys_in(parent, path);
        }
        // The CAs that follow a certificate are those above it: they are not what is meant.
        let whereabouts = |place, one: &Certificate| match place {
            1.. if one.tbs().is_ca() => Whereabouts::Searched,
            _ => Whereabouts::Named,
        };
        let own = certificates.into_iter().enumerate();
        self.certificates.extend(own.map(|(place, one)| (path.to_owned(), whereabouts(place, &one), one)));
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
        let locked =
            found.unread.iter().filter(|unread| matches!(&unread.reason, Reason::Key(error) if is_locked(error)));
        self.locked.extend(locked.map(|unread| unread.path.clone()));
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
        let found = self.once().into_iter().map(|(path, whereabouts, certificate)| FoundCertificate {
            path,
            whereabouts: *whereabouts,
            foundling: Foundling {
                certificate,
                names: names_of(certificate),
                label: label_of(certificate),
                key: keys().find(|key| is_of(key, certificate)),
            },
            locked_beside: self.locked.iter().map(PathBuf::as_path).find(|locked| locked.parent() == path.parent()),
        });
        Ok(found.collect())
    }

    /// Each certificate at its first place, but where a file that was named has it.
    fn once(&self) -> Vec<&(PathBuf, Whereabouts, Certificate)> {
        let mut once: Vec<&(PathBuf, Whereabouts, Certificate)> = Vec::new();
        let mut met: HashMap<&[u8], usize> = HashMap::new();
        for one in &self.certificates {
            let place = *met.entry(one.2.as_der()).or_insert(once.len());
            match once.get_mut(place) {
                Some(first) if first.1 == Whereabouts::Searched && one.1 == Whereabouts::Named => *first = one,
                Some(_) => {}
                None => once.push(one),
            }
        }
        once
    }

    /// Takes the open keys that lie in a directory, by the names that keys have.
    fn take_keys_in(&mut self, directory: &Path, besides: &Path) {
        let is_likely = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "pem" || ending == "key");
        let paths = directory::paths_in(directory).unwrap_or_default().into_iter().filter(is_likely).take(MOST_FILES);
        for path in paths.filter(|path| path != besides) {
            let Ok(text) = read_bounded(&path, MOST_BYTES).map(Zeroizing::new) else { continue };
            match self.locks.open_if_known(&text, &path) {
                Ok(key) => self.keys.push(key),
                Err(error) if is_locked(&error) => self.locked.push(path),
                Err(_) => {}
            }
        }
    }
}

fn is_locked(error: &KeyReadError) -> bool {
    matches!(error, KeyReadError::Passphrase(_) | KeyReadError::WrongPassphrase)
}

/// Room for a key with a chain.
const MOST_BYTES: usize = 256 * 1024;
/// How many files are looked at for a key.
const MOST_FILES: usize = 2_000;
