//! What goes where: answers on stdout, everything else on stderr, and one JSON document each.

use std::process::Stdio;

use crate::support::TestHome;

#[test]
fn every_command_answers_with_one_json_document() {
    let home = TestHome::with_ca::<&str>(&[]);
    let fullchain = "live/hub.lan/fullchain.pem";
    let lines: [&[&str]; 11] = [
        &["issue", "--dns", "hub.lan"],
        &["list"],
        &["list", "--all"],
        &["show", "hub.lan"],
        &["inspect", &home.file(fullchain).display().to_string()],
        &["check", &home.file(fullchain).display().to_string()],
        &["export", "ios"],
        &["profile", "list"],
        &["profile", "show", "client"],
        &["completions", "bash"],
        &["man", "pages"],
    ];
    for line in lines {
        let line: Vec<&str> = line.iter().copied().chain(["--json"]).collect();
        let answer = home.hubca(&line).succeeded();
        answer.json();
        assert!(answer.stderr.is_empty(), "{answer}");
    }
    assert!(home.directory().join("pages/hubca-profile-list.1").exists());
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let home = TestHome::empty();
    let mut child = home.command().args(["completions", "bash"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_file_on_standard_output_is_that_file_and_no_json() {
    let home = TestHome::with_ca::<&str>(&[]);
    let output = home.command().args(["export", "der", "--out", "-"]).output().unwrap();
    assert!(output.status.success());
    let path = home.directory().join("root.cer");
    home.hubca(&["export", "der", "--out", path.to_str().unwrap()]).succeeded();
    assert_eq!(output.stdout, std::fs::read(path).unwrap());
    home.hubca(&["export", "der", "--out", "-", "--json"]).failed_with(2).error();
}

#[test]
fn check_answers_no_with_three_and_inspect_reads_standard_input() {
    let home = TestHome::with_ca::<&str>(&[]);
    let hostile = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pki/hostile.crt.pem");
    let answer = home.hubca(&["check", hostile, "--json"]).failed_with(3);
    assert_eq!(answer.json()["ok"], false);
    let told = home.hubca(&["check", hostile]).failed_with(3);
    let raw = [answer.stdout, told.stdout, home.hubca(&["inspect", hostile, "--json"]).succeeded().stdout].concat();
    assert!(!raw.contains('\u{1b}') && !raw.contains('\u{202e}') && !raw.contains('\u{7}'));
    let input = std::fs::File::open(hostile).unwrap();
    let output = home.command().args(["inspect", "-"]).stdin(input).output().unwrap();
    assert!(output.status.success());
}

#[test]
fn sign_writes_to_standard_output_where_out_is_a_hyphen() {
    let home = TestHome::with_ca::<&str>(&[]);
    let request = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/pki/leaf.csr.pem");
    let signed = home.hubca(&["sign", request, "--out", "-"]).succeeded();
    assert_eq!(signed.stdout.matches("BEGIN CERTIFICATE").count(), 2);
    assert!(!home.directory().join("-").exists());
    home.hubca(&["sign", request, "--out", "-", "--json"]).failed_with(2).error();
    assert_eq!(home.hubca(&["list", "--json"]).succeeded().json().as_array().unwrap().len(), 1);
}

#[test]
fn an_answer_that_cannot_be_written_is_one_document_on_standard_error() {
    let home = TestHome::with_ca::<&str>(&[]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command().args(["list", "--json"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let document: serde_json::Value = serde_json::from_slice(&output.stderr).unwrap();
    assert_eq!(document["error"]["kind"], "file");
}

#[test]
fn an_output_that_cannot_be_is_known_before_anything_is_issued() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let home = TestHome::with_ca::<&str>(&[]);
    let key = rcgen::KeyPair::generate().unwrap();
    let request = rcgen::CertificateParams::new(vec!["a.lan".to_owned()]).unwrap().serialize_request(&key).unwrap();
    let csr = home.directory().join("a.csr");
    std::fs::write(&csr, request.der()).unwrap();
    let at = |name: &str| home.directory().join(name);
    std::os::unix::fs::symlink("nowhere", at("dangling")).unwrap();
    std::os::unix::fs::symlink("/dev/null", at("null")).unwrap();
    std::fs::create_dir(at("out")).unwrap();
    std::os::unix::fs::symlink("nowhere", at("out/privkey.pem")).unwrap();
    let before = home.hubca(&["list", "--all", "--json"]).succeeded().stdout;
    let odd = OsStr::from_bytes(b"odd\xff.pem");
    for (out, force) in [(at("dangling").as_os_str(), false), (at("null").as_os_str(), true), (odd, false)] {
        let mut line = vec!["--json".as_ref(), "sign".as_ref(), csr.as_os_str(), "--out".as_ref(), out];
        line.extend(force.then_some(OsStr::new("--force")));
        assert!(matches!(home.hubca(&line).code, Some(1 | 2)), "{out:?}");
    }
    home.hubca(&["issue", "--dns", "b.lan", "--out", at("out").to_str().unwrap()]).failed_with(1);
    assert_eq!(home.hubca(&["list", "--all", "--json"]).succeeded().stdout, before);
}

#[test]
fn a_pile_of_certificates_is_no_chain() {
    let home = TestHome::with_ca::<&str>(&[]);
    let pile = home.directory().join("pile.pem");
    std::fs::write(&pile, std::fs::read(home.file("root/root.crt.pem")).unwrap().repeat(65)).unwrap();
    let answer = home.hubca(&["check", pile.to_str().unwrap(), "--json"]).failed_with(1);
    assert!(answer.error().to_string().contains("65 certificates"), "{answer}");
}
