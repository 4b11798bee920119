//! Making a backup: a copy of the ledger as it is at one moment, then every file that belongs to it, sealed as they are read.

use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use tar::{Builder, EntryType, Header};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use zeroize::Zeroizing;

use super::{
    error::BackupError,
    manifest::{Manifest, ManifestFile, Omitted},
    member::{MANIFEST, Member},
};
use crate::{
    authority::{Authority, BackupRecord, CaCertificate, IssuerRole, Ledger, LedgerError, StoreError},
    home::{crl::CrlFiles, error::HomeError, layout::Layout, opened::Home},
    keys::{Passphrase, SealError, Sealing},
    system::{
        FileError, FileMode,
        files::{self, FileAct, Scratch, compose, compose_new, directory, read_bounded, read_private},
    },
    x509::{CertificateList, Sha256, hexadecimal, pem},
};

/// What is wanted of a backup.
#[derive(Clone, Copy, Debug)]
pub struct BackupWish<'a> {
    /// What opens it again.
    pub passphrase: &'a Passphrase,
    /// Whether the keys of the roots are in it.
    pub root_keys: Keys,
    /// Whether the keys of the certificates are in it.
    pub leaf_keys: Keys,
    /// What to do with a file that is there.
    pub over: Over,
}

/// Whether keys are in a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// They are left out.
    Leave,
    /// They are in it.
    Take,
}

/// What to do with a file that has the name of the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Leave it, and fail.
    Nothing,
    /// Put the backup in its place.
    Anything,
}

/// A backup that was made, and is safe on its disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub manifest: Manifest,
    /// Whether the ledger says that it was made: a disk that takes no writes any more does not.
    pub is_noted: bool,
}

impl Home {
    /// How many steps a backup takes.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn backup_length(&self) -> Result<u64, BackupError> {
        Ok(self.authority.kept_lineages()? + 1)
    }

    /// Writes a backup, whole or not at all, while others may work here; and writes down that it was made.
    ///
    /// # Errors
    /// A file that is there, a key of the root that is not, a disk that is full, or a home that cannot be read.
    pub fn back_up(
        &self,
        path: &Path,
        wish: BackupWish<'_>,
        watch: &mut dyn FnMut(u64),
    ) -> Result<Backup, BackupError> {
        let root_key = self.layout.root_key(self.root()?.ordinal());
        if wish.root_keys == Keys::Take && !root_key.exists() {
            return Err(BackupError::NoRootKey { path: root_key });
        }
        let (scratch, ledger) = self.ledger_of_now()?;
        watch(1);
        let copied =
            Authority::open(Ledger::look_at(&ledger)?, self.authority.doors().clone()).map_err(HomeError::from)?;
        let made_at = copied.doors().clock.now();
        let work = |out: &mut dyn Write| {
            let sealed = Sealing::begin(out, wish.passphrase, &*self.authority.doors().random);
            let sealed = sealed.map_err(|error| match error {
                SealError::Writing(error) => writing(path, error).into(),
                error => BackupError::Seal(error),
            })?;
            let mut packing = Packing { path, tar: Builder::new(sealed), files: BTreeMap::new(), made_at };
            self.pack(&mut packing, &ledger, &copied, wish, watch)?;
            packing.finish(&copied, wish)
        };
        let manifest = match wish.over {
            Over::Nothing => compose_new(path, FileMode::Secret, work),
            Over::Anything => compose(path, FileMode::Secret, work),
        }?;
        drop(scratch);
        let record = BackupRecord {
            made_at,
            path: directory::absolute(path)?.display().to_string(),
            audit: copied.audit_head()?,
            without: manifest.without.iter().map(|left_out| left_out.as_str()).collect(),
        };
        let is_noted = match self.authority.note_backup(&record) {
            Err(LedgerError::Store(StoreError::ReadOnly { .. } | StoreError::Full { .. })) => false,
            noted => noted.map(|()| true)?,
        };
        Ok(Backup { path: path.to_owned(), manifest, is_noted })
    }

    /// A copy of the ledger, gone with its directory. Where the disk of the home takes nothing more, which is when a backup is wanted
    /// most, it lies elsewhere: there is no key in it.
    fn ledger_of_now(&self) -> Result<(Scratch, PathBuf), BackupError> {
        let copied_in = |parent: &Path, kind| -> Result<_, BackupError> {
            let scratch = Scratch::create(parent, kind)?;
            let ledger = scratch.path().join("ledger.db");
            self.authority.copy_ledger(&ledger)?;
            Ok((scratch, ledger))
        };
        // The first error is the one to tell.
        copied_in(self.layout.directory(), ".backup-")
            .or_else(|error| copied_in(&std::env::temp_dir(), SCRATCH).map_err(|_| error))
    }

    fn pack(
        &self,
        packing: &mut Packing<'_, '_>,
        ledger: &Path,
        copied: &Authority,
        wish: BackupWish<'_>,
        watch: &mut dyn FnMut(u64),
    ) -> Result<(), BackupError> {
        let layout = &self.layout;
        packing.add_file("ledger.db", ledger)?;
        packing.add(layout, &layout.settings())?;
        for name in optional(directory::entries(&layout.profiles()))?.unwrap_or_default() {
            let path = layout.profiles().join(&name);
            // What is no profile there is the operator's own affair.
            if Member::of(&format!("profiles/{name}")).is_some() {
                packing.add(layout, &path)?;
            }
        }
        for ca in copied.cas() {
            let ordinal = ca.ordinal();
            match ca.role() {
                IssuerRole::Root => {
                    packing.add(layout, &layout.root_certificate(ordinal))?;
                    if wish.root_keys == Keys::Take {
                        packing.add(layout, &layout.root_key(ordinal))?;
                    }
                }
                IssuerRole::Issuing => {
                    packing.add(layout, &layout.issuing_certificate(ordinal))?;
                    packing.add(layout, &layout.issuing_key(ordinal))?;
                }
                IssuerRole::Cross => continue,
            }
            self.pack_crl(packing, copied, ca)?;
        }
        for (label, generations) in copied.generations_in_use()? {
            for generation in generations {
                let directory = layout.generation(&label, generation);
                for name in ["cert.pem", "chain.pem", "fullchain.pem"] {
                    packing.add(layout, &directory.join(name))?;
                }
                if wish.leaf_keys == Keys::Take {
                    packing.add(layout, &directory.join("privkey.pem"))?;
                }
            }
            watch(1);
        }
        Ok(())
    }
}

