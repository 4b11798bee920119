//! A backup is opened by programs that are not ours.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use crate::scene::{PASSPHRASE, Scene};
use crate::support::tools::{commands, present};

#[test]
fn age_and_tar_open_it_and_sha256sum_agrees_with_its_manifest() {
    if !present("backup by age", &commands(&["age", "script", "tar", "sha256sum"])) {
        return;
    }
    let scene = Scene::new();
    scene.home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    let path = scene.back_up("hub.tar.age", &["--with-root-key", "--with-leaf-keys"]);
    let opened = scene.file("hub.tar");
    // age takes a passphrase from a terminal only.
    let line = format!("age -d -o {} {}", opened.display(), path.display());
    let mut script = Command::new("script");
    script.args(["-qefc", &line, "/dev/null"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut asked = script.spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    let mut typing = asked.stdin.take().unwrap();
    typing.write_all(format!("{PASSPHRASE}\n").as_bytes()).unwrap();
    let output = asked.wait_with_output().unwrap();
    drop(typing);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let place = scene.file("opened");
    fs::create_dir(&place).unwrap();
    let tar = Command::new("tar").args(["-xvf", opened.to_str().unwrap(), "-C"]).arg(&place).output().unwrap();
    assert!(tar.status.success() && tar.stderr.is_empty(), "{tar:?}");
    let names = String::from_utf8(tar.stdout).unwrap();
    let names: Vec<&str> = names.lines().collect();
    assert_eq!((names[0], *names.last().unwrap()), ("ledger.db", "manifest.json"));
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(place.join("manifest.json")).unwrap()).unwrap();
    let files = manifest["files"].as_object().unwrap();
    assert_eq!(files.len(), names.len() - 1);
    let sums: String =
        files.iter().map(|(name, file)| format!("{}  {name}\n", file["sha256"].as_str().unwrap())).collect();
    fs::write(place.join("SHA256SUMS"), sums).unwrap();
    let sums =
        Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&place).output().unwrap();
    assert!(sums.status.success(), "{sums:?}");
    let key = fs::read(scene.home.file("live/hub.lan/privkey.pem")).unwrap();
    assert_eq!(fs::read(place.join("archive/hub.lan/1/privkey.pem")).unwrap(), key);
}
