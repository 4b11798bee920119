//! A backup becomes a home again: beside the place where it belongs, looked at, made fit to go on, and moved there by one
//! renaming.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::{
    ca_keys::{CaKeys, MissingIssuingKey, missing_issuing_key},
    error::{BackupError, Defect, are_bearable},
    making::SCRATCH,
    manifest::{Manifest, Omitted},
    reading::{Extract, Extracted, extract},
};
use crate::{
    authority::{
        AuditHead, BackupRecord, CaCertificate, Doors, Examined, Flaw, FlawKind, IssuerId, IssuerRole, SetRight,
    },
    home::{crl::CrlFiles, error::HomeError, examination::Examination, guard, layout::Layout, opened::Home, staging},
    keys::{KeyFile, Passphrase},
    system::{
        DirectoryMode,
        files::{self, DirectoryLock, Scratch, directory, read_bounded},
    },
    x509::{CertificateList, serial_number::Epoch},
};

/// A backup that was looked at.
#[derive(Clone, Debug)]
pub struct LookedAt {
    /// What it says of itself.
    pub manifest: Manifest,
    /// What was found in it.
    pub examined: Examined,
    /// The key of the CA that issues, if that is not in it.
    pub missing_issuing_key: Option<MissingIssuingKey>,
}

/// What is taken for a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerance {
    /// Only what is as it was written.
    Nothing,
    /// What is not as well, as long as the CAs and their keys are.
    Flaws,
}

/// A home that was restored.
pub struct Restored {
    /// The home, open.
    pub home: Home,
    /// What its backup says of itself.
    pub manifest: Manifest,
    /// The octet that its serial numbers begin with from now on.
    pub serial_epoch: u8,
    /// Where the keys of roots belong that were not in it.
    pub missing_root_keys: Vec<PathBuf>,
    /// Where the key belongs of the CA that issues, if it was not in it.
    pub missing_issuing_key: Option<PathBuf>,
    /// The labels whose keys were not in it.
    pub labels_without_keys: Vec<String>,
    /// What is not as it was written.
    pub flaws: Vec<Flaw>,
    /// What was not when it was restored before, and since when that is known.
    pub known: Vec<(Flaw, OffsetDateTime)>,
    /// What of that was set right, lest something wrong is signed.
    pub set_right: SetRight,
}

/// Looks at a backup: every file, the ledger, the log, the signatures, the keys of its CAs. Nothing of it is left on the disk, and
/// no key is ever written to it. `watch` is told of the bytes that were read.
///
/// # Errors
/// Another passphrase, what is wrong with it, or a disk that fails.
pub fn look_at_backup(
    path: &Path,
    passphrase: &Passphrase,
    doors: &Doors,
    watch: &mut dyn FnMut(u64),
) -> Result<LookedAt, BackupError> {
    let scratch = Scratch::create(&std::env::temp_dir(), SCRATCH)?;
    let extracted = extract(path, passphrase, scratch.path(), Extract::NoKeys, watch)?;
    let (home, examined) = open(path, &Layout::new(scratch.path()), &extracted, doors)?;
    let missing_issuing_key = missing_issuing_key(&home.authority, &extracted.manifest);
    Ok(LookedAt { manifest: extracted.manifest, examined, missing_issuing_key })
}

impl Home {
    /// Refuses a place where something is already, before a passphrase is asked for that would be of no use.
    ///
    /// # Errors
    /// There is something.
    pub fn check_room_for_restore(layout: &Layout) -> Result<(), BackupError> {
        staging::clear_restoring(layout);
        refuse_occupied(layout)
    }

