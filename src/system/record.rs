//! A file without a name into which a program writes what it says. A pipe ends whoever writes into it when nobody is left who reads;
//! this does not.

use std::{fs::File, io, os::unix::fs::FileExt as _, process::Stdio};

use super::speech::{Speech, Way};

/// What a program writes down.
#[derive(Debug)]
pub(super) struct Record {
    file: File,
}

impl Record {
    /// One that nobody has written into.
    ///
    /// # Errors
    /// The system has no such files.
    #[cfg(target_os = "linux")]
    pub(super) fn new() -> io::Result<Self> {
        use rustix::{
            fs::{MemfdFlags, OFlags, fcntl_setfl, memfd_create},
            io::Errno,
        };
        let file = match memfd_create(NAME, MemfdFlags::CLOEXEC | MemfdFlags::NOEXEC_SEAL) {
            // Linux before 6.3 does not know the second.
            Err(Errno::INVAL) => memfd_create(NAME, MemfdFlags::CLOEXEC),
            made => made,
        }?;
        // What is written after it was emptied stands at its beginning.
        fcntl_setfl(&file, OFlags::APPEND)?;
        Ok(Self { file: File::from(file) })
    }

    /// One that nobody has written into.
    ///
    /// # Errors
    /// The system has no such files.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn new() -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// What a program gets to write into.
    pub(super) fn writer(&self) -> io::Result<Stdio> {
        Ok(self.file.try_clone()?.into())
    }

    /// Whether it is so long that it is to be read.
    pub(super) fn is_long(&self) -> io::Result<bool> {
        Ok(self.file.metadata()?.len() > LONG)
    }

    /// Reads what was written, and empties it. Of whoever writes meanwhile something may be lost.
    pub(super) fn read(&mut self, into: &mut Speech) -> io::Result<()> {
        let mut buffer = vec![0; READ_AT_ONCE];
        let mut place = 0;
        // Whoever writes moves the place at which both of us would read.
        loop {
            let length = self.file.read_at(&mut buffer, place)?;
            if length == 0 {
                break;
            }
            into.add(Way::Output, buffer.get(..length).unwrap_or_default());
            place = place.saturating_add(length as u64);
        }
        self.file.set_len(0)
    }
}

/// What it is called where the system lists the files of a process.
#[cfg(target_os = "linux")]
const NAME: &str = "hubca";
/// It lies in memory: more than this is not left in it.
const LONG: u64 = 1024 * 1024;
/// How much is read at once.
const READ_AT_ONCE: usize = 64 * 1024;
