//! Homes that cannot be used: each is told for what it is, and none is made worse.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use crate::support::{TestHome, tools::skipped};

#[track_caller]
fn told(home: &TestHome, words: &[&str]) {
    for arguments in [&["issue", "--dns", "hub.lan", "--json"][..], &["list", "--json"]] {
        let answer = home.hubca(arguments).failed_with(1);
        let error = answer.error();
        for word in words {
            assert!(error.to_string().contains(word), "`{word}` is not in {error}");
        }
        assert!(answer.stdout.is_empty());
    }
}

#[test]
fn a_home_without_a_ca_names_the_command_that_makes_one() {
    let home = TestHome::empty();
    told(&home, &["no CA", "hubca", "init"]);
    fs::create_dir(home.path()).unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    told(&home, &["no CA", "init"]);
}

#[test]
fn a_home_that_others_can_use_names_the_command_that_mends_it() {
    let home = TestHome::with_ca::<&str>(&[]);
    for mode in [0o755, 0o750, 0o710, 0o777, 0o702] {
        fs::set_permissions(home.path(), fs::Permissions::from_mode(mode)).unwrap();
        told(&home, &["chmod", "go="]);
    }
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
}

#[test]
fn a_home_of_somebody_else_is_refused() {
    let home = TestHome::with_ca::<&str>(&[]);
    if !Command::new("chown").args(["-R", "12345"]).arg(home.path()).status().unwrap().success() {
        skipped("a home of somebody else: only root may give files away");
        return;
    }
    told(&home, &["12345"]);
}

#[test]
fn a_home_of_a_newer_program_is_left_alone() {
    let home = TestHome::with_ca::<&str>(&[]);
    sqlite(&home, "UPDATE schema_version SET version = 99");
    told(&home, &["99", "newer"]);
}

#[test]
fn a_damaged_ledger_is_named_and_never_replaced() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "first.lan"]).succeeded();
    let ledger = home.file("ledger.db");
    sqlite(&home, "PRAGMA wal_checkpoint(TRUNCATE)");
    assert!(!home.file("ledger.db-wal").exists());
    let whole = fs::read(&ledger).unwrap();
    let damaged: [(&str, Vec<u8>); 4] = [
        ("zeroed", vec![0; whole.len()]),
        ("cut", whole[..whole.len() / 3].to_vec()),
        ("empty", Vec::new()),
        ("text", b"this is no database, but it is long enough to be taken for one".repeat(200)),
    ];
    for (how, bytes) in damaged {
        fs::write(&ledger, &bytes).unwrap();
        let answer = home.hubca(&["issue", "--dns", "hub.lan", "--json"]).failed_with(1);
        assert!(answer.error().to_string().contains("ledger.db"), "{how}: {answer}");
        assert_eq!(fs::read(&ledger).unwrap().len(), bytes.len(), "{how}");
        home.hubca(&["init", "--no-passphrase"]).failed_with(1);
    }
    fs::write(&ledger, &whole).unwrap();
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
}

/// Either `audit verify` sees it, or nothing that is told is another than before.
#[test]
fn flipped_bytes_in_the_ledger_are_found_or_harmless_and_never_a_panic() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    home.hubca(&["revoke", "hub.lan"]).succeeded();
    let ledger = home.file("ledger.db");
    sqlite(&home, "PRAGMA wal_checkpoint(TRUNCATE)");
    assert!(!home.file("ledger.db-wal").exists());
    let whole = fs::read(&ledger).unwrap();
    let asked: [&[&str]; 2] = [&["list", "--all", "--json"], &["show", "hub.lan", "--json"]];
    let truth = asked.map(|line| home.hubca(line).succeeded().stdout);
    let mut found = 0;
    // Most of a young ledger is room that nothing was written to yet.
    let written: Vec<usize> = (0..whole.len()).filter(|place| whole[*place] != 0).collect();
    for &place in written.iter().step_by(written.len() / 150) {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xff;
        for remnant in ["ledger.db-wal", "ledger.db-shm"] {
            let _ = fs::remove_file(home.file(remnant));
        }
        fs::write(&ledger, &bytes).unwrap();
        let verified = home.hubca(&["audit", "verify", "--json"]);
        assert!(matches!(verified.code, Some(0 | 1 | 3)), "byte {place}: {verified}");
        found += usize::from(verified.code != Some(0));
        for (line, truth) in asked.iter().zip(&truth) {
            let answer = home.hubca(line);
            let told = format!("byte {place}: {answer}, and {verified}");
            assert!(!format!("{answer}{verified}").contains("panicked"), "{told}");
            match answer.code {
                Some(0) => assert!(answer.stdout == *truth || verified.code != Some(0), "{told}"),
                Some(1) => assert!(verified.code != Some(0) && answer.error()["message"].is_string(), "{told}"),
                _ => panic!("{told}"),
            }
        }
    }
    assert!(found > 75, "only {found} were found");
}

