//! Somebody who turns the way to the copies elsewhere, again and again, while they are written.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, lchown, symlink},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::support::{TestHome, tools::skipped};

#[test]
fn copies_never_land_where_another_user_turns_their_directory_to() {
    let home = TestHome::with_ca::<&str>(&[]);
    let at = |name: &str| home.directory().join(name);
    let (yard, out, trap, safe) = (at("yard"), at("yard/out"), at("yard/trap"), at("safe"));
    for directory in [&yard, &out, &safe] {
        fs::create_dir(directory).unwrap();
    }
    fs::set_permissions(home.directory(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(safe.join("privkey.pem"), "of somebody else").unwrap();
    symlink(&safe, &trap).unwrap();
    if [&yard, &out, &trap].into_iter().any(|path| lchown(path, Some(12345), Some(12345)).is_err()) {
        skipped("copies in a directory that another user turns: only root may give files away");
        return;
    }
    let (is_over, turns) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut written, mut refused) = (0, 0);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                renameat_with(CWD, &out, CWD, &trap, RenameFlags::EXCHANGE).unwrap();
                turns.fetch_add(1, Ordering::Relaxed);
            }
        });
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until || written == 0 {
            let answer = home.hubca(&["issue", "--dns", "hub.lan", "--out", out.to_str().unwrap(), "--json"]);
            match answer.code {
                Some(0) => written += 1,
                Some(1) => refused += 1,
                _ => panic!("{answer}"),
            }
            assert!(!answer.stderr.contains("panicked"), "{answer}");
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(refused > 0 && turns.into_inner() > 1000, "{written} were written and {refused} refused");
    let names: Vec<_> = fs::read_dir(&safe).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["privkey.pem"]);
    assert_eq!(fs::read(safe.join("privkey.pem")).unwrap(), b"of somebody else");
    let theirs = [&out, &trap].into_iter().find(|path| !path.is_symlink()).unwrap();
    for entry in fs::read_dir(theirs).unwrap() {
        let metadata = entry.unwrap().metadata().unwrap();
        assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (0o600, 0));
    }
}