impl Home {
    /// Packs the newest list of a CA that the copy of the ledger knows: in its files there may be a newer one by now.
    fn pack_crl(
        &self,
        packing: &mut Packing<'_, '_>,
        copied: &Authority,
        ca: &CaCertificate,
    ) -> Result<(), BackupError> {
        let files = CrlFiles::of(&self.layout, ca);
        let list = match copied.newest_crl(ca)? {
            Some(list) => list,
            // Too long to lie in the ledger. Where it is left out, it is made anew.
            None => match optional(read_bounded(&files.der, CrlFiles::MOST_BYTES))? {
                Some(list) if number_of(&list) <= copied.highest_crl_number(ca)? => list,
                _ => return Ok(()),
            },
        };
        packing.add_bytes(name_of(&self.layout, &files.pem), pem::encode(pem::X509_CRL, &list).as_bytes())?;
        packing.add_bytes(name_of(&self.layout, &files.der), &list)
    }
}

fn number_of(list: &[u8]) -> i64 {
    let list = CertificateList::from_der(list).ok();
    list.and_then(|list| list.tbs().crl_number()).map_or(0, |number| number.get())
}

/// The name in a backup of a file of the home.
fn name_of(layout: &Layout, path: &Path) -> String {
    path.strip_prefix(layout.directory()).unwrap_or(path).to_string_lossy().into_owned()
}

/// An archive that is being filled.
struct Packing<'p, 'a> {
    path: &'p Path,
    tar: Builder<Sealing<&'a mut dyn Write>>,
    files: BTreeMap<String, ManifestFile>,
    made_at: OffsetDateTime,
}

impl Packing<'_, '_> {
    /// Adds a file of the home under its own name; one that is not there is not missed.
    fn add(&mut self, layout: &Layout, path: &Path) -> Result<(), BackupError> {
        let name = name_of(layout, path);
        let Some(member) = Member::of(&name) else { return Ok(()) };
        let most = usize::try_from(member.most_bytes()).unwrap_or(usize::MAX);
        let content = match member.is_key() {
            true => optional(read_private(path, most))?,
            false => optional(read_bounded(path, most))?.map(Zeroizing::new),
        };
        match content {
            Some(content) => self.add_bytes(name, &content),
            None => Ok(()),
        }
    }

    fn add_bytes(&mut self, name: String, content: &[u8]) -> Result<(), BackupError> {
        self.append(name, content.len() as u64, content)
    }

    fn add_file(&mut self, name: &str, path: &Path) -> Result<(), BackupError> {
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

    fn finish(mut self, copied: &Authority, wish: BackupWish<'_>) -> Result<Manifest, BackupError> {
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
            audit: copied.audit_head()?.into(),
            without: left_out.collect(),
            files: std::mem::take(&mut self.files),
        };
        let text = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        self.add_bytes(MANIFEST.to_owned(), &text)?;
        let path = self.path;
        let ended = self.tar.into_inner().and_then(Sealing::finish);
        ended.map_err(|error| writing(path, error))?;
        Ok(manifest)
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

fn optional<T>(read: Result<T, FileError>) -> Result<Option<T>, FileError> {
    match read {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

fn writing(path: &Path, error: io::Error) -> FileError {
    FileError::new(FileAct::Write, path, error)
}

/// How a directory of a backup's begins in the directory for what is temporary.
pub(super) const SCRATCH: &str = "hubca-backup-";
