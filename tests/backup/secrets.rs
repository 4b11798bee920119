//! Where the passphrase and the keys are found: nowhere they do not belong.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::scene::{PASSPHRASE, Scene};
use crate::support::files_below;

#[test]
fn the_passphrase_and_the_keys_are_found_in_no_backup_no_ledger_and_no_answer() {
    let scene = Scene::new();
    scene.home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let mut said = String::new();
    let path = scene.file("hub.tar.age");
    for line in [
        &["backup", path.to_str().unwrap(), "--with-root-key", "--with-leaf-keys"][..],
        &["backup", "verify", path.to_str().unwrap()],
    ] {
        let answer = scene.run(line).succeeded();
        said.push_str(&format!("{}{}", answer.stdout, answer.stderr));
    }
    let restored = scene.restore(&path, "again").succeeded();
    said.push_str(&format!("{}{}", restored.stdout, restored.stderr));
    assert!(!said.contains(PASSPHRASE) && !said.contains("PRIVATE KEY"), "{said}");
    let keys = ["root/root.key.pem", "issuing/1/ca.key.pem", "live/hub.lan/privkey.pem"];
    let numbers: Vec<Vec<u8>> = keys.iter().map(|key| private_number(&scene.home.file(key))).collect();
    for directory in [scene.home.path().to_owned(), scene.file("again")] {
        let log = fs::read(directory.join("ledger.db-wal")).unwrap_or_default();
        let ledger = [fs::read(directory.join("ledger.db")).unwrap(), log].concat();
        assert!(numbers.iter().all(|number| !contains(&ledger, number)) && !contains(&ledger, PASSPHRASE.as_bytes()));
    }
    let sealed = fs::read(&path).unwrap();
    let texts = keys.map(|key| fs::read_to_string(scene.home.file(key)).unwrap());
    let lines = texts.iter().flat_map(|text| text.lines()).filter(|line| line.len() > 40);
    assert!(lines.clone().count() >= 6);
    for line in lines {
        assert!(!contains(&sealed, line.as_bytes()));
    }
    assert!(numbers.iter().all(|number| !contains(&sealed, number)) && !contains(&sealed, PASSPHRASE.as_bytes()));
}

#[test]
fn a_key_that_was_left_out_is_not_in_what_the_passphrase_opens() {
    let scene = Scene::new();
    scene.home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let path = scene.back_up("hub.tar.age", &[]);
    scene.restore(&path, "again").succeeded();
    let numbers =
        ["root/root.key.pem", "live/hub.lan/privkey.pem"].map(|key| fs::read_to_string(scene.home.file(key)).unwrap());
    let mut command = Command::new("grep");
    command.args(["-rlE", "PRIVATE KEY"]).arg(scene.file("again"));
    let found = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert_eq!(found.trim(), scene.file("again/issuing/1/ca.key.pem").to_str().unwrap());
    let issuing = fs::read_to_string(scene.file("again/issuing/1/ca.key.pem")).unwrap();
    assert!(!numbers.contains(&issuing));
}

#[test]
fn what_a_killed_backup_or_look_at_one_leaves_holds_no_key_and_no_passphrase() {
    let scene = Scene::new();
    scene.home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let sealed = scene.back_up("hub.tar.age", &["--with-root-key", "--with-leaf-keys"]);
    let temporary = scene.file("temporary");
    fs::create_dir(&temporary).unwrap();
    let keys =
        ["root/root.key.pem", "issuing/1/ca.key.pem", "live/hub.lan/privkey.pem"].map(|key| scene.home.file(key));
    let own: Vec<_> = keys.iter().map(|key| fs::canonicalize(key).unwrap()).chain([scene.file("passphrase")]).collect();
    let numbers: Vec<Vec<u8>> = keys.iter().map(|key| private_number(key)).collect();
    let other = scene.file("other.tar.age");
    for line in [
        &["backup", other.to_str().unwrap(), "--force", "--with-root-key", "--with-leaf-keys"][..],
        &["backup", "verify", sealed.to_str().unwrap()],
    ] {
        let (mut killed, mut left) = (0, 0);
        for milliseconds in (1..).map(|step| step * 40) {
            let mut command = scene.home.command();
            command.args(line).arg("--backup-passphrase-file").arg(scene.file("passphrase")).env("TMPDIR", &temporary);
            let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(milliseconds));
            running.kill().unwrap();
            if running.wait().unwrap().success() {
                break;
            }
            killed += 1;
            left += fs::read_dir(&temporary).unwrap().count();
            for path in files_below(scene.home.directory()).into_iter().filter(|path| !own.contains(path)) {
                let content = fs::read(&path).unwrap();
                let is_told = numbers.iter().any(|number| contains(&content, number))
                    || contains(&content, b"PRIVATE KEY-")
                    || contains(&content, PASSPHRASE.as_bytes());
                assert!(!is_told, "{line:?} after {milliseconds} ms: {}", path.display());
            }
        }
        assert!(killed > 2, "only {killed} were killed");
        assert!(line[1] != "verify" || left > 0, "nothing was left, and so nothing was looked at");
    }
}

/// The private number of a P-256 key, as openssl tells it.
fn private_number(path: &Path) -> Vec<u8> {
    let output = Command::new("openssl").args(["pkey", "-noout", "-text", "-in"]).arg(path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let digits: String = text
        .lines()
        .skip_while(|line| !line.starts_with("priv:"))
        .skip(1)
        .take_while(|line| line.starts_with(' '))
        .flat_map(|line| line.chars().filter(char::is_ascii_hexdigit))
        .collect();
    let octet = |place: usize| u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).unwrap();
    let number: Vec<u8> = (0..digits.len() / 2).map(octet).collect();
    assert!(number.len() >= 28, "{text}");
    number
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
