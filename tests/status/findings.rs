//! What is found in homes that somebody has to look after.

use std::{
    fs::{Permissions, set_permissions},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::support::{
    TestHome,
    tools::{commands, present},
};

/// The kinds of all findings but notices.
fn due(home: &TestHome, options: &[&str]) -> Vec<String> {
    let answer = home.hubca(&[&["status", "--json"], options].concat());
    let json = answer.json();
    let is_due = |finding: &&serde_json::Value| finding["severity"] != "notice";
    let findings: Vec<_> = json["findings"].as_array().unwrap().iter().filter(is_due).collect();
    assert_eq!(json["ok"], findings.is_empty(), "{answer}");
    assert_eq!(answer.code, Some(if findings.is_empty() { 0 } else { 3 }), "{answer}");
    findings.iter().map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_notice_alone_is_no_reason_for_a_bad_exit_code() {
    let home = TestHome::with_ca(&["--unconstrained"]);
    let answer = home.hubca(&["status"]).succeeded();
    assert!(answer.stdout.contains("any name on earth"), "{answer}");
    assert!(answer.stdout.contains("nothing is due"), "{answer}");
    assert_eq!(due(&home, &[]), [""; 0]);
}

#[test]
fn a_backup_is_as_old_as_the_file_that_the_settings_name() {
    let home = TestHome::with_ca::<&str>(&[]);
    std::fs::write(home.file("hubca.toml"), "backup_stamp = \"../copied\"\nbackup_days = 7\n").unwrap();
    assert_eq!(due(&home, &[]), ["backup_missing"]);
    let stamp = home.directory().join("copied");
    let file = std::fs::File::create(&stamp).unwrap();
    assert_eq!(due(&home, &[]), [""; 0]);
    file.set_modified(std::time::SystemTime::now() - Duration::from_secs(8 * 86_400)).unwrap();
    assert_eq!(due(&home, &[]), ["backup_old"]);
}

#[test]
fn a_key_that_others_can_read_or_that_is_gone_is_an_error() {
    let home = TestHome::with_ca::<&str>(&[]);
    let key = home.file("issuing/1/ca.key.pem");
    set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(due(&home, &[]), ["key_exposed"]);
    std::fs::remove_file(&key).unwrap();
    assert_eq!(due(&home, &[]), ["issuing_key_missing"]);
}

#[test]
fn a_server_is_looked_at_unless_it_shall_not_be() {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    home.hubca(&["issue", "--dns", "nas.lan"]).succeeded();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    home.hubca(&["edit", "hub.lan", "--verify", &address]).succeeded();
    assert_eq!(due(&home, &[]), ["server_unreachable"]);
    assert_eq!(due(&home, &["--offline"]), [""; 0]);
    if !present("a server that is looked at", &commands(&["openssl"])) {
        return;
    }
    let wrong = Server::start(&home, "nas.lan", port);
    assert_eq!(due(&home, &[]), ["served_differs"]);
    drop(wrong);
    let _right = Server::start(&home, "hub.lan", port);
    assert_eq!(due(&home, &[]), [""; 0]);
}

/// openssl as a server of a label's certificate.
struct Server(Child);

impl Server {
    fn start(home: &TestHome, label: &str, port: u16) -> Self {
        let live = home.file("live").join(label);
        let child = Command::new("openssl")
            .args(["s_server", "-quiet", "-accept", &format!("127.0.0.1:{port}")])
            .arg("-cert")
            .arg(live.join("cert.pem"))
            .arg("-key")
            .arg(live.join("privkey.pem"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self(child);
        let since = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(since.elapsed() < Duration::from_secs(30), "openssl does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
