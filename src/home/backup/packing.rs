//! The archive of a backup while it is filled: each file is sealed as it is read, and the manifest comes last.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    path::Path,
};

use tar::{Builder, EntryType, Header};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use zeroize::Zeroizing;

use super::{
    error::BackupError,
    evidence::Evidence,
    manifest::{Manifest, ManifestFile, Omitted},
    member::{MANIFEST, Member},
    wish::{BackupWish, Keys},
};
use crate::{
    authority::Authority,
    home::{crl::CrlFiles, layout::Layout},
    keys::{SealError, Sealing},
    system::{
        FileError,
        files::{self, FileAct, read_bounded, read_private},
    },
    x509::{Sha256, hexadecimal, pem},
};

/// An archive that is being filled.
pub(super) struct Packing<'p, 'a> {
    path: &'p Path,
    tar: Builder<Sealing<&'a mut dyn Write>>,
    files: BTreeMap<String, ManifestFile>,
    evidence: Evidence,
    made_at: OffsetDateTime,
}

impl<'p, 'a> Packing<'p, 'a> {
    /// An empty one, sealed to a passphrase on its way into a file.
    pub(super) fn begin(
        path: &'p Path,
        out: &'a mut dyn Write,
        wish: BackupWish<'_>,
        copied: &Authority,
        evidence: Evidence,
    ) -> Result<Self, BackupError> {
        let doors = copied.doors();
        let sealed = Sealing::begin(out, wish.passphrase, &*doors.random).map_err(|error| match error {
            SealError::Writing(error) => writing(path, error).into(),
            error => BackupError::Seal(error),
        })?;
        let made_at = doors.clock.now();
        Ok(Self { path, tar: Builder::new(sealed), files: BTreeMap::new(), evidence, made_at })
    }
    /// Adds a file of the home under its own name; one that is not there is not missed.
    pub(super) fn add(&mut self, layout: &Layout, path: &Path) -> Result<(), BackupError> {
        match FileOfHome::read(layout, path)? {
            Some(file) => self.add_bytes(file.name, &file.content),
            None => Ok(()),
        }
    }

    /// Adds a file of a CA so, and keeps what it shows.
    pub(super) fn add_of_ca(&mut self, layout: &Layout, path: &Path) -> Result<(), BackupError> {
        let Some(file) = FileOfHome::read(layout, path)? else { return Ok(()) };
        self.evidence.keep(&file.name, file.member, &file.content);
        self.add_bytes(file.name, &file.content)
    }

    /// Adds the list of a CA in both forms, and keeps what it shows.
    pub(super) fn add_crl(&mut self, layout: &Layout, files: &CrlFiles, list: &[u8]) -> Result<(), BackupError> {
        self.add_bytes(name_of(layout, &files.pem), pem::encode(pem::X509_CRL, list).as_bytes())?;
        let name = name_of(layout, &files.der);
        self.evidence.keep(&name, Member::Crl, list);
        self.add_bytes(name, list)
    }

    fn add_bytes(&mut self, name: String, content: &[u8]) -> Result<(), BackupError> {
        self.append(name, content.len() as u64, content)
    }

    /// Adds a file that may be too long to be held.
    pub(super) fn add_file(&mut self, name: &str, path: &Path) -> Result<(), BackupError> {
        let fail = |error| FileError::new(FileAct::Read, path, error);
        let file = files::open_regular(path)?;
        let length = file.metadata().map_err(fail)?.len();
        self.append(name.to_owned(), length, file)
    }

    fn append(&mut self, name: String, size: u64, content: impl Read) -> Result<(), BackupError> {
        let mut header = Header::new_ustar();
        let failed = |error| writing(self.path, error);
        header.set_path(&name).map_err(failed)?;
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.made_at.unix_timestamp()).unwrap_or_default());
        header.set_size(size);
        header.set_cksum();
        let mut hashing = Hashing { source: content.take(size), digest: Sha256::default(), length: 0 };
        self.tar.append(&header, &mut hashing).map_err(failed)?;
        // A file that became shorter while it was read would end the archive in its middle.
        if hashing.length != size {
            return Err(failed(io::Error::other(format!("`{name}` changed while it was read"))).into());
        }
        let file = ManifestFile { size, sha256: hexadecimal(&hashing.digest.finish()) };
        self.files.insert(name, file);
        Ok(())
    }

    /// Writes the manifest and closes the seal. Gives what shows whether all of it is sound, too.
    pub(super) fn finish(
        mut self,
        copied: &Authority,
        wish: BackupWish<'_>,
    ) -> Result<(Manifest, Evidence), BackupError> {
        let root = copied.root().map(|root| root.certificate().fingerprint());
        let left_out = [(wish.root_keys, Omitted::RootKey), (wish.leaf_keys, Omitted::LeafKeys)]
            .into_iter()
            .filter_map(|(keys, left_out)| (keys == Keys::Leave).then_some(left_out));
        let manifest = Manifest {
            format: Manifest::FORMAT,
            hubca: env!("CARGO_PKG_VERSION").to_owned(),
            ca: copied.name().to_owned(),
            root_sha256: root.unwrap_or_default(),
            made_at: self.made_at.format(&Rfc3339).unwrap_or_default(),
            audit: copied.audit_end()?.into(),
            without: left_out.collect(),
            files: std::mem::take(&mut self.files),
        };
        let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        self.add_bytes(MANIFEST.to_owned(), &text)?;
        let path = self.path;
        let ended = self.tar.into_inner().and_then(Sealing::finish);
        ended.map_err(|error| writing(path, error))?;
        Ok((manifest, self.evidence))
    }
}

/// A file of the home that a backup may have.
struct FileOfHome {
    name: String,
    member: Member,
    content: Zeroizing<Vec<u8>>,
}

impl FileOfHome {
    /// Reads it, if it is there.
    fn read(layout: &Layout, path: &Path) -> Result<Option<Self>, BackupError> {
        let name = name_of(layout, path);
        let Some(member) = Member::of(&name) else { return Ok(None) };
        let most = usize::try_from(member.most_bytes()).unwrap_or(usize::MAX);
        let content = match member.is_key() {
            true => optional(read_private(path, most))?,
            false => optional(read_bounded(path, most))?.map(Zeroizing::new),
        };
        Ok(content.map(|content| Self { name, member, content }))
    }
}

/// What is read, with the hash of what was read.
struct Hashing<R> {
    source: R,
    digest: Sha256,
    length: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.digest.update(buffer.get(..length).unwrap_or_default());
        self.length += length as u64;
        Ok(length)
    }
}

/// What was read, if it was there.
pub(super) fn optional<T>(read: Result<T, FileError>) -> Result<Option<T>, FileError> {
    match read {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

fn writing(path: &Path, error: io::Error) -> FileError {
    FileError::new(FileAct::Write, path, error)
}

/// The name in a backup of a file of the home.
fn name_of(layout: &Layout, path: &Path) -> String {
    path.strip_prefix(layout.directory()).unwrap_or(path).to_string_lossy().into_owned()
}
