//! Reading a backup: strictly. Only plain files with names of a fixed list, each once, none longer than its kind may be, and
//! the manifest last, which has to agree with all of them.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::Path,
};

use tar::{Archive, Entry, EntryType};
use zeroize::Zeroizing;

use super::{
    ca_keys::CaKeys,
    error::{BackupError, Defect},
    manifest::{Manifest, ManifestFile},
    member::Member,
};
use crate::{
    keys::{OpenError, Opening, Passphrase},
    system::{
        FileError, FileMode,
        files::{FileAct, compose_new, directory, open_regular, write_new_unsynced},
    },
    x509::{Sha256, certificate::sha256, hexadecimal},
};

/// What of a backup is written to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extract {
    /// Everything.
    All,
    /// What shows whether it is sound: no private key.
    NoKeys,
}

/// What came out of a backup.
pub(super) struct Extracted {
    /// What it says of itself.
    pub(super) manifest: Manifest,
    /// What was seen of the keys of its CAs.
    pub(super) ca_keys: CaKeys,
}

/// Reads a backup to its end, and puts its files into a directory that is empty.
///
/// # Errors
/// Another passphrase, or whatever is wrong with it; what was written by then stays.
pub(super) fn extract(
    path: &Path,
    passphrase: &Passphrase,
    into: &Path,
    what: Extract,
    watch: &mut dyn FnMut(u64),
) -> Result<Extracted, BackupError> {
    let unsound = |source| BackupError::Unsound { path: path.to_owned(), source };
    let opened = Opening::begin(Watched { file: open_regular(path)?, watch }, passphrase);
    let opened = opened.map_err(|refused| match refused {
        OpenError::Passphrase => BackupError::WrongPassphrase { path: path.to_owned() },
        OpenError::Reading(error) => match Defect::of(&error) {
            Some(defect) => unsound(defect),
            None => FileError::new(FileAct::Read, path, error).into(),
        },
        refused => unsound(Defect::Seal(refused)),
    })?;
    let mut unpacking =
        Unpacking { path, into, what, files: BTreeMap::new(), ca_keys: CaKeys::default(), manifest: None };
    let mut archive = Archive::new(opened);
    // As they are: a name that a header of its own makes longer is none of ours.
    let entries = archive.entries().map_err(|error| unpacking.failed(&error))?.raw(true);
    for entry in entries {
        let entry = entry.map_err(|error| unpacking.failed(&error))?;
        unpacking.take(entry)?;
    }
    let rest = archive.into_inner();
    unpacking.end(rest)
}

/// An archive on its way to the disk.
struct Unpacking<'a> {
    path: &'a Path,
    into: &'a Path,
    what: Extract,
    files: BTreeMap<String, ManifestFile>,
    ca_keys: CaKeys,
    manifest: Option<Vec<u8>>,
}