    /// Makes a home of a backup where none is.
    ///
    /// # Errors
    /// There is something already, another passphrase, a backup that is not sound, or a disk that fails; nothing is left
    /// then.
    pub fn restore(
        layout: &Layout,
        path: &Path,
        passphrase: &Passphrase,
        tolerance: Tolerance,
        doors: &Doors,
        watch: &mut dyn FnMut(u64),
    ) -> Result<Restored, BackupError> {
        refuse_occupied(layout)?;
        let staging = layout.restoring();
        let parent = layout.directory().parent().unwrap_or(layout.directory());
        directory::create_directories(parent)?;
        let _lock = hold(&staging)?.ok_or_else(|| BackupError::Busy { home: layout.directory().to_owned() })?;
        guard::check(&staging)?;
        let made = fill(&staging, path, passphrase, tolerance, doors, watch).and_then(|filled| {
            refuse_occupied(layout)?;
            directory::rename(staging.directory(), layout.directory())?;
            Ok(filled)
        });
        let Filled { manifest, epoch, flaws, known, set_right } = match made {
            Ok(filled) => filled,
            Err(error) => {
                // The first error is the one to tell; what cannot be removed now the next one removes.
                let _ = directory::remove_tree(staging.directory());
                return Err(error);
            }
        };
        let home = Self::open(layout.clone(), doors.clone())?;
        let missing_root_keys = home.missing_root_keys();
        let labels_without_keys = home.labels_without_keys()?;
        let missing_issuing_key = home.missing_issuing_key();
        Ok(Restored {
            home,
            manifest,
            serial_epoch: epoch.octet(),
            missing_root_keys,
            missing_issuing_key,
            labels_without_keys,
            flaws,
            known,
            set_right,
        })
    }

    /// Where the keys of the roots in use belong, of those that are not there.
    fn missing_root_keys(&self) -> Vec<PathBuf> {
        let roots = self.authority.cas().iter().filter(|ca| ca.role() == IssuerRole::Root);
        roots.map(|root| self.layout.root_key(root.ordinal())).filter(|path| !path.exists()).collect()
    }

    fn missing_issuing_key(&self) -> Option<PathBuf> {
        let issuing = self.authority.issuing().filter(|ca| ca.role() == IssuerRole::Issuing);
        issuing.map(|ca| self.layout.issuing_key(ca.ordinal())).filter(|path| !path.exists())
    }

    fn labels_without_keys(&self) -> Result<Vec<String>, BackupError> {
        let mut labels = self.authority.lineages()?;
        labels.retain(|label| !self.layout.live_link(label).join("privkey.pem").exists());
        Ok(labels)
    }
}

/// Makes the directory and holds it; none where another restore does.
fn hold(staging: &Layout) -> Result<Option<DirectoryLock>, BackupError> {
    loop {
        match files::create_directory(staging.directory(), DirectoryMode::Private) {
            Err(error) if error.is_exists() => refuse_strange(staging)?,
            made => made?,
        }
        // Between the two calls another command may have taken it for one that was left.
        match files::hold(staging.directory())? {
            None if directory::entry_at(staging.directory())?.is_none() => {}
            held => return Ok(held),
        }
    }
}

/// Refuses what lies where a home is restored and is no directory: no restore has left that.
fn refuse_strange(staging: &Layout) -> Result<(), BackupError> {
    match directory::entry_at(staging.directory())? {
        None | Some(directory::Entry::Directory) => Ok(()),
        Some(_) => Err(BackupError::InTheWay { path: staging.directory().to_owned() }),
    }
}

/// A home that is whole but for its place.
struct Filled {
    manifest: Manifest,
    epoch: Epoch,
    flaws: Vec<Flaw>,
    known: Vec<(Flaw, OffsetDateTime)>,
    set_right: SetRight,
}

/// Everything but the last renaming.
fn fill(
    staging: &Layout,
    path: &Path,
    passphrase: &Passphrase,
    tolerance: Tolerance,
    doors: &Doors,
    watch: &mut dyn FnMut(u64),
) -> Result<Filled, BackupError> {
    // What lies there is of a run that was stopped.
    for left in directory::entries(staging.directory())? {
        let left = staging.directory().join(left);
        match left.is_dir() && !left.is_symlink() {
            true => directory::remove_tree(&left)?,
            false => files::remove(&left)?,
        }
    }
    let extracted = extract(path, passphrase, staging.directory(), Extract::All, watch)?;
    let (home, examined) = open(path, staging, &extracted, doors)?;
    let Examined { flaws, known, .. } = examined;
    let Extracted { manifest, ca_keys } = extracted;
    if !flaws.is_empty() && (tolerance == Tolerance::Nothing || !are_bearable(&flaws)) {
        let source = Defect::Flawed { flaws };
        return Err(BackupError::Unsound { path: path.to_owned(), source });
    }
    home.link_live()?;
    let record = BackupRecord {
        made_at: manifest.made_at().unwrap_or_else(|| doors.clock.now()),
        path: path.display().to_string(),
        audit: AuditHead { entries: manifest.audit.entries, hash: manifest.audit.head.clone() },
        without: manifest.without.iter().copied().map(Omitted::as_str).collect(),
        flaws: flaws.len(),
    };
    let (epoch, set_right) = match flaws.is_empty() && known.is_empty() {
        true => (home.authority.note_restore(&record)?, SetRight::default()),
        false => home.authority.note_flawed_restore(&record, &home.signed_lists())?,
    };
    if !flaws.is_empty() {
        // As it is now that some of it is set right.
        let left = examine(staging, &home, &ca_keys, None)?;
        home.authority.note_known_flaws(&left, &staging.prefix())?;
    }
    drop(home);
    files::sync_file_system(staging.directory())?;
    Ok(Filled { manifest, epoch, flaws, known, set_right })
}

