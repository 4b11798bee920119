//! Making a backup: a copy of the ledger as it is at one moment, then every file that belongs to it, sealed as they are read.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use time::OffsetDateTime;

use super::{
    ca_keys::{MissingIssuingKey, WhyMissing, missing_issuing_key},
    error::BackupError,
    evidence::{Evidence, Seen},
    manifest::Manifest,
    member::Member,
    packing::{Packing, optional},
    wish::{BackupWish, Keys, Over},
};
use crate::{
    authority::{Authority, BackupRecord, CaCertificate, Flaw, FlawKind, IssuerRole, Ledger, LedgerError, StoreError},
    home::{crl::CrlFiles, error::HomeError, layout::Layout, opened::Home},
    system::{
        FileMode,
        files::{Scratch, compose, compose_new, directory, read_bounded},
    },
    x509::CertificateList,
};

/// A backup that was made, and is safe on its disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub manifest: Manifest,
    /// What keeps it from being restored, in the order in which it was found.
    pub flaws: Vec<Flaw>,
    /// What was not as it was written when the home was restored, and since when that is known: no reason against this backup.
    pub known: Vec<(Flaw, OffsetDateTime)>,
    /// The key of the CA that issues, if that is not in it.
    pub missing_issuing_key: Option<MissingIssuingKey>,
    /// Whether the ledger says that it was made: a disk that takes no writes any more does not, nor does a log whose end is broken.
    pub is_noted: bool,
}

impl Backup {
    /// Whether all that is said against it is that nobody could look.
    pub fn is_unseen(&self) -> bool {
        !self.flaws.is_empty() && self.flaws.iter().all(|flaw| flaw.kind == FlawKind::Unseen)
    }

    /// Whether all is in it that a home needs to go on, as it was written.
    pub fn is_sound(&self) -> bool {
        let is_lost = |missing: &MissingIssuingKey| missing.why == WhyMissing::Lost;
        self.flaws.is_empty() && !self.missing_issuing_key.as_ref().is_some_and(is_lost)
    }
}

impl Home {
    /// How many steps a backup takes.
    ///
    /// # Errors
    /// A ledger that fails.
    pub fn backup_length(&self) -> Result<u64, BackupError> {
        Ok(self.authority.kept_lineages()? + 1 + self.authority.examination_length()?)
    }

    /// Writes a backup, whole or not at all, while others may work here; looks whether it can be restored; and writes down that it
    /// was made. It is there though it is not sound: of a disk that dies it may be the last.
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
        let work = |out: &mut dyn Write| {
            let evidence = Evidence::beside(Layout::new(scratch.path()));
            let mut packing = Packing::begin(path, out, wish, &copied, evidence)?;
            self.pack(&mut packing, &ledger, &copied, wish, watch)?;
            packing.finish(&copied, wish)
        };
        let (manifest, evidence) = match wish.over {
            Over::Nothing => compose_new(path, FileMode::Secret, work),
            Over::Anything => compose(path, FileMode::Secret, work),
        }?;
        let Seen { flaws, known } = evidence.examine(&copied, &manifest, watch);
        let missing_issuing_key = missing_issuing_key(&copied, &manifest);
        let is_lost = missing_issuing_key.as_ref().is_some_and(|missing| missing.why == WhyMissing::Lost);
        drop(scratch);
        let record = BackupRecord {
            made_at: manifest.made_at().unwrap_or_else(|| copied.doors().clock.now()),
            path: directory::absolute(path)?.display().to_string(),
            audit: copied.audit_end()?,
            without: manifest.without.iter().map(|left_out| left_out.as_str()).collect(),
            flaws: flaws.len() + usize::from(is_lost),
        };
        let is_noted = match self.authority.note_backup(&record) {
            Err(
                LedgerError::Store(StoreError::ReadOnly { .. } | StoreError::Full { .. })
                | LedgerError::LogBroken { .. },
            ) => false,
            noted => noted.map(|()| true)?,
        };
        Ok(Backup { path: path.to_owned(), manifest, flaws, known, missing_issuing_key, is_noted })
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
                    packing.add_of_ca(layout, &layout.root_certificate(ordinal))?;
                    if wish.root_keys == Keys::Take {
                        packing.add_of_ca(layout, &layout.root_key(ordinal))?;
                    }
                }
                IssuerRole::Issuing => {
                    packing.add_of_ca(layout, &layout.issuing_certificate(ordinal))?;
                    packing.add_of_ca(layout, &layout.issuing_key(ordinal))?;
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
    /// Packs the newest list of a CA that the copy of the ledger knows: in its files there may be a newer one by now. Where the ledger
    /// knows of none or of an older one alone, since it has lost the newest, the one in the files is what tells of it.
    fn pack_crl(
        &self,
        packing: &mut Packing<'_, '_>,
        copied: &Authority,
        ca: &CaCertificate,
    ) -> Result<(), BackupError> {
        let files = CrlFiles::of(&self.layout, ca);
        let published = optional(read_bounded(&files.der, CrlFiles::MOST_BYTES))?;
        let number = published.as_deref().map_or(0, |list| number_of(list, ca));
        // A number is in the ledger before its list is signed, unless the ledger has lost it.
        let is_lost = number > self.authority.highest_crl_number(ca)?;
        let list = match (copied.newest_crl(ca)?, published) {
            (_, Some(published)) if is_lost => published,
            (Some(list), _) => list,
            // Too long to lie in the ledger. Where it is left out, it is made anew.
            (None, Some(published)) if number <= copied.highest_crl_number(ca)? => published,
            _ => return Ok(()),
        };
        packing.add_crl(&self.layout, &files, &list)
    }
}

/// The number of a list; 0 where the CA has not signed it.
fn number_of(list: &[u8], ca: &CaCertificate) -> i64 {
    let list = CertificateList::from_der(list).ok();
    let signed = list.filter(|list| list.verify_signed_by(ca.certificate().tbs().public_key()).is_ok());
    signed.and_then(|list| list.tbs().crl_number()).map_or(0, |number| number.get())
}

/// How a directory of a backup's begins in the directory for what is temporary.
pub(super) const SCRATCH: &str = "hubca-backup-";
