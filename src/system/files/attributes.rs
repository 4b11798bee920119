//! What a file has besides its content, its owner and its mode: lists of access and other attributes, xattr(7).

use std::{
    ffi::{CStr, CString},
    fs::File,
    io,
};

use rustix::{
    buffer::spare_capacity,
    fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr},
    io::Errno,
};

/// Gives one file the attributes of another.
///
/// # Errors
/// What the system refused of a list of access; what only the system itself may give is left out.
pub(super) fn copy(from: &File, to: &File) -> io::Result<()> {
    let wanted = names(from)?;
    // A directory may have given its new file a list of access that the old one has not.
    for name in names(to)?.iter().filter(|name| is_access(name) && !wanted.contains(name)) {
        fremovexattr(to, name.as_c_str())?;
    }
    for name in &wanted {
        let mut value = Vec::with_capacity(MOST_BYTES);
        fgetxattr(from, name.as_c_str(), spare_capacity(&mut value))?;
        match fsetxattr(to, name.as_c_str(), &value, XattrFlags::empty()) {
            Err(Errno::PERM | Errno::ACCESS | Errno::NOTSUP) if !is_access(name) => {}
            given => given?,
        }
    }
    Ok(())
}

fn names(file: &File) -> io::Result<Vec<CString>> {
    let mut list = Vec::with_capacity(MOST_BYTES);
    match flistxattr(file, spare_capacity(&mut list)) {
        // A file system without attributes.
        Err(Errno::NOTSUP) => return Ok(Vec::new()),
        listed => listed?,
    };
    let names = list.split_inclusive(|byte| *byte == 0);
    Ok(names.filter_map(|name| CStr::from_bytes_with_nul(name).ok()).map(CStr::to_owned).collect())
}

fn is_access(name: &CStr) -> bool {
    name == c"system.posix_acl_access"
}

/// The most that the attributes of a file, or the list of their names, can hold: xattr(7).
const MOST_BYTES: usize = 64 * 1024;