impl Home {
    /// Points `live/` at what was published, where its key is here: a link to a certificate without its key would stop a
    /// server that follows it.
    fn link_live(&self) -> Result<(), BackupError> {
        files::create_directory_unsynced(&self.layout.live(), DirectoryMode::Private)?;
        for (label, published) in self.authority.published()? {
            if self.layout.generation(&label, published).join("privkey.pem").exists() {
                let target = Layout::live_target(&label, published);
                files::swap_symlink_unsynced(&self.layout.live_link(&label), &target)?;
            }
        }
        Ok(())
    }
}

impl Home {
    /// The lists in `crl/` that their CAs signed.
    fn signed_lists(&self) -> Vec<(IssuerId, CertificateList)> {
        let signed = |ca: &CaCertificate| {
            let der = read_bounded(&CrlFiles::of(&self.layout, ca).der, CrlFiles::MOST_BYTES).ok()?;
            let list = CertificateList::from_der(&der).ok()?;
            list.verify_signed_by(ca.certificate().tbs().public_key()).ok()?;
            Some((ca.id(), list))
        };
        self.authority.cas().iter().filter(|ca| ca.issues_crls()).filter_map(signed).collect()
    }
}

/// Opens what came out of a backup, and looks at all of it.
fn open(path: &Path, layout: &Layout, extracted: &Extracted, doors: &Doors) -> Result<(Home, Examined), BackupError> {
    let Extracted { manifest, ca_keys } = extracted;
    let unsound = |source| BackupError::Unsound { path: path.to_owned(), source };
    // Where it lies for the while is nobody's affair: a file is told by its name in the backup.
    let place = layout.prefix();
    let unusable = |error: HomeError| unsound(Defect::Home(error.to_string().replace(&place, "")));
    let home = Home::open(layout.clone(), doors.clone()).map_err(unusable)?;
    let mut examined = examine(layout, &home, ca_keys, Some(&manifest.audit.head)).map_err(unusable)?;
    let known = examined.known.iter_mut().map(|(flaw, _)| flaw);
    examined.flaws.iter_mut().chain(known).for_each(|flaw| flaw.message = flaw.message.replace(&place, ""));
    if examined.flaws.is_empty() && examined.head.entries != manifest.audit.entries {
        let message = "the log ends elsewhere than the manifest says";
        examined.add(FlawKind::AuditLog, examined.head.entries.to_string(), message);
    }
    Ok((home, examined))
}

fn examine(layout: &Layout, home: &Home, ca_keys: &CaKeys, noted: Option<&str>) -> Result<Examined, HomeError> {
    let see_key = |file: &KeyFile| ca_keys.seen(layout, file);
    Examination::with_keys(layout, &home.authority, &see_key).run(noted, &mut |_| ())
}

/// An empty directory is no home yet.
fn refuse_occupied(layout: &Layout) -> Result<(), BackupError> {
    let home = layout.directory();
    let is_empty = || directory::entries(home).is_ok_and(|entries| entries.is_empty());
    match directory::entry_at(home)? {
        None => Ok(()),
        Some(directory::Entry::Directory) if is_empty() => Ok(()),
        Some(_) => Err(BackupError::Occupied { home: home.to_owned() }),
    }
}
