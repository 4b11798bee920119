//! The way to a directory. Whoever may write in a directory on it can turn it elsewhere by a symbolic link, even while it is
//! walked: links of ours and of the system's are followed, and those of another user only to what is that user's own.

use std::{os::fd::OwnedFd, path::Path};

use rustix::fs::{CWD, Mode, OFlags, openat};

use super::error::{FileAct, FileError};

/// Opens a directory by a way that nobody else has turned, for something that is done to `told`. Elsewhere than on Linux
/// every link is followed.
///
/// # Errors
/// [`FileError::Turned`] where a link of another user leads to what is not that user's; else what the system refused.
pub(super) fn open_directory(directory: &Path, act: FileAct, told: &Path) -> Result<OwnedFd, FileError> {
    #[cfg(target_os = "linux")]
    let opened = walk::open(directory);
    #[cfg(not(target_os = "linux"))]
    let opened = openat(CWD, directory, DIRECTORY, Mode::empty()).map_err(Halt::Refused);
    opened.map_err(|halt| match halt {
        Halt::Refused(error) => FileError::new(act, told, error.into()),
        Halt::Turned { owner } => FileError::Turned { path: told.to_owned(), owner },
    })
}

/// Why the end of a way is not reached.
enum Halt {
    /// The system refused it.
    Refused(rustix::io::Errno),
    /// A link of another user led there.
    Turned { owner: u32 },
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

#[cfg(target_os = "linux")]
mod walk {
    use std::{
        ffi::{OsStr, OsString},
        os::unix::ffi::OsStringExt,
        path::{Component, PathBuf},
    };

    use rustix::{
        fs::{FileType, ResolveFlags, fstat, openat2, readlinkat},
        io::Errno,
        process::geteuid,
    };

    use super::{CWD, DIRECTORY, Halt, Mode, OFlags, OwnedFd, Path, openat};

    impl From<Errno> for Halt {
        fn from(error: Errno) -> Self {
            Self::Refused(error)
        }
    }

    pub(super) fn open(directory: &Path) -> Result<OwnedFd, Halt> {
        // Most ways have no link, and of those the kernel knows it by itself. It may be too old for that.
        match openat2(CWD, directory, DIRECTORY, Mode::empty(), ResolveFlags::NO_SYMLINKS) {
            Ok(opened) => Ok(opened),
            Err(Errno::LOOP | Errno::NOSYS | Errno::PERM) => walk(directory),
            Err(error) => Err(error.into()),
        }
    }

    fn walk(directory: &Path) -> Result<OwnedFd, Halt> {
        // Whose the first directory is, theirs is the system: root, or whoever stands for it in a namespace.
        let trusted = [geteuid().as_raw(), fstat(start(Path::new("/"))?)?.st_uid];
        let (mut at, mut ahead) = (start(directory)?, names_of(directory));
        let (mut links, mut strangers) = (0, Vec::new());
        while let Some(name) = ahead.pop() {
            match step(&at, &name)? {
                Found::Directory(next) => at = next,
                Found::Link { owner, target } => {
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Errno::LOOP.into());
                    }
                    if !trusted.contains(&owner) {
                        strangers.push(owner);
                    }
                    if target.is_absolute() {
                        at = start(&target)?;
                    }
                    ahead.extend(names_of(&target));
                }
            }
        }
        let opened = openat(&at, ".", DIRECTORY, Mode::empty())?;
        let owner_of_end = fstat(&opened)?.st_uid;
        match strangers.into_iter().find(|owner| *owner != owner_of_end) {
            Some(owner) => Err(Halt::Turned { owner }),
            None => Ok(opened),
        }
    }

    /// What has a name on the way.
    enum Found {
        Directory(OwnedFd),
        Link { owner: u32, target: PathBuf },
    }

    fn step(at: &OwnedFd, name: &OsStr) -> Result<Found, Errno> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(at, name, flags | OFlags::DIRECTORY, Mode::empty()) {
            Err(Errno::NOTDIR | Errno::LOOP) => {}
            opened => return opened.map(Found::Directory),
        }
        let link = openat(at, name, flags, Mode::empty())?;
        let stat = fstat(&link)?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::Symlink {
            return Err(Errno::NOTDIR);
        }
        // The link that is open, whatever has its name by now.
        let target = OsString::from_vec(readlinkat(&link, "", Vec::new())?.into_bytes());
        Ok(Found::Link { owner: stat.st_uid, target: target.into() })
    }

    fn start(path: &Path) -> Result<OwnedFd, Errno> {
        let first = if path.is_absolute() { "/" } else { "." };
        openat(CWD, first, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
    }

    /// The names of a path, the last one first.
    fn names_of(path: &Path) -> Vec<OsString> {
        let names = path.components().rev();
        names.filter(|name| !matches!(name, Component::RootDir)).map(|name| name.as_os_str().to_owned()).collect()
    }

    /// As many as the kernel follows.
    const MOST_LINKS: usize = 40;
}

#[cfg(all(test, target_os = "linux"))]
#[expect(clippy::disallowed_methods, reason = "a test sets its scene by hand")]
mod tests {
    use super::*;
    use rustix::fs::{AtFlags, Uid, chownat};
    use std::os::unix::fs::symlink;

    fn opens(path: &Path) -> Result<(), FileError> {
        open_directory(path, FileAct::Write, path).map(|_| ())
    }

    #[test]
    fn links_of_our_own_are_followed_to_what_there_is() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        std::fs::create_dir_all(at("deep/er")).unwrap();
        std::fs::write(at("file"), "").unwrap();
        symlink("deep", at("relative")).unwrap();
        symlink(at("relative/er"), at("absolute")).unwrap();
        symlink("round", at("round")).unwrap();
        symlink("../relative/er", at("deep/back")).unwrap();
        for name in ["deep", "relative", "relative/er", "absolute", "absolute/..", "deep/back/../er"] {
            opens(&at(name)).unwrap();
        }
        for name in ["file", "round", "relative/none", "file/more"] {
            assert!(opens(&at(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn a_link_of_another_user_leads_to_what_is_that_users_and_nowhere_else() {
        let place = tempfile::tempdir().unwrap();
        let at = |name: &str| place.path().join(name);
        let give = |name: &str| chownat(CWD, at(name), Some(Uid::from_raw(12345)), None, AtFlags::SYMLINK_NOFOLLOW);
        for name in ["theirs", "ours"] {
            std::fs::create_dir(at(name)).unwrap();
        }
        std::fs::create_dir(at("theirs/of-ours")).unwrap();
        symlink("theirs", at("to-theirs")).unwrap();
        symlink("ours", at("to-ours")).unwrap();
        if ["theirs", "to-theirs", "to-ours"].into_iter().any(|name| give(name).is_err()) {
            // Only root may give files away; without it the case cannot be made.
            return;
        }
        opens(&at("to-theirs")).unwrap();
        for name in ["to-ours", "to-theirs/of-ours", "to-theirs/../ours"] {
            assert!(matches!(opens(&at(name)), Err(FileError::Turned { owner: 12345, .. })), "{name}");
        }
        opens(&at("theirs/of-ours")).unwrap();
    }
}
