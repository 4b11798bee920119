//! The commands as a person meets them.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::scene::{Scene, secret};
use crate::support::TestHome;

#[test]
fn a_backup_is_made_looked_at_and_restored_and_status_knows_of_it() {
    let scene = Scene::new();
    let kinds = |answer: &Value| {
        let findings = answer["findings"].as_array().unwrap().clone();
        findings.iter().map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let status = || scene.home.hubca(&["status", "--offline", "--json"]).json();
    scene.home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    assert!(kinds(&status()).contains(&"backup_unknown".to_owned()));
    let head = status()["audit"]["head"].clone();
    let path = scene.file("hub.tar.age");
    let made = scene.run(&["backup", path.to_str().unwrap(), "--json"]).succeeded().json();
    assert_eq!((&made["audit"]["head"], &made["without"]), (&head, &json!(["root_key", "leaf_keys"])));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert!(!kinds(&status()).iter().any(|kind| kind.starts_with("backup")), "{}", status());
    let looked_at = scene.run(&["backup", "verify", path.to_str().unwrap(), "--json"]).succeeded().json();
    assert_eq!((&looked_at["ok"], &looked_at["certificates"]), (&true.into(), &3.into()));
    let restored = scene.restore(&path, "again").succeeded().json();
    assert_eq!(restored["missing"]["labels"], json!(["hub.lan"]));
    assert_eq!(restored["missing"]["root_keys"], json!([scene.file("again/root/root.key.pem")]));
    assert_eq!(restored["serial_epoch"], "02");
    let log = scene.elsewhere("again", &["audit", "--last", "1"]).succeeded().json();
    assert_eq!((&log[0]["act"], &log[0]["detail"]["head"]), (&"restore".into(), &head));
    // What the restored home needs is what it says: renew, and then nothing is due.
    let renewed = scene.elsewhere("again", &["renew"]).succeeded().json();
    assert_eq!((&renewed[0]["label"], &renewed[0]["outcome"]), (&"hub.lan".into(), &"renewed".into()));
    assert!(renewed[0]["certificate"]["serial"].as_str().unwrap().starts_with("02"), "{renewed}");
    let due = kinds(&scene.elsewhere("again", &["status", "--offline"]).json());
    // The root's key is elsewhere, and its list is made with it.
    assert_eq!(due, ["crl_behind"]);
    let findings = scene.elsewhere("again", &["status", "--offline"]).json()["findings"].clone();
    assert!(findings[0]["message"].as_str().unwrap().contains("older than the restore of this home"), "{findings}");
    scene.elsewhere("again", &["audit", "verify", "--head", head.as_str().unwrap()]).succeeded();
    let refused = scene.restore(&path, "again").failed_with(1);
    assert_eq!(refused.error()["kind"], "exists");
}

#[test]
fn a_root_key_that_is_not_there_is_in_no_backup() {
    let scene = Scene::new();
    let key = scene.home.file("root/root.key.pem");
    fs::rename(&key, scene.file("stick.key")).unwrap();
    let path = scene.file("hub.tar.age");
    let refused = scene.run(&["backup", path.to_str().unwrap(), "--with-root-key", "--json"]).failed_with(1);
    assert!(
        refused.error()["message"].as_str().unwrap().contains("the key of the root is not in the home"),
        "{refused}"
    );
    assert!(!path.exists());
    fs::rename(scene.file("stick.key"), key).unwrap();
    scene.run(&["backup", path.to_str().unwrap(), "--with-root-key"]).succeeded();
}

#[test]
fn in_a_directory_backups_are_called_by_the_time_and_older_ones_give_way() {
    let scene = Scene::new();
    let place = scene.file("backups");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("hubca-notes.tar.age"), "theirs").unwrap();
    let line = ["backup", place.to_str().unwrap(), "--keep", "2", "--json"];
    let mut made = Vec::new();
    for _ in 0..3 {
        let answer = scene.run(&line).succeeded().json();
        made.push(answer["path"].as_str().unwrap().to_owned());
        let removed = answer["removed"].as_array().unwrap().len();
        assert_eq!(removed, usize::from(made.len() > 2));
        std::thread::sleep(std::time::Duration::from_millis(1100));
    }
    assert!(!fs::exists(&made[0]).unwrap() && fs::exists(&made[2]).unwrap());
    assert_eq!(fs::read_dir(&place).unwrap().count(), 3);
    let before = fs::read_dir(&place).unwrap().count();
    for number in ["0", "-1", "two", "1.5", ""] {
        let keep = format!("--keep={number}");
        let refused = scene.run(&["backup", place.to_str().unwrap(), &keep]).failed_with(2);
        assert!(refused.stderr.contains("1 or more"), "{refused}");
    }
    // A backup that fails is followed by no removal: a passphrase that is none, and a home that is damaged.
    let empty = secret(scene.home.directory(), "empty", "");
    let line = ["backup", place.to_str().unwrap(), "--keep", "1", "--backup-passphrase-file", &empty];
    scene.home.hubca(&line).failed_with(1);
    let key = scene.home.file("issuing/1/ca.key.pem");
    fs::rename(&key, scene.file("key")).unwrap();
    fs::create_dir(&key).unwrap();
    scene.run(&["backup", place.to_str().unwrap(), "--keep", "1"]).failed_with(1);
    assert_eq!(fs::read_dir(&place).unwrap().count(), before);
    fs::remove_dir(&key).unwrap();
    fs::rename(scene.file("key"), &key).unwrap();
    let refused = scene.run(&["backup", scene.file("one.age").to_str().unwrap(), "--keep", "2"]).failed_with(2);
    assert!(refused.stderr.contains("is about a directory"), "{refused}");
}

