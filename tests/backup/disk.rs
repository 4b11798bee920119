//! A disk that is full, and a run that is killed.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::scene::Scene;

#[test]
fn a_full_disk_leaves_neither_half_a_backup_nor_half_a_home() {
    let scene = Scene::new();
    scene.back_up("good.tar.age", &[]);
    let script = r#"
        set -u
        mkdir "$1/small"; mount -t tmpfs -o size=1m,mode=700 tmpfs "$1/small" || exit 42
        head -c 1000000 /dev/zero >"$1/small/filler" 2>/dev/null
        run() { name=$1; shift; "$@" --backup-passphrase-file "$place/passphrase" --json >"$place/$name.out" 2>"$place/$name.err"; echo $? >"$place/$name.code"; }
        place=$1
        run backup "$2" --home "$1/home" backup "$1/small/hub.tar.age"
        run restore "$2" --home "$1/small/again" restore "$1/good.tar.age"
        ls -A "$1/small" >"$1/left"
        rm "$1/small/filler"
        mount --bind "$1/home" "$1/home" && mount -o remount,ro,bind "$1/home" || exit 43
        run readonly "$2" --home "$1/home" backup "$1/readonly.tar.age"
        umount "$1/home"
        mkdir "$1/little"; mount -t tmpfs -o size=4m,mode=700 tmpfs "$1/little" || exit 44
        cp -a "$1/home" "$1/little/home"
        cat /dev/zero >"$1/little/filler" 2>/dev/null
        run full "$2" --home "$1/little/home" backup "$1/full.tar.age"
        ls -A "$1/little/home" | grep -c backup- >"$1/left-in-full"
        mkdir "$1/copied"; mount -t tmpfs -o size=4m,mode=700 tmpfs "$1/copied" || exit 45
        cp -a "$1/home" "$1/copied/home"; rm -f "$1"/copied/home/ledger.db-shm
        cat /dev/zero >"$1/copied/filler" 2>/dev/null
        run copied "$2" --home "$1/copied/home" backup "$1/copied.tar.age"
        rm -f "$1"/copied/home/ledger.db-shm
        "$2" --home "$1/copied/home" list --json >"$1/listed.out" 2>"$1/listed.err"
        "$2" --home "$1/copied/home" issue --dns full.lan >"$1/issued.out" 2>"$1/issued.err"
        run room "$2" --home "$1/home" backup "$1/small/hub.tar.age"
    "#;
    let status = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "bash", "-c", script, "bash"])
        .arg(scene.home.directory())
        .arg(env!("CARGO_BIN_EXE_hubca"))
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "the file system could not be made: {status}");
    let read = |name: &str| fs::read_to_string(scene.file(name)).unwrap();
    for name in ["backup", "restore"] {
        assert_eq!(read(&format!("{name}.code")).trim(), "1", "{}", read(&format!("{name}.err")));
        assert!(read(&format!("{name}.err")).contains("the disk is full"), "{}", read(&format!("{name}.err")));
        assert!(read(&format!("{name}.out")).is_empty());
    }
    // A home that takes no writes any more is the one that needs a backup most.
    assert_eq!(read("readonly.code").trim(), "0", "{}", read("readonly.err"));
    assert!(read("readonly.err").contains("takes no writes"), "{}", read("readonly.err"));
    scene.run(&["backup", "verify", scene.file("readonly.tar.age").to_str().unwrap()]).succeeded();
    // So is one whose disk is full.
    assert_eq!(read("full.code").trim(), "0", "{}", read("full.err"));
    assert!(read("full.err").contains("takes no writes"), "{}", read("full.err"));
    scene.run(&["backup", "verify", scene.file("full.tar.age").to_str().unwrap()]).succeeded();
    assert_eq!(read("left-in-full").trim(), "0");
    // And one that was copied there, without what processes share.
    assert_eq!(read("copied.code").trim(), "0", "{}", read("copied.err"));
    scene.run(&["backup", "verify", scene.file("copied.tar.age").to_str().unwrap()]).succeeded();
    assert!(read("listed.out").starts_with('[') && read("listed.err").is_empty(), "{}", read("listed.err"));
    assert!(read("issued.err").contains("full"), "{}", read("issued.err"));
    assert_eq!(read("left").trim(), "filler");
    assert_eq!(read("room.code").trim(), "0", "{}", read("room.err"));
}

#[test]
fn what_a_killed_run_left_is_gone_with_the_next() {
    let scene = Scene::new();
    let path = scene.file("hub.tar.age");
    for milliseconds in [20, 60, 120, 250, 400] {
        let mut command = scene.home.command();
        command.args(["backup", path.to_str().unwrap(), "--force", "--backup-passphrase-file"]);
        let mut running = command.arg(scene.file("passphrase")).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(milliseconds));
        running.kill().unwrap();
        running.wait().unwrap();
    }
    scene.back_up("hub.tar.age", &["--force"]);
    let hidden = |directory: &std::path::Path| {
        let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with('.')).collect::<Vec<_>>()
    };
    assert!(hidden(scene.home.path()).is_empty() && hidden(scene.home.directory()).is_empty());
    scene.run(&["backup", "verify", path.to_str().unwrap()]).succeeded();
    // What a stopped restore left is no home, and in nobody's way.
    let left = |name: &str| {
        let directory = scene.file(name);
        fs::create_dir_all(directory.join("issuing/1")).unwrap();
        fs::set_permissions(&directory, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        fs::copy(scene.home.file("issuing/1/ca.key.pem"), directory.join("issuing/1/ca.key.pem")).unwrap();
        directory
    };
    let half = left(".again.restoring");
    scene.restore(&path, "again").succeeded();
    assert!(!half.exists());
    // Nor does the key in it wait for the next restore: any command in that home takes it away, and in one that never came to be.
    for name in ["again", "never"] {
        let half = left(&format!(".{name}.restoring"));
        assert_eq!(scene.elsewhere(name, &["list"]).code, Some(i32::from(name == "never")));
        assert!(!half.exists(), "{name}");
    }
}
