//! Certificates and keys as files: each generation whole in `archive/`, the newest under `live/`.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{error::HomeError, generation::Generation, layout::Layout};
use crate::{
    authority::{KeptAs, Label},
    keys::PrivateKey,
    system::{
        DirectoryMode, FileError, FileMode,
        files::{self, directory, directory::Entry, read_bounded},
    },
    x509::{Certificate, pem},
};

/// When files must be safe on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// Each as it is written.
    EachFile,
    /// All together, by one call for the whole file system: for batches.
    AllTogether,
}

/// The files of one lineage, as `live/` shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveFiles {
    /// The private key.
    pub key: PathBuf,
    /// The certificate alone.
    pub cert: PathBuf,
    /// The CAs above it, without the root.
    pub chain: PathBuf,
    /// Both: what a server sends.
    pub fullchain: PathBuf,
}

impl LiveFiles {
    /// The files of a label.
    pub fn of(layout: &Layout, label: &str) -> Self {
        Self::in_directory(&layout.live_link(label))
    }

    /// The same in a directory of copies.
    pub(super) fn in_directory(directory: &Path) -> Self {
        Self {
            key: directory.join("privkey.pem"),
            cert: directory.join("cert.pem"),
            chain: directory.join("chain.pem"),
            fullchain: directory.join("fullchain.pem"),
        }
    }
}

/// Makes the directories that all lineages share.
pub(super) fn prepare(layout: &Layout) -> Result<(), FileError> {
    for path in [layout.archive(), layout.live()] {
        make_directory(&path, Durability::EachFile)?;
    }
    Ok(())
}

/// Makes the directories of a lineage that were taken away.
pub(super) fn make_room(layout: &Layout, label: &str) -> Result<(), FileError> {
    prepare(layout)?;
    make_directory(&layout.lineage(label), Durability::EachFile)
}

/// Refuses a label under whose name something else lies in `live/` or `archive/`: it must not be replaced or followed.
pub(super) fn refuse_occupied(layout: &Layout, label: &str) -> Result<(), HomeError> {
    for (path, wanted) in [(layout.live_link(label), Entry::Link), (layout.lineage(label), Entry::Directory)] {
        match directory::entry_at(&path)? {
            Some(found) if found != wanted => return Err(HomeError::Occupied { path }),
            _ => {}
        }
    }
    Ok(())
}

/// Writes one generation: key, certificate, chain and both together.
pub(super) fn write_generation(
    layout: &Layout,
    label: &Label,
    generation: i64,
    key: &PrivateKey,
    certificate: &[u8],
    chain: &str,
    durability: Durability,
) -> Result<(), HomeError> {
    make_directory(&layout.lineage(label.as_str()), durability)?;
    let private_key = key.to_pem()?;
    let certificate = pem::encode(pem::CERTIFICATE, certificate);
    let fullchain = format!("{certificate}{chain}");
    let contents = contents(&private_key, &certificate, chain, &fullchain);
    let generation = layout.generation(label.as_str(), generation);
    match durability {
        Durability::EachFile => files::create_filled(&generation, &contents, FileMode::Secret)?,
        Durability::AllTogether => files::create_filled_unsynced(&generation, &contents, FileMode::Secret)?,
    }
    Ok(())
}

/// Writes one generation, of which some may be there: all of it, as where an archive was saved, or a part, where a run was stopped. What
/// is not of it stays, and so does everything else then.
pub(super) fn complete_generation(
    layout: &Layout,
    label: &Label,
    generation: i64,
    key: &PrivateKey,
    certificate: &Certificate,
    chain: &str,
) -> Result<(), HomeError> {
    let path = layout.generation(label.as_str(), generation);
    if directory::entry_at(&path)?.is_none() {
        let der = certificate.as_der();
        return write_generation(layout, label, generation, key, der, chain, Durability::EachFile);
    }
    let is_it = |held: &Generation| held.certificate == *certificate && held.is_complete() && held.has_its_key();
    if Generation::read(layout, label.as_str(), generation).is_ok_and(|held| is_it(&held)) {
        return Ok(());
    }
    let private_key = key.to_pem()?;
    let certificate = pem::encode(pem::CERTIFICATE, certificate.as_der());
    let fullchain = format!("{certificate}{chain}");
    let contents = contents(&private_key, &certificate, chain, &fullchain);
    let is_begun = |name: &str, content: &[u8]| match read_bounded(&path.join(name), content.len()) {
        Ok(held) => Ok(content.starts_with(&Zeroizing::new(held))),
        Err(error) if error.is_missing() => Ok(true),
        Err(FileError::TooLarge { .. }) => Ok(false),
        Err(error) => Err(error),
    };
    for (name, content) in &contents {
        if !is_begun(name, content)? {
            return Err(HomeError::Occupied { path });
        }
    }
    contents.iter().try_for_each(|(name, content)| files::replace(&path.join(name), content, FileMode::Secret))?;
    Ok(())
}

/// The files of a generation, under certbot's names.
fn contents<'a>(
    private_key: &'a str,
    certificate: &'a str,
    chain: &'a str,
    fullchain: &'a str,
) -> [(&'static str, &'a [u8]); 4] {
    [
        ("privkey.pem", private_key.as_bytes()),
        ("cert.pem", certificate.as_bytes()),
        ("chain.pem", chain.as_bytes()),
        ("fullchain.pem", fullchain.as_bytes()),
    ]
}

/// Removes one generation that was never recorded: the rest of its batch failed.
pub(super) fn remove_generation(layout: &Layout, kept: &KeptAs) {
    // What cannot be removed is a key that no recorded certificate is about: it harms nobody.
    let _ = directory::remove_tree(&layout.generation(kept.label.as_str(), kept.generation));
    directory::remove_if_empty(&layout.lineage(kept.label.as_str()));
}

/// Points `live/` at a generation in one step.
pub(super) fn swap(layout: &Layout, label: &str, generation: i64, durability: Durability) -> Result<(), FileError> {
    let (link, target) = (layout.live_link(label), Layout::live_target(label, generation));
    match durability {
        Durability::EachFile => files::swap_symlink(&link, &target),
        Durability::AllTogether => files::swap_symlink_unsynced(&link, &target),
    }
}

fn make_directory(path: &Path, durability: Durability) -> Result<(), FileError> {
    let made = match durability {
        Durability::EachFile => files::create_directory(path, DirectoryMode::Private),
        Durability::AllTogether => files::create_directory_unsynced(path, DirectoryMode::Private),
    };
    match made {
        Err(error) if error.is_exists() && directory::entry_at(path)? == Some(Entry::Directory) => Ok(()),
        made => made,
    }
}