#[test]
fn what_is_no_place_for_a_backup_is_refused_and_a_key_that_is_not_in_one_is_told() {
    let scene = Scene::new();
    let inside = scene.home.file("hub.tar.age");
    for place in [inside.to_str().unwrap(), scene.home.path().to_str().unwrap(), "-"] {
        let refused = scene.run(&["backup", place]).failed_with(2);
        assert!(refused.stderr.contains("in the home") || refused.stderr.contains("standard output"), "{refused}");
    }
    assert!(!inside.exists() && !scene.file("-").exists());
    fs::rename(scene.home.file("issuing/1/ca.key.pem"), scene.file("key")).unwrap();
    let path = scene.file("hub.tar.age");
    let place = path.to_str().unwrap();
    for (line, code) in [(&["backup", place, "--json"][..], 3), (&["backup", "verify", place, "--json"], 0)] {
        let answer = scene.run(line);
        assert_eq!(answer.code, Some(code), "{answer}");
        let answer = answer.json();
        let told = answer.get("backup").unwrap_or(&answer);
        assert_eq!(told["missing_issuing_key"], "issuing/1/ca.key.pem", "{answer}");
    }
    let told = scene.run(&["backup", place, "--force"]).failed_with(3);
    assert!(told.stdout.contains("the key that issues, `issuing/1/ca.key.pem`, is not in it"), "{told}");
    let restored = scene.restore(&path, "again").succeeded().json();
    assert_eq!(restored["missing"]["issuing_key"], json!(scene.file("again/issuing/1/ca.key.pem")));
}

#[test]
fn for_a_home_that_has_lost_its_issuing_key_no_backup_that_has_it_gives_way() {
    let scene = Scene::new();
    let place = scene.file("backups");
    fs::create_dir(&place).unwrap();
    let line = ["backup", place.to_str().unwrap(), "--keep", "1", "--json"];
    scene.run(&line).succeeded();
    let made = || scene.home.hubca(&["status", "--offline", "--json"]).json()["backup"].clone();
    let before = made();
    fs::remove_file(scene.home.file("issuing/1/ca.key.pem")).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let told = scene.run(&line).failed_with(3).json();
    assert_eq!((&told["ok"], &told["removed"]), (&false.into(), &json!([])));
    assert_eq!((&told["findings"][0]["kind"], &told["findings"][1]), (&"ca_key".into(), &Value::Null));
    assert_eq!((fs::read_dir(&place).unwrap().count(), made()), (2, before));
    let told = scene.run(&["backup", scene.file("one.tar.age").to_str().unwrap()]).failed_with(3);
    assert!(told.stdout.contains("rotate issuing") && !told.stdout.contains("--with-flaws"), "{told}");
}

#[test]
fn a_backup_of_a_home_that_is_not_sound_says_so_and_takes_no_older_one_away() {
    let scene = Scene::new();
    let place = scene.file("backups");
    fs::create_dir(&place).unwrap();
    let line = ["backup", place.to_str().unwrap(), "--keep", "1", "--json"];
    let sound = scene.run(&line).succeeded().json();
    assert_eq!((&sound["ok"], &sound["findings"]), (&true.into(), &json!([])));
    let other = Scene::new();
    fs::copy(other.home.file("issuing/1/ca.key.pem"), scene.home.file("issuing/1/ca.key.pem")).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let unsound = scene.run(&line).failed_with(3).json();
    let expected = "`issuing/1/ca.key.pem` is not the key of `issuing/1`, or cannot be read";
    assert_eq!((&unsound["ok"], &unsound["removed"]), (&false.into(), &json!([])));
    assert_eq!(
        (&unsound["findings"][0]["kind"], &unsound["findings"][0]["message"]),
        (&"ca_key".into(), &expected.into())
    );
    assert_eq!(fs::read_dir(&place).unwrap().count(), 2);
    let told = scene.run(&["backup", scene.file("one.tar.age").to_str().unwrap()]).failed_with(3);
    assert!(told.stdout.contains("it is not sound") && told.stdout.contains(&expected[..50]), "{told}");
    let log = scene.home.hubca(&["audit", "--last", "1", "--json"]).json();
    assert_eq!((&log[0]["act"], &log[0]["detail"]["flaws"]), (&"backup".into(), &1.into()));
    let seen = scene.run(&["backup", "verify", unsound["path"].as_str().unwrap(), "--json"]).failed_with(3).json();
    assert_eq!(seen["findings"], unsound["findings"]);
}

