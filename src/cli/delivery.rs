//! Files written where a person asked for them: whole, and never over something else without a word.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    context::Context,
    failure::{Failure, FailureKind},
};
use crate::{
    export::Artifact,
    system::{
        DirectoryMode, FileError, FileMode,
        files::{self, create_directory, directory, directory::Entry, read_bounded},
    },
};

/// What to do with a file that is there already and holds something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Leave it, and say so.
    Keep,
    /// Put the new one in its place: `--force`.
    Replace,
}

/// How a file is named on the command line, and so in hints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// With `--out`.
    Out,
    /// By itself.
    Alone,
}

/// A file that was written, as `export` reports it.
#[derive(Clone, Debug, Serialize)]
pub struct DeliveredFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What it is.
    pub media_type: &'static str,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Writes a file; one that holds these very bytes already is left as it is.
///
/// # Errors
/// Something else has that name, or the file system says no.
pub fn deliver(path: &Path, bytes: &[u8], mode: FileMode, existing: Existing) -> Result<(), Failure> {
    if existing == Existing::Replace {
        return Ok(files::replace(path, bytes, mode)?);
    }
    match files::write_new(path, bytes, mode) {
        Err(FileError::Exists { .. }) if holds(path, bytes) => Ok(()),
        Err(FileError::Exists { .. }) => Err(occupied(path)),
        written => Ok(written?),
    }
}

/// Writes a file to hand out.
///
/// # Errors
/// As [`deliver`].
pub fn deliver_artifact(artifact: &Artifact, path: PathBuf, existing: Existing) -> Result<DeliveredFile, Failure> {
    deliver(&path, artifact.contents(), artifact.mode(), existing)?;
    Ok(DeliveredFile { path, media_type: artifact.media_type(), sha256: artifact.sha256() })
}

/// Refuses a file that could not be written, before work is done that would be for nothing.
///
/// # Errors
/// It is there and shall not be replaced, it is a directory, or nothing can be written beside it.
pub fn check_room_for_file(path: &Path, existing: Existing) -> Result<(), Failure> {
    check_room(path, existing, Named::Out)
}

/// The same of a file that is named by itself, and not with `--out`.
///
/// # Errors
/// As [`check_room_for_file`].
pub fn check_room_for_named_file(path: &Path, existing: Existing) -> Result<(), Failure> {
    check_room(path, existing, Named::Alone)
}

fn check_room(path: &Path, existing: Existing, named: Named) -> Result<(), Failure> {
    if path.is_dir() {
        let out = if named == Named::Out { "--out " } else { "" };
        return Err(Failure::new(FailureKind::Exists, format!("`{}` is a directory, not a file", path.display()))
            .hint(format!("name a file: {out}{}", path.join("FILE").display())));
    }
    refuse_untellable(path, named)?;
    check_directory(parent(path))?;
    // A link is looked at as a link: what it points at may be missing, and its name is taken all the same.
    match directory::entry_at(path)? {
        Some(Entry::Link) if path.exists() && !path.is_file() => Err(no_file(path, named)),
        Some(Entry::Special) => Err(no_file(path, named)),
        Some(_) if existing == Existing::Keep => Err(match named {
            Named::Out => occupied(path),
            Named::Alone => occupied_by(path).hint("give it another name, or write over it with --force"),
        }),
        _ => Ok(()),
    }
}

/// Refuses a directory into which nothing could be written, before work is done that would be for nothing. It may be
/// missing where it can be made.
///
/// # Errors
/// Something else has that name, or the file system says no.
pub fn check_room_for_directory(path: &Path) -> Result<(), Failure> {
    refuse_untellable(path, Named::Out)?;
    match files::access(path) {
        Ok(_) => check_directory(path),
        Err(error) if error.is_missing() && path.is_symlink() => Err(occupied(path)),
        Err(error) if error.is_missing() => check_directory(parent(path)),
        Err(error) => check_directory(parent(path)).and(Err(error.into())),
    }
}

/// Refuses a file to hand out that could not be written, so that of several none is written where one is in the way.
///
/// # Errors
/// Its directory is none, something else has its name and shall not be replaced, or the file system says no.
pub fn check_room_for_artifact(artifact: &Artifact, path: &Path, existing: Existing) -> Result<(), Failure> {
    check_directory(parent(path))?;
    match directory::entry_at(path)? {
        Some(_) if existing == Existing::Keep && !holds(path, artifact.contents()) => Err(occupied(path)),
        _ => Ok(()),
    }
}

/// Refuses a `-` for standard output together with `--json`.
///
/// # Errors
/// Somebody wants both.
pub fn refuse_json(context: &Context, named: Named) -> Result<(), Failure> {
    if !context.is_json() {
        return Ok(());
    }
    let (out, other) = match named {
        Named::Out => ("--out -", "give --out FILE"),
        Named::Alone => ("-", "name a file"),
    };
    Err(Failure::usage(format!("`--json` and `{out}` do not go together: both want stdout"))
        .hint(format!("leave out one of them, or {other}")))
}

/// Refuses a name that JSON cannot hold: the answer says where the files are.
fn refuse_untellable(path: &Path, named: Named) -> Result<(), Failure> {
    let hint = if named == Named::Out { "choose another --out" } else { "choose another name" };
    match path.to_str() {
        Some(_) => Ok(()),
        None => Err(Failure::usage(format!("`{}` is no name in UTF-8", path.display())).hint(hint)),
    }
}

fn no_file(path: &Path, named: Named) -> Failure {
    let hint = if named == Named::Out { "name a file: --out FILE, or - for standard output" } else { "name a file" };
    Failure::new(FailureKind::Exists, format!("`{}` is a device, a pipe or a socket, not a file", path.display()))
        .hint(hint)
}

/// Sees whether a directory is there and can be written to.
///
/// # Errors
/// It is not, or nothing can be made in it.
pub fn check_directory(path: &Path) -> Result<(), Failure> {
    if let Err(error) = files::access(path) {
        let is_missing = error.is_missing();
        let failure = Failure::from(error);
        return Err(if is_missing { failure.hint(format!("make it: mkdir -p {}", path.display())) } else { failure });
    }
    if !path.is_dir() {
        return Err(no_directory(path));
    }
    files::try_writing_in(path)
        .map_err(|error| Failure::from(error).within(format!("nothing can be written into `{}`", path.display())))
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a directory for files to hand out, if it is not there.
///
/// # Errors
/// Something else has that name, or the file system says no.
pub fn make_directory(path: &Path, mode: DirectoryMode) -> Result<(), Failure> {
    match create_directory(path, mode) {
        // Such as `.`, which has no name to be made by.
        Err(_) if path.is_dir() => Ok(()),
        Err(error) if error.is_exists() => Err(no_directory(path)),
        made => Ok(made?),
    }
}

fn no_directory(path: &Path) -> Failure {
    Failure::new(FailureKind::Exists, format!("`{}` is a file, not a directory", path.display()))
}

fn holds(path: &Path, bytes: &[u8]) -> bool {
    read_bounded(path, bytes.len()).is_ok_and(|held| held == bytes)
}

fn occupied(path: &Path) -> Failure {
    occupied_by(path).hint("write somewhere else with --out, or over it with --force")
}

/// Something else has this name; what can be done about it depends on the command.
pub fn occupied_by(path: &Path) -> Failure {
    Failure::of(FailureKind::Exists, &FileError::Exists { path: path.to_owned() })
}