#[test]
fn a_ledger_that_lost_its_newest_entries_is_told_and_nothing_is_signed() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "first.lan"]).succeeded();
    sqlite(&home, "PRAGMA wal_checkpoint(TRUNCATE)");
    let older = fs::read(home.file("ledger.db")).unwrap();
    home.hubca(&["issue", "--dns", "second.lan"]).succeeded();
    home.hubca(&["revoke", "first.lan"]).succeeded();
    let log = fs::read(home.file("ledger.db-wal")).unwrap();
    // SQLite reads the log as far as it is whole, and says nothing of the rest.
    for cut in [0, log.len() / 2, log.len() - 1] {
        fs::write(home.file("ledger.db-wal"), &log[..cut]).unwrap();
        let _ = fs::remove_file(home.file("ledger.db-shm"));
        told(&home, &["lost its newest entries", "audit.head", "backup"]);
        home.hubca(&["crl", "--json"]).failed_with(1);
    }
    fs::write(home.file("ledger.db-wal"), &log).unwrap();
    home.hubca(&["issue", "--dns", "third.lan"]).succeeded();
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        fs::remove_file(home.file(name)).unwrap();
    }
    fs::write(home.file("ledger.db"), older).unwrap();
    told(&home, &["lost its newest entries"]);
    fs::remove_file(home.file("audit.head")).unwrap();
    let verified = home.hubca(&["audit", "verify", "--json"]).failed_with(3).json();
    let found = verified["findings"].to_string();
    assert!(found.contains("archive/second.lan/1/cert.pem") && found.contains("crl/issuing-1.crl"), "{found}");
}

#[test]
fn a_full_or_read_only_disk_is_named_and_loses_nothing() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "first.lan"]).succeeded();
    // A file system of its own in a namespace of its own: small, filled to the last byte, then read-only.
    let script = r#"
        set -u
        mount -t tmpfs -o size=2m,mode=700 tmpfs "$1/small" && cp -a "$1/home" "$1/small/home" || exit 42
        head -c 3000000 /dev/zero > "$1/small/filler" 2>/dev/null
        "$2" --home "$1/small/home" issue --dns full.lan --json > "$1/full.out" 2> "$1/full.err"; echo $? > "$1/full.code"
        rm "$1/small/filler"
        "$2" --home "$1/small/home" issue --dns after.lan --json > "$1/after.out" 2> "$1/after.err"; echo $? > "$1/after.code"
        mount -o remount,ro "$1/small"
        "$2" --home "$1/small/home" issue --dns ro.lan --json > "$1/ro.out" 2> "$1/ro.err"; echo $? > "$1/ro.code"
    "#;
    fs::create_dir(home.directory().join("small")).unwrap();
    let status = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "bash", "-c", script, "bash"])
        .arg(home.directory())
        .arg(env!("CARGO_BIN_EXE_hubca"))
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success(), "the file system could not be made: {status}");
    let read = |name: &str| fs::read_to_string(home.directory().join(name)).unwrap();
    assert_eq!(read("full.code").trim(), "1", "{}", read("full.err"));
    assert!(read("full.err").contains("full") || read("full.err").contains("space"), "{}", read("full.err"));
    assert!(read("full.out").is_empty());
    assert_eq!(read("after.code").trim(), "0", "{}", read("after.err"));
    assert_eq!(read("ro.code").trim(), "1", "{}", read("ro.err"));
    assert!(read("ro.err").contains("read-only") || read("ro.err").contains("cannot be written"), "{}", read("ro.err"));
}

/// Changes the ledger behind the program's back.
fn sqlite(home: &TestHome, sql: &str) {
    let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit(); c.close()";
    let status = Command::new("python3").args(["-c", script]).arg(home.file("ledger.db")).arg(sql).status().unwrap();
    assert!(status.success());
}

#[test]
fn nobody_is_advised_to_change_a_directory_that_is_no_home() {
    for directory in ["/", "/tmp", "/usr"] {
        let output = Command::new(env!("CARGO_BIN_EXE_hubca")).args(["--home", directory, "list"]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("no CA") && !told.contains("chmod") && !told.contains("chown"), "{told}");
    }
}
