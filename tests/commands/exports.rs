//! Files to hand out: the same whenever they are written, secret only where a key is in them, and never over something else.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::support::{Answer, TestHome};

/// What each target writes for a CA called `Test Hub`.
const TARGETS: [(&[&str], &[&str]); 13] = [
    (&["ios"], &["test-hub.mobileconfig"]),
    (&["macos"], &["test-hub-macos.mobileconfig"]),
    (&["android"], &["test-hub.crt"]),
    (&["windows"], &["test-hub.cer", "test-hub.ps1"]),
    (&["linux"], &["test-hub.crt"]),
    (&["firefox"], &["policies.json", "test-hub.crt"]),
    (&["java"], &["test-hub-truststore.p12"]),
    (&["pem"], &["test-hub.pem"]),
    (&["der"], &["test-hub.cer"]),
    (&["chain"], &["test-hub-chain.pem"]),
    (&["zip"], &["hubca-test-hub.zip"]),
    (&["zip", "hub.lan"], &["hubca-hub.lan.zip"]),
    (&["mail", "--to", "ann@example.org"], &["test-hub.eml"]),
];

fn home_with_server() -> TestHome {
    let home = TestHome::with_ca::<&str>(&[]);
    home.hubca(&["issue", "--dns", "hub.lan"]).succeeded();
    home
}

/// A file in the home's directory whose first line is a password.
fn password_file(home: &TestHome, content: &str) -> String {
    let path = home.directory().join("password");
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.to_str().unwrap().to_owned()
}

fn refused(answer: Answer, message: &str, hint: &str) {
    let error = answer.error();
    let all = |key: &str| error[key].to_string();
    assert!(format!("{} {}", all("message"), all("causes")).contains(message), "{message}: {error}");
    assert!(all("hints").contains(hint), "{hint}: {error}");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

#[test]
fn every_target_writes_its_files_for_everybody_and_the_same_ones_again() {
    let home = home_with_server();
    for (index, (words, files)) in TARGETS.into_iter().enumerate() {
        let out = home.directory().join(index.to_string());
        let place = format!("{}/", out.display());
        let line: Vec<&str> = ["export"].iter().chain(words).copied().chain(["--out", &place, "--json"]).collect();
        let first = home.hubca(&line).succeeded();
        let made = first.json();
        assert_eq!(made["target"], words[0]);
        assert!(!made["steps"].as_array().unwrap().is_empty(), "{first}");
        let paths: Vec<PathBuf> = made["files"].as_array().unwrap().iter().map(|file| path_of(&file["path"])).collect();
        assert_eq!(paths, files.iter().map(|file| out.join(file)).collect::<Vec<_>>());
        let contents: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
        for (path, content) in paths.iter().zip(&contents) {
            assert_eq!(mode(path), 0o644, "{}", path.display());
            assert!(!contains(content, b"PRIVATE KEY"), "{}", path.display());
        }
        // It lies there already, and is no other: that is success, and the same bytes.
        assert_eq!(home.hubca(&line).succeeded().stdout, first.stdout);
        paths.iter().for_each(|path| fs::remove_file(path).unwrap());
        home.hubca(&line).succeeded();
        assert_eq!(contents, paths.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>(), "{words:?}");
    }
}

fn path_of(value: &Value) -> PathBuf {
    PathBuf::from(value.as_str().unwrap())
}

#[test]
fn where_one_file_is_in_the_way_none_is_written() {
    let home = home_with_server();
    let certificate = home.directory().join("test-hub.crt");
    fs::write(home.directory().join("policies.json"), "{\"policies\": {}}").unwrap();
    refused(home.hubca(&["export", "firefox", "--json"]).failed_with(1), "policies.json` exists already", "--force");
    assert!(!certificate.exists());
    // The second of them as well.
    let other = home.directory().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("test-hub.ps1"), "somebody's").unwrap();
    let line = ["export", "windows", "--out", other.to_str().unwrap(), "--json"];
    refused(home.hubca(&line).failed_with(1), "test-hub.ps1` exists already", "--force");
    assert!(!other.join("test-hub.cer").exists());
    home.hubca(&["export", "firefox", "--force"]).succeeded();
    assert!(certificate.exists());
    let policies = fs::read_to_string(home.directory().join("policies.json")).unwrap();
    assert!(policies.contains("\"test-hub.crt\""), "{policies}");
}

#[test]
fn several_files_are_no_stream() {
    let home = home_with_server();
    refused(home.hubca(&["export", "firefox", "--out", "-", "--json"]).failed_with(2), "2 files", "--out DIR");
}

#[test]
fn a_target_that_is_none_is_told_with_those_there_are() {
    let home = home_with_server();
    for line in [&["export", "--json"][..], &["export", "ipad", "--json"]] {
        refused(home.hubca(line).failed_with(2), "target", "ios, macos, android, windows, linux, firefox, java, pem");
    }
}

#[test]
fn the_chain_is_the_one_that_lies_beside_each_certificate() {
    let home = home_with_server();
    let chain = home.directory().join("chain.pem");
    home.hubca(&["export", "chain", "--out", chain.to_str().unwrap()]).succeeded();
    assert_eq!(fs::read(&chain).unwrap(), fs::read(home.file("live/hub.lan/chain.pem")).unwrap());
    assert_eq!(fs::read(&chain).unwrap(), fs::read(home.file("issuing/1/ca.crt.pem")).unwrap());
}

