//! Backups from inside: what goes in comes out, and whatever was done to one on its way is seen.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use tar::{Builder, EntryType, Header};

use super::{
    error::{BackupError, Defect},
    making::Backup,
    restoring::{Tolerance, look_at_backup},
    wish::{BackupWish, Keys, Over},
};
use crate::{
    authority::{Page, Selection},
    home::{
        layout::Layout,
        opened::Home,
        renewal::RenewalWish,
        test_ca::{NoPassphrase, TestCa},
    },
    keys::{Passphrase, PrivateKey, Sealing},
    store::StoreError,
    system::{DirectoryMode, FileMode, SystemRandom, files},
    x509::RevocationReason,
};

pub(super) fn word(text: &str) -> Passphrase {
    Passphrase::new(text.as_bytes().to_vec()).unwrap()
}

pub(super) fn wish(passphrase: &Passphrase, keys: Keys) -> BackupWish<'_> {
    BackupWish { passphrase, root_keys: keys, leaf_keys: keys, over: Over::Nothing }
}

/// A CA with two certificates, of which one is revoked, and a directory for its backups.
pub(super) fn used() -> (TestCa, tempfile::TempDir) {
    let ca = TestCa::new();
    ca.issue(&["hub.lan"]).unwrap();
    let nas = ca.issue(&["nas.lan"]).unwrap();
    let record = ca.home.authority().by_serial(&nas.serial).unwrap().pop().unwrap();
    ca.home.authority().revoke(&record, RevocationReason::Superseded).unwrap();
    ca.home.publish_crl(ca.home.issuing().unwrap(), &NoPassphrase).unwrap();
    (ca, tempfile::tempdir().unwrap())
}

pub(super) fn made(ca: &TestCa, path: &Path, keys: Keys) -> Backup {
    ca.home.back_up(path, wish(&word("open sesame"), keys), &mut |_| ()).unwrap()
}

fn look(ca: &TestCa, path: &Path) -> Result<usize, BackupError> {
    look_at_backup(path, &word("open sesame"), &ca.doors(), &mut |_| ()).map(|found| found.examined.flaws.len())
}

fn restore(ca: &TestCa, path: &Path, to: &Path) -> Result<super::Restored, BackupError> {
    Home::restore(&Layout::new(to), path, &word("open sesame"), Tolerance::Nothing, &ca.doors(), &mut |_| ())
}

#[test]
fn a_backup_with_all_keys_becomes_the_same_home_whose_next_numbers_are_others() {
    let (ca, place) = used();
    let (file, home) = (place.path().join("b.tar.age"), place.path().join("restored"));
    let head = ca.home.authority().audit_head().unwrap();
    made(&ca, &file, Keys::Take);
    assert_eq!(ca.home.authority().last_backup_at().unwrap(), Some(ca.doors().clock.now()));
    let last = ca.home.crl_numbers();
    // After the backup: nothing of it is in there.
    ca.issue(&["late.lan"]).unwrap();
    let restored = restore(&ca, &file, &home).unwrap();
    assert_eq!((restored.manifest.audit.head.as_str(), restored.serial_epoch), (head.hash.as_str(), 2));
    assert!(restored.missing_root_keys.is_empty() && restored.labels_without_keys.is_empty());
    for path in ["root/root.key.pem", "issuing/1/ca.key.pem", "live/hub.lan/privkey.pem", "crl/issuing-1.crl"] {
        let original = fs::read(ca.home.layout().directory().join(path)).unwrap();
        assert_eq!(fs::read(home.join(path)).unwrap(), original, "{path}");
    }
    assert_eq!(restored.home.examine(Some(&head.hash), &mut |_| ()).unwrap().flaws, []);
    let listed = restored.home.authority().select(Selection::Issued, Page { limit: 9, before: None }).unwrap();
    assert_eq!(listed.len(), 2, "the late one is not known");
    let issuer = restored.home.issuer(&NoPassphrase).unwrap();
    let profile = crate::home::test_ca::server();
    let next = restored.home.issue(&issuer, crate::home::test_ca::order(&profile, &["next.lan"])).unwrap();
    assert!(next.serial.starts_with("02"), "{}", next.serial);
    restored.home.renew_crls(&NoPassphrase).unwrap();
    let numbers = restored.home.crl_numbers();
    let a_year = 365 * 86_400 * 1000;
    assert!(numbers.iter().zip(&last).all(|(number, last)| *number >= last + a_year), "{numbers:?} after {last:?}");
}

impl Home {
    fn crl_numbers(&self) -> Vec<i64> {
        let states = self.authority.crl_state().unwrap();
        states.iter().map(|state| state.newest.unwrap().number).collect()
    }
}