#[test]
fn of_a_root_that_issues_by_itself_a_backup_says_that_the_key_for_that_is_not_in_it() {
    let home = TestHome::empty();
    let [key, certificate] = ["k.pem", "c.pem"].map(|name| home.directory().join(name).to_str().unwrap().to_owned());
    let mut openssl = std::process::Command::new("openssl");
    openssl.args(["req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "3650", "-subj", "/CN=Old Root"]);
    openssl.args([
        "-addext",
        "basicConstraints=critical,CA:TRUE,pathlen:0",
        "-addext",
        "keyUsage=critical,keyCertSign,cRLSign",
    ]);
    let made = openssl.args(["-keyout", &key, "-out", &certificate]).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    home.hubca(&["import", "pem", "--root-cert", &certificate, "--root-key", &key, "--no-passphrase"]).succeeded();
    let words = secret(home.directory(), "passphrase", "six random words that nobody guesses");
    let back_up = |name: &str, more: &[&str]| {
        let path = home.directory().join(name);
        let line = ["backup", path.to_str().unwrap(), "--backup-passphrase-file", &words];
        home.hubca(&[&line[..], more].concat()).succeeded()
    };
    let without = back_up("1.tar.age", &["--json"]).json();
    assert_eq!((&without["missing_issuing_key"], &without["ok"]), (&"root/root.key.pem".into(), &true.into()));
    let told = back_up("2.tar.age", &[]).stdout;
    assert!(told.contains("`root/root.key.pem`") && told.contains("backup --with-root-key"), "{told}");
    let with = back_up("3.tar.age", &["--with-root-key", "--json"]).json();
    assert_eq!(with["missing_issuing_key"], Value::Null);
}

#[test]
fn backups_may_be_made_at_once_and_leave_nothing_beside() {
    let scene = Scene::new();
    std::thread::scope(|scope| {
        for number in 0..4 {
            let scene = &scene;
            scope.spawn(move || scene.back_up(&format!("{number}.tar.age"), &[]));
        }
    });
    for number in 0..4 {
        scene.run(&["backup", "verify", scene.file(&format!("{number}.tar.age")).to_str().unwrap()]).succeeded();
    }
    let names = fs::read_dir(scene.home.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!names.into_iter().any(|name| name.to_str().unwrap().starts_with('.')));
}

#[test]
fn without_a_passphrase_or_with_another_one_nothing_is_done() {
    let scene = Scene::new();
    let path = scene.file("hub.tar.age");
    let nobody = scene.home.hubca(&["backup", path.to_str().unwrap()]).failed_with(1);
    assert!(nobody.stderr.contains("--backup-passphrase-file FILE") && !path.exists(), "{nobody}");
    scene.back_up("hub.tar.age", &[]);
    let there = scene.run(&["backup", path.to_str().unwrap()]).failed_with(1);
    assert!(there.stderr.contains("exists already"), "{there}");
    scene.back_up("hub.tar.age", &["--force"]);
    let other = secret(scene.home.directory(), "other", "another one altogether");
    for verb in [&["backup", "verify"][..], &["--home", "elsewhere", "restore"]] {
        let line = [verb, &[path.to_str().unwrap(), "--backup-passphrase-file", &other]].concat();
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_hubca"));
        let refused = crate::support::Answer::of(command.args(&line).current_dir(scene.home.directory()));
        assert_eq!(refused.code, Some(1), "{refused}");
        assert!(refused.stderr.contains("the passphrase does not open"), "{refused}");
    }
    assert!(!scene.file("elsewhere").exists() && !scene.file(".elsewhere.restoring").exists());
    let whole = fs::read(&path).unwrap();
    for (name, bytes) in [
        ("cut", whole[..whole.len() - 1].to_vec()),
        ("flipped", {
            let mut bytes = whole.clone();
            bytes[whole.len() / 2] ^= 1;
            bytes
        }),
    ] {
        let broken = scene.file(name);
        fs::write(&broken, bytes).unwrap();
        let answer = scene.run(&["backup", "verify", broken.to_str().unwrap(), "--json"]).failed_with(3).json();
        assert_eq!((&answer["ok"], &answer["findings"][0]["kind"]), (&false.into(), &"backup".into()));
        scene.restore(&broken, "elsewhere").failed_with(1);
    }
    let none = scene.run(&["backup", "verify", scene.file("passphrase").to_str().unwrap()]).failed_with(3);
    assert!(none.stdout.contains("is not a file that was sealed"), "{none}");
}
