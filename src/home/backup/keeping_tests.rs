//! Which older backups give way to a new one, and which stay.

use std::{fs, num::NonZeroU32, path::Path, time::Duration};

use super::{
    restoring::look_at_backup,
    tests::{made, used, word},
    wish::Keys,
};
use crate::{
    home::test_ca::{NOW, TestCa},
    store::StoreError,
};

/// Makes a backup of now in a directory, and tells which gave way.
fn made_in(ca: &TestCa, place: &Path, keep: u32) -> Vec<String> {
    let name = ca.home.backup_name().unwrap();
    let earlier = ca.home.earlier_backups(place, &name).unwrap();
    let newer = made(ca, &place.join(name), Keys::Leave);
    let removed = earlier.give_way(&newer, NonZeroU32::new(keep).unwrap()).unwrap();
    removed.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

#[test]
fn older_backups_of_this_ca_give_way_and_no_other_file_does() {
    let (ca, place) = used();
    let at = |name: &str| place.path().join(name);
    let next = || {
        ca.clock.advance(Duration::from_secs(60));
        ca.home.backup_name().unwrap()
    };
    let first = next();
    let named = |stamp: &str| format!("{}{stamp}.tar.age", &first[..15]);
    made_in(&ca, place.path(), 9);
    let others = ["hubca-00000000-20200101T000000Z.tar.age", "hubca.tar.age", "notes.txt"];
    let texts = [named("19990101T000000Z"), named("19990102T000000Z.tar.age"), named("1999")];
    for name in others {
        fs::copy(at(&first), at(name)).unwrap();
    }
    texts.iter().for_each(|name| fs::write(at(name), "theirs").unwrap());
    std::os::unix::fs::symlink(&first, at(&named("19990103T000000Z"))).unwrap();
    fs::create_dir(at(&named("19990104T000000Z"))).unwrap();
    let second = next();
    assert!(made_in(&ca, place.path(), 2).is_empty());
    next();
    assert_eq!(made_in(&ca, place.path(), 2), std::slice::from_ref(&first));
    let fourth = next();
    assert_eq!(made_in(&ca, place.path(), 1).len(), 2);
    assert!(!at(&second).exists() && at(&fourth).exists());
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1 + others.len() + texts.len() + 2);
}

#[test]
fn the_newest_stays_though_the_clock_was_set_back() {
    let (ca, place) = used();
    let mut names = Vec::new();
    let mut make = |keep| {
        names.push(ca.home.backup_name().unwrap());
        let removed = made_in(&ca, place.path(), keep);
        ca.clock.advance(Duration::from_secs(60));
        let place_of = |name| names.iter().position(|known| *known == name).unwrap();
        removed.into_iter().map(place_of).collect::<Vec<_>>()
    };
    ca.clock.set(NOW + time::Duration::days(3000));
    assert!(make(2).is_empty() && make(2).is_empty());
    ca.clock.set(NOW);
    // What is called later than now was made before.
    assert_eq!(make(2), [0]);
    assert_eq!(make(2), [1]);
    assert_eq!(make(2), [2]);
}

#[test]
fn what_others_made_meanwhile_does_not_give_way() {
    let (ca, place) = used();
    made_in(&ca, place.path(), 1);
    let begun = |seconds| {
        ca.clock.advance(Duration::from_secs(seconds));
        let name = ca.home.backup_name().unwrap();
        (ca.home.earlier_backups(place.path(), &name).unwrap(), place.path().join(name))
    };
    let ((earlier, one), (same, other)) = (begun(1), begun(1));
    made(&ca, &one, Keys::Leave);
    let newer = made(&ca, &other, Keys::Leave);
    let only = NonZeroU32::MIN;
    assert_eq!(earlier.give_way(&newer, only).unwrap().len(), 1);
    assert!(same.give_way(&newer, only).unwrap().is_empty());
    assert!(one.exists() && other.exists());
    assert_eq!(begun(1).0.give_way(&newer, only).unwrap(), [one, other]);
}

#[test]
fn a_backup_that_is_not_sound_is_made_told_and_takes_no_older_one_away() {
    let change = |ca: &TestCa, text: &str| {
        let store = ca.home.authority().store();
        assert!(store.transaction::<_, StoreError>(|rows| rows.execute(text, &[])).unwrap() > 0, "{text}");
    };
    let newest = "sequence = (SELECT MAX(sequence) FROM audit)";
    for (text, is_noted) in [
        ("DELETE FROM audit WHERE sequence = 8".to_owned(), true),
        ("UPDATE certificates SET not_after = not_after + 1 WHERE label = 'hub.lan'".to_owned(), true),
        ("UPDATE crls SET crl = x'00' WHERE crl IS NOT NULL".to_owned(), true),
        (format!("UPDATE audit SET detail = '{{}}' WHERE {newest}"), false),
    ] {
        let (ca, place) = used();
        let name = ca.home.backup_name().unwrap();
        let sound = made(&ca, &place.path().join(&name), Keys::Leave);
        assert_eq!((sound.flaws.as_slice(), sound.is_noted), (&[][..], true));
        ca.clock.advance(Duration::from_secs(3600));
        change(&ca, &text);
        let next = ca.home.backup_name().unwrap();
        let earlier = ca.home.earlier_backups(place.path(), &next).unwrap();
        let path = place.path().join(next);
        let unsound = made(&ca, &path, Keys::Leave);
        let found = look_at_backup(&path, &word("open sesame"), &ca.doors(), &mut |_| ()).unwrap().examined.flaws;
        assert_eq!((&unsound.flaws, unsound.is_noted), (&found, is_noted), "{text}");
        assert!(!found.is_empty(), "{text}");
        assert!(earlier.give_way(&unsound, NonZeroU32::MIN).unwrap().is_empty(), "{text}");
        assert!(place.path().join(name).exists() && path.exists());
        // What cannot be restored is no backup that one could rely on.
        let an_hour_ago = ca.doors().clock.now() - time::Duration::hours(1);
        assert_eq!(ca.home.authority().last_backup_at().unwrap(), Some(an_hour_ago), "{text}");
    }
}
