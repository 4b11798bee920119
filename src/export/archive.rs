//! Several files as one: a ZIP archive, open, or encrypted under a password (WinZip's AE-2 with AES-256).
//!
//! The open one is the same whenever it is made: times are fixed, and nothing is compressed.

use std::io::{Cursor, Write};

use thiserror::Error;
use zip::{
    AesMode, AesSalt, CompressionMethod, DateTime, System, ZipWriter, result::ZipError, write::SimpleFileOptions,
};

use super::{artifact::Artifact, password::Password};
use crate::system::{FileMode, Random, RandomError};

/// Under what the files of an archive are encrypted.
#[derive(Clone, Copy)]
pub struct Sealing<'a> {
    /// The password.
    pub password: &'a Password,
    /// Where the salts come from.
    pub random: &'a dyn Random,
}

/// There is no archive.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// No random bytes to encrypt with.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The archive could not be put together.
    #[error("the archive could not be made")]
    Make(#[from] ZipError),
}

/// `<name>.zip` with the files in a folder of that name: for everybody.
///
/// # Errors
/// More than an archive holds.
pub fn open(name: &str, files: &[Artifact]) -> Result<Artifact, ArchiveError> {
    let bytes = write(name, files, None)?;
    Ok(Artifact::public(format!("{name}.zip"), MEDIA_TYPE, bytes))
}

/// The same with every file encrypted, though not its name: for its owner alone, and other bytes each time.
///
/// # Errors
/// No random bytes, or more than an archive holds.
pub fn sealed(name: &str, files: &[Artifact], sealing: Sealing<'_>) -> Result<Artifact, ArchiveError> {
    let bytes = write(name, files, Some(sealing))?;
    Ok(Artifact::secret(format!("{name}.zip"), MEDIA_TYPE, bytes))
}

fn write(folder: &str, files: &[Artifact], sealing: Option<Sealing<'_>>) -> Result<Vec<u8>, ArchiveError> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        let permissions = match file.mode() {
            FileMode::Public => 0o644,
            _ => 0o600,
        };
        let mut options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .system(System::Unix)
            .unix_permissions(permissions);
        if let Some(Sealing { password, random }) = sealing {
            // A salt of its own for each file: two under one would be under one key stream.
            let mut salt = [0; SALT];
            random.fill(&mut salt)?;
            let salt = AesSalt::try_new(AesMode::Aes256, &salt).map_err(ZipError::Io)?;
            options = options.with_aes_encryption_and_salt(password.reveal().as_bytes(), salt);
        }
        writer.start_file(format!("{folder}/{}", file.file_name()), options)?;
        writer.write_all(file.contents()).map_err(ZipError::Io)?;
    }
    Ok(writer.finish()?.into_inner())
}

const MEDIA_TYPE: &str = "application/zip";
/// Of AES-256, in octets.
const SALT: usize = 16;
