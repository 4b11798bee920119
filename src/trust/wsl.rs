//! The Windows around a Linux that runs in it.

use std::path::PathBuf;

/// The Windows around a Linux.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Its certutil, as Linux sees it: `/mnt/c/Windows/System32/certutil.exe`.
    pub certutil: PathBuf,
    /// What Windows calls this Linux: `WSL_DISTRO_NAME`.
    pub distribution: String,
    /// A directory of the person's own in this Linux.
    pub directory: PathBuf,
}
