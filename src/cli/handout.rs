//! The directory with the files for devices: `hubca-<ca-slug>`, or one with the start of the root's fingerprint where
//! that is another CA's.

use std::path::{Path, PathBuf};

use super::{
    delivery::{DeliveredFile, Existing, check_room_for_directory, deliver_artifact, make_directory, occupied_by},
    failure::Failure,
    inspection,
};
use crate::{
    export::{Anchor, Artifact, Contents, ReadProfile, Slug, mobileconfig, pem},
    system::{DirectoryMode, files::access, files::read_bounded},
    x509::Certificate,
};

/// The files of a CA for devices, and the directory that has room for them.
pub struct Handout {
    directory: PathBuf,
    artifacts: Vec<Artifact>,
}

impl Handout {
    /// The files of a CA.
    ///
    /// # Errors
    /// Something else lies where they shall lie, or nothing can be written there.
    pub fn of(anchor: &Anchor) -> Result<Self, Failure> {
        let slug = anchor.slug();
        let usual = usual_directory(&slug);
        let held = roots_in(&usual, &slug);
        let is_others = !held.is_empty() && !held.contains(anchor.root());
        let fingerprint = anchor.root().fingerprint();
        let directory = if is_others {
            PathBuf::from(format!("hubca-{slug}-{}", fingerprint.get(..8).unwrap_or(&fingerprint)))
        } else {
            usual
        };
        check_room_for_directory(&directory)?;
        let artifacts = vec![mobileconfig::profile(anchor, Contents::RootOnly), pem::crt(anchor), pem::der(anchor)];
        for artifact in &artifacts {
            let path = directory.join(artifact.file_name());
            if access(&path).is_ok() && read(&path).as_deref() != Some(artifact.contents()) {
                return Err(occupied(&path));
            }
        }
        Ok(Self { directory, artifacts })
    }

    /// Writes them.
    ///
    /// # Errors
    /// The file system says no.
    pub fn write(&self) -> Result<Vec<DeliveredFile>, Failure> {
        make_directory(&self.directory, DirectoryMode::Public)?;
        let deliver =
            |artifact: &Artifact| deliver_artifact(artifact, self.directory.join(artifact.file_name()), Existing::Keep);
        self.artifacts.iter().map(deliver).collect()
    }
}

/// Refuses, before there is a CA of that name, what its files could not be written beside. The files of another CA are
/// no hindrance: the new one's go into a directory of their own.
///
/// # Errors
/// Files that are no CA's, or nothing can be written there.
pub fn check_room_for(name: &str) -> Result<(), Failure> {
    let slug = Slug::of(name);
    let directory = usual_directory(&slug);
    check_room_for_directory(&directory)?;
    if !roots_in(&directory, &slug).is_empty() {
        return Ok(());
    }
    let paths = file_names(&slug).map(|name| directory.join(name));
    match paths.iter().find(|path| access(path).is_ok()) {
        Some(path) => Err(occupied(path)),
        None => Ok(()),
    }
}

fn usual_directory(slug: &Slug) -> PathBuf {
    PathBuf::from(format!("hubca-{slug}"))
}

fn occupied(path: &Path) -> Failure {
    occupied_by(path).hint("move it away, or run quickstart in another directory")
}

/// What the files are called: an Apple device, Android and Linux, and Windows have one each.
fn file_names(slug: &Slug) -> [String; 3] {
    [mobileconfig::file_name(slug), pem::crt_file_name(slug), pem::der_file_name(slug)]
}

/// The certificates in the files that lie there already.
fn roots_in(directory: &Path, slug: &Slug) -> Vec<Certificate> {
    let held = file_names(slug).map(|name| read(&directory.join(name)));
    held.into_iter().flatten().flat_map(|bytes| certificates(&bytes)).collect()
}

fn certificates(bytes: &[u8]) -> Vec<Certificate> {
    if !ReadProfile::may_be(bytes) {
        return inspection::certificates(bytes).unwrap_or_default();
    }
    let payloads = ReadProfile::from_xml(bytes).map(|profile| profile.payloads).unwrap_or_default();
    payloads.iter().filter_map(|payload| Certificate::from_der(&payload.content).ok()).collect()
}

fn read(path: &Path) -> Option<Vec<u8>> {
    read_bounded(path, MOST_BYTES).ok()
}

/// More than any of these files has.
const MOST_BYTES: usize = 1024 * 1024;