#[test]
fn keys_that_are_not_asked_for_are_in_no_backup_and_what_is_missing_is_told() {
    let (ca, place) = used();
    let (file, home) = (place.path().join("b.tar.age"), place.path().join("restored"));
    made(&ca, &file, Keys::Leave);
    assert_eq!(look(&ca, &file).unwrap(), 0);
    let restored = restore(&ca, &file, &home).unwrap();
    assert_eq!(restored.missing_root_keys, [home.join("root/root.key.pem")]);
    assert_eq!(restored.labels_without_keys, ["hub.lan", "nas.lan"]);
    let names = names_in(&home);
    assert_eq!(names.iter().filter(|name| name.ends_with("key.pem")).collect::<Vec<_>>(), ["issuing/1/ca.key.pem"]);
    assert!(!names.iter().any(|name| name.starts_with("live/")), "{names:?}");
    // The next renewal makes them anew.
    let mut labels: Vec<_> =
        restored.home.needy(&RenewalWish::default()).unwrap().into_iter().map(|needy| needy.label).collect();
    labels.sort();
    assert_eq!(labels, ["hub.lan", "nas.lan"]);
}

fn names_in(directory: &Path) -> Vec<String> {
    fn collect(root: &Path, directory: &Path, names: &mut Vec<String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() && !path.is_symlink() {
                true => collect(root, &path, names),
                false => names.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()),
            }
        }
    }
    let mut names = Vec::new();
    collect(directory, directory, &mut names);
    names.sort();
    names
}

#[test]
fn a_home_that_is_there_is_not_restored_over() {
    let (ca, place) = used();
    let file = place.path().join("b.tar.age");
    made(&ca, &file, Keys::Take);
    let refused = restore(&ca, &file, ca.home.layout().directory());
    assert!(matches!(refused, Err(BackupError::Occupied { .. })));
    let empty = place.path().join("empty");
    fs::create_dir(&empty).unwrap();
    restore(&ca, &file, &empty).unwrap();
    assert!(matches!(restore(&ca, &file, &empty), Err(BackupError::Occupied { .. })));
    let over = ca.home.back_up(&file, wish(&word("open sesame"), Keys::Take), &mut |_| ());
    assert!(matches!(over, Err(BackupError::File(error)) if error.is_exists()));
}

#[test]
fn another_passphrase_a_flipped_byte_and_a_cut_are_seen_and_nothing_is_left() {
    let (ca, place) = used();
    let (file, home) = (place.path().join("b.tar.age"), place.path().join("restored"));
    made(&ca, &file, Keys::Take);
    let whole = fs::read(&file).unwrap();
    let wrong = look_at_backup(&file, &word("open barley"), &ca.doors(), &mut |_| ());
    assert!(matches!(wrong, Err(BackupError::WrongPassphrase { .. })));
    let changed = place.path().join("changed");
    let lengths = [0, 1, 20, 60, 150, 200, 4096, whole.len() / 2, whole.len() - 17, whole.len() - 1];
    let cuts = lengths.map(|length| whole[..length].to_vec());
    let flips = (0..whole.len()).step_by(whole.len() / 60).map(|place| {
        let mut flipped = whole.clone();
        flipped[place] ^= 1;
        flipped
    });
    let longer = [&whole[..], b"x"].concat();
    for bytes in cuts.into_iter().chain(flips).chain([longer]) {
        fs::write(&changed, &bytes).unwrap();
        match look(&ca, &changed) {
            Err(BackupError::Unsound { .. } | BackupError::WrongPassphrase { .. }) => {}
            other => panic!("{} bytes: {other:?}", bytes.len()),
        }
        assert!(restore(&ca, &changed, &home).is_err());
    }
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

/// A member as somebody wrote it who knows the passphrase and means no good.
struct Forged {
    name: &'static [u8],
    kind: EntryType,
    size: u64,
    content: &'static [u8],
    link: Option<&'static str>,
}

const PLAIN: Forged = Forged { name: b"hubca.toml", kind: EntryType::Regular, size: 1, content: b"\n", link: None };

fn forge(path: &Path, members: &[Forged], rest: &[u8]) {
    let mut file = fs::File::create(path).unwrap();
    let sealed = Sealing::begin(&mut file, &word("open sesame"), &SystemRandom).unwrap();
    let mut tar = Builder::new(sealed);
    for member in members {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..member.name.len()].copy_from_slice(member.name);
        header.set_entry_type(member.kind);
        header.set_size(member.size);
        header.set_mode(0o777);
        if let Some(link) = member.link {
            header.set_link_name(link).unwrap();
        }
        header.set_cksum();
        tar.append(&header, member.content).unwrap();
    }
    let mut sealed = tar.into_inner().unwrap();
    sealed.write_all(rest).unwrap();
    sealed.finish().unwrap();
}