impl Unpacking<'_> {
    fn unsound(&self, source: Defect) -> BackupError {
        BackupError::Unsound { path: self.path.to_owned(), source }
    }

    fn failed(&self, error: &io::Error) -> BackupError {
        match Defect::of(error) {
            Some(defect) => self.unsound(defect),
            None => FileError::new(FileAct::Read, self.path, io::Error::new(error.kind(), error.to_string())).into(),
        }
    }

    fn take(&mut self, mut entry: Entry<'_, impl Read>) -> Result<(), BackupError> {
        if self.manifest.is_some() {
            return Err(self.unsound(Defect::AfterManifest));
        }
        let name = String::from_utf8_lossy(&entry.header().path_bytes()).into_owned();
        let member = Member::of(&name).ok_or_else(|| self.unsound(Defect::Foreign { name: name.clone() }))?;
        if entry.header().entry_type() != EntryType::Regular {
            return Err(self.unsound(Defect::NotAFile { name }));
        }
        if self.files.contains_key(&name) {
            return Err(self.unsound(Defect::Twice { name }));
        }
        if self.files.len() >= MOST_FILES {
            return Err(self.unsound(Defect::TooMany));
        }
        let size = entry.size();
        if size > member.most_bytes() {
            return Err(self.unsound(Defect::TooLarge { name, size }));
        }
        let sha256 = match member {
            Member::Manifest => {
                let content = self.read(&mut entry, size)?;
                self.manifest = Some(content.to_vec());
                return Ok(());
            }
            Member::Ledger => self.write_long(&name, &mut entry, size)?,
            _ => {
                let content = self.read(&mut entry, size)?;
                self.ca_keys.look_at(&name, member, &content);
                if self.what == Extract::All || !member.is_key() {
                    self.write(&name, &content)?;
                }
                sha256(&content)
            }
        };
        self.files.insert(name, ManifestFile { size, sha256: hexadecimal(&sha256) });
        Ok(())
    }

    fn read(&self, entry: &mut impl Read, size: u64) -> Result<Zeroizing<Vec<u8>>, BackupError> {
        // Allocated as it comes, for the size is only what somebody wrote; a key fits into the first piece.
        let mut content = Zeroizing::new(Vec::with_capacity(usize::try_from(size.min(PIECE)).unwrap_or_default()));
        entry.take(size).read_to_end(&mut content).map_err(|error| self.failed(&error))?;
        if content.len() as u64 != size {
            return Err(self.unsound(Defect::Truncated));
        }
        Ok(content)
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), BackupError> {
        let path = self.into.join(name);
        if let Some(parent) = path.parent() {
            directory::create_directories(parent)?;
        }
        Ok(write_new_unsynced(&path, content, FileMode::Secret)?)
    }

    /// Writes what is too long to be held, and tells its hash.
    fn write_long(&self, name: &str, entry: &mut impl Read, size: u64) -> Result<[u8; 32], BackupError> {
        let path = self.into.join(name);
        compose_new(&path, FileMode::Secret, |file| {
            let (mut digest, mut left) = (Sha256::default(), size);
            let mut piece = vec![0; usize::try_from(PIECE).unwrap_or_default()];
            while left > 0 {
                let length = entry.read(&mut piece).map_err(|error| self.failed(&error))?;
                let read = piece.get(..length).filter(|read| !read.is_empty());
                let read = read.ok_or_else(|| self.unsound(Defect::Truncated))?;
                digest.update(read);
                file.write_all(read).map_err(|error| FileError::new(FileAct::Write, &path, error))?;
                left = left.saturating_sub(length as u64);
            }
            Ok(digest.finish())
        })
    }

    /// Reads what is left, which is nothing but zeros: the seal shows at its very end whether the file was cut off.
    fn end<R: Read>(self, mut rest: Opening<R>) -> Result<Extracted, BackupError> {
        let mut piece = vec![0; usize::try_from(PIECE).unwrap_or_default()];
        loop {
            let length = rest.read(&mut piece).map_err(|error| self.failed(&error))?;
            match piece.get(..length) {
                Some([]) | None => break,
                Some(read) if read.iter().all(|octet| *octet == 0) => {}
                Some(_) => return Err(self.unsound(Defect::AfterManifest)),
            }
        }
        let text = self.manifest.as_deref().ok_or_else(|| self.unsound(Defect::NoManifest))?;
        let found = form(text).map_err(|error| self.unsound(Defect::Manifest(error.to_string())))?;
        if found != Manifest::FORMAT {
            return Err(self.unsound(Defect::Newer { found, known: Manifest::FORMAT }));
        }
        let manifest: Manifest =
            serde_json::from_slice(text).map_err(|error| self.unsound(Defect::Manifest(error.to_string())))?;
        let mut named = manifest.files.keys().chain(self.files.keys());
        if let Some(name) = named.find(|name| manifest.files.get(*name) != self.files.get(*name)) {
            return Err(self.unsound(Defect::Unlike { name: name.clone() }));
        }
        if !manifest.files.contains_key("ledger.db") {
            return Err(self.unsound(Defect::Unlike { name: "ledger.db".to_owned() }));
        }
        Ok(Extracted { manifest, ca_keys: self.ca_keys })
    }
}

/// Which form a manifest has; what else is in it may be of a program to come.
fn form(text: &[u8]) -> Result<u32, serde_json::Error> {
    #[derive(serde::Deserialize)]
    struct Form {
        format: u32,
    }
    serde_json::from_slice::<Form>(text).map(|form| form.format)
}

/// A file, and who is told how many bytes of it were read.
struct Watched<'w> {
    file: File,
    watch: &'w mut dyn FnMut(u64),
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        (self.watch)(length as u64);
        Ok(length)
    }
}

/// More files than a home of a million certificates has.
const MOST_FILES: usize = 8_000_000;
const PIECE: u64 = 128 * 1024;
