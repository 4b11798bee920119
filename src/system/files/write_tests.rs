//! What writing promises: modes under any umask, no followed links, whole files or none.

use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::process::Command;

fn mode_of(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The umask belongs to the whole process, so a test that sets it runs in a process of its own.
fn again_under_umask(umask: &str, test: &str) -> bool {
    if std::env::var_os("HUBCA_TEST_UMASK").is_some() {
        return false;
    }
    let command = format!("umask {umask}; exec '{}' --exact {test}", std::env::current_exe().unwrap().display());
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new("sh").args(["-c", &command]).env("HUBCA_TEST_UMASK", directory.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{umask}: {said}");
    true
}

fn modes_are_exact() {
    let directory = PathBuf::from(std::env::var_os("HUBCA_TEST_UMASK").unwrap());
    let at = |name: &str| directory.join(name);
    write_new(&at("key"), b"k", FileMode::Secret).unwrap();
    write_new(&at("cert"), b"c", FileMode::Public).unwrap();
    replace(&at("key"), b"l", FileMode::Secret).unwrap();
    create_directory(&at("private"), DirectoryMode::Private).unwrap();
    create_directory(&at("public"), DirectoryMode::Public).unwrap();
    let modes = ["key", "cert", "private", "public"].map(|name| mode_of(&at(name)));
    assert_eq!(modes, [0o600, 0o644, 0o700, 0o755]);
}

#[test]
fn modes_are_exact_under_an_open_umask() {
    let name = "system::files::write::tests::modes_are_exact_under_an_open_umask";
    if !again_under_umask("000", name) {
        modes_are_exact();
    }
}

#[test]
fn modes_are_exact_under_a_shut_umask() {
    let name = "system::files::write::tests::modes_are_exact_under_a_shut_umask";
    if !again_under_umask("777", name) {
        modes_are_exact();
    }
}

#[test]
fn a_new_file_never_takes_the_place_of_another() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    write_new(&path, b"first", FileMode::Secret).unwrap();
    let error = write_new(&path, b"second", FileMode::Secret).unwrap_err();
    assert!(error.is_exists(), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"first");
    assert_eq!(names_in(directory.path()), ["file"]);
}

#[test]
fn a_link_is_replaced_and_never_followed() {
    let directory = tempfile::tempdir().unwrap();
    let victim = directory.path().join("victim");
    let link = directory.path().join("link");
    fs::write(&victim, b"victim").unwrap();
    symlink(&victim, &link).unwrap();
    assert!(write_new(&link, b"key", FileMode::Secret).unwrap_err().is_exists());
    replace(&link, b"key", FileMode::Secret).unwrap();
    assert_eq!(fs::read(&victim).unwrap(), b"victim");
    assert_eq!(fs::read(&link).unwrap(), b"key");
    assert!(!fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn a_dangling_link_is_something_too() {
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("link");
    symlink("nowhere", &link).unwrap();
    assert!(write_new(&link, b"key", FileMode::Secret).unwrap_err().is_exists());
    assert!(!directory.path().join("nowhere").exists());
}

#[test]
fn a_failed_write_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let occupied = directory.path().join("occupied");
    fs::create_dir(&occupied).unwrap();
    assert!(replace(&occupied, b"key", FileMode::Secret).is_err());
    assert_eq!(names_in(directory.path()), ["occupied"]);
    let orphan = directory.path().join("none").join("key");
    assert!(write_new(&orphan, b"", FileMode::Secret).unwrap_err().is_missing());
}

#[test]
fn a_full_disk_is_told_as_such() {
    let error = FileError::new(FileAct::Write, Path::new("x"), Errno::NOSPC.into());
    assert!(matches!(error, FileError::DiskFull { .. }));
    let error = FileError::new(FileAct::Write, Path::new("x"), Errno::ROFS.into());
    assert!(matches!(error, FileError::ReadOnly { .. }));
}

#[test]
fn a_link_is_swapped_in_one_step() {
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("live");
    swap_symlink(&link, Path::new("archive/1")).unwrap();
    swap_symlink(&link, Path::new("archive/2")).unwrap();
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("archive/2"));
    assert_eq!(names_in(directory.path()), ["live"]);
    remove(&link).unwrap();
    assert!(names_in(directory.path()).is_empty());
}

#[test]
fn a_batch_is_synced_once() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    create_directory_unsynced(&at("1"), DirectoryMode::Private).unwrap();
    write_new_unsynced(&at("1/key"), b"k", FileMode::Secret).unwrap();
    replace_unsynced(&at("1/key"), b"l", FileMode::Secret).unwrap();
    swap_symlink_unsynced(&at("live"), Path::new("1")).unwrap();
    sync_file_system(directory.path()).unwrap();
    assert_eq!(fs::read(at("live/key")).unwrap(), b"l");
}

#[test]
fn a_directory_is_not_made_twice() {
    let directory = tempfile::tempdir().unwrap();
    let error = create_directory(directory.path(), DirectoryMode::Private).unwrap_err();
    assert!(error.is_exists());
    let error = create_directory(Path::new("/"), DirectoryMode::Private).unwrap_err();
    assert!(matches!(error, FileError::NoName { .. }));
}