#[test]
fn hostile_members_are_refused_by_name_and_write_nothing() {
    let (ca, place) = used();
    let (file, home) = (place.path().join("b.tar.age"), place.path().join("restored"));
    let refused = |members: &[Forged], rest: &[u8]| {
        forge(&file, members, rest);
        assert!(restore(&ca, &file, &home).is_err());
        let left: Vec<PathBuf> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(left, std::slice::from_ref(&file), "something was written");
        match look(&ca, &file) {
            Err(BackupError::Unsound { source, .. }) => source,
            other => panic!("{other:?}"),
        }
    };
    let named = |name| [Forged { name, ..PLAIN }];
    for name in [&b"/etc/passwd"[..], b"../evil", b"root/../../evil", b"a\xff", b"ledger.db-wal", b"live/hub.lan"] {
        assert!(matches!(refused(&named(name), b""), Defect::Foreign { .. }));
    }
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Directory, EntryType::Fifo, EntryType::GNUSparse] {
        let link = matches!(kind, EntryType::Symlink | EntryType::Link).then_some("/etc/passwd");
        let members = [Forged { kind, size: 0, content: b"", link, ..PLAIN }];
        assert!(matches!(refused(&members, b""), Defect::NotAFile { .. }), "{kind:?}");
    }
    // Headers that give the next member another name or another size.
    for kind in [EntryType::GNULongName, EntryType::XHeader, EntryType::XGlobalHeader] {
        let members = [Forged { kind, size: 7, content: b"../evil", ..PLAIN }, PLAIN];
        assert!(matches!(refused(&members, b""), Defect::NotAFile { .. }), "{kind:?}");
    }
    assert!(matches!(refused(&[PLAIN, PLAIN], b""), Defect::Twice { .. }));
    let bomb = Forged { size: 10 * 1024 * 1024 * 1024, ..PLAIN };
    assert!(matches!(refused(&[bomb], b""), Defect::TooLarge { .. }));
    let short = Forged { size: 100_000, ..PLAIN };
    assert!(matches!(refused(&[short], b""), Defect::Truncated | Defect::NoArchive(_)));
    assert!(matches!(refused(&[PLAIN], b""), Defect::NoManifest));
    let manifest =
        |content: &'static [u8]| Forged { name: b"manifest.json", size: content.len() as u64, content, ..PLAIN };
    assert!(matches!(refused(&[manifest(b"{}"), PLAIN], b""), Defect::AfterManifest));
    assert!(matches!(refused(&[manifest(b"{}")], b""), Defect::Manifest(_)));
    assert!(matches!(refused(&[manifest(b"{}")], b"x"), Defect::AfterManifest));
    assert!(matches!(refused(&[manifest(br#"{"format":2,"new":1}"#)], b""), Defect::Newer { found: 2, .. }));
    let unlike = br#"{"format":1,"hubca":"","ca":"","root_sha256":"","made_at":"","audit":{"entries":1,"head":""},"without":[],"files":{}}"#;
    assert!(matches!(refused(&[PLAIN, manifest(unlike)], b""), Defect::Unlike { .. }));
    assert!(matches!(refused(&[manifest(unlike)], b""), Defect::Unlike { .. }));
}

#[test]
fn what_was_changed_in_the_home_before_is_no_sound_backup() {
    let (ca, place) = used();
    let file = place.path().join("b.tar.age");
    ca.home
        .authority()
        .store()
        .transaction::<_, StoreError>(|rows| {
            rows.execute("UPDATE certificates SET revoked_at = NULL WHERE label = 'nas.lan'", &[])
        })
        .unwrap();
    let unsound = made(&ca, &file, Keys::Leave);
    // The row does not agree with itself, nor with the log, nor with its label, which is due at once.
    assert_eq!(look(&ca, &file).unwrap(), 3);
    assert_eq!(unsound.flaws.len(), 3, "{unsound:?}");
    let refused = restore(&ca, &file, &place.path().join("restored"));
    assert!(matches!(refused, Err(BackupError::Unsound { source: Defect::Flawed { .. }, .. })));
}

#[test]
fn a_key_of_a_ca_that_is_damaged_or_of_another_is_no_sound_backup() {
    let (ca, place) = used();
    let other = TestCa::new();
    let (root, issuing) = (ca.home.layout().root_key(1), ca.home.layout().issuing_key(1));
    let secret = word("of the key");
    for (number, (key, content, is_sound)) in [
        (&issuing, fs::read(other.home.layout().issuing_key(1)).unwrap(), false),
        (&issuing, b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_vec(), false),
        (&issuing, fs::read(&issuing).unwrap(), true),
        (&root, fs::read(&issuing).unwrap(), false),
        (&root, protected(&root, &secret), true),
        // Of its passphrase nobody is asked, so its form is all that is seen.
        (&root, protected(&issuing, &secret), true),
        (&root, [&protected(&root, &secret)[..60], b"\n-----END ENCRYPTED PRIVATE KEY-----\n"].concat(), false),
    ]
    .into_iter()
    .enumerate()
    {
        let file = place.path().join(format!("{number}.tar.age"));
        let before = fs::read(key).unwrap();
        files::replace(key, &content, FileMode::Secret).unwrap();
        let told = made(&ca, &file, Keys::Take).flaws;
        files::replace(key, &before, FileMode::Secret).unwrap();
        let found = look_at_backup(&file, &word("open sesame"), &ca.doors(), &mut |_| ()).unwrap().examined.flaws;
        assert_eq!(found.is_empty(), is_sound, "{number}: {found:?}");
        assert_eq!(told, found, "{number}");
        let restored = restore(&ca, &file, &place.path().join(format!("restored-{number}")));
        assert_eq!(restored.is_ok(), is_sound, "{number}: {:?}", restored.err());
        if let Some(flaw) = found.first() {
            let name = key.strip_prefix(ca.home.layout().directory()).unwrap().display();
            assert!(flaw.message.starts_with(&format!("`{name}` is not the key of ")), "{number}: {flaw:?}");
        }
    }
}

/// A key as it lies in its file under a passphrase.
fn protected(path: &Path, passphrase: &Passphrase) -> Vec<u8> {
    let key = PrivateKey::from_pem(&fs::read(path).unwrap(), || panic!("it is open")).unwrap();
    key.to_encrypted_pem(passphrase, &SystemRandom).unwrap().into_bytes()
}

#[test]
fn what_a_killed_restore_left_goes_with_the_next_command_and_one_that_is_under_way_does_not() {
    let (ca, _) = used();
    let restoring = ca.home.layout().restoring();
    let key = restoring.issuing_key(1);
    let open = || Home::open(ca.home.layout().clone(), ca.doors()).map(|_| ()).unwrap();
    files::create_directory(restoring.directory(), DirectoryMode::Private).unwrap();
    fs::create_dir_all(key.parent().unwrap()).unwrap();
    fs::copy(ca.home.layout().issuing_key(1), &key).unwrap();
    let held = files::hold(restoring.directory()).unwrap();
    open();
    assert!(held.is_some() && key.exists());
    drop(held);
    open();
    assert!(!restoring.directory().exists());
    // Also where the home is called by a link to it.
    files::create_directory(restoring.directory(), DirectoryMode::Private).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link");
    std::os::unix::fs::symlink(ca.home.layout().directory(), &link).unwrap();
    Home::open(Layout::new(&link), ca.doors()).unwrap();
    assert!(!restoring.directory().exists());
}

#[test]
fn what_is_no_directory_where_a_home_is_restored_is_told_and_waited_for_by_nobody() {
    let (ca, _) = used();
    let place = tempfile::tempdir().unwrap();
    let (path, passphrase) = (place.path().join("b.tar.age"), word("open sesame"));
    ca.home.back_up(&path, wish(&passphrase, Keys::Leave), &mut |_| ()).unwrap();
    let layout = Layout::new(place.path().join("restored"));
    let lying = layout.restoring();
    let restore = || Home::restore(&layout, &path, &passphrase, Tolerance::Nothing, &ca.doors(), &mut |_| ());
    let pipe = || assert!(std::process::Command::new("mkfifo").arg(lying.directory()).status().unwrap().success());
    let link = || std::os::unix::fs::symlink("/nowhere", lying.directory()).unwrap();
    let to_directory = || std::os::unix::fs::symlink(place.path(), lying.directory()).unwrap();
    for lay in [&pipe as &dyn Fn(), &link, &to_directory] {
        lay();
        match restore() {
            Err(BackupError::InTheWay { path }) => assert_eq!(path, lying.directory()),
            other => panic!("{:?}", other.err()),
        }
        assert!(files::hold(lying.directory()).is_err() || lying.directory().is_symlink());
        fs::remove_file(lying.directory()).unwrap();
    }
    restore().unwrap();
}