#[test]
fn a_key_goes_out_only_under_a_password_that_somebody_has() {
    let home = home_with_server();
    for line in [&["export", "p12", "hub.lan"][..], &["export", "zip", "hub.lan", "--with-key"]] {
        let run = |more: &[&str]| home.hubca(&[line, more, &["--json"]].concat());
        refused(run(&[]).failed_with(1), "no terminal to show a new password", "--password-file");
        refused(run(&["--out", "-"]).failed_with(2), "on stdout no password is made", "--password-file");
        refused(run(&["--password-file", "nowhere"]).failed_with(1), "no such file", "");
        let empty = password_file(&home, "\nsecond line");
        refused(run(&["--password-file", &empty]).failed_with(1), "first line", "write the password");
        let odd = password_file(&home, "pässword of letters");
        refused(run(&["--password-file", &odd]).failed_with(1), "printable ASCII", "letters, digits");
        let open = password_file(&home, "correct horse battery");
        fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
        refused(run(&["--password-file", &open]).failed_with(1), "others can read it", "chmod 600");
    }
    let made: Vec<_> = fs::read_dir(home.directory()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!made.iter().any(|name| Path::new(name).extension().is_some()), "{made:?}");
}

#[test]
fn only_a_key_that_is_kept_can_be_exported() {
    let home = home_with_server();
    let password = password_file(&home, "correct horse battery");
    let run = |label: &str| home.hubca(&["export", "p12", label, "--password-file", &password, "--json"]);
    refused(run("nas.lan").failed_with(1), "`nas.lan`", "hubca");
    refused(run("hubca-share").failed_with(1), "`hubca-share`", "hubca");
    let key = rcgen::KeyPair::generate().unwrap();
    let parameters = rcgen::CertificateParams::new(vec!["printer.lan".to_owned()]).unwrap();
    let request = home.directory().join("printer.csr");
    let der = parameters.serialize_request(&key).unwrap();
    fs::write(&request, hubca::x509::pem::encode("CERTIFICATE REQUEST", der.der())).unwrap();
    home.hubca(&["sign", request.to_str().unwrap(), "--label", "printer"]).succeeded();
    refused(run("printer").failed_with(1), "not kept here", "who made the key has it");
}

#[test]
fn a_file_with_a_key_is_its_owners_alone_at_every_moment() {
    for umask in ["000", "077", "777"] {
        let home = home_with_server();
        let password = password_file(&home, "correct horse battery");
        for (words, file) in [
            ("p12 hub.lan", "hub.lan.p12"),
            ("zip hub.lan --with-key", "hubca-hub.lan.zip"),
            ("ios --client hub.lan", "test-hub-hub.lan.mobileconfig"),
        ] {
            let log = home.directory().join("log");
            let script = format!(
                "umask {umask}; exec strace -f -qq -A -o \"$1\" -e trace=openat,linkat,renameat,renameat2 \"$2\" \
                 --home \"$3\" export {words} --password-file \"$4\""
            );
            let output = Command::new("bash")
                .args(["-c", &script, "bash"])
                .arg(&log)
                .arg(env!("CARGO_BIN_EXE_hubca"))
                .arg(home.path())
                .arg(&password)
                .current_dir(home.directory())
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(mode(&home.directory().join(file)), 0o600);
            let log = fs::read_to_string(&log).unwrap();
            let made: Vec<&str> =
                log.lines().filter(|line| line.contains("O_CREAT") && !line.contains("ledger")).collect();
            assert!(!made.is_empty() && made.iter().all(|line| line.contains("0600")), "{made:?}");
        }
    }
}

#[test]
fn a_password_is_neither_said_nor_written() {
    let home = home_with_server();
    let password = password_file(&home, "canary-zc7Qp1vX9w");
    for words in ["p12 hub.lan", "p12 hub.lan --legacy", "zip hub.lan --with-key"] {
        for json in [None, Some("--json")] {
            let line = ["export"].into_iter().chain(words.split(' ')).chain(["--force", "--password-file", &password]);
            let answer = home.hubca(&line.chain(json).collect::<Vec<_>>()).succeeded();
            assert!(!answer.stdout.contains("canary") && !answer.stderr.contains("canary"), "{answer}");
        }
    }
    for file in ["hub.lan.p12", "hubca-hub.lan.zip"] {
        let content = fs::read(home.directory().join(file)).unwrap();
        assert!(!contains(&content, b"canary") && !contains(&content, b"PRIVATE KEY"), "{file}");
    }
}

#[test]
fn a_short_password_is_remarked_on_and_one_for_nothing_refused() {
    let home = home_with_server();
    let short = password_file(&home, "short");
    let answer = home.hubca(&["export", "p12", "hub.lan", "--password-file", &short]).succeeded();
    assert!(answer.stderr.contains("guessed"), "{answer}");
    let line = ["export", "zip", "hub.lan", "--password-file", &short, "--json"];
    refused(home.hubca(&line).failed_with(2), "takes no password", "--with-key");
    home.hubca(&["export", "zip", "--with-key", "--json"]).failed_with(2).error();
}

#[test]
fn a_mail_goes_to_one_plain_address() {
    let home = home_with_server();
    for to in ["ann", "ann@example.org, bob@example.org", "ann@example.org\r\nBcc: bob@example.org", "änn@example.org"]
    {
        refused(home.hubca(&["export", "mail", "--to", to, "--json"]).failed_with(2), "", "--to ann@example.org");
    }
    for subject in ["", "a\nBcc: bob@example.org"] {
        let line = ["export", "mail", "--to", "ann@example.org", "--subject", subject, "--json"];
        refused(home.hubca(&line).failed_with(2), "subject", "--subject");
    }
    home.hubca(&["export", "mail", "--json"]).failed_with(2).error();
    let line = ["export", "mail", "--to", "ann@example.org", "--language", "fr", "--json"];
    refused(home.hubca(&line).failed_with(2), "`fr`", "en, de");
    assert!(!home.directory().join("test-hub.eml").exists());
}
